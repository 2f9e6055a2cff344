//! Text is stored, compared and looked up in one normalized form.

use groupdesk::ui::paths::encode;
use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use super::{COMPOSED, DECOMPOSED, create};
use crate::support::{TestApp, error, group, operator, person};

async fn stored(pool: &PgPool, query: &str) -> Vec<String> {
    sqlx::query_scalar(query).fetch_all(pool).await.unwrap()
}

#[database_test]
async fn text_is_stored_composed_without_invisible_characters(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let (api, admin) = (app.api_client(&["write"]).await, app.admin().await);
    let typed = format!("\u{feff}\u{202a}{DECOMPOSED}\u{202c}\u{200b}");
    let answer = create(&api, "/v1/workspace-groups", "workspace_group", json!({ "name": typed })).await;
    assert_eq!(answer.body["data"]["attributes"]["name"], COMPOSED);
    let attributes = json!({
        "name": typed, "external_workspace_id": format!("{typed}-1"), "description": format!("a\n{typed}")
    });
    let answer = create(&api, "/v1/workspaces", "workspace", attributes).await;
    let shown = &answer.body["data"]["attributes"];
    assert_eq!(shown["name"], COMPOSED);
    assert_eq!(shown["external_workspace_id"], format!("{COMPOSED}-1"));
    assert_eq!(shown["description"], format!("a\n{COMPOSED}"));
    let attributes =
        json!({ "first_name": typed, "last_name": typed, "email": format!("{typed}@example.com") });
    let answer = create(&api, "/v1/people", "people", attributes).await;
    let shown = &answer.body["data"]["attributes"];
    assert_eq!(
        (&shown["first_name"], &shown["email"]),
        (&json!(COMPOSED), &json!(format!("{COMPOSED}@example.com")))
    );
    // The same through a form.
    let new = admin.open("/groups/new").await;
    let page = admin.press(&new, "group-create", &[("name", &typed)]).await;
    assert_eq!(page.message(), format!("{COMPOSED} was created."));
    // Joiners that carry meaning stay: Persian, emoji.
    for name in [
        "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
        "\u{1f469}\u{200d}\u{1f4bb} \u{2764}\u{fe0f}",
    ] {
        let answer = create(&api, "/v1/workspace-groups", "workspace_group", json!({ "name": name })).await;
        assert_eq!(answer.body["data"]["attributes"]["name"], name);
    }
}

#[database_test]
async fn ids_and_emails_match_in_any_unicode_form(pool: PgPool) {
    // One row is in today's form, and an older system left the other decomposed.
    sqlx::query("INSERT INTO core_api.workspaces (name, external_workspace_id) VALUES ('A', $1), ('B', $2)")
        .bind(format!("{COMPOSED}-1"))
        .bind(format!("{DECOMPOSED}-2"))
        .execute(&pool)
        .await
        .unwrap();
    person(&pool, "Ana", "A", &format!("{COMPOSED}@a.example")).await;
    person(&pool, "Bo", "B", &format!("{DECOMPOSED}@b.example")).await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    for form in [COMPOSED, DECOMPOSED, &format!("\u{feff}{COMPOSED}"), "J\u{e4}\u{ad}ger"] {
        for end in ["-1", "-2"] {
            let answer = api.get(&format!("/v1/workspaces?filter[external_workspace_id]={form}{end}")).await;
            assert_eq!(answer.ids().len(), 1, "{form:?}{end}");
        }
        for end in ["@a.example", "@B.example"] {
            let answer = api.get(&format!("/v1/people?filter[email]={form}{end}")).await;
            assert_eq!(answer.ids().len(), 1, "{form:?}{end}");
        }
        for end in ["-1", "-2"] {
            let taken = json!({ "name": "C", "external_workspace_id": format!("{form}{end}") });
            let answer = create(&api, "/v1/workspaces", "workspace", taken).await;
            let pointer = "/data/attributes/external_workspace_id";
            let expected = error("409", "EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS", pointer);
            assert_eq!((answer.status, answer.errors()), (409, vec![expected]), "{form:?}{end}");
        }
        for end in ["@a.example", "@B.example"] {
            let taken = json!({ "last_name": "C", "email": format!("{form}{end}") });
            let answer = create(&api, "/v1/people", "people", taken).await;
            let expected = error("409", "EMAIL_ALREADY_EXISTS", "/data/attributes/email");
            assert_eq!((answer.status, answer.errors()), (409, vec![expected]), "{form:?}{end}");
        }
    }
    // Ids are case sensitive.
    let answer = api.get("/v1/workspaces?filter[external_workspace_id]=j\u{e4}ger-1").await;
    assert_eq!(answer.ids(), Vec::<String>::new());
}

