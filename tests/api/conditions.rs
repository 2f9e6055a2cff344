//! Entity tags, and requests that depend on them: `If-None-Match` spares what the client has, `If-Match`
//! refuses to change what the client has not seen.

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{
    Answer, Desk, JSON_API, Machine, admin_events, enroll, event_count, group, person, row, time, workspace,
};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// A resource, and two documents that change it one way and the other.
struct Noun {
    path: String,
    changes: [Value; 2],
}

fn noun(base: &str, kind: &str, id: &str, changes: [Value; 2]) -> Noun {
    let changes = changes.map(|mut data| {
        data["type"] = json!(kind);
        data["id"] = json!(id);
        json!({ "data": data })
    });
    Noun { path: format!("/v1/{base}/{id}"), changes }
}

fn named(name: &str) -> Value {
    json!({ "attributes": { "name": name } })
}

fn attributed(person: Option<&str>) -> Value {
    let data = person.map(|id| json!({ "type": "people", "id": id }));
    json!({ "relationships": { "created_by": { "data": data } } })
}

/// One of each that can be changed and removed.
async fn nouns(pool: &PgPool) -> Vec<Noun> {
    let (emea, acme) = (group(pool, "EMEA").await, workspace(pool, "Acme").await);
    let live = enroll(pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let ana = person(pool, "Ana", "Lima", "ana@example.com").await;
    let bo = person(pool, "Bo", "Ek", "bo@example.com").await;
    let first_named = |name: &str| json!({ "attributes": { "first_name": name } });
    vec![
        noun(
            "workspace-group-workspaces",
            "workspace_group_workspace",
            &live,
            [attributed(Some(&ana)), attributed(None)],
        ),
        noun(
            "workspace-groups",
            "workspace_group",
            &group(pool, "APAC").await,
            [named("One"), named("Other")],
        ),
        noun("workspaces", "workspace", &workspace(pool, "Beta").await, [named("One"), named("Other")]),
        noun("people", "people", &bo, [first_named("Bodil"), first_named("Bodo")]),
    ]
}

async fn sent(
    machine: &Machine,
    method: Method,
    path: &str,
    (name, value): (&str, &str),
    body: &Value,
) -> Answer {
    let request = machine.request(method, path).header(name, value);
    Answer::read(request.header("content-type", JSON_API).body(body.to_string())).await
}

async fn unless(machine: &Machine, path: &str, tags: &str) -> Answer {
    Answer::read(machine.request(Method::GET, path).header("if-none-match", tags)).await
}

/// The answer's entity tag, which is a strong one.
fn tag(answer: &Answer) -> String {
    let tag = answer.header("etag").to_owned();
    let inner = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
    assert!(!inner.is_empty() && !inner.contains(['"', ' ', ',']), "{tag:?} in {answer:?}");
    tag
}

fn assert_stale(answer: &Answer) {
    let source = json!({ "header": "If-Match" });
    assert_eq!(
        (answer.status, answer.errors()),
        (412, vec![("412".to_owned(), "PRECONDITION_FAILED".to_owned(), source)]),
        "{answer:?}"
    );
}

fn assert_not_modified(answer: &Answer, tag: &str) {
    assert_eq!((answer.status, &answer.body), (304, &Value::Null), "{answer:?}");
    assert_eq!((answer.header("etag"), answer.header("content-type")), (tag, ""));
    assert_eq!(answer.header("vary"), "accept");
}

#[database_test]
async fn a_tag_is_strong_and_moves_with_the_resource(pool: PgPool) {
    let nouns = nouns(&pool).await;
    let desk = Desk::start(pool).await;
    let machine = desk.machine(&["write", "pipeline"]).await;
    for noun in nouns {
        let first = machine.get(&noun.path).await;
        assert_eq!(tag(&machine.get(&noun.path).await), tag(&first));
        let head = Answer::read(machine.request(Method::HEAD, &noun.path)).await;
        assert_eq!((head.status, tag(&head)), (200, tag(&first)));

        let changed = machine.patch(&noun.path, noun.changes[0].clone()).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        assert_ne!(tag(&changed), tag(&first), "{}", noun.path);
        // What a change answers with is what a reader is shown.
        assert_eq!(tag(&machine.get(&noun.path).await), tag(&changed));
        let same = machine.patch(&noun.path, noun.changes[0].clone()).await;
        assert_eq!(tag(&same), tag(&changed));
    }
}

#[database_test]
async fn a_created_resource_comes_with_the_tag_that_it_is_read_with(pool: PgPool) {
    let desk = Desk::start(pool).await;
    let machine = desk.machine(&["write"]).await;
    for (path, kind, attributes) in [
        ("/v1/workspace-groups", "workspace_group", json!({ "name": "EMEA" })),
        ("/v1/workspaces", "workspace", json!({ "name": "Acme" })),
        ("/v1/people", "people", json!({ "first_name": "Bo", "last_name": "Ek" })),
    ] {
        let body = json!({ "data": { "type": kind, "attributes": attributes } });
        let created = machine.post(path, body).await;
        assert_eq!(created.status, 201, "{created:?}");
        assert_eq!(tag(&machine.get(created.header("location")).await), tag(&created), "{path}");
    }
    let groups = machine.get("/v1/workspace-groups").await.ids();
    let workspaces = machine.get("/v1/workspaces").await.ids();
    let enrolled = machine.enroll(&groups[0], &workspaces[0]).await;
    assert_eq!(tag(&machine.get(enrolled.header("location")).await), tag(&enrolled));
}

#[database_test]
async fn what_the_client_has_is_304_without_a_body(pool: PgPool) {
    let nouns = nouns(&pool).await;
    let desk = Desk::start(pool).await;
    let machine = desk.machine(&["write", "pipeline"]).await;
    for Noun { path, changes } in nouns {
        let there = machine.get(&path).await;
        let known = tag(&there);
        for tags in [
            known.clone(),
            format!("W/{known}"),
            format!("\"other\", {known}"),
            format!("{known},\"other\""),
            format!("\"other\", W/{known}, \"another\""),
            "*".to_owned(),
        ] {
            assert_not_modified(&unless(&machine, &path, &tags).await, &known);
        }
        let lines = machine.request(Method::GET, &path).header("if-none-match", "\"other\"");
        assert_not_modified(&Answer::read(lines.header("if-none-match", &known)).await, &known);

        for tags in ["\"other\"", "W/\"other\"", "\"other\", \"another\"", known.trim_matches('"')] {
            let answer = unless(&machine, &path, tags).await;
            assert_eq!((answer.status, &answer.body), (200, &there.body), "{tags}");
        }
        machine.patch(&path, changes[0].clone()).await;
        let answer = unless(&machine, &path, &known).await;
        assert_eq!(answer.status, 200);
        assert_ne!(answer.body, there.body);
    }
}

#[database_test]
async fn a_related_resource_has_the_tag_that_it_has_at_home(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let live = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let desk = Desk::start(pool).await;
    let machine = desk.machine(&["read"]).await;
    for (name, home) in [
        ("workspace", format!("/v1/workspaces/{acme}")),
        ("workspace_group", format!("/v1/workspace-groups/{emea}")),
    ] {
        let path = format!("/v1/workspace-group-workspaces/{live}/{name}");
        let known = tag(&machine.get(&home).await);
        assert_eq!(tag(&machine.get(&path).await), known);
        assert_not_modified(&unless(&machine, &path, &known).await, &known);
    }
}

#[database_test]
async fn each_shape_of_a_resource_has_a_tag_of_its_own_that_is_good_for_changing_it(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let desk = Desk::start(pool).await;
    let by_ana = desk.machine_for("ana@example.com", &["write"]).await;
    let created = by_ana
        .post(
            "/v1/workspace-groups",
            json!({ "data": { "type": "workspace_group", "attributes": { "name": "EMEA" } } }),
        )
        .await;
    let path = created.header("location");
    let shapes = [
        path.to_owned(),
        format!("{path}?include=created_by"),
        format!("{path}?include="),
        format!("{path}?fields[workspace_group]=name"),
        format!("{path}?fields[workspace_group]=name,created_at"),
        format!("{path}?include=created_by&fields[people]=last_name"),
    ];
    let mut tags = Vec::new();
    for shape in &shapes {
        let known = tag(&by_ana.get(shape).await);
        assert_not_modified(&unless(&by_ana, shape, &known).await, &known);
        assert!(!tags.contains(&known), "{shape} has the tag of another");
        tags.push(known);
    }
    // The one is not the other: whoever has that has not this.
    for known in &tags[1..] {
        assert_eq!(unless(&by_ana, path, known).await.status, 200);
    }
    assert_eq!(unless(&by_ana, &shapes[1], &tags[0]).await.status, 200);

    // A change of what is included is one of the answer, and none of the resource.
    let renamed = json!({ "data": { "type": "people", "id": ana, "attributes": { "last_name": "Lopes" } } });
    assert_eq!(by_ana.patch(&format!("/v1/people/{ana}"), renamed).await.status, 200);
    assert_eq!(tag(&by_ana.get(path).await), tags[0]);
    assert_eq!(unless(&by_ana, &shapes[1], &tags[1]).await.status, 200);

    let id = created.id();
    let rename = |name: &str| {
        let attributes = json!({ "name": name });
        json!({ "data": { "type": "workspace_group", "id": id, "attributes": attributes } })
    };
    for (index, shape) in shapes.iter().enumerate() {
        let seen = tag(&by_ana.get(shape).await);
        let body = rename(&format!("EMEA {index}"));
        assert_eq!(
            sent(&by_ana, Method::PATCH, path, ("if-match", &seen), &body).await.status,
            200,
            "{shape}"
        );
        let body = rename("Too late");
        assert_stale(&sent(&by_ana, Method::PATCH, path, ("if-match", &seen), &body).await);
    }
}

#[database_test]
async fn what_has_changed_since_it_was_seen_is_not_changed_or_removed(pool: PgPool) {
    let nouns = nouns(&pool).await;
    let desk = Desk::start(pool.clone()).await;
    let machine = desk.machine(&["write", "pipeline"]).await;
    for Noun { path, changes } in nouns {
        let seen = tag(&machine.get(&path).await);
        assert_eq!(machine.patch(&path, changes[0].clone()).await.status, 200);
        let now = machine.get(&path).await;
        let logged = (event_count(&pool).await, admin_events(&pool).await);
        let weak = format!("W/{}", tag(&now));
        let several = format!("{seen}, \"other\"");
        for tags in [seen.as_str(), "\"other\"", &several, &weak, tag(&now).trim_matches('"')] {
            for method in [Method::PATCH, Method::DELETE] {
                assert_stale(&sent(&machine, method, &path, ("if-match", tags), &changes[1]).await);
            }
        }
        let still = machine.get(&path).await;
        assert_eq!((&still.body, tag(&still)), (&now.body, tag(&now)));
        assert_eq!((event_count(&pool).await, admin_events(&pool).await), logged);
    }
}

#[database_test]
async fn what_is_as_it_was_seen_is_changed_and_removed(pool: PgPool) {
    let nouns = nouns(&pool).await;
    let desk = Desk::start(pool).await;
    let machine = desk.machine(&["write", "pipeline"]).await;
    for Noun { path, changes } in nouns {
        let seen = tag(&machine.get(&path).await);
        let changed = sent(&machine, Method::PATCH, &path, ("if-match", &seen), &changes[0]).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        assert_ne!(tag(&changed), seen);
        let whatever = sent(&machine, Method::PATCH, &path, ("if-match", "*"), &changes[1]).await;
        assert_eq!(whatever.status, 200, "{whatever:?}");
        let either = format!("\"other\", {}", tag(&whatever));
        let removed = sent(&machine, Method::DELETE, &path, ("if-match", &either), &changes[1]).await;
        assert_eq!(removed.status, 204, "{removed:?}");
        assert_ne!(machine.get(&path).await.header("etag"), tag(&whatever));
    }
}

#[database_test]
async fn what_is_not_there_is_404_whatever_the_condition(pool: PgPool) {
    let desk = Desk::start(pool).await;
    let machine = desk.machine(&["write", "pipeline"]).await;
    for (base, kind, data, code) in [
        (
            "workspace-group-workspaces",
            "workspace_group_workspace",
            attributed(None),
            "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND",
        ),
        ("workspace-groups", "workspace_group", named("One"), "WORKSPACE_GROUP_NOT_FOUND"),
        ("workspaces", "workspace", named("One"), "WORKSPACE_NOT_FOUND"),
        ("people", "people", json!({}), "PEOPLE_NOT_FOUND"),
    ] {
        let Noun { path, changes } = noun(base, kind, NOBODY, [data.clone(), data]);
        for (method, condition) in [
            (Method::PATCH, ("if-match", "*")),
            (Method::PATCH, ("if-match", "\"other\"")),
            (Method::DELETE, ("if-match", "*")),
            (Method::DELETE, ("if-match", "\"other\"")),
            (Method::GET, ("if-none-match", "*")),
        ] {
            let answer = sent(&machine, method.clone(), &path, condition, &changes[0]).await;
            let (status, errors) = (answer.status, answer.errors());
            assert_eq!(
                (status, errors),
                (404, vec![("404".to_owned(), code.to_owned(), Value::Null)]),
                "{method} {path} {condition:?}"
            );
        }
    }
}

/// A condition that cannot be read holds for nothing, and one on a relationship is about its resource.
#[database_test]
async fn no_condition_is_passed_over(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let desk = Desk::start(pool.clone()).await;
    let machine = desk.machine(&["write", "pipeline"]).await;
    let enrolled = machine.enroll(&emea, &acme).await;
    let (this, tag) = (enrolled.header("location").to_owned(), enrolled.header("etag").to_owned());
    let before = row(&pool, &enrolled.id()).await;
    let group = format!("/v1/workspace-groups/{emea}");
    let rename = json!({ "data": { "type": "workspace_group", "id": emea, "attributes": { "name": "Y" } } });
    let nobody = json!({ "data": null });
    let member = json!({ "data": [{ "type": "workspace", "id": acme }] });
    for (method, path, body) in [
        (Method::PATCH, group.clone(), &rename),
        (Method::PATCH, format!("{this}/relationships/created_by"), &nobody),
        (Method::DELETE, format!("{group}/relationships/workspaces"), &member),
        (Method::DELETE, format!("{group}/workspaces/{acme}"), &member),
    ] {
        for (name, value) in
            [("if-match", &b"\"\xe9\""[..]), ("if-match", b"\"stale\""), ("if-none-match", b"*")]
        {
            let request = machine.request(method.clone(), &path).header(name, value);
            let answer = Answer::read(request.header("content-type", JSON_API).body(body.to_string())).await;
            assert_eq!(answer.status, 412, "{method} {path} {name}: {answer:?}");
            assert_eq!(answer.errors()[0].1, "PRECONDITION_FAILED", "{method} {path}");
        }
    }
    assert_eq!(row(&pool, &enrolled.id()).await, before);
    let edge = machine.request(Method::DELETE, &format!("{group}/workspaces/{acme}")).header("if-match", tag);
    assert_eq!(Answer::read(edge).await.status, 204);
}
