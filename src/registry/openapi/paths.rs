//! The operations. Most follow from the declarations; `routes.rs` mounts the same, and a test compares the two.

use serde_json::{Value, json};

use crate::api::error_code::{self as codes, ErrorCode};
use crate::jsonapi::media_type::{JSON_API, JSON_API_ATOMIC, JSON_API_PAGED};
use crate::jsonapi::resource_type::{Access, Relationship, ResourceType, Verb};
use crate::registry::openapi::schemas::{
    Naming, declared, identifier, linkage_schema, related_name, removed_members, request_document,
};
use crate::registry::openapi::{
    capitalized, empty_response, examples, parameters, pascal, reference, response, response_name,
};
use crate::registry::operations;
use crate::registry::types::TYPES;
use crate::resources::api_tokens::model::Scope;
use crate::resources::enrollments::api::ENROLLMENT;
use crate::resources::workspace_groups::api::WORKSPACE_GROUP;
use crate::resources::workspaces::api::WORKSPACE;

const DESCRIPTIONS: &str = include_str!("operations.md");

/// The conflicts with stored data, by the id of the operation.
pub static CONFLICTS: [(&str, &[&ErrorCode]); 8] = [
    ("workspace_group_workspaces_create", &[&codes::WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS]),
    ("workspace_groups_update", &[&codes::RESOURCE_REMOVED]),
    ("workspace_groups_delete", &[&codes::GROUP_HAS_LIVE_ENROLLMENTS]),
    ("workspaces_create", &[&codes::EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS]),
    ("workspaces_update", &[&codes::EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS, &codes::RESOURCE_REMOVED]),
    ("workspaces_delete", &[&codes::WORKSPACE_HAS_LIVE_ENROLLMENTS]),
    ("people_create", &[&codes::EMAIL_ALREADY_EXISTS]),
    ("people_update", &[&codes::EMAIL_ALREADY_EXISTS]),
];

pub struct Operation {
    pub path: String,
    pub method: &'static str,
    errors: Vec<&'static ErrorCode>,
    value: Value,
}

impl Operation {
    /// Adds its section of `operations.md` and the errors that all operations share.
    fn new(method: &'static str, path: String, id: &str, tag: &str, summary: String) -> Self {
        let value = json!({
            "operationId": id,
            "tags": [tag],
            "summary": summary,
            "parameters": [],
            "responses": {},
        });
        let mut sections = DESCRIPTIONS.split("## ");
        let section = sections.find_map(|section| section.strip_prefix(id)?.strip_prefix("\n\n"));
        let operation = Self { path, method, errors: Vec::new(), value }
            .described(section.unwrap_or_default().trim_end())
            .fails_with(&[&codes::BAD_REQUEST, &codes::INVALID_QUERY_PARAMETER, &codes::UNAUTHORIZED])
            .fails_with(&[&codes::NOT_ACCEPTABLE, &codes::URI_TOO_LONG, &codes::RATE_LIMITED])
            .fails_with(&[&codes::HEADERS_TOO_LARGE, &codes::INTERNAL_ERROR, &codes::UNAVAILABLE])
            .fails_with(&[&codes::FORBIDDEN]);
        if method == "get" {
            return operation.takes([parameters::named("Position")]);
        }
        // The server reads the body of every change, even if the operation ignores it (`api/retry.rs`).
        let change =
            operation.scoped(&["write"]).fails_with(&[&codes::REQUEST_TIMEOUT, &codes::PAYLOAD_TOO_LARGE]);
        if method == "post" {
            change
                .takes([parameters::named("IdempotencyKey")])
                .fails_with(&[&codes::IDEMPOTENCY_KEY_IN_USE, &codes::IDEMPOTENCY_KEY_REUSED])
        } else {
            change
        }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.value[name] = value.into();
        self
    }

    /// Sets the description, unless `about` is empty.
    fn described(self, about: &str) -> Self {
        if about.is_empty() { self } else { self.with("description", about) }
    }

