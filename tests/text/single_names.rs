//! A person may have only one name, first or last.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::create;
use crate::support::{TestApp, database_url, error, operator, person, run};

const PATH: &str = "/v1/people";

fn change(id: &str, attributes: Value) -> Value {
    json!({ "data": { "type": "people", "id": id, "attributes": attributes } })
}

#[database_test]
async fn api_accepts_a_first_or_a_last_name_only(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    for (attributes, first, last) in [
        (json!({ "last_name": "Cher" }), "", "Cher"),
        (json!({ "first_name": "Cher" }), "Cher", ""),
        (json!({ "first_name": "", "last_name": "Cher" }), "", "Cher"),
        (json!({ "first_name": "Cher", "last_name": " \u{200b}" }), "Cher", ""),
    ] {
        let answer = create(&api, PATH, "people", attributes.clone()).await;
        let shown = &answer.body["data"]["attributes"];
        assert_eq!(
            (answer.status, &shown["first_name"], &shown["last_name"]),
            (201, &json!(first), &json!(last))
        );
        // The response can be sent back unchanged, and an e-mail address can be added.
        let path = format!("{PATH}/{}", answer.id());
        let body = change(&answer.id(), json!({ "first_name": first, "last_name": last, "email": null }));
        assert_eq!(api.patch(&path, body).await.status, 200, "{attributes}");
        let found = api.get(&format!("{PATH}?filter[q]=cher")).await;
        assert!(found.ids().contains(&answer.id()), "{attributes}");
    }
    for (attributes, pointer) in [
        (json!({}), "/data/attributes"),
        (json!({ "email": "c@example.com" }), "/data/attributes"),
        (json!({ "first_name": " " }), "/data/attributes/first_name"),
        (json!({ "last_name": "" }), "/data/attributes/last_name"),
        (json!({ "first_name": "", "last_name": "\u{2800}" }), "/data/attributes/first_name"),
    ] {
        let answer = create(&api, PATH, "people", attributes.clone()).await;
        let expected = error("422", "VALIDATION_ERROR", pointer);
        assert_eq!((answer.status, answer.errors()), (422, vec![expected]), "{attributes}");
    }
}

#[database_test]
async fn only_remaining_name_cannot_be_removed(pool: PgPool) {
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let path = format!("{PATH}/{bo}");
    assert_eq!(api.patch(&path, change(&bo, json!({ "first_name": "" }))).await.status, 200);
    let answer = api.patch(&path, change(&bo, json!({ "last_name": " " }))).await;
    let expected = error("422", "VALIDATION_ERROR", "/data/attributes/last_name");
    assert_eq!((answer.status, answer.errors()), (422, vec![expected]));
    // Moving the name from one field to the other takes one request.
    let swapped = change(&bo, json!({ "first_name": "Bo", "last_name": "" }));
    assert_eq!(api.patch(&path, swapped).await.status, 200);
}

#[database_test]
async fn operator_with_one_name_is_edited(pool: PgPool) {
    operator(&pool, "cher@example.com", "Cher", "support").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let page = admin.open("/people?q=cher").await;
    let id = page.html.split("id=\"person-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let edit = admin.open(&format!("/people/{id}/edit")).await;
    assert!(!edit.html.contains("name=\"first_name\" required"), "{}", edit.html);
    let saved = admin.press(&edit, "person-update", &[("email", "c@example.com")]).await;
    assert_eq!(saved.message(), "Cher was saved.");
    let saved = admin.press(&edit, "person-update", &[("first_name", "Cher"), ("last_name", "Bono")]).await;
    assert!(saved.at.ends_with("/edit"), "not a conflict: {}", saved.at);
    let new = admin.open("/people/new").await;
    let created = admin.press(&new, "person-create", &[("first_name", "Pel\u{e9}"), ("last_name", "")]).await;
    assert_eq!(created.message(), "Pel\u{e9} was created.");
    let refused = admin.press(&new, "person-create", &[("first_name", " "), ("last_name", "")]).await;
    assert_eq!(refused.message(), "Enter a first name, a last name, or both.");
}

#[database_test]
async fn command_line_accepts_a_single_name(pool: PgPool) {
    let url = database_url(&pool);
    let args = ["operator", "add", "--name", "Cher", "--role", "admin", "--email", "cher@example.com"];
    let added = run(&[&args[..], &["--database-url", &url]].concat()).await;
    assert_eq!(added.status, 0, "{added:?}");
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let answer = api.get(&format!("{PATH}?filter[q]=cher")).await;
    assert_eq!(answer.body["data"][0]["attributes"]["last_name"], "Cher");
}
