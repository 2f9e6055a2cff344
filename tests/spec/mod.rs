//! JSON:API 1.1, the cursor-pagination profile and the atomic-operations extension, statement by
//! statement.
//!
//! The catalogue (`catalogue*.rs`) has an entry for each sentence of the three standards with a MUST, MUST
//! NOT, SHOULD or SHOULD NOT for servers, in our own words. Each entry names the test that proves it, or
//! the reason why it does not apply; a recommendation that we do not follow has a reason, too. Requirements
//! for clients are listed if a server has to reject clients that violate them. A test in `catalogue.rs`
//! compares the catalogue with the tests, so that neither is incomplete.
//!
//! There is a file for each section of the standards. The tests send requests to the real server and check
//! every response against the section. Promises of the API beyond the standards are tested in `api/`.

mod atomic;
mod atomic_targets;
mod catalogue;
mod catalogue_atomic;
mod catalogue_document;
mod catalogue_fetching;
mod catalogue_profile;
mod catalogue_writing;
mod content_negotiation;
mod creating;
mod cursor_pagination;
mod deleting;
mod document_structure;
mod errors;
mod fetching;
mod filtering;
mod inclusion;
mod pagination;
mod query_parameters;
mod resource_objects;
mod sorting;
mod sparse_fieldsets;
mod updating;
mod updating_relationships;

use std::collections::BTreeSet;

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, ApiClient, JSON_API, TestApp, person, workspace};

const ENROLLMENTS: &str = "/v1/workspace-group-workspaces";
const GROUPS: &str = "/v1/workspace-groups";
const WORKSPACES: &str = "/v1/workspaces";
const PEOPLE: &str = "/v1/people";
const EVENTS: &str = "/v1/enrollment-events";
const ADMIN_EVENTS: &str = "/v1/admin-events";
const OPERATIONS: &str = "/v1/operations";

const LISTS: [&str; 6] = [ENROLLMENTS, GROUPS, WORKSPACES, PEOPLE, EVENTS, ADMIN_EVENTS];

const PROFILE: &str = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination";
/// The media type of a page of a list.
const PAGED: &str =
    r#"application/vnd.api+json;profile="https://jsonapi.org/profiles/ethanresnick/cursor-pagination""#;
/// The media type of operations and of their results.
const ATOMIC: &str = r#"application/vnd.api+json;ext="https://jsonapi.org/ext/atomic""#;

/// An id that does not exist.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// Ana created the group EMEA and enrolled the workspace Acme in it.
struct Scene {
    app: TestApp,
    /// A token that acts for Ana, with all scopes.
    api: ApiClient,
    group: String,
    workspace: String,
    person: String,
    enrollment: String,
}

async fn scene(pool: PgPool) -> Scene {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let acme = workspace(&pool, "Acme").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client_for("ana@example.com", &["write", "pipeline", "audit"]).await;
    let emea = api.post(GROUPS, named_group("EMEA")).await.id();
    let enrollment = api.enroll(&emea, &acme).await.id();
    Scene { app, api, group: emea, workspace: acme, person: ana, enrollment }
}

impl Scene {
    fn enrollment_path(&self) -> String {
        format!("{ENROLLMENTS}/{}", self.enrollment)
    }

    fn group_path(&self) -> String {
        format!("{GROUPS}/{}", self.group)
    }

    fn workspace_path(&self) -> String {
        format!("{WORKSPACES}/{}", self.workspace)
    }

    fn person_path(&self) -> String {
        format!("{PEOPLE}/{}", self.person)
    }

    /// The path of the enrollment's event.
    async fn event_path(&self) -> String {
        format!("{EVENTS}/{}", self.api.get(EVENTS).await.ids()[0])
    }

    /// The path of the event that the group's creation wrote.
    async fn admin_event_path(&self) -> String {
        format!("{ADMIN_EVENTS}/{}", self.api.get(ADMIN_EVENTS).await.ids()[0])
    }

    /// The relationship of the group's workspaces.
    fn members_path(&self) -> String {
        format!("{}/relationships/workspaces", self.group_path())
    }

    /// One resource of each type.
    async fn singles(&self) -> Vec<String> {
        vec![
            self.enrollment_path(),
            self.group_path(),
            self.workspace_path(),
            self.person_path(),
            self.event_path().await,
            self.admin_event_path().await,
        ]
    }

    /// All relationships, each with the path of its resource and its name.
    async fn relationships(&self) -> Vec<(String, &'static str)> {
        let mut all = Vec::new();
        for (path, names) in [
            (self.enrollment_path(), vec!["workspace_group", "workspace", "created_by"]),
            (self.group_path(), vec!["created_by", "workspaces"]),
            (self.workspace_path(), vec!["workspace_groups"]),
            (self.event_path().await, vec!["enrollment", "workspace_group", "workspace", "actor"]),
            (self.admin_event_path().await, vec!["actor"]),
        ] {
            all.extend(names.into_iter().map(|name| (path.clone(), name)));
        }
        all
    }

