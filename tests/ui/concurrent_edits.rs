//! An edit does not overwrite changes that were made after its form was opened.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Page, TestApp, admin_events, group, operator, person, workspace};

const REFUSED: &str = "Someone else changed this while you were editing, so your changes are not saved yet. Where they differ, the current value is shown below the field. Save again to overwrite it.";

/// The hints beside the fields: each control with the current value that describes it.
fn current_values(page: &Page) -> Vec<(String, String)> {
    let now = page.html.split(" id=\"").skip(1).filter_map(|rest| {
        let (id, rest) = rest.split_once("-now\"")?;
        let text = rest.split_once('>')?.1.split_once("</p>")?.0.replace("<q>", "“").replace("</q>", "”");
        let described =
            page.html.split(" aria-describedby=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let is_described = described.flat_map(|ids| ids.split(' ')).any(|other| other == format!("{id}-now"));
        assert!(is_described, "{}", page.html);
        Some((id.to_owned(), text.replace("<!>", "")))
    });
    now.collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(field, text)| ((*field).to_owned(), (*text).to_owned())).collect()
}

#[database_test]
async fn workspace_edit_shows_concurrent_changes(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    let app = TestApp::start(pool.clone()).await;
    let ana = app.admin().await;
    operator(&pool, "bo@example.com", "Bo Berg", "admin").await;
    let bo = app.browser().signed_in("bo@example.com").await;
    let at = format!("/workspaces/{acme}/edit");
    let (by_ana, by_bo) = (ana.open(&at).await, bo.open(&at).await);
    assert_eq!(current_values(&by_ana), []);

    let changes = [("description", "Coatings"), ("external_workspace_id", "")];
    assert_eq!(bo.press(&by_bo, "workspace-update", &changes).await.message(), "Acme was saved.");
    let page = ana.press(&by_ana, "workspace-update", &[("name", "Acme SAS")]).await;

    assert_eq!((page.at.as_str(), page.message().as_str()), (at.as_str(), REFUSED));
    let wanted = [
        ("name", "Now: “Acme”"),
        ("description", "Now: “Coatings”"),
        ("external_workspace_id", "Now: empty"),
    ];
    assert_eq!(current_values(&page), pairs(&wanted), "{}", page.html);
    let form = page.form("workspace-update");
    assert!(form.contains(&("name".to_owned(), "Acme SAS".to_owned())), "the input is kept: {form:?}");
    // A refusal for another reason keeps the hints.
    let page = ana.press(&by_ana, "workspace-update", &[("name", "")]).await;
    assert_eq!(current_values(&page), pairs(&wanted), "{}", page.html);
    // Submitting the form again overwrites the other change.
    let fields = [("name", "Acme SAS"), ("description", "Coatings")];
    assert_eq!(ana.press(&page, "workspace-update", &fields).await.message(), "Acme SAS was saved.");
    let row: (String, Option<String>, Option<String>) =
        sqlx::query_as("SELECT name, description, external_workspace_id FROM core_api.workspaces")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(row, ("Acme SAS".into(), Some("Coatings".into()), Some("acme".into())));
    let updates =
        admin_events(&pool).await.into_iter().filter(|event| event.0 == "workspace_updated").count();
    assert_eq!(updates, 2);
    // A double submission changes nothing more.
    assert_eq!(ana.press(&page, "workspace-update", &fields).await.message(), "Acme SAS was saved.");
}

#[database_test]
async fn person_edit_shows_concurrent_changes(pool: PgPool) {
    let bo = person(&pool, "Bo", "Test", "bo@example.com").await;
    let app = TestApp::start(pool.clone()).await;
    let (ana, api) = (app.admin().await, app.api_client(&["write"]).await);
    let at = format!("/people/{bo}/edit");
    let form = ana.open(&at).await;
    let change =
        serde_json::json!({ "data": { "type": "people", "id": bo, "attributes": { "email": null } } });
    assert_eq!(api.patch(&format!("/v1/people/{bo}"), change).await.status, 200);

    let page = ana.press(&form, "person-update", &[("first_name", "Bodil")]).await;

    assert_eq!((page.at.as_str(), page.message().as_str()), (at.as_str(), REFUSED));
    assert_eq!(current_values(&page), pairs(&[("first_name", "Now: “Bo”"), ("email", "Now: empty")]));
    let saved = ana.press(&page, "person-update", &[]).await;
    assert_eq!(saved.message(), "Bodil Test was saved.");
    // A form without the values that it showed is refused.
    let fields = [("person", bo.as_str()), ("first_name", "B"), ("last_name", "T"), ("form_at", &at)];
    let page = ana.submit("person-update", &fields).await;
    assert_eq!(page.message(), "The form is incomplete. Reload the page and try again.");
}

#[database_test]
async fn group_rename_shows_concurrent_changes(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let ana = app.admin().await;
    operator(&pool, "bo@example.com", "Bo Berg", "admin").await;
    let bo = app.browser().signed_in("bo@example.com").await;
    let at = format!("/groups/{emea}");
    let (by_ana, by_bo) = (ana.open(&at).await, bo.open(&at).await);
    bo.press(&by_bo, "group-rename", &[("name", "Europe")]).await;

    let page = ana.press(&by_ana, "group-rename", &[("name", "EU")]).await;

    assert_eq!((page.at.as_str(), page.message().as_str()), (at.as_str(), REFUSED));
    assert_eq!(current_values(&page), pairs(&[("rename", "Now: “Europe”")]));
    let page = ana.press(&page, "group-rename", &[]).await;
    assert_eq!(page.message(), "Europe was renamed to EU.");
}
