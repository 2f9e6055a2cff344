//! `POST /v1/operations`: many changes in one transaction, with the rules and error texts of the single
//! requests.

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{
    Answer, ApiClient, JSON_API, TestApp, admin_events, enroll, error, event_count, events, group,
    live_count, person, row, row_count, time, workspace,
};

const PATH: &str = "/v1/operations";
const ATOMIC: &str = r#"application/vnd.api+json;ext="https://jsonapi.org/ext/atomic""#;
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

async fn post_operations(api: &ApiClient, content_type: &str, operations: &Value) -> Answer {
    let body = json!({ "atomic:operations": operations }).to_string();
    Answer::read(api.request(Method::POST, PATH).header("content-type", content_type).body(body)).await
}

async fn operate(api: &ApiClient, operations: Value) -> Answer {
    post_operations(api, ATOMIC, &operations).await
}

fn identifier(kind: &str, id: &str) -> Value {
    json!({ "type": kind, "id": id })
}

fn add(kind: &str, attributes: Value) -> Value {
    json!({ "op": "add", "data": { "type": kind, "attributes": attributes } })
}

fn enrollment_of(group: &str, workspace: &str) -> Value {
    json!({ "op": "add", "data": { "type": "workspace_group_workspace", "relationships": {
        "workspace_group": { "data": identifier("workspace_group", group) },
        "workspace": { "data": identifier("workspace", workspace) }
    }}})
}

/// The enrollment of the workspace with this local id.
fn enrollment_by(group: &str, lid: Value) -> Value {
    let mut operation = enrollment_of(group, NOBODY);
    operation["data"]["relationships"]["workspace"]["data"] = json!({ "type": "workspace", "lid": lid });
    operation
}

/// The operation that adds a workspace to a group, or removes it.
fn member(op: &str, group: &str, workspace: &str) -> Value {
    json!({
        "op": op,
        "ref": { "type": "workspace_group", "id": group, "relationship": "workspaces" },
        "data": [identifier("workspace", workspace)]
    })
}

fn remove(kind: &str, id: &str) -> Value {
    json!({ "op": "remove", "ref": identifier(kind, id) })
}

fn results(answer: &Answer) -> &[Value] {
    assert_eq!((answer.status, answer.header("content-type")), (200, ATOMIC), "{answer:?}");
    answer.body["atomic:results"].as_array().unwrap()
}

/// The name in each result, or null.
fn names(results: &[Value]) -> Value {
    results.iter().map(|result| result["data"]["attributes"]["name"].clone()).collect()
}

/// Asserts a refusal with exactly this error.
fn assert_refused(answer: &Answer, status: u16, code: &str, place: &str) {
    let expected = error(&status.to_string(), code, &format!("/atomic:operations/{place}"));
    assert_eq!((answer.status, answer.errors()), (status, vec![expected]), "{answer:?}");
}

