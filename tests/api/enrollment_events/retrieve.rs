//! `GET /v1/enrollment-events/{id}` with its relationships and related resources. Events are read-only.

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{PATH, event, read, resource};
use crate::support::{
    Answer, ApiClient, JSON_API, TestApp, enroll, event_count, group, person, time, workspace,
};

const NOW: &str = "2026-05-28T09:15:00.000Z";
const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

/// Ana enrolled Acme in EMEA; the ids, the response and the event.
struct Scene {
    app: TestApp,
    by_ana: ApiClient,
    ana: String,
    emea: String,
    acme: String,
    enrolled: Answer,
    /// The path of the event.
    this: String,
    id: String,
    change_set: String,
}

async fn scene(pool: PgPool) -> Scene {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::at(pool, NOW).await;
    let by_ana = app.api_client_for("ana@example.com", &["write", "pipeline"]).await;
    let enrolled = by_ana.enroll(&emea, &acme).await;
    let id = read(&by_ana, "").await.ids().remove(0);
    let change_set: String =
        sqlx::query_scalar("SELECT change_set_id::text FROM groupdesk.enrollment_events")
            .fetch_one(&app.pool)
            .await
            .unwrap();
    Scene { app, by_ana, ana, emea, acme, enrolled, this: format!("{PATH}/{id}"), id, change_set }
}

