//! `Groupdesk-Position` at a server without standbys. With standbys it is tested in `tests/cli/standbys.rs`.

use pretty_assertions::assert_eq;
use reqwest::Method;
use sqlx::PgPool;

use crate::support::{Answer, TestApp, listen, statements_of};

#[database_test]
async fn position_is_neither_read_nor_returned_without_standbys(pool: PgPool) {
    listen();
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let created = api.create_group("EMEA").await;
    let read = api.request(Method::GET, "/v1/workspace-groups").header("groupdesk-position", "nonsense");
    let read = Answer::read(read).await;
    let browser = app.admin().await;
    let changed = browser.submit("group-create", &[("name", "APAC")]).await;
    assert_eq!((created.status, read.status, changed.status), (201, 200, 200));
    assert_eq!(read.ids().len(), 1);
    for headers in [&created.headers, &read.headers, &changed.headers] {
        assert!(!headers.contains_key("groupdesk-position"), "{headers:?}");
        let statements = statements_of(headers["x-request-id"].to_str().unwrap());
        assert!(!statements.is_empty());
        assert!(statements.iter().all(|one| !one.contains("wal_")), "{statements:#?}");
    }
}