    /// Each of the scopes suffices.
    fn scoped(self, scopes: &[&str]) -> Self {
        self.with("security", scopes.iter().map(|scope| json!({ "bearer": [scope] })).collect::<Value>())
    }

    fn takes(mut self, parameters: impl IntoIterator<Item = Value>) -> Self {
        if let Value::Array(all) = &mut self.value["parameters"] {
            all.extend(parameters);
        }
        self
    }

    /// Adds a body and the errors of a malformed or invalid one.
    fn body(self, media_type: &str, schema: Value, example: Value) -> Self {
        let content = json!({ (media_type): { "schema": schema, "example": example } });
        self.with("requestBody", json!({ "required": true, "content": content })).fails_with(&[
            &codes::INVALID_JSON,
            &codes::UNSUPPORTED_MEDIA_TYPE,
            &codes::VALIDATION_ERROR,
        ])
    }

    /// A change of enrollments, for which the group may require a reason.
    fn explained(self) -> Self {
        self.takes(["Reason", "Reference"].map(parameters::named)).fails_with(&[&codes::REASON_REQUIRED])
    }

    fn fails_with(mut self, errors: &[&'static ErrorCode]) -> Self {
        self.errors.extend(errors);
        self
    }

    fn returns(mut self, status: u16, response: Value) -> Self {
        self.value["responses"][status.to_string()] = response;
        self
    }

    fn returns_resource(self, about: &str, schema: &str, example: Value) -> Self {
        self.returns(200, response(about, JSON_API, schema, example, &["ETag"]))
    }

    fn returns_created(self, about: &str, schema: &str, example: Value) -> Self {
        let headers = ["ETag", "Location", "Idempotency-Replayed"];
        self.returns(201, response(about, JSON_API, schema, example, &headers))
    }

    fn returns_cacheable(self, about: &str, schema: &str, example: Value) -> Self {
        let unchanged = "Not modified: the `ETag` is one of those in `If-None-Match`.";
        self.takes([parameters::named("IfNoneMatch")])
            .returns_resource(about, schema, example)
            .returns(304, empty_response(unchanged, &["ETag"]))
    }

    fn returns_nothing(self, about: &str) -> Self {
        let headers: &[&str] = if self.method == "post" { &["Idempotency-Replayed"] } else { &[] };
        self.returns(204, empty_response(about, headers))
    }

    fn returns_page(self, schema: &str, example: Value) -> Self {
        self.takes(parameters::page())
            .fails_with(&[&codes::INVALID_CURSOR, &codes::PAGE_SIZE_TOO_LARGE])
            .returns(200, response("One page.", JSON_API_PAGED, schema, example, &[]))
    }

    fn takes_resource(self, resource_type: &'static ResourceType, is_update: bool) -> Self {
        let suffix = if is_update { "Update" } else { "Create" };
        let schema = reference("schemas", &(pascal(resource_type.type_name) + suffix));
        let of_end = |end: &Relationship| {
            let is_writable = if is_update { end.updatable } else { end.access.is_writable() };
            if is_writable && is_update && end.is_many {
                Some(&codes::FULL_REPLACEMENT_UNSUPPORTED)
            } else if is_writable {
                declared(end.type_name).map(|target| target.not_found)
            } else {
                Some(&codes::RELATIONSHIP_READ_ONLY)
            }
        };
        let mut errors: Vec<&ErrorCode> = resource_type.relationships.iter().filter_map(of_end).collect();
        if resource_type.attributes.iter().any(|attribute| attribute.access == Access::Computed) {
            errors.push(&codes::SYSTEM_FIELD_READ_ONLY);
        }
        self.takes(parameters::projection(resource_type))
            .body(JSON_API, schema, examples::request(resource_type, is_update))
            .fails_with(&errors)
            .fails_with(&[&codes::TYPE_MISMATCH])
    }

    /// The only change of an enrollment is that of its creator, which requires its own scope.
    fn scoped_change(self, resource_type: &ResourceType) -> Self {
        if resource_type.type_name == ENROLLMENT.type_name { self.scoped(&["pipeline"]) } else { self }
    }

    /// Enrollments are changed at their own URLs, and a group may be created with some.
    fn explained_change(self, resource_type: &ResourceType) -> Self {
        if resource_type.type_name == ENROLLMENT.type_name { self.explained() } else { self }
    }

    pub fn errors_by_status(&self) -> Vec<Vec<&'static ErrorCode>> {
        let possible = codes::ALL.iter().copied().filter(|code| self.errors.contains(code));
        let possible: Vec<_> = possible.collect();
        possible.chunk_by(|one, next| one.status == next.status).map(<[_]>::to_vec).collect()
    }

