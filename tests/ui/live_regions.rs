//! Every page subscribes to the topics that it shows, and marks the regions that are refreshed.

use pretty_assertions::assert_eq;
use reqwest::multipart::Form;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{
    Browser, Page, SseClient, TestApp, enroll, group, operator, person, time, wait_until, workspace,
};

/// The regions that live updates replace.
fn regions(page: &Page) -> Vec<&str> {
    let tags = page.html.split('<').filter_map(|part| part.split('>').next());
    let live = tags.filter(|tag| tag.contains(" data-live"));
    live.map(|tag| tag.split_once(" id=\"").expect("an id").1.split('"').next().unwrap()).collect()
}

/// The content of a region, up to the next one.
fn region<'a>(page: &'a Page, id: &str) -> &'a str {
    assert!(regions(page).contains(&id), "{id} among {:?}", regions(page));
    let (_, rest) = page.html.split_once(&format!(" id=\"{id}\"")).unwrap();
    let end = rest.match_indices(" data-live").map(|(at, _)| at).nth(1).unwrap_or(rest.len());
    &rest[..end]
}

/// An open page with its subscription.
struct Open<'a> {
    browser: &'a Browser,
    at: String,
    stream: SseClient,
}

impl<'a> Open<'a> {
    async fn new(app: &TestApp, browser: &'a Browser, at: String) -> Self {
        let page = browser.open(&at).await;
        assert_eq!(page.status, 200, "{at}");
        let (_, url) = page.html.split_once(" data-events-url=\"/live?").expect("a page with live updates");
        let query = url.split('"').next().unwrap().replace("&amp;", "&");
        let mut stream = SseClient::open(app, browser, &query).await;
        while !stream.is_quiet().await {}
        Self { browser, at, stream }
    }

    /// Waits for a notification and then until the region contains this text.
    async fn shows(mut self, id: &str, text: &str) {
        let topics = self.stream.next_within(5.0).await;
        assert!(topics.is_some(), "{}: no notification", self.at);
        let is_shown = async || region(&self.browser.open(&self.at).await, id).contains(text);
        wait_until(5, &format!("{}: {text} in {id}", self.at), is_shown).await;
    }
}

#[database_test]
async fn renames_appear_on_open_pages(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let bo = person(&pool, "Bo", "Test", "bo@example.com").await;
    let app = TestApp::with_notifications(pool).await;
    let (support, api) = (app.support().await, app.api_client(&["write"]).await);
    let patch = async |kind: &str, path: String, attributes| {
        let id = path.rsplit('/').next().unwrap();
        let document = json!({ "data": { "type": kind, "id": id, "attributes": attributes } });
        assert_eq!(api.patch(&path, document).await.status, 200);
    };

    let page = Open::new(&app, &support, format!("/groups/{emea}")).await;
    patch("workspace_group", format!("/v1/workspace-groups/{emea}"), json!({ "name": "Europe" })).await;
    page.shows("heading", "Europe").await;
    let page = Open::new(&app, &support, format!("/groups/{emea}")).await;
    assert_eq!(api.delete(&format!("/v1/workspace-groups/{emea}")).await.status, 204);
    page.shows("heading", "archived").await;

    let page = Open::new(&app, &support, format!("/workspaces/{acme}")).await;
    let path = format!("/v1/workspaces/{acme}");
    patch("workspace", path.clone(), json!({ "name": "Acme SAS", "description": "Coatings" })).await;
    page.shows("facts", "Coatings").await;
    assert!(region(&support.open(&format!("/workspaces/{acme}")).await, "heading").contains("Acme SAS"));

    let page = Open::new(&app, &support, format!("/people/{bo}")).await;
    patch("people", format!("/v1/people/{bo}"), json!({ "last_name": "Berg", "email": "b@example.com" }))
        .await;
    page.shows("facts", "b@example.com").await;
    assert!(region(&support.open(&format!("/people/{bo}")).await, "heading").contains("Bo Berg"));
}

#[database_test]
async fn person_page_shows_new_groups_and_accounts(pool: PgPool) {
    let bo = person(&pool, "Bo", "Test", "bo@example.com").await;
    let app = TestApp::with_notifications(pool.clone()).await;
    let support = app.support().await;
    let by_bo = app.api_client_for("bo@example.com", &["write"]).await;

    let page = Open::new(&app, &support, format!("/people/{bo}?tab=groups")).await;
    let new = json!({ "data": { "type": "workspace_group", "attributes": { "name": "LATAM" } } });
    assert_eq!(by_bo.post("/v1/workspace-groups", new).await.status, 201);
    page.shows("shown", "LATAM").await;

    // Only admins are notified of accounts.
    let admin = app.admin().await;
    let page = Open::new(&app, &admin, format!("/people/{bo}")).await;
    operator(&pool, "bo@example.com", "Bo Test", "support").await;
    page.shows("facts", "Signs in as").await;
}

#[database_test]
async fn operator_page_shows_changes_by_another_admin(pool: PgPool) {
    let app = TestApp::with_notifications(pool.clone()).await;
    let ana = app.admin().await;
    operator(&pool, "bo@example.com", "Bo Berg", "support").await;
    let bo: uuid::Uuid =
        sqlx::query_scalar("SELECT operator_id FROM groupdesk.operators WHERE email = 'bo@example.com'")
            .fetch_one(&pool)
            .await
            .unwrap();

    let page = Open::new(&app, &ana, format!("/operators/{bo}")).await;
    let form = ana.open(&format!("/operators/{bo}/disable")).await;
    assert!(ana.press(&form, "operator-disable", &[]).await.message().contains("was disabled"));
    page.shows("facts", "disabled").await;
    assert!(region(&ana.open(&format!("/operators/{bo}")).await, "changes").contains("Enable"));
}

#[database_test]
async fn list_of_imports_is_refreshed(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspace(&pool, "Acme").await;
    let app = TestApp::with_notifications(pool).await;
    let (ana, support) = (app.admin().await, app.support().await);
    let bulk = format!("/groups/{emea}/bulk");

    let page = Open::new(&app, &support, bulk.clone()).await;
    let preview = ana.send(&bulk, Form::new().text("pasted", "acme")).await;
    page.shows("past", "Pasted").await;

    let page = Open::new(&app, &support, bulk.clone()).await;
    assert!(ana.press(&preview, "import-discard", &[]).await.message().contains("discarded"));
    page.shows("past", "").await;
    assert!(!region(&support.open(&bulk).await, "past").contains("Pasted"));
}

/// The document beside the facts of an enrollment is refreshed with them.
#[database_test]
async fn document_of_an_enrollment_is_refreshed(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let enrollment = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::with_notifications(pool).await;
    let support = app.support().await;

    let page = Open::new(&app, &support, format!("/enrollments/{enrollment}")).await;
    let path = format!("/v1/workspace-group-workspaces/{enrollment}");
    assert_eq!(app.api_client(&["write"]).await.delete(&path).await.status, 204);
    page.shows("document", "\"deleted_at\": \"2").await;
}