/// A decomposed value of an older system still belongs to its row: another row cannot take it, and the row
/// itself may change to the composed form.
#[database_test]
async fn decomposed_values_stay_unique_to_their_row(pool: PgPool) {
    sqlx::query(
        "INSERT INTO core_api.workspaces (name, external_workspace_id) VALUES ('A', $1), ('B', 'ws-2')",
    )
    .bind(format!("{DECOMPOSED}-1"))
    .execute(&pool)
    .await
    .unwrap();
    let ana = person(&pool, "Ana", "A", &format!("{DECOMPOSED}@example.com")).await;
    let bo = person(&pool, "Bo", "B", "bo@example.com").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let ids = api.get("/v1/workspaces?sort=name").await.ids();
    let change = |kind: &str, id: &str, attributes: &serde_json::Value| json!({ "data": { "type": kind, "id": id, "attributes": attributes } });
    let external = json!({ "external_workspace_id": format!("{COMPOSED}-1") });
    let email = json!({ "email": format!("{COMPOSED}@example.com") });
    for (path, kind, own, other, attributes) in [
        ("/v1/workspaces", "workspace", ids[0].as_str(), ids[1].as_str(), external),
        ("/v1/people", "people", ana.as_str(), bo.as_str(), email),
    ] {
        let answer = api.patch(&format!("{path}/{other}"), change(kind, other, &attributes)).await;
        assert_eq!(answer.status, 409, "{answer:?}");
        let answer = api.patch(&format!("{path}/{own}"), change(kind, own, &attributes)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let query = "SELECT external_workspace_id FROM core_api.workspaces ORDER BY name";
    assert_eq!(stored(&pool, query).await, [format!("{COMPOSED}-1"), "ws-2".to_owned()]);
}

/// Spaces that a web page, a word processor or a Japanese keyboard produces, and joiners between letters
/// that do not need them.
#[database_test]
async fn external_ids_match_with_any_kind_of_space(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let attributes = json!({ "name": "A", "external_workspace_id": format!("{COMPOSED} 1") });
    assert_eq!(create(&api, "/v1/workspaces", "workspace", attributes).await.status, 201);
    for typed in [
        "J\u{e4}ger\u{a0}1",
        "Ja\u{308}ger\u{202f}1",
        "J\u{e4}ger\u{3000}1",
        "J\u{e4}\u{200d}ger 1",
        "Ja\u{308}\u{200c}ger 1\u{fe0f}",
    ] {
        let path = format!("/v1/workspaces?filter[external_workspace_id]={}", encode(typed));
        assert_eq!(api.get(&path).await.ids().len(), 1, "{typed:?}");
        let attributes = json!({ "name": "B", "external_workspace_id": typed });
        let answer = create(&api, "/v1/workspaces", "workspace", attributes).await;
        assert_eq!(answer.status, 409, "{typed:?}");
    }
}

#[database_test]
async fn operator_email_is_unique_in_any_unicode_form(pool: PgPool) {
    operator(&pool, &format!("{COMPOSED}@example.com"), "Kim Lee", "support").await;
    sqlx::raw_sql("UPDATE groupdesk.operators SET email = normalize(email, NFD)")
        .execute(&pool)
        .await
        .unwrap();
    let app = TestApp::start(pool).await;
    let address = format!("{COMPOSED}@example.com");
    let fields = [("name", "Kim Lee"), ("email", address.as_str()), ("role", "admin")];
    let page = app.admin().await.submit("operator-invite", &fields).await;
    let expected = format!("The e-mail address {address} is used by another operator.");
    assert_eq!(page.message(), expected);
}

#[database_test]
async fn imports_match_ids_in_any_unicode_form(pool: PgPool) {
    sqlx::query("INSERT INTO core_api.workspaces (name, external_workspace_id) VALUES ('A', $1), ('B', $2), ('C', 'ws-3')")
        .bind(format!("{COMPOSED}-1"))
        .bind(format!("{DECOMPOSED}-2"))
        .execute(&pool)
        .await
        .unwrap();
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let list = format!("{DECOMPOSED}-1\n{COMPOSED}-2\n\u{200b}ws-3\u{200b}\n{COMPOSED}-1\n");
    let form = reqwest::multipart::Form::new().text("pasted", list.clone());
    let page = admin.send(&format!("/groups/{emea}/bulk"), form).await;
    assert!(page.text().contains("Enroll 3 workspaces in EMEA?"), "{}", page.text());
    assert!(page.text().contains("3 of 4 lines will be enrolled. 1"), "{}", page.text());
    let new = admin.open("/groups/new").await;
    let page = admin.press(&new, "group-create", &[("name", "APAC"), ("pasted", &list)]).await;
    assert_eq!(page.message(), "APAC was created with 3 workspaces.");
}

#[database_test]
async fn invisible_names_are_refused(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let (api, admin) = (app.api_client(&["write"]).await, app.admin().await);
    let before = stored(&pool, "SELECT first_name || last_name FROM core_api.peoples").await;
    for unseen in [
        "\u{200b}",
        "\u{2060}\u{feff}",
        "\u{2800}",
        "\u{3164}",
        "\u{202e} \u{202c}",
        "\u{ad}",
        "\u{e0020}\u{a0}",
    ] {
        for (path, kind, names) in [
            ("/v1/workspace-groups", "workspace_group", &["name"][..]),
            ("/v1/workspaces", "workspace", &["name"]),
            ("/v1/people", "people", &["first_name", "last_name"]),
        ] {
            let attributes = names.iter().map(|name| ((*name).to_owned(), json!(unseen))).collect();
            let answer = create(&api, path, kind, serde_json::Value::Object(attributes)).await;
            let expected = error("422", "VALIDATION_ERROR", &format!("/data/attributes/{}", names[0]));
            assert_eq!((answer.status, answer.errors()), (422, vec![expected]), "{kind} {unseen:?}");
        }
        let new = admin.open("/groups/new").await;
        let page = admin.press(&new, "group-create", &[("name", unseen)]).await;
        assert_eq!(page.message(), "The name is missing.", "{unseen:?}");
        // The database refuses it, too, for every client.
        for table in ["workspaces", "workspace_groups"] {
            let insert = format!("INSERT INTO core_api.{table} (name) VALUES ($1)");
            let refused = sqlx::query(&insert).bind(unseen).execute(&pool).await;
            assert!(refused.is_err(), "{table} {unseen:?}");
        }
    }
    assert_eq!(stored(&pool, "SELECT name FROM core_api.workspace_groups").await, Vec::<String>::new());
    assert_eq!(stored(&pool, "SELECT first_name || last_name FROM core_api.peoples").await, before);
    // A line separator is refused, too.
    let answer =
        create(&api, "/v1/workspace-groups", "workspace_group", json!({ "name": "a\u{2028}b" })).await;
    assert_eq!(answer.status, 422);
}

#[database_test]
async fn workspace_with_a_blank_name_can_be_changed(pool: PgPool) {
    sqlx::raw_sql(
        "ALTER TABLE core_api.workspaces DISABLE TRIGGER USER;
         INSERT INTO core_api.workspaces (name) VALUES (' ');
         ALTER TABLE core_api.workspaces ENABLE TRIGGER USER",
    )
    .execute(&pool)
    .await
    .unwrap();
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let id = api.get("/v1/workspaces").await.ids().remove(0);
    let body = |attributes| json!({ "data": { "type": "workspace", "id": id, "attributes": attributes } });
    let path = format!("/v1/workspaces/{id}");
    assert_eq!(api.patch(&path, body(json!({ "description": "Old" }))).await.status, 200);
    assert_eq!(api.patch(&path, body(json!({ "name": "\u{200b}" }))).await.status, 422);
    assert_eq!(api.patch(&path, body(json!({ "name": "New" }))).await.status, 200);
}

#[database_test]
async fn deletion_accepts_the_name_in_any_unicode_form(pool: PgPool) {
    let id = person(&pool, "Kim", DECOMPOSED, "kim@example.com").await;
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let page = admin.open(&format!("/people/{id}/delete")).await;
    let page = admin.press(&page, "person-delete", &[("name", &format!("kim {COMPOSED}"))]).await;
    assert!(page.message().starts_with("Kim"), "{}", page.message());
    assert_eq!(page.at, "/people");
}