    pub fn into_value(mut self) -> Value {
        let position = "Groupdesk-Position";
        if let Value::Object(responses) = &mut self.value["responses"]
            && self.method != "get"
        {
            responses
                .values_mut()
                .for_each(|done| done["headers"][position] = reference("headers", position));
        }
        for errors in self.errors_by_status() {
            let response = reference("responses", &response_name(&errors));
            self.value["responses"][errors[0].status.to_string()] = response;
        }
        self.value
    }
}

pub fn all() -> Vec<Operation> {
    let mut all = Vec::new();
    for resource_type in TYPES {
        all.extend(resource_type.verbs.iter().map(|&verb| of_verb(resource_type, verb)));
        for end in resource_type.relationships {
            all.extend(declared(end.type_name).map(|target| related(resource_type, end, target)));
            all.push(linkage(resource_type, end));
            // Without updates the URLs of linkage support only GET.
            if resource_type.verbs.contains(&Verb::Update) {
                all.extend(changes(end).iter().map(|&change| linkage_change(resource_type, end, change)));
            }
        }
    }
    all.extend([enroll(), remove(), moves(), restores(), undo(), operations()]);
    all
}

pub fn tag(resource_type: &ResourceType) -> String {
    capitalized(resource_type.noun.1)
}

fn one(resource_type: &ResourceType) -> String {
    let noun = resource_type.noun.0;
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// The operation's id is `name` after the plural of the type, as in `workspace_groups_list`.
fn at_collection(of: &ResourceType, method: &'static str, name: &str, summary: String) -> Operation {
    let id = format!("{}_{name}", of.base.trim_start_matches("/v1/").replace('-', "_"));
    let operation = Operation::new(method, of.base.to_owned(), &id, &tag(of), summary);
    let conflicts = CONFLICTS.iter().find(|(conflicting, _)| *conflicting == id);
    let operation = operation.fails_with(conflicts.map_or(&[], |(_, conflicts)| conflicts));
    if method != "get" {
        return operation;
    }
    let scopes = of.read_by.iter().filter_map(|privilege| Scope::granting(*privilege));
    operation.scoped(&scopes.map(|scope| scope.into_str()).collect::<Vec<_>>())
}

fn at_item(of: &ResourceType, method: &'static str, below: &str, name: &str, summary: String) -> Operation {
    let mut operation = at_collection(of, method, name, summary);
    operation.path = format!("{}/{{id}}{below}", of.base);
    operation.takes([parameters::id(of)]).fails_with(&[of.not_found])
}

fn of_verb(resource_type: &'static ResourceType, verb: Verb) -> Operation {
    let (one, (noun, nouns)) = (one(resource_type), resource_type.noun);
    let name = pascal(resource_type.type_name);
    let document = format!("{name}Document");
    let example = examples::single(resource_type, &examples::path(resource_type));
    match verb {
        Verb::List => {
            let page = examples::collection(resource_type, resource_type.base);
            at_collection(resource_type, "get", "list", format!("List {nouns}"))
                .takes(parameters::selection(resource_type))
                .takes(parameters::projection(resource_type))
                .returns_page(&format!("{name}Collection"), page)
        }
        Verb::Retrieve => at_item(resource_type, "get", "", "retrieve", format!("Retrieve {one}"))
            .takes(parameters::projection(resource_type))
            .returns_cacheable(&format!("The {noun}."), &document, example),
        Verb::Create => at_collection(resource_type, "post", "create", format!("Create {one}"))
            .takes_resource(resource_type, false)
            .fails_with(&[&codes::CLIENT_ID_UNSUPPORTED])
            .returns_created(&format!("The new {noun}."), &document, example)
            .explained_change(resource_type),
        Verb::Update => at_item(resource_type, "patch", "", "update", format!("Update {one}"))
            .takes_resource(resource_type, true)
            .takes([parameters::named("IfMatch")])
            .fails_with(&[&codes::ID_MISMATCH, &codes::PRECONDITION_FAILED])
            .returns_resource(&format!("The {noun} after the change."), &document, example)
            .scoped_change(resource_type)
            .explained_change(resource_type),
        Verb::Delete => at_item(resource_type, "delete", "", "delete", format!("Delete {one}"))
            .takes([parameters::named("IfMatch")])
            .fails_with(&[&codes::PRECONDITION_FAILED])
            .returns_nothing("The operation is complete.")
            .explained_change(resource_type),
    }
}

fn related(resource_type: &ResourceType, end: &Relationship, target: &'static ResourceType) -> Operation {
    let (name, one) = (end.name, one(resource_type));
    let url = format!("{}/{name}", examples::path(resource_type));
    let verb = if end.is_many { "List" } else { "Retrieve" };
    let summary = format!("{verb} {name} of {one}");
    let operation = at_item(resource_type, "get", &format!("/{name}"), &format!("related_{name}"), summary)
        .takes(parameters::projection(target));
    if end.is_many {
        let schema = format!("{}Collection", pascal(end.type_name));
        return operation.described(end.about).returns_page(&schema, examples::collection(target, &url));
    }
    let about = if end.nullable { "The related resource, or null." } else { "The related resource." };
    operation.returns_cacheable(about, &related_name(end, "Document"), examples::single(target, &url))
}

fn at_linkage(
    resource_type: &ResourceType,
    end: &Relationship,
    method: &'static str,
    verb: &str,
    summary: String,
) -> Operation {
    let (path, name) = (format!("/relationships/{}", end.name), format!("linkage_{}{verb}", end.name));
    at_item(resource_type, method, &path, &name, summary).described(end.about)
}

fn linkage(resource_type: &ResourceType, end: &Relationship) -> Operation {
    let path = examples::path(resource_type);
    let verb = if end.is_many { "List" } else { "Retrieve" };
    let summary = format!("{verb} the linkage {} of {}", end.name, one(resource_type));
    let operation = at_linkage(resource_type, end, "get", "", summary);
    if end.is_many {
        let schema = format!("{}Identifiers", pascal(end.type_name));
        return operation.returns_page(&schema, examples::identifiers(end, &path));
    }
    let (about, schema) = ("The identifier of the related resource.", related_name(end, "Linkage"));
    operation.returns(200, response(about, JSON_API, &schema, examples::relationship(end, &path), &[]))
}

/// The method, the end of the operation's id, and the verb of its title.
fn changes(end: &Relationship) -> &'static [(&'static str, &'static str, &'static str)] {
    if end.is_many {
        &[("post", "_add", "Add to"), ("patch", "_replace", "Replace"), ("delete", "_remove", "Remove from")]
    } else {
        &[("patch", "_update", "Change")]
    }
}

