//! Field errors stand at their field, for sighted users and for screen readers.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Page, TestApp, person, workspace};

/// The invalid controls of a page, with the text of the error that describes each.
fn field_errors(page: &Page) -> Vec<(String, String)> {
    let controls = page.html.split(" id=\"").skip(1).filter_map(|rest| {
        let (id, rest) = rest.split_once('"')?;
        let (tag, _) = rest.split_once('>')?;
        tag.contains("aria-invalid=\"true\"").then(|| (id.to_owned(), tag.to_owned()))
    });
    controls
        .map(|(id, tag)| {
            let described = tag.split_once("aria-describedby=\"").expect("a description").1;
            assert!(described.starts_with(&format!("{id}-fault")), "{tag}");
            let (_, fault) = page.html.split_once(&format!("id=\"{id}-fault\"")).expect("a fault");
            let fault = fault.split_once('>').unwrap().1.split('<').next().unwrap();
            (id, fault.to_owned())
        })
        .collect()
}

fn errors(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(field, fault)| ((*field).to_owned(), (*fault).to_owned())).collect()
}

#[database_test]
async fn group_and_workspace_forms_show_field_errors(pool: PgPool) {
    workspace(&pool, "Beta").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let new = admin.open("/workspaces/new").await;
    assert_eq!(field_errors(&new), []);
    let long = "x".repeat(501);
    let page = admin.press(&new, "workspace-create", &[("name", " "), ("description", &long)]).await;
    let wanted = [
        ("name", "The name is missing."),
        ("description", "The description may have at most 500 characters."),
    ];
    assert_eq!(field_errors(&page), errors(&wanted));
    let fields = [("name", "New"), ("external_workspace_id", "beta")];
    let page = admin.press(&new, "workspace-create", &fields).await;
    let taken = [("external_workspace_id", "The external id beta is used by another workspace.")];
    assert_eq!(field_errors(&page), errors(&taken));
    assert!(page.html.contains("external_workspace_id-fault external_workspace_id-hint"), "{}", page.html);
    // The error is shown only once.
    assert_eq!(field_errors(&admin.open("/workspaces/new").await), []);

    let new = admin.open("/groups/new").await;
    let page = admin.press(&new, "group-create", &[("name", "EMEA"), ("pasted", "nobody")]).await;
    assert_eq!(field_errors(&page), errors(&[("pasted", "One workspace was not found: nobody.")]));
}

#[database_test]
async fn other_forms_show_field_errors(pool: PgPool) {
    let bo = person(&pool, "Bo", "Test", "bo@example.com").await;
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    for (at, function, fields, wanted) in [
        (
            "/people/new".to_owned(),
            "person-create",
            vec![("first_name", ""), ("last_name", ""), ("email", "nowhere")],
            vec![
                ("first_name", "Enter a first name, a last name, or both."),
                ("email", "The e-mail address is not of the form name@example.com."),
            ],
        ),
        (
            "/tokens/new".to_owned(),
            "token-create",
            vec![
                ("name", ""),
                ("holder", "person"),
                ("person", "nobody"),
                ("expiry", "day"),
                ("day", "yesterday"),
            ],
            vec![
                ("name", "The name is missing."),
                ("person", "The e-mail address is not of the form name@example.com."),
                ("day", "“yesterday” is not a valid date. Enter it in the form 2026-05-28."),
            ],
        ),
        (
            "/tokens/new".to_owned(),
            "token-create",
            vec![("name", "Robot"), ("holder", "person"), ("person", "x@example.com"), ("expiry", "never")],
            vec![("person", "No person has the e-mail address x@example.com.")],
        ),
        (
            "/operators/new".to_owned(),
            "operator-invite",
            vec![("email", "ana@example.com"), ("name", "Ana"), ("role", "admin")],
            vec![("email", "The e-mail address ana@example.com is used by another operator.")],
        ),
        (
            "/account".to_owned(),
            "password-change",
            vec![("old", "not this one at all"), ("new", "short")],
            vec![("new", "The password needs at least 12 characters.")],
        ),
        (
            format!("/people/{bo}/delete"),
            "person-delete",
            vec![("name", "Bo")],
            vec![("name", "Nothing was changed: what you typed is not “Bo Test”.")],
        ),
    ] {
        let form = admin.open(&at).await;
        let page = admin.press(&form, function, &fields).await;
        assert_eq!(field_errors(&page), errors(&wanted), "{at}: {}", page.text());
    }
}