/// The number of rows in all tables that operations write.
async fn written(pool: &PgPool) -> String {
    sqlx::query_scalar(
        "SELECT concat_ws(' ', (SELECT count(*) FROM core_api.workspace_groups),
             (SELECT count(*) FROM core_api.workspaces), (SELECT count(*) FROM core_api.peoples),
             (SELECT count(*) FROM core_api.workspace_group_workspaces),
             (SELECT count(*) FROM groupdesk.enrollment_events),
             (SELECT count(*) FROM groupdesk.admin_events WHERE source = 'api'))",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

#[database_test]
async fn local_ids_refer_to_resources_of_the_document(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let app = TestApp::start(pool.clone()).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let before = admin_events(&pool).await.len();
    let operations = json!([
        { "op": "add", "data": { "type": "workspace_group", "lid": "g", "attributes": { "name": "EMEA" } } },
        { "op": "add", "data": { "type": "workspace", "lid": "w", "attributes": { "name": "Acme" } } },
        { "op": "add", "data": { "type": "workspace_group_workspace", "lid": "e", "relationships": {
            "workspace_group": { "data": { "type": "workspace_group", "lid": "g" } },
            "workspace": { "data": { "type": "workspace", "lid": "w" } } } } },
        // The same local id may be used for another type.
        { "op": "add", "data": { "type": "workspace", "lid": "g", "attributes": { "name": "Beta" } } },
        { "op": "add", "ref": { "type": "workspace_group", "lid": "g", "relationship": "workspaces" },
            "data": [{ "type": "workspace", "lid": "g" }] },
        { "op": "update", "ref": { "type": "workspace_group", "lid": "g" },
            "data": { "type": "workspace_group", "lid": "g", "attributes": { "name": "Europe" } } },
        { "op": "remove", "ref": { "type": "workspace_group_workspace", "lid": "e" } },
    ]);

    let answer = operate(&by_ana, operations).await;

    let results = results(&answer);
    assert_eq!(names(results), json!(["EMEA", "Acme", null, "Beta", null, "Europe", null]));
    assert_eq!(results[2]["data"]["type"], "workspace_group_workspace");
    assert_eq!((&results[4], &results[6]), (&json!({}), &json!({})));
    let this = results[0]["data"]["links"]["self"].as_str().unwrap();
    assert_eq!(by_ana.get(this).await.body["data"], results[5]["data"]);
    assert_eq!(by_ana.get(&format!("{this}/workspaces")).await.body["data"], json!([results[3]["data"]]));
    assert_eq!((row_count(&pool).await, live_count(&pool).await), (2, 1));

    // All events belong to the same request, in both logs.
    let actions: Vec<String> = events(&pool).await.into_iter().map(|event| event.0).collect();
    assert_eq!(actions, ["enrolled", "enrolled", "removed"]);
    let actions: Vec<String> =
        admin_events(&pool).await.into_iter().skip(before).map(|event| event.0).collect();
    let actions = actions.join(" ");
    assert_eq!(
        actions,
        "workspace_group_created workspace_created workspace_created workspace_group_updated"
    );
    let requests: Vec<String> = sqlx::query_scalar(
        "SELECT request_id FROM groupdesk.enrollment_events
         UNION SELECT request_id FROM groupdesk.admin_events WHERE source = 'api'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(requests, [answer.header("x-request-id")]);
}

#[database_test]
async fn operations_without_results_are_204(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let beta = workspace(&pool, "Beta").await;
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let live = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    let created_by = json!({ "type": "workspace_group_workspace", "id": live, "relationship": "created_by" });
    let operations = json!([
        { "op": "update", "ref": created_by, "data": identifier("people", &ana) },
        member("add", &emea, &beta),
        member("add", &emea, &acme),
        member("remove", &emea, &beta),
        member("remove", &emea, NOBODY),
        remove("workspace_group_workspace", &live),
        remove("workspace_group", &emea),
        remove("workspace", &acme),
        remove("people", &ana),
    ]);
    let answer = operate(&api, operations).await;
    assert_eq!((answer.status, &answer.body, answer.header("content-type")), (204, &Value::Null, ""));
    let actions: Vec<String> = events(&pool).await.into_iter().map(|event| event.0).collect();
    assert_eq!(actions, ["attribution_corrected", "enrolled", "removed", "removed"]);
    assert_eq!((row_count(&pool).await, live_count(&pool).await), (2, 0));
    assert_eq!(api.get(&format!("/v1/people/{ana}")).await.status, 404);

    let before = written(&pool).await;
    let nothing = operate(&api, json!([])).await;
    assert_eq!(
        (nothing.status, nothing.errors()),
        (422, vec![error("422", "VALIDATION_ERROR", "/atomic:operations")])
    );
    assert_eq!(written(&pool).await, before);
}

#[database_test]
async fn failed_operation_rolls_back_all_and_has_a_pointer(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let live = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    let before = (written(&pool).await, row(&pool, &live).await);
    let known_as =
        |external: &str| add("workspace", json!({ "name": "B", "external_workspace_id": external }));
    let ana = json!({ "first_name": "A", "last_name": "L", "email": "ANA@example.com" });
    let data = json!({ "type": "workspace_group", "id": emea, "attributes": { "name": " " } });
    let rename = json!({ "op": "update", "data": data });
    let taken = "EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS";
    for (operation, status, code, place) in [
        (add("workspace_group", json!({ "name": "" })), 422, "VALIDATION_ERROR", "/data/attributes/name"),
        (add("people", ana), 409, "EMAIL_ALREADY_EXISTS", "/data/attributes/email"),
        (rename, 422, "VALIDATION_ERROR", "/data/attributes/name"),
        (known_as("acme"), 409, taken, "/data/attributes/external_workspace_id"),
        // The first operation has just taken this external id.
        (known_as("new"), 409, taken, "/data/attributes/external_workspace_id"),
        (enrollment_of(&emea, NOBODY), 404, "WORKSPACE_NOT_FOUND", "/data/relationships/workspace/data/id"),
        (member("add", &emea, NOBODY), 404, "WORKSPACE_NOT_FOUND", "/data/0/id"),
        (member("add", NOBODY, &acme), 404, "WORKSPACE_GROUP_NOT_FOUND", ""),
        (remove("workspace", "42"), 404, "WORKSPACE_NOT_FOUND", ""),
    ] {
        let gone = remove("workspace_group_workspace", &live);
        let never = add("workspace_group", json!({ "name": "Never" }));
        let answer = operate(&api, json!([known_as("new"), gone, operation, never])).await;
        assert_refused(&answer, status, code, &format!("2{place}"));
        assert_eq!((written(&pool).await, row(&pool, &live).await), before, "{operation}");
    }
    let answer = operate(&api, json!([enrollment_of(&emea, &acme)])).await;
    assert_refused(&answer, 409, "WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS", "0");
    let about = format!("/v1/workspace-group-workspaces/{live}");
    assert_eq!(answer.body["errors"][0]["links"]["about"], about);
}

/// A resource that an earlier operation created is rolled back with the document, so a link to it would be
/// dead.
#[database_test]
async fn conflict_links_only_to_surviving_resources(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let before = written(&pool).await;
    let new = || add("workspace", json!({ "name": "New", "external_workspace_id": "new" }));
    let bo = || add("people", json!({ "first_name": "Bo", "last_name": "Ek", "email": "bo@example.com" }));
    let group = json!({ "op": "add", "data": {
        "type": "workspace_group", "lid": "g", "attributes": { "name": "APAC" },
        "relationships": { "workspaces": { "data": [identifier("workspace", &acme)] } } } });
    let mut into_it = enrollment_of(&emea, &acme);
    into_it["data"]["relationships"]["workspace_group"]["data"] =
        json!({ "type": "workspace_group", "lid": "g" });
    let taken = "WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS";
    for (first, second, code) in [
        (enrollment_of(&emea, &acme), enrollment_of(&emea, &acme), taken),
        (member("add", &emea, &acme), enrollment_of(&emea, &acme), taken),
        (group, into_it, taken),
        (new(), new(), "EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS"),
        (bo(), bo(), "EMAIL_ALREADY_EXISTS"),
    ] {
        for key in [None, Some(code)] {
            let other = add("workspace_group", json!({ "name": "Other" }));
            let body = json!({ "atomic:operations": [other, first, second] }).to_string();
            let request = api.request(Method::POST, PATH).header("content-type", ATOMIC);
            let request = match key {
                Some(key) => request.header("idempotency-key", format!("{key}-{}", body.len())),
                None => request,
            };
            let answer = Answer::read(request.body(body)).await;
            assert_eq!((answer.status, answer.errors()[0].1.as_str()), (409, code), "{answer:?}");
            let error = &answer.body["errors"][0];
            assert_eq!(error.get("links"), None, "{error}");
            let detail = error["detail"].as_str().unwrap();
            assert!(
                detail.ends_with("The operation /atomic:operations/1 of this document causes this."),
                "{detail}"
            );
        }
    }
    assert_eq!(written(&pool).await, before);
    // Resources that existed before are linked.
    let live = api.enroll(&emea, &acme).await.id();
    let answer = operate(&api, json!([new(), enrollment_of(&emea, &acme)])).await;
    let about = format!("/v1/workspace-group-workspaces/{live}");
    assert_eq!(answer.body["errors"][0]["links"]["about"], about);
}

#[database_test]
async fn operations_need_the_scopes_of_single_requests(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let beta = workspace(&pool, "Beta").await;
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let live = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool.clone()).await;
    let (reader, writer) = (app.api_client(&["read"]).await, app.api_client(&["write"]).await);
    let (pipeline, both) =
        (app.api_client(&["pipeline"]).await, app.api_client(&["write", "pipeline"]).await);
    let before = written(&pool).await;
    let kind = "workspace_group_workspace";
    let ana = identifier("people", &ana);
    let relationships = json!({ "created_by": { "data": ana } });
    let correct =
        json!({ "op": "update", "data": { "type": kind, "id": live, "relationships": relationships } });
    let created_by = json!({ "type": kind, "id": live, "relationship": "created_by" });
    let linkage = json!({ "op": "update", "ref": created_by, "data": ana });
    let mut in_anas_name = enrollment_of(&emea, &beta);
    in_anas_name["data"]["relationships"]["created_by"] = json!({ "data": ana });
    let apac = add("workspace_group", json!({ "name": "APAC" }));

    let answer = operate(&reader, json!([apac])).await;
    assert_eq!((answer.status, answer.errors()[0].1.as_str()), (403, "FORBIDDEN"));
    for operation in [&in_anas_name, &correct, &linkage] {
        assert_refused(&operate(&writer, json!([apac, operation])).await, 403, "FORBIDDEN", "1");
    }
    for operation in [&apac, &in_anas_name, &remove(kind, &live), &member("add", &emea, &beta)] {
        assert_refused(&operate(&pipeline, json!([linkage, operation])).await, 403, "FORBIDDEN", "1");
    }
    assert_eq!(written(&pool).await, before);

    let answer = operate(&pipeline, json!([correct, linkage])).await;
    assert_eq!(results(&answer)[0]["data"]["relationships"]["created_by"]["data"], ana);
    assert_eq!(results(&answer)[1], json!({}));
    // The second operation did not change anything.
    assert_eq!(event_count(&pool).await, 1);
    let answer = operate(&both, json!([in_anas_name])).await;
    assert_eq!(results(&answer)[0]["data"]["relationships"]["created_by"]["data"], ana);
}

#[database_test]
async fn more_than_a_thousand_operations_are_413(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let person = |number: usize| add("people", json!({ "first_name": "P", "last_name": number.to_string() }));
    let answer = operate(&api, (0..1001).map(person).collect()).await;
    let expected = ("413".to_owned(), "PAYLOAD_TOO_LARGE".to_owned(), Value::Null);
    assert_eq!((answer.status, answer.errors()), (413, vec![expected]));
    assert_eq!(written(&pool).await, "0 0 0 0 0 0");

    let answer = operate(&api, (0..1000).map(person).collect()).await;
    let names = results(&answer).iter().map(|result| &result["data"]["attributes"]["last_name"]);
    let expected = (0..1000).map(|number| format!("{number}"));
    assert_eq!(json!(names.collect::<Vec<_>>()), json!(expected.collect::<Vec<_>>()));
    assert_eq!(written(&pool).await, "0 0 1000 0 0 1000");
}

#[database_test]
async fn missing_extension_is_415(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let operations = json!([add("workspace_group", json!({ "name": "EMEA" }))]);
    for content_type in [
        JSON_API,
        "application/json",
        r#"application/vnd.api+json;ext="""#,
        r#"application/vnd.api+json;ext="https://example.com/unknown""#,
        r#"application/vnd.api+json;ext="https://jsonapi.org/ext/atomic https://example.com/unknown""#,
        r#"application/vnd.api+json;ext="https://jsonapi.org/ext/atomic";charset=utf-8"#,
    ] {
        let answer = post_operations(&api, content_type, &operations).await;
        assert_eq!(answer.status, 415, "{content_type}");
        assert_eq!(answer.errors()[0].2, json!({ "header": "Content-Type" }), "{content_type}");
    }
    assert_eq!(api.get("/v1/workspace-groups").await.ids(), Vec::<String>::new());
    assert_eq!(post_operations(&api, ATOMIC, &operations).await.status, 200);
}

#[database_test]
async fn local_id_refers_to_one_earlier_resource(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let before = written(&pool).await;
    let data = json!({ "type": "workspace", "lid": "w", "attributes": { "name": "W" } });
    let created = json!({ "op": "add", "data": data });
    let mut members = member("add", &emea, NOBODY);
    members["data"] = json!([{ "type": "workspace", "lid": "x" }]);
    for (operation, place) in [
        (created.clone(), "/data/lid"),
        (enrollment_by(&emea, json!("x")), "/data/relationships/workspace/data/lid"),
        (enrollment_by(&emea, json!(7)), "/data/relationships/workspace/data/lid"),
        (json!({ "op": "remove", "ref": { "type": "workspace", "lid": "x" } }), "/ref/lid"),
        // The local id belongs to a workspace, not to a person.
        (json!({ "op": "remove", "ref": { "type": "people", "lid": "w" } }), "/ref/lid"),
        (members, "/data/0/lid"),
    ] {
        let answer = operate(&api, json!([created, operation])).await;
        assert_refused(&answer, 422, "VALIDATION_ERROR", &format!("1{place}"));
    }
    assert_eq!(written(&pool).await, before);
}

/// This holds outside of `ref`, and for a resource that was removed before.
#[database_test]
async fn invalid_local_id_has_an_exact_pointer(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let unknown = json!([{ "op": "update", "data": { "type": "workspace", "lid": "x" } }]);
    assert_refused(&operate(&api, unknown).await, 422, "VALIDATION_ERROR", "0/data/lid");
    let gone = json!([
        { "op": "add", "data": { "type": "workspace", "lid": "w", "attributes": { "name": "W" } } },
        { "op": "remove", "ref": { "type": "workspace", "lid": "w" } },
        enrollment_by(&emea, json!("w")),
    ]);
    let place = "2/data/relationships/workspace/data/lid";
    assert_refused(&operate(&api, gone).await, 404, "WORKSPACE_NOT_FOUND", place);
}

#[database_test]
async fn read_only_resources_stay_read_only_in_operations(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    let live = api.enroll(&emea, &acme).await.id();
    let event = api.get("/v1/enrollment-events").await.ids().remove(0);
    let before = written(&pool).await;
    let target = identifier("enrollment_event", &event);
    let of = |kind: &str, id: &str, name: &str| json!({ "type": kind, "id": id, "relationship": name });
    let invalid = (422, "VALIDATION_ERROR");
    let (read_only, replacing) = ((403, "RELATIONSHIP_READ_ONLY"), (403, "FULL_REPLACEMENT_UNSUPPORTED"));
    let kind = "workspace_group_workspace";
    for (operation, (status, code)) in [
        (add("enrollment_event", json!({ "action": "enrolled" })), invalid),
        (json!({ "op": "update", "data": target }), invalid),
        (remove("enrollment_event", &event), invalid),
        (json!({ "op": "update", "ref": of("enrollment_event", &event, "actor"), "data": null }), read_only),
        (
            json!({ "op": "update", "ref": of("workspace_group", &emea, "created_by"), "data": null }),
            read_only,
        ),
        (json!({ "op": "add", "ref": of("workspace", &acme, "workspace_groups"), "data": [] }), read_only),
        (json!({ "op": "update", "ref": of(kind, &live, "workspace"), "data": null }), read_only),
        (json!({ "op": "update", "ref": of("workspace_group", &emea, "workspaces"), "data": [] }), replacing),
    ] {
        assert_refused(&operate(&api, json!([operation])).await, status, code, "0");
    }
    assert_eq!(written(&pool).await, before);
}

#[database_test]
async fn href_identifies_the_target(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let (beta, gone) = (workspace(&pool, "Beta").await, workspace(&pool, "Gone").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let this = format!("/v1/workspace-groups/{emea}");
    let members = format!("{this}/relationships/workspaces");
    let renamed = json!({ "type": "workspace_group", "id": emea, "attributes": { "name": "Europe" } });
    let created = json!({ "type": "workspace", "attributes": { "name": "Made" } });
    let operations = json!([
        { "op": "add", "href": "/v1/workspaces", "data": created },
        { "op": "update", "href": this, "data": renamed },
        { "op": "add", "href": members, "data": [identifier("workspace", &acme), identifier("workspace", &beta)] },
        { "op": "remove", "href": members, "data": [identifier("workspace", &acme)] },
        { "op": "remove", "href": format!("/v1/workspaces/{gone}") },
    ]);
    let answer = operate(&api, operations).await;
    assert_eq!(names(results(&answer)), json!(["Made", "Europe", null, null, null]));
    assert_eq!(api.get(&members).await.ids(), [beta.as_str()]);
    assert!(!api.get("/v1/workspaces").await.ids().contains(&gone));

    let before = written(&pool).await;
    for href in [
        json!(""),
        json!("/v1/nothing"),
        json!("/v1/workspaces/"),
        json!("/v1/workspaces?include="),
        json!(format!("{}/v1/workspaces", app.url(""))),
        json!(format!("{this}/workspaces")),
        json!(7),
    ] {
        let answer = operate(&api, json!([{ "op": "add", "href": href, "data": created }])).await;
        assert_refused(&answer, 422, "VALIDATION_ERROR", "0/href");
    }
    let elsewhere = json!([{ "op": "add", "href": "/v1/workspace-groups", "data": created }]);
    assert_refused(&operate(&api, elsewhere).await, 409, "TYPE_MISMATCH", "0/data/type");
    assert_eq!(written(&pool).await, before);
}