fn linkage_change(
    resource_type: &ResourceType,
    end: &Relationship,
    (method, suffix, verb): (&'static str, &str, &str),
) -> Operation {
    let title = format!("{verb} {} of {}", end.name, one(resource_type));
    let at = |title| at_linkage(resource_type, end, method, suffix, title);
    // The API refuses these operations, which exist so that the error gives the reason.
    let refuse = |about: &str, error| {
        at(format!("{title} (refused)"))
            .described(format!("This request always fails. {about}").trim_end())
            .fails_with(&[error])
    };
    let linkage = linkage_schema(end, Naming::Id);
    let (about, data, done) = match suffix {
        _ if !end.updatable => return refuse(end.about, &codes::RELATIONSHIP_READ_ONLY),
        "_replace" => return refuse("Add and remove members instead.", &codes::FULL_REPLACEMENT_UNSUPPORTED),
        "_add" => {
            let about = "Adds all of them or none. Adding a present member is not an error.";
            (about, linkage, "All of them are members.")
        }
        "_remove" => {
            let about = "Removes all of them or none. Removing an absent member is not an error.";
            (about, removed_members(end, Naming::Id), "None of them is a member.")
        }
        _ => (end.about, linkage, "The relationship has this value."),
    };
    let operation = at(title.clone())
        .described(about)
        .body(JSON_API, request_document(data), examples::linkage(end))
        .returns_nothing(done);
    let not_found = declared(end.type_name).filter(|_| suffix != "_remove").map(|target| target.not_found);
    operation.scoped_change(resource_type).fails_with(not_found.as_slice()).explained()
}

fn enroll() -> Operation {
    let summary = "Enroll a workspace by its identifier".to_owned();
    let schema = request_document(identifier(WORKSPACE.type_name, Naming::Id));
    let request = json!({ "data": examples::identifier(WORKSPACE.type_name) });
    let created = examples::single(&ENROLLMENT, &examples::path(&ENROLLMENT));
    at_item(&WORKSPACE_GROUP, "post", "/workspaces", "workspaces_enroll", summary)
        .body(JSON_API, schema, request)
        .returns_created("The new enrollment.", "WorkspaceGroupWorkspaceDocument", created)
        .fails_with(&[&codes::WORKSPACE_NOT_FOUND, &codes::WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS])
        .explained()
}

fn remove() -> Operation {
    let summary = "Remove a workspace by its id".to_owned();
    at_item(&WORKSPACE_GROUP, "delete", "/workspaces/{workspace_id}", "workspaces_remove", summary)
        .takes([parameters::path_id("workspace_id", &WORKSPACE)])
        .returns_nothing("The workspace is not in the group.")
        .fails_with(&[&codes::WORKSPACE_GROUP_WORKSPACE_NOT_FOUND])
        .explained()
}

/// The body and the response of an action, which consist of `meta`. `example`: of either.
fn action(
    operation: Operation,
    members: Value,
    data: Option<Value>,
    request: Value,
    done: Value,
) -> Operation {
    let meta = json!({ "type": "object", "properties": members });
    let mut schema = json!({ "type": "object", "required": ["meta"], "properties": { "meta": meta } });
    if let Some(data) = data {
        schema["required"] = json!(["meta", "data"]);
        schema["properties"]["data"] = data;
    }
    let headers: &[&str] = &["Idempotency-Replayed"];
    let mut response = response("The numbers.", JSON_API, "Errors", Value::Null, headers);
    response["content"][JSON_API] = json!({
        "schema": {
            "type": "object",
            "required": ["meta"],
            "properties": { "jsonapi": { "type": "object" }, "meta": { "type": "object" } },
        },
        "example": { "jsonapi": { "version": "1.1" }, "meta": done },
    });
    operation.body(JSON_API, schema, request).returns(200, response).explained()
}

fn moves() -> Operation {
    let members = json!({
        "to": { "type": "string", "format": "uuid" },
        "keep": { "type": "boolean" },
        "reason": { "type": "string", "maxLength": 500 },
        "reference": { "type": "string", "maxLength": 100 },
    });
    let workspaces = json!({ "type": "array", "items": identifier(WORKSPACE.type_name, Naming::Id) });
    let request = json!({
        "data": [examples::identifier(WORKSPACE.type_name)],
        "meta": { "to": CHANGE_SET, "reason": "Reorganization" },
    });
    let done = json!({ "change_set_id": CHANGE_SET, "workspaces": 12, "already": 1 });
    let summary = "Move workspaces to another group".to_owned();
    let operation = at_item(&WORKSPACE_GROUP, "post", "/moves", "moves", summary);
    action(operation, members, Some(workspaces), request, done)
        .fails_with(&[&codes::WORKSPACE_NOT_FOUND, &codes::WORKSPACE_GROUP_WORKSPACE_NOT_FOUND])
        .fails_with(&[&codes::PREVIEW_CHANGED, &codes::TYPE_MISMATCH])
}

const CHANGE_SET: &str = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736";

fn restores() -> Operation {
    let members = json!({
        "as_of": { "type": "string", "format": "date-time" },
        "dry_run": { "type": "boolean" },
        "plan": { "type": "string" },
        "reason": { "type": "string", "maxLength": 500 },
        "reference": { "type": "string", "maxLength": 100 },
    });
    let request = json!({ "meta": { "as_of": "2026-05-28T09:15:00Z", "reason": "Wrong import" } });
    let done =
        json!({ "change_set_id": CHANGE_SET, "enrolled": 812, "removed": 3, "unchanged": 9185, "gone": 2 });
    let summary = "Restore the members of a group".to_owned();
    let operation = at_item(&WORKSPACE_GROUP, "post", "/restores", "restores", summary);
    action(operation, members, None, request, done).fails_with(&[&codes::PREVIEW_CHANGED])
}

fn undo() -> Operation {
    let members = json!({
        "dry_run": { "type": "boolean" },
        "plan": { "type": "string" },
        "reason": { "type": "string", "maxLength": 500 },
        "reference": { "type": "string", "maxLength": 100 },
    });
    let request = json!({ "meta": { "dry_run": true } });
    let plan = format!("{CHANGE_SET}.0f3a5b7c9d1e2f48");
    let done = json!({
        "enroll": 0, "remove": 27, "enrolled_since": 0, "removed_since": 3, "changed_since": 0, "gone": 0, "plan": plan,
    });
    let path = "/v1/change-sets/{id}/undo".to_owned();
    let summary = "Undo a change set".to_owned();
    let operation = Operation::new("post", path, "change_sets_undo", &tag(&ENROLLMENT), summary)
        .takes([parameters::named("ChangeSetId")])
        .fails_with(&[&codes::NOT_FOUND]);
    action(operation, members, None, request, done).fails_with(&[
        &codes::PREVIEW_CHANGED,
        &codes::NOTHING_TO_UNDO,
        &codes::IMPORT_UNDER_WAY,
    ])
}

fn operations() -> Operation {
    let (about, headers) = ("The results of the operations, in the same order.", &["Idempotency-Replayed"]);
    let results = response(about, JSON_API_ATOMIC, "Results", examples::results(), headers);
    let conflicts: Vec<&ErrorCode> = CONFLICTS.iter().flat_map(|(_, errors)| *errors).copied().collect();
    let (path, summary) = (operations::PATH.to_owned(), "Perform operations".to_owned());
    Operation::new("post", path, "operations_perform", "Atomic operations", summary)
        .body(JSON_API_ATOMIC, reference("schemas", "Operations"), examples::operations())
        .returns(200, results)
        .returns_nothing("All operations are performed, and none returns a resource.")
        .fails_with(&[&codes::SYSTEM_FIELD_READ_ONLY, &codes::RELATIONSHIP_READ_ONLY])
        .fails_with(&[&codes::CLIENT_ID_UNSUPPORTED, &codes::FULL_REPLACEMENT_UNSUPPORTED])
        .fails_with(&[&codes::WORKSPACE_GROUP_WORKSPACE_NOT_FOUND, &codes::WORKSPACE_GROUP_NOT_FOUND])
        .fails_with(&[&codes::WORKSPACE_NOT_FOUND, &codes::PEOPLE_NOT_FOUND])
        .fails_with(&[&codes::TYPE_MISMATCH, &codes::ID_MISMATCH])
        .fails_with(&conflicts)
        .explained()
}
