//! Creating and finding groups.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{TestApp, events, group, row_count, workspace};

fn textarea(page: &crate::support::Page) -> String {
    let form = page.form("group-create");
    form.into_iter().find(|(name, _)| name == "pasted").unwrap().1
}

#[database_test]
async fn group_is_created_with_workspaces_by_either_id(pool: PgPool) {
    let acme = workspace(&pool, "Acme SAS").await;
    workspace(&pool, "Beta Ltd").await;
    let picked = workspace(&pool, "Cobalt").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let new = admin.open("/groups/new").await;
    let pasted = format!("{acme}\r\n  beta-ltd, \r\n\r\n{acme};\r\n");

    let page = admin
        .press(&new, "group-create", &[("name", " EMEA "), ("pasted", &pasted), ("picked[]", &picked)])
        .await;

    assert_eq!(page.status, 200);
    assert!(page.at.starts_with("/groups/"), "{}", page.at);
    assert_eq!(page.message(), "EMEA was created with 3 workspaces.");
    for name in ["Acme SAS", "Beta Ltd", "Cobalt", "3 workspaces", "created by Ana Lima"] {
        assert!(page.text().contains(name), "{name}: {}", page.text());
    }
    let logged = events(&pool).await;
    assert_eq!(logged.len(), 3);
    assert!(logged.iter().all(|event| event.1 == "web" && event.2.as_deref() == Some("Ana Lima")));
    // The message is shown only once.
    assert!(!admin.open(&page.at).await.text().contains("was created with"));
}

#[database_test]
async fn group_is_created_without_workspaces(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let new = admin.open("/groups/new").await;
    let page = admin.press(&new, "group-create", &[("name", "EMEA")]).await;
    assert_eq!(page.message(), "EMEA was created.");
    assert!(page.text().contains("No workspaces in this group"), "{}", page.text());
}

#[database_test]
async fn long_lists_of_unknown_workspaces_are_shortened(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let new = admin.open("/groups/new").await;
    let words: Vec<_> = (1..=1_520).map(|number| format!("no-{number}")).collect();
    let page = admin.press(&new, "group-create", &[("name", "EMEA"), ("pasted", &words.join("\n"))]).await;
    let named = words[..20].join(", ");
    assert_eq!(page.message(), format!("Some workspaces were not found: {named}, and 1,500 more."));
}

#[database_test]
async fn unknown_workspaces_are_named_and_input_is_kept(pool: PgPool) {
    let acme = workspace(&pool, "Acme SAS").await;
    let gone = workspace(&pool, "Gone").await;
    sqlx::raw_sql("UPDATE core_api.workspaces SET deleted_at = now() WHERE name = 'Gone'")
        .execute(&pool)
        .await
        .unwrap();
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let new = admin.open("/groups/new").await;
    let pasted = format!("acme-sas\r\nno-such-one\r\n{gone}");

    let page = admin
        .press(
            &new,
            "group-create",
            &[("name", "EMEA & <b>APAC</b>"), ("pasted", &pasted), ("picked[]", &acme)],
        )
        .await;

    assert_eq!((page.status, page.at.as_str()), (200, "/groups/new"));
    assert_eq!(page.message(), format!("Some workspaces were not found: no-such-one, {gone}."));
    let form = page.form("group-create");
    assert!(form.contains(&("name".to_owned(), "EMEA & <b>APAC</b>".to_owned())), "{form:?}");
    assert!(!page.html.contains("<b>APAC"), "the input is escaped");
    // Picked workspaces move to the pasted list, so that the choice is not lost.
    assert_eq!(textarea(&page).replace('\r', ""), format!("{acme}\n{}", pasted.replace('\r', "")));
    assert_eq!(row_count(&pool).await, 0);
    let groups: i64 =
        sqlx::query_scalar("SELECT count(*) FROM core_api.workspace_groups").fetch_one(&pool).await.unwrap();
    assert_eq!(groups, 0);

    // The corrected form succeeds.
    let done = admin.press(&page, "group-create", &[("pasted", "acme-sas")]).await;
    assert_eq!(done.message(), "EMEA & <b>APAC</b> was created with 1 workspace.");
}

#[database_test]
async fn invalid_names_are_refused_and_input_is_kept(pool: PgPool) {
    workspace(&pool, "Acme").await;
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let new = admin.open("/groups/new").await;
    for (name, message) in [
        ("   ", "The name is missing."),
        ("x".repeat(256).leak() as &str, "The name may have at most 255 characters."),
        ("a\u{7}b", "The name contains a character that cannot be shown."),
    ] {
        let page = admin.press(&new, "group-create", &[("name", name), ("pasted", "acme")]).await;
        assert_eq!((page.at.as_str(), page.message().as_str()), ("/groups/new", message));
        assert_eq!(textarea(&page), "acme");
    }
}

#[database_test]
async fn groups_are_searched_and_paged(pool: PgPool) {
    for number in 0..60 {
        group(&pool, &format!("Group {number:02}")).await;
    }
    group(&pool, "Special & <i>odd</i>").await;
    let app = TestApp::start(pool).await;
    let support = app.support().await;

    let found = support.open("/groups?q=sPeCiAl").await;
    assert!(found.text().contains("Special & <i>odd</i>"), "{}", found.text());
    assert!(!found.text().contains("Group 01"));
    let nothing = support.open("/groups?q=%3Cscript%3E").await;
    assert!(nothing.text().contains("No matching groups Nothing matches “<script>”."));

    let first = support.open("/groups").await;
    let next = first.html.split_once("rel=\"next\"").map(|(before, _)| {
        let (_, link) = before.rsplit_once("href=\"").unwrap();
        link.split('"').next().unwrap().replace("&amp;", "&")
    });
    let second = support.open(&next.expect("a next page")).await;
    assert_eq!(second.status, 200);
    assert!(first.text().contains("Group 59") && !first.text().contains("Group 00"));
    assert!(second.text().contains("Group 00") && !second.text().contains("Group 59"));
    assert!(second.html.contains("rel=\"prev\""));

    // The length of a list is counted on request, unless the page shows the whole list.
    assert!(found.text().contains("1 group"), "{}", found.text());
    assert!(
        first.text().contains("Count the groups") && !first.text().contains("61 groups"),
        "{}",
        first.text()
    );
    assert!(first.html.contains("href=\"/groups?count=yes\""), "{}", first.html);
    let counted = support.open("/groups?count=yes").await;
    assert!(counted.text().contains("61 groups"), "{}", counted.text());
    for (list, nouns) in [("workspaces", "0 workspaces"), ("people", "people")] {
        assert!(support.open(&format!("/{list}")).await.text().contains(nouns), "{list}");
    }

    let forged = support.open("/groups?after=abc").await;
    assert_eq!(forged.status, 400);
    assert!(forged.text().contains("This link does not lead to a page of this list."));
}
