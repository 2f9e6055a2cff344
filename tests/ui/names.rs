//! Names on pages and in messages are links.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Page, TestApp, enroll, group, operator, person, remove, time, workspace};

/// Targets and texts of the links in the message.
fn links(page: &Page) -> Vec<(String, String)> {
    let (_, rest) = page.html.split_once("class=\"message message--").expect("a message");
    let (message, _) = rest.split_once("</div>").unwrap();
    let links = message.split("<a ").skip(1).map(|link| {
        let (tag, rest) = link.split_once('>').unwrap();
        let path = tag.split_once("href=\"").unwrap().1.split('"').next().unwrap();
        (path.to_owned(), rest.split('<').next().unwrap().to_owned())
    });
    links.collect()
}

fn pairs(links: &[(&str, &str)]) -> Vec<(String, String)> {
    links.iter().map(|(path, name)| ((*path).to_owned(), (*name).to_owned())).collect()
}

#[database_test]
async fn messages_link_to_what_they_name(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let (at_emea, at_acme) = (format!("/groups/{emea}"), format!("/workspaces/{acme}"));
    let both = pairs(&[(&at_acme, "Acme"), (&at_emea, "EMEA")]);

    let fields = [("group", emea.as_str()), ("workspace", &acme), ("back", "/")];
    let page = admin.submit("enrollment-enroll", &fields).await;
    assert_eq!(links(&page), both);
    let page = admin.press(&page, "enrollment-remove", &[]).await;
    assert_eq!(links(&page), both);
    let page = admin.open(&at_emea).await;
    let page = admin.press(&page, "group-rename", &[("name", "Europe")]).await;
    assert_eq!(links(&page), pairs(&[(&at_emea, "Europe")]));
    let page = admin.open(&format!("{at_acme}/edit")).await;
    let page = admin.press(&page, "workspace-update", &[("name", "Acme SAS")]).await;
    assert_eq!(links(&page), pairs(&[(&at_acme, "Acme SAS")]));
    let page = admin.open(&format!("/people/{bo}/edit")).await;
    let page = admin.press(&page, "person-update", &[("last_name", "Ekman")]).await;
    assert_eq!(links(&page), pairs(&[(&format!("/people/{bo}"), "Bo Ekman")]));
}

#[database_test]
async fn conflict_links_to_the_existing_enrollment(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let live = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let back = format!("/groups/{emea}");
    let fields = [("group", emea.as_str()), ("workspace", &acme), ("back", &back)];

    let page = admin.submit("enrollment-enroll", &fields).await;

    assert_eq!(page.message(), "Acme is already in EMEA, enrolled on 1 May 2026. See that enrollment");
    assert_eq!(links(&page), pairs(&[(&format!("/enrollments/{live}"), "See that enrollment")]));
}

#[database_test]
async fn readd_error_names_the_removed_workspace(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let bolt = workspace(&pool, "Bolt").await;
    let mut ids = Vec::new();
    for workspace in [&acme, &bolt] {
        let id = enroll(&pool, &emea, workspace, time("2026-05-01T00:00:00Z")).await;
        remove(&pool, &id, time("2026-05-02T00:00:00Z")).await;
        ids.push(id);
    }
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    sqlx::query("UPDATE core_api.workspaces SET deleted_at = now() WHERE name = 'Acme'")
        .execute(&pool)
        .await
        .unwrap();
    let fields = [
        ("group", emea.as_str()),
        ("enrollments[]", &ids[0]),
        ("enrollments[]", &ids[1]),
        ("back", "/groups"),
    ];
    let page = admin.submit("enrollments-readd", &fields).await;
    assert_eq!(page.message(), "The workspace Acme was archived and can no longer be enrolled.");
    let never = uuid::Uuid::from_u128(7).to_string();
    let fields = [("group", emea.as_str()), ("workspace", &never), ("back", "/groups")];
    let page = admin.submit("enrollment-enroll", &fields).await;
    assert_eq!(page.message(), format!("The workspace {never} does not exist or was archived."));
}

#[database_test]
async fn person_page_links_admins_to_accounts_and_tokens(pool: PgPool) {
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    operator(&pool, "bo@example.com", "Bo Ek", "support").await;
    let app = TestApp::start(pool.clone()).await;
    let (admin, support) = (app.admin().await, app.support().await);
    app.api_client_for("bo@example.com", &["read"]).await;
    let (account, token): (uuid::Uuid, uuid::Uuid) = sqlx::query_as(
        "SELECT operator_id, api_token_id FROM groupdesk.operators, groupdesk.api_tokens
         WHERE email = 'bo@example.com'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let (to_account, to_token) =
        (format!("href=\"/operators/{account}\""), format!("href=\"/tokens#token-{token}\""));

    let page = admin.open(&format!("/people/{bo}")).await;
    assert!(page.html.contains(&to_account) && page.html.contains(&to_token), "{}", page.html);
    assert!(page.text().contains("Signs in as bo@example.com API tokens robot"), "{}", page.text());
    assert!(admin.open("/tokens").await.html.contains(&format!("id=\"token-{token}\"")));
    assert!(admin.open("/audit/admin").await.html.contains(&to_token));
    let page = support.open(&format!("/people/{bo}")).await;
    assert!(page.text().contains("Signs in as bo@example.com API tokens robot"), "{}", page.text());
    assert!(
        !page.html.contains("href=\"/operators") && !page.html.contains("href=\"/tokens"),
        "{}",
        page.html
    );
}