    /// One successful response of each kind.
    async fn successes(&self) -> Vec<Answer> {
        let mut paths: Vec<String> = LISTS.map(str::to_owned).to_vec();
        paths.push(format!(
            "{ENROLLMENTS}?page[size]=1&page[total]=true&filter[status]=any\
             &include=workspace_group.created_by,workspace,created_by"
        ));
        paths.push(format!("{}?include=workspace_group,workspace,created_by", self.enrollment_path()));
        paths.push(format!(
            "{}?include=enrollment.created_by,workspace_group.created_by,workspace,actor",
            self.event_path().await
        ));
        paths.push(format!("{}?include=actor", self.admin_event_path().await));
        paths.extend(self.singles().await);
        for (path, name) in self.relationships().await {
            paths.push(format!("{path}/{name}"));
            paths.push(format!("{path}/relationships/{name}"));
        }
        let mut answers = Vec::new();
        for path in paths {
            let answer = self.api.get(&path).await;
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            answers.push(answer);
        }
        answers
    }

    /// One error response of each kind.
    async fn refusals(&self) -> Vec<Answer> {
        let api = &self.api;
        let plain = |method: Method| api.request(method, GROUPS);
        let answers = vec![
            api.get(&format!("{ENROLLMENTS}?limit=1&page[size]=x")).await,
            api.get(&format!("{ENROLLMENTS}?page[size]=501")).await,
            api.get(&format!("{ENROLLMENTS}?sort=color")).await,
            self.app.anonymous().get(GROUPS).await,
            api.patch(&self.group_path(), replacement(&self.group)).await,
            api.get(&format!("{ENROLLMENTS}/{NOBODY}")).await,
            api.enroll(&self.group, NOBODY).await,
            Answer::read(plain(Method::PUT)).await,
            Answer::read(plain(Method::GET).header("accept", "text/html")).await,
            api.enroll(&self.group, &self.workspace).await,
            Answer::read(plain(Method::POST).header("content-type", "text/plain").body("{}")).await,
            api.post(GROUPS, json!({})).await,
        ];
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [400, 400, 400, 401, 403, 404, 404, 405, 406, 409, 415, 422]);
        answers
    }

    /// One response of each kind.
    async fn documents(&self) -> Vec<Answer> {
        let mut all = self.successes().await;
        all.extend(self.refusals().await);
        all
    }
}

/// The document of a new group with this name.
fn named_group(name: &str) -> Value {
    json!({ "data": { "type": "workspace_group", "attributes": { "name": name } } })
}

fn identifier(kind: &str, id: &str) -> Value {
    json!({ "type": kind, "id": id })
}

/// A document that renames a group and removes all its workspaces, which is a full replacement.
fn replacement(group: &str) -> Value {
    json!({ "data": {
        "type": "workspace_group",
        "id": group,
        "attributes": { "name": "Replaced" },
        "relationships": { "workspaces": { "data": [] } }
    }})
}

/// Sends a body with a method for which the client has no shorter form.
async fn send(api: &ApiClient, method: Method, path: &str, body: &Value) -> Answer {
    Answer::read(api.request(method, path).header("content-type", JSON_API).body(body.to_string())).await
}

async fn accepting(api: &ApiClient, path: &str, accept: &str) -> Answer {
    Answer::read(api.request(Method::GET, path).header("accept", accept)).await
}

/// Asserts a response with exactly this error.
fn assert_refused(answer: &Answer, status: u16, code: &str, source: Value) {
    assert_eq!(
        (answer.status, answer.errors()),
        (status, vec![(status.to_string(), code.to_owned(), source)]),
        "{answer:?}"
    );
}

/// An error source that points into the body.
fn at(pointer: &str) -> Value {
    json!({ "pointer": pointer })
}

fn parameter(name: &str) -> Value {
    json!({ "parameter": name })
}

/// Primary data, `included` or linkage in any of its forms, as a list.
fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// The members of an object; none if the value is not an object.
fn members(value: &Value) -> Vec<(&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, member)| (name.as_str(), member)).collect()
}

/// The sorted member names of an object.
fn names(object: &Value) -> Vec<&str> {
    assert!(object.is_object(), "no object: {object}");
    let mut names: Vec<&str> = members(object).into_iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names
}

/// The sorted names of a resource's attributes and relationships.
fn fields(resource: &Value) -> Vec<&str> {
    let mut fields: Vec<&str> = ["attributes", "relationships"]
        .into_iter()
        .flat_map(|part| members(&resource[part]))
        .map(|(name, _)| name)
        .collect();
    fields.sort_unstable();
    fields
}

/// The resource objects of a document: primary data unless it is linkage, and included resources. All our
/// resources have a self link.
fn resources(document: &Value) -> Vec<&Value> {
    let mut all = items(&document["data"]);
    all.extend(items(&document["included"]));
    all.retain(|one| one.get("links").is_some());
    all
}

/// The resource identifier objects of a document: primary data if it is linkage, and the linkage of its
/// resources.
fn identifiers(document: &Value) -> Vec<&Value> {
    let mut all = items(&document["data"]);
    all.retain(|one| one.get("links").is_none());
    for resource in resources(document) {
        for (_, relationship) in members(&resource["relationships"]) {
            all.extend(items(&relationship["data"]));
        }
    }
    all
}

/// Type and id as one text.
fn identity(value: &Value) -> String {
    format!("{} {}", value["type"].as_str().unwrap(), value["id"].as_str().unwrap())
}

/// The identities of the included resources.
fn included(answer: &Answer) -> BTreeSet<String> {
    let included = answer.body["included"].as_array().unwrap_or_else(|| panic!("nothing in {answer:?}"));
    included.iter().map(identity).collect()
}
