//! `DELETE /v1/people/{id}`; the effects on other rows are tested in `db/deleted_people.rs`.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{TestApp, admin_events, group, person};

#[database_test]
async fn deletion_is_logged_with_both_names(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let app = TestApp::start(pool.clone()).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let path = format!("/v1/people/{bo}");

    assert_eq!(by_ana.delete(&path).await.status, 204);
    for answer in [by_ana.get(&path).await, by_ana.delete(&path).await] {
        assert_eq!(answer.status, 404);
        assert_eq!(answer.errors()[0].1, "PEOPLE_NOT_FOUND");
    }
    assert_eq!(
        admin_events(&pool).await.last().unwrap(),
        &("people_deleted".to_owned(), Some("Ana Lima".to_owned()), Some("Bo Ek".to_owned()))
    );
}

/// The deletion unlinks the deleter's own person, and the log keeps the name.
#[database_test]
async fn person_of_the_token_can_be_deleted(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let app = TestApp::start(pool.clone()).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    assert_eq!(by_ana.delete(&format!("/v1/people/{ana}")).await.status, 204);
    let event = admin_events(&pool).await.pop().unwrap();
    assert_eq!(event.0, "people_deleted");
    assert_eq!(event.1.as_deref(), Some("Ana Lima"));
    assert_eq!(by_ana.get("/v1/people").await.status, 401);
}

#[database_test]
async fn unknown_person_is_404(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    for id in [&emea, "42"] {
        let answer = api.delete(&format!("/v1/people/{id}")).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.errors()[0].1, "PEOPLE_NOT_FOUND");
    }
}
