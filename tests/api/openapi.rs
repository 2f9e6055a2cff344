//! `GET /v1/openapi.json`: the description of the API, held against what serves it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use groupdesk::jsonapi::resource_type::{FilterType, ResourceType};
use groupdesk::registry::openapi::value;
use groupdesk::registry::types::TYPES;
use jsonschema::Validator;
use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, TestApp, group, person, run, workspace};

/// Every code that clients are promised, beside what the description says of itself.
const CODES: [&str; 42] = [
    "IMPORT_UNDER_WAY",
    "REASON_REQUIRED",
    "PREVIEW_CHANGED",
    "NOTHING_TO_UNDO",
    "BAD_REQUEST",
    "INVALID_JSON",
    "INVALID_QUERY_PARAMETER",
    "INVALID_CURSOR",
    "PAGE_SIZE_TOO_LARGE",
    "UNAUTHORIZED",
    "FORBIDDEN",
    "SYSTEM_FIELD_READ_ONLY",
    "RELATIONSHIP_READ_ONLY",
    "CLIENT_ID_UNSUPPORTED",
    "FULL_REPLACEMENT_UNSUPPORTED",
    "NOT_FOUND",
    "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND",
    "WORKSPACE_GROUP_NOT_FOUND",
    "WORKSPACE_NOT_FOUND",
    "PEOPLE_NOT_FOUND",
    "METHOD_NOT_ALLOWED",
    "REQUEST_TIMEOUT",
    "URI_TOO_LONG",
    "HEADERS_TOO_LARGE",
    "NOT_ACCEPTABLE",
    "PAYLOAD_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    "WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS",
    "TYPE_MISMATCH",
    "ID_MISMATCH",
    "GROUP_HAS_LIVE_ENROLLMENTS",
    "WORKSPACE_HAS_LIVE_ENROLLMENTS",
    "EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS",
    "EMAIL_ALREADY_EXISTS",
    "IDEMPOTENCY_KEY_IN_USE",
    "RESOURCE_REMOVED",
    "PRECONDITION_FAILED",
    "VALIDATION_ERROR",
    "IDEMPOTENCY_KEY_REUSED",
    "RATE_LIMITED",
    "INTERNAL_ERROR",
    "UNAVAILABLE",
];

/// An operation as the document has it.
struct Operation {
    path: &'static str,
    method: &'static str,
    value: &'static Value,
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, member)| (name.as_str(), member))
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn words(value: &Value) -> BTreeSet<&str> {
    items(value).map(|word| word.as_str().unwrap()).collect()
}

fn operations() -> Vec<Operation> {
    let of_path = |(path, item): (&'static str, &'static Value)| {
        members(item).map(move |(method, value)| Operation { path, method, value })
    };
    let all: Vec<Operation> = members(&value()["paths"]).flat_map(of_path).collect();
    assert!(all.len() > 40, "{} operations", all.len());
    all
}

/// What a reference leads to; anything else is itself.
fn resolved(part: &'static Value) -> &'static Value {
    match part.get("$ref").and_then(Value::as_str) {
        Some(reference) => value().pointer(reference.trim_start_matches('#')).expect(reference),
        None => part,
    }
}

/// Every reference to another part of the document.
fn references(part: &Value, found: &mut BTreeSet<String>) {
    match part {
        Value::Object(object) => object.values().for_each(|member| references(member, found)),
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::String(text) if text.starts_with("#/") => {
            found.insert(text.trim_start_matches('#').to_owned());
        }
        _ => {}
    }
}

/// Each is made once, since making one reads the whole document; all live as long as the tests.
fn validator(schema: &Value) -> &'static Validator {
    static KNOWN: Mutex<BTreeMap<String, &'static Validator>> = Mutex::new(BTreeMap::new());
    let make = || -> &'static Validator {
        let root = json!({ "allOf": [schema], "components": value()["components"] });
        Box::leak(Box::new(jsonschema::validator_for(&root).unwrap()))
    };
    KNOWN.lock().unwrap().entry(schema.to_string()).or_insert_with(make)
}

fn assert_valid(schema: &Value, instance: &Value, what: &str) {
    let validator = validator(schema);
    let errors: Vec<String> = validator
        .iter_errors(instance)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:#?} in {instance:#}");
}

fn pascal(kind: &str) -> String {
    let capitalized = |word: &str| word[..1].to_uppercase() + &word[1..];
    kind.split('_').map(capitalized).collect()
}