impl Scene {
    fn relationships(&self) -> [(&'static str, &'static str, String, &'static str); 4] {
        [
            ("enrollment", "workspace_group_workspace", self.enrolled.id(), "/v1/workspace-group-workspaces"),
            ("workspace_group", "workspace_group", self.emea.clone(), "/v1/workspace-groups"),
            ("workspace", "workspace", self.acme.clone(), "/v1/workspaces"),
            ("actor", "people", self.ana.clone(), "/v1/people"),
        ]
    }

    /// The expected event, with this actor.
    fn shown(&self, actor: Option<&str>) -> Value {
        let attributes = json!({
            "action": "enrolled",
            "occurred_at": NOW,
            "source": "api",
            "actor_name": "Ana Lima",
            "token_name": "robot",
            "request_id": self.enrolled.header("x-request-id"),
            "change_set_id": self.change_set,
            "reason": null,
            "reference": null,
            "attributed_from": null,
            "attributed_to": null,
        });
        let relationships = self.relationships();
        let end = |index: usize| {
            let (name, kind, id, _) = &relationships[index];
            (*name, *kind, if index == 3 { actor } else { Some(id.as_str()) })
        };
        resource(&self.id, attributes, [end(0), end(1), end(2), end(3)])
    }
}

#[database_test]
async fn event_is_complete_by_itself_and_in_the_list(pool: PgPool) {
    let scene = scene(pool).await;
    let shown = scene.shown(Some(&scene.ana));
    let single = scene.by_ana.get(&scene.this).await;
    assert_eq!(single.status, 200);
    assert_eq!(single.body, json!({ "data": shown, "links": { "self": scene.this } }));
    assert!(single.header("etag").starts_with('"'));

    let page = read(&scene.by_ana, "").await;
    assert_eq!(
        page.body,
        json!({
            "jsonapi": {
                "version": "1.1",
                "profile": ["https://jsonapi.org/profiles/ethanresnick/cursor-pagination"]
            },
            "data": [shown],
            "links": { "self": PATH, "first": PATH, "prev": null, "next": null }
        })
    );

    let fields = "fields[enrollment_event]=action,actor&include=actor&fields[people]=last_name";
    let trimmed = scene.by_ana.get(&format!("{}?{fields}", scene.this)).await;
    assert_eq!(trimmed.body["data"]["attributes"], json!({ "action": "enrolled" }));
    let names: Vec<&String> = trimmed.body["data"]["relationships"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["actor"]);
    assert_eq!(trimmed.body["included"][0]["attributes"], json!({ "last_name": "Lima" }));
}

/// Unknown values are null: the actor of a change without a person, the token of a change on the pages, the request id
/// of an event from before the log existed.
#[database_test]
async fn unknown_values_are_null(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let enrollment = enroll(&pool, &emea, &acme, time(NOW)).await;
    let id = event(&pool, &enrollment, ("enrolled", "migration"), None, time(NOW)).await;
    let app = TestApp::at(pool, NOW).await;
    let answer = app.api_client(&["read"]).await.get(&format!("{PATH}/{id}")).await;
    let attributes = json!({
        "action": "enrolled",
        "occurred_at": NOW,
        "source": "migration",
        "actor_name": null,
        "token_name": null,
        "request_id": null,
        "change_set_id": null,
        "reason": null,
        "reference": null,
        "attributed_from": null,
        "attributed_to": null,
    });
    let relationships = [
        ("enrollment", "workspace_group_workspace", Some(enrollment.as_str())),
        ("workspace_group", "workspace_group", Some(emea.as_str())),
        ("workspace", "workspace", Some(acme.as_str())),
        ("actor", "people", None),
    ];
    assert_eq!(answer.body["data"], resource(&id, attributes, relationships));
}

#[database_test]
async fn relationship_and_related_links_can_be_followed(pool: PgPool) {
    let scene = scene(pool).await;
    let api = scene.app.api_client(&["read"]).await;
    for (name, kind, id, home) in scene.relationships() {
        let linkage = api.get(&format!("{}/relationships/{name}", scene.this)).await;
        assert_eq!(linkage.status, 200);
        assert_eq!(
            linkage.body,
            json!({ "data": { "type": kind, "id": id }, "links": {
                "self": format!("{}/relationships/{name}", scene.this),
                "related": format!("{}/{name}", scene.this)
            }})
        );
        let related = api.get(&format!("{}/{name}", scene.this)).await;
        assert_eq!(related.status, 200, "{name}");
        assert_eq!(related.body["links"], json!({ "self": format!("{}/{name}", scene.this) }));
        let at_home = api.get(&format!("{home}/{id}")).await;
        assert_eq!(related.body["data"], at_home.body["data"], "{name}");
    }
    let enrollment = format!("{}/enrollment?include=workspace,created_by", scene.this);
    let included = api.get(&enrollment).await.body["included"].clone();
    assert_eq!(included.as_array().unwrap().len(), 2, "{included}");
    for (path, parameter) in [("enrollment?include=actor", "include"), ("relationships/actor?sort=x", "sort")]
    {
        let answer = api.get(&format!("{}/{path}", scene.this)).await;
        assert_eq!((answer.status, &answer.errors()[0].2), (400, &json!({ "parameter": parameter })));
    }
}

#[database_test]
async fn unknown_ids_are_404(pool: PgPool) {
    let scene = scene(pool).await;
    for path in [
        format!("{PATH}/{UNKNOWN}"),
        format!("{PATH}/{}", scene.enrolled.id()),
        format!("{PATH}/42"),
        format!("{PATH}/{UNKNOWN}/actor"),
        format!("{PATH}/{UNKNOWN}/relationships/actor"),
        format!("{}/request", scene.this),
        format!("{}/relationships/request", scene.this),
        format!("{}/relationships", scene.this),
    ] {
        let answer = scene.by_ana.get(&path).await;
        let expected = ("404".to_owned(), "NOT_FOUND".to_owned(), Value::Null);
        assert_eq!((answer.status, answer.errors()), (404, vec![expected]), "{path}");
    }
}

/// The link to a person is removed with the person, and the name in the event stays.
#[database_test]
async fn deleted_actor_is_named_but_not_linked(pool: PgPool) {
    let scene = scene(pool).await;
    let api = scene.app.api_client(&["write"]).await;
    let by_ana = format!("filter[actor]={}", scene.ana);
    assert_eq!(read(&api, &by_ana).await.ids(), std::slice::from_ref(&scene.id));
    assert_eq!(read(&api, "filter[actor]=none").await.ids(), Vec::<String>::new());
    let before = api.get(&scene.this).await;

    assert_eq!(api.delete(&format!("/v1/people/{}", scene.ana)).await.status, 204);

    let after = api.get(&format!("{}?include=actor,enrollment.created_by", scene.this)).await;
    assert_eq!(after.body["data"], scene.shown(None));
    let included: Vec<&Value> =
        after.body["included"].as_array().unwrap().iter().map(|one| &one["type"]).collect();
    assert_eq!(included, ["workspace_group_workspace"]);
    for path in ["relationships/actor", "actor"] {
        let answer = api.get(&format!("{}/{path}", scene.this)).await;
        assert_eq!((answer.status, answer.body.get("data")), (200, Some(&Value::Null)), "{path}");
    }
    assert_eq!(read(&api, "filter[actor]=none").await.ids(), std::slice::from_ref(&scene.id));
    assert_eq!(read(&api, &by_ana).await.ids(), Vec::<String>::new());
    // The representation has changed, and so has its tag.
    assert_ne!(api.get(&scene.this).await.header("etag"), before.header("etag"));
}

#[database_test]
async fn each_change_writes_its_own_event(pool: PgPool) {
    let scene = scene(pool).await;
    let this = scene.enrolled.header("location").to_owned();
    let nobody = json!({ "data": {
        "type": "workspace_group_workspace",
        "id": scene.enrolled.id(),
        "relationships": { "created_by": { "data": null } }
    }});
    let corrected = scene.by_ana.patch(&this, nobody).await;
    let removed = scene.by_ana.delete(&this).await;
    let api = scene.app.api_client(&["write"]).await;
    let readded = api.enroll(&scene.emea, &scene.acme).await;
    assert_eq!((corrected.status, removed.status, readded.status), (200, 204, 201));

    let mut logged = Vec::new();
    for answer in [&scene.enrolled, &corrected, &removed, &readded] {
        let all = read(&api, "").await.body["data"].as_array().unwrap().clone();
        let of_request = |one: &&Value| one["attributes"]["request_id"] == answer.header("x-request-id");
        let of_this_request: Vec<&Value> = all.iter().filter(of_request).collect();
        assert_eq!(of_this_request.len(), 1, "each change writes one event");
        let enrollment = &of_this_request[0]["relationships"]["enrollment"]["data"]["id"];
        let is_first = *enrollment == scene.enrolled.id();
        logged.push((
            of_this_request[0]["attributes"]["action"].clone(),
            of_this_request[0]["attributes"]["actor_name"].clone(),
            is_first,
        ));
    }
    assert_eq!(
        logged,
        [
            (json!("enrolled"), json!("Ana Lima"), true),
            (json!("attribution_corrected"), json!("Ana Lima"), true),
            (json!("removed"), json!("Ana Lima"), true),
            (json!("enrolled"), Value::Null, false),
        ]
    );
}

#[database_test]
async fn events_are_read_only(pool: PgPool) {
    let scene = scene(pool).await;
    let document = json!({ "data": scene.shown(Some(&scene.ana)) }).to_string();
    for path in [
        PATH.to_owned(),
        scene.this.clone(),
        format!("{}/relationships/actor", scene.this),
        format!("{}/actor", scene.this),
    ] {
        for method in [Method::POST, Method::PATCH, Method::DELETE, Method::PUT] {
            let request = scene.by_ana.request(method.clone(), &path).header("content-type", JSON_API);
            let answer = Answer::read(request.body(document.clone())).await;
            let expected = ("405".to_owned(), "METHOD_NOT_ALLOWED".to_owned(), Value::Null);
            assert_eq!((answer.status, answer.errors()), (405, vec![expected]), "{method} {path}");
            let mut allow: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
            allow.retain(|method| *method != "OPTIONS");
            allow.sort_unstable();
            assert_eq!(allow, ["GET", "HEAD"], "{method} {path}");
        }
    }
    assert_eq!(event_count(&scene.app.pool).await, 1);
    assert_eq!(scene.by_ana.get(&scene.this).await.body["data"], scene.shown(Some(&scene.ana)));
}