#[database_test]
async fn document_is_public_and_the_program_prints_the_same(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let response = app.anonymous().request(Method::GET, "/v1/openapi.json").send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/vnd.oai.openapi+json;version=3.1");
    assert_eq!(header("cache-control"), "public, max-age=300");
    assert_eq!(header("x-content-type-options"), "nosniff");
    let served = response.text().await.unwrap();

    let printed = run(&["openapi"]).await;
    assert_eq!((printed.status, printed.err.as_str()), (0, ""));
    assert_eq!(printed.out, format!("{served}\n"));

    let document: Value = serde_json::from_str(&served).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Without comments and unit tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Method and path of every route of the API, as `src/registry/routes.rs` has them; where a route takes the name
/// of a relationship, one for each name.
fn routes() -> BTreeSet<(String, String)> {
    let api = code(&root().join("src/registry/routes.rs"));
    let (_, api) = api.split_once("fn api(").expect("the API's routes");
    let (api, _) = api.split_once("\n}").unwrap();
    // The document itself is public.
    let mut all = BTreeSet::from([("get".to_owned(), "/v1/openapi.json".to_owned())]);
    assert!(code(&root().join("src/routes.rs")).contains("\"/v1/openapi.json\""));
    for route in api.split(".route(").skip(1) {
        let path = route.split('"').nth(1).expect("a path");
        let path = format!("/v1{path}");
        for method in methods(route) {
            all.extend(named(&path).into_iter().map(|path| (method.to_owned(), path)));
        }
    }
    all
}

fn methods(route: &str) -> impl Iterator<Item = &'static str> {
    let handlers = route.split("};").next().unwrap();
    [("get(", "get"), ("post(", "post"), ("patch(", "patch"), ("put(", "put"), ("delete(", "delete")]
        .into_iter()
        .filter(move |(word, _)| {
            let is_name = |sign: char| sign.is_alphanumeric() || sign == '_';
            handlers.match_indices(word).any(|(at, _)| !handlers[..at].ends_with(is_name))
        })
        .map(|(_, method)| method)
}

fn named(path: &str) -> Vec<String> {
    if !path.contains("{name}") {
        return vec![path.to_owned()];
    }
    let is_its = |base: &str| path == format!("{base}/{{id}}/relationships/{{name}}");
    let declaration = TYPES.iter().find(|declaration| is_its(declaration.base)).expect(path);
    declaration.relationships.iter().map(|end| path.replace("{name}", end.name)).collect()
}

#[test]
fn every_route_is_described_and_everything_described_is_a_route() {
    let routes = routes();
    assert!(routes.len() > 40, "{routes:?}");
    let described: BTreeSet<(String, String)> = operations()
        .iter()
        .map(|operation| (operation.method.to_owned(), operation.path.to_owned()))
        .collect();
    let missing: Vec<_> = routes.difference(&described).collect();
    let invented: Vec<_> = described.difference(&routes).collect();
    assert_eq!((missing, invented), (vec![], vec![]));
}

#[test]
fn every_reference_leads_somewhere_and_nothing_shared_is_idle() {
    let mut found = BTreeSet::new();
    references(value(), &mut found);
    for reference in &found {
        assert!(value().pointer(reference).is_some(), "{reference}");
    }
    for part in ["schemas", "parameters", "headers", "responses"] {
        for (name, _) in members(&value()["components"][part]) {
            assert!(found.contains(&format!("/components/{part}/{name}")), "{part} {name} is idle");
        }
    }
}

#[test]
fn operations_are_named_once_and_stand_under_a_heading() {
    let tags: BTreeSet<&str> = items(&value()["tags"]).map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut ids = BTreeSet::new();
    for Operation { path, method, value } in operations() {
        let id = value["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "two operations are called {id}");
        assert!(tags.contains(value["tags"][0].as_str().unwrap()), "{id}");
        assert!(!value["summary"].as_str().unwrap().is_empty(), "{id}");
        let is_public = path == "/v1/openapi.json";
        assert_eq!(items(&value["security"]).next().is_none(), is_public, "{id}");
        let parameters: Vec<&Value> = items(&value["parameters"]).map(resolved).collect();
        let has = |name: &str| parameters.iter().any(|parameter| parameter["name"] == name);
        assert_eq!(has("Idempotency-Key"), method == "post", "{id}");
        for name in path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()) {
            assert!(has(name), "{id} has no {name}");
        }
        for status in ["401", "406", "429", "500", "503"] {
            assert!(is_public || value["responses"].get(status).is_some(), "{id} {status}");
        }
        // The body of a change is read whether it takes one or not.
        for status in ["408", "413"] {
            assert_eq!(value["responses"].get(status).is_some(), method != "get", "{id} {status}");
        }
    }
    assert!(ids.contains("workspace_group_workspaces_list"), "{ids:?}");
}

fn files(folder: PathBuf, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(path, found) } else { found.push(path) }
    }
}

#[test]
fn every_code_is_described_and_can_happen_somewhere() {
    let described = words(&value()["components"]["schemas"]["ErrorCode"]["enum"]);
    assert_eq!(described, BTreeSet::from(CODES));

    let mut sources = Vec::new();
    for folder in ["src/api", "src/jsonapi", "src/registry", "src/resources", "src/platform/http"] {
        files(root().join(folder), &mut sources);
    }
    let text: String = sources
        .iter()
        .filter(|path| {
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap();
            let is_documentation =
                ["src/registry/openapi", "src/registry/docs"].iter().any(|at| name.starts_with(at));
            let is_table = name.ends_with("error_code.rs");
            path.extension().is_some_and(|extension| extension == "rs") && !is_documentation && !is_table
        })
        .map(|path| code(path) + "\n")
        .collect();
    let used: BTreeSet<&str> = text.split(|sign: char| !sign.is_ascii_uppercase() && sign != '_').collect();
    let unused: Vec<_> = CODES.iter().filter(|code| !used.contains(**code)).collect();
    assert_eq!(unused, Vec::<&&str>::new());

    let refusals = value()["components"]["responses"].to_string();
    let idle: Vec<_> = CODES.iter().filter(|code| !refusals.contains(&format!("`{code}`"))).collect();
    // No operation is one that its address does not have.
    assert_eq!(idle, [&"METHOD_NOT_ALLOWED"]);
}

#[test]
fn everything_declared_is_described() {
    for declaration in TYPES {
        let schemas = &value()["components"]["schemas"];
        let resource = &schemas[pascal(declaration.type_name)]["properties"];
        assert_eq!(resource["type"]["const"], declaration.type_name);
        let names = |part: &str| -> BTreeSet<&str> {
            members(&resource[part]["properties"]).map(|(name, _)| name).collect()
        };
        let declared: BTreeSet<&str> =
            declaration.attributes.iter().map(|attribute| attribute.name).collect();
        assert_eq!(names("attributes"), declared);
        let declared: BTreeSet<&str> = declaration.relationships.iter().map(|end| end.name).collect();
        assert_eq!(names("relationships"), declared);
        for attribute in declaration.attributes {
            let nullable = resource["attributes"]["properties"][attribute.name]["type"].is_array();
            assert_eq!(nullable, attribute.nullable, "{} of {}", attribute.name, declaration.type_name);
        }
        parameters_are_described(declaration);
    }
}

fn parameters_are_described(declaration: &ResourceType) {
    let list = &value()["paths"][declaration.base]["get"];
    let parameters: BTreeMap<&str, &Value> = items(&list["parameters"])
        .map(resolved)
        .map(|parameter| (parameter["name"].as_str().unwrap(), &parameter["schema"]))
        .collect();
    let filters: BTreeSet<String> = declaration
        .filters
        .iter()
        .flat_map(|filter| {
            let ends = if filter.accepts == FilterType::TimeRange { vec!["[gte]", "[lt]"] } else { vec![""] };
            ends.into_iter().map(move |end| format!("filter[{}]{end}", filter.name))
        })
        .collect();
    let described: BTreeSet<String> =
        parameters.keys().filter(|name| name.starts_with("filter")).map(|name| (*name).to_owned()).collect();
    assert_eq!(described, filters);
    let sorts: BTreeSet<String> =
        declaration.sorts.iter().flat_map(|word| [(*word).to_owned(), format!("-{word}")]).collect();
    let described = words(&parameters["sort"]["items"]["enum"]);
    assert_eq!(described, sorts.iter().map(String::as_str).collect::<BTreeSet<_>>());
    let included =
        parameters.get("include").map(|schema| words(&schema["items"]["enum"])).unwrap_or_default();
    assert_eq!(included, declaration.includes.iter().copied().collect::<BTreeSet<_>>());
    assert!(parameters.contains_key(format!("fields[{}]", declaration.type_name).as_str()));
    for name in ["size", "after", "before", "total"] {
        assert!(parameters.contains_key(format!("page[{name}]").as_str()), "{name}");
    }
}

#[test]
fn every_body_and_every_success_has_an_example_that_is_as_described() {
    for Operation { value, .. } in operations() {
        let id = value["operationId"].as_str().unwrap();
        for (_, content) in members(&value["requestBody"]["content"]) {
            assert_valid(&content["schema"], &content["example"], id);
        }
        for (status, response) in members(&value["responses"]) {
            let response = resolved(response);
            assert!(!response["description"].as_str().unwrap().is_empty(), "{id} {status}");
            let has_document = !["204", "304"].contains(&status);
            assert_eq!(response.get("content").is_some(), has_document, "{id} {status}");
            for (_, content) in members(&response["content"]) {
                assert_valid(&content["schema"], &content["example"], &format!("{id} {status}"));
            }
        }
    }
}

#[test]
fn what_the_server_refuses_is_not_as_described_either() {
    let schema = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let group = |more: Value| {
        let mut data = json!({ "type": "workspace_group", "attributes": { "name": "EMEA" } });
        for (name, member) in members(&more) {
            data[name] = member.clone();
        }
        json!({ "data": data })
    };
    let create = validator(&schema("WorkspaceGroupCreate"));
    for fine in [
        json!({}),
        json!({ "lid": "x", "meta": { "note": 1 }, "other": true }),
        json!({ "attributes": { "name": " EMEA\n", "@note": 1 } }),
        json!({ "relationships": { "workspaces": { "data": [] }, "@note": 1 } }),
    ] {
        assert!(create.is_valid(&group(fine.clone())), "{fine}");
    }
    for wrong in [
        json!({ "type": "workspace" }),
        json!({ "id": "f47ac10b-58cc-4372-a567-0e02b2c3d479" }),
        json!({ "attributes": {} }),
        json!({ "attributes": { "name": null } }),
        json!({ "attributes": { "name": " \t " } }),
        json!({ "attributes": { "name": "a\u{0}b" } }),
        json!({ "attributes": { "name": "x".repeat(256) } }),
        json!({ "attributes": { "name": "EMEA", "color": "red" } }),
        json!({ "attributes": { "name": "EMEA", "created_at": "2026-05-28T09:15:00.000Z" } }),
        json!({ "relationships": { "created_by": { "data": null } } }),
        json!({ "relationships": { "workspaces": { "data": [{ "type": "people", "id": "x" }] } } }),
    ] {
        assert!(!create.is_valid(&group(wrong.clone())), "{wrong}");
    }
}

#[database_test]
async fn what_is_answered_is_as_described(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (acme, unowned) = (workspace(&pool, "Acme").await, group(&pool, "APAC").await);
    let app = TestApp::start(pool).await;
    let api = app.api_client_for("ana@example.com", &["write", "pipeline", "audit"]).await;
    let emea = api.create_group("EMEA").await.id();
    let enrollment = api.enroll(&emea, &acme).await.id();
    let event = api.get("/v1/enrollment-events").await.ids()[0].clone();
    let admin_event = api.get("/v1/admin-events").await.ids()[0].clone();

    for Operation { path, method, value } in operations() {
        if method != "get" {
            continue;
        }
        let id: &str = match path.split('/').nth(2).unwrap() {
            "workspace-group-workspaces" => &enrollment,
            "workspace-groups" => &emea,
            "workspaces" => &acme,
            "people" => &ana,
            "enrollment-events" => &event,
            "admin-events" => &admin_event,
            _ => "",
        };
        let mut paths = vec![path.replace("{id}", id), path.replace("{id}", id) + "?" + &everything(value)];
        if path.starts_with("/v1/workspace-groups/{id}/") {
            paths.push(path.replace("{id}", &unowned));
        }
        for path in paths {
            is_as_described(value, &api.get(&path).await, &path);
        }
        if path.contains("{id}") {
            let nobody = path.replace("{id}", "00000000-0000-4000-8000-000000000000");
            is_as_described(value, &api.get(&nobody).await, &nobody);
        }
        let anonymous = app.anonymous().get(path).await;
        is_as_described(value, &anonymous, path);
    }
}

/// A query that asks for all there is to see.
fn everything(operation: &'static Value) -> String {
    let mut query = Vec::new();
    for parameter in items(&operation["parameters"]).map(resolved) {
        match parameter["name"].as_str().unwrap() {
            "include" => {
                let paths: Vec<&str> = words(&parameter["schema"]["items"]["enum"]).into_iter().collect();
                query.push(format!("include={}", paths.join(",")));
            }
            "page[total]" => query.push("page[total]=true".to_owned()),
            "page[size]" => query.push("page[size]=1".to_owned()),
            _ => {}
        }
    }
    query.join("&")
}

fn is_as_described(operation: &'static Value, answer: &Answer, path: &str) {
    let what = format!("{path} {}", answer.status);
    let response = resolved(&operation["responses"][answer.status.to_string()]);
    let content = &response["content"][answer.header("content-type")];
    assert!(content.is_object(), "{what}: {}", answer.header("content-type"));
    assert_valid(&content["schema"], &answer.body, &what);
    for (name, header) in members(&response["headers"]) {
        let header = resolved(header);
        match answer.header(name) {
            "" => assert_ne!(header["required"], true, "{what} {name}"),
            text if header["schema"]["type"] == "integer" => {
                assert!(text.parse::<u32>().is_ok(), "{what} {name}");
            }
            text => assert_valid(&header["schema"], &Value::from(text), &format!("{what} {name}")),
        }
    }
}
