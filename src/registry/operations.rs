//! `POST /v1/operations`: several changes in one transaction (atomic-operations extension). Each operation does the
//! same as the request to a single resource.

use axum::extract::RawQuery;
use axum::response::Response;
use futures::future::BoxFuture;
use serde::Serialize;
use serde_json::Value;

use crate::api::caller::{AnyWrite, no_parameters};
use crate::api::document::AtomicDocument;
use crate::api::error::{Refusal, path_id};
use crate::api::{ApiResult, Caller, Connection, RelationshipChange, Writable, response};
use crate::jsonapi::atomic::{self, Code, Handle, Made, Operation, Target};
use crate::jsonapi::body::{Purpose, ResourceBody};
use crate::jsonapi::document::{Implementation, Resource};
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::lid::Lids;
use crate::jsonapi::linkage;
use crate::jsonapi::resource_type::ResourceType;
use crate::registry::types::TYPES;
use crate::resources::enrollments::api::{ENROLLMENT, Enrollments};
use crate::resources::people::api::{PEOPLE, People};
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, WorkspaceGroups};
use crate::resources::workspaces::api::{WORKSPACE, Workspaces};

/// The only path that supports the extension.
pub const PATH: &str = "/v1/operations";

/// What operations do with each resource type that they can change.
static WRITABLE: [(&ResourceType, Perform); 4] = [
    (&ENROLLMENT, perform::<Enrollments>),
    (&WORKSPACE_GROUP, perform::<WorkspaceGroups>),
    (&WORKSPACE, perform::<Workspaces>),
    (&PEOPLE, perform::<People>),
];

type Perform = for<'a> fn(
    &'a mut Connection,
    &'a Caller,
    Action<'a>,
    &'a Lids,
) -> BoxFuture<'a, ApiResult<Option<Resource>>>;

/// An operation on one resource type, with its local ids resolved.
enum Action<'a> {
    Add(Value),
    Update(&'a str, Value),
    Remove(&'a str),
    Relationship(RelationshipChange<'a>),
}

fn perform<'a, R: Writable>(
    connection: &'a mut Connection,
    caller: &'a Caller,
    action: Action<'a>,
    lids: &'a Lids,
) -> BoxFuture<'a, ApiResult<Option<Resource>>> {
    Box::pin(async move {
        let row = match action {
            Action::Add(data) => {
                let body = ResourceBody::read(data, R::TYPE, Purpose::Create, lids)?;
                let call = caller.call()?;
                R::create(connection, &call, R::parse_new(body, caller)?).await?
            }
            Action::Update(id, data) => {
                let body = ResourceBody::read(data, R::TYPE, Purpose::Update(id), lids)?;
                let call = caller.call()?;
                let id = path_id(id, R::TYPE)?;
                R::update(connection, &call, id, R::parse_change(body)?).await?
            }
            Action::Remove(id) => {
                let call = caller.call()?;
                R::delete(connection, &call, path_id(id, R::TYPE)?).await?;
                return Ok(None);
            }
            Action::Relationship(change) => {
                R::change_relationship(connection, caller, change).await?;
                return Ok(None);
            }
        };
        Ok(Some(R::resource(row).resource))
    })
}

fn find(resource_type: &ResourceType) -> Option<Perform> {
    WRITABLE.iter().find(|(known, _)| known.type_name == resource_type.type_name).map(|(_, perform)| *perform)
}

fn not_supported(resource_type: &ResourceType) -> Refusal {
    let detail = format!("{} does not support this operation.", resource_type.type_name);
    ErrorObject::validation("", detail).into()
}

#[derive(Serialize)]
struct Results {
    jsonapi: Implementation,
    #[serde(rename = "atomic:results")]
    results: Vec<OperationResult>,
}

#[derive(Serialize)]
struct OperationResult {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Resource>,
}

pub async fn operations(
    caller: Caller,
    _: AnyWrite,
    RawQuery(raw): RawQuery,
    AtomicDocument(bytes): AtomicDocument,
) -> ApiResult<Response> {
    no_parameters(raw.as_deref(), &ENROLLMENT)?;
    let operations = atomic::parse(&bytes, &TYPES)?;

    let mut transaction = caller.transaction().await?;
    let (mut lids, mut made) = (Lids::default(), Made::default());
    let mut results = Vec::with_capacity(operations.len());
    for (index, operation) in operations.into_iter().enumerate() {
        let data = operation.data.clone().unwrap_or_default();
        let outcome = perform_operation(&mut transaction, &caller, operation, &mut lids).await;
        made.add(index, caller.take_made());
        let result = outcome.map_err(|refusal| {
            refusal.map_errors(|error| {
                atomic::moved(made.without_lost_link(atomic::at_local_id(error, &data)), index)
            })
        })?;
        results.push(OperationResult { data: result });
    }
    transaction.commit().await?;

    if results.iter().all(|result| result.data.is_none()) {
        return Ok(response::no_content());
    }
    Ok(response::results(&Results { jsonapi: Implementation::ATOMIC, results }))
}

async fn perform_operation(
    connection: &mut Connection,
    caller: &Caller,
    operation: Operation,
    lids: &mut Lids,
) -> ApiResult<Option<Resource>> {
    let data = operation.data.unwrap_or_default();
    let (resource_type, handle, name) = match operation.target {
        Target::Collection(resource_type) => (resource_type, None, None),
        Target::Resource(resource_type, handle) => (resource_type, Some(handle), None),
        Target::Relationship(resource_type, handle, name) => (resource_type, Some(handle), Some(name)),
    };
    let id = handle.map(|handle| resolve(handle, resource_type, lids)).transpose()?;
    let lid = data.get("lid").and_then(Value::as_str).map(str::to_owned);
    let action = match (operation.code, id.as_deref(), name.as_deref()) {
        (code, Some(id), Some(name)) => {
            Action::Relationship(RelationshipChange { code, id, name, data: &data, lids })
        }
        (Code::Add, None, _) => Action::Add(data),
        (Code::Update, Some(id), None) => Action::Update(id, data),
        (Code::Remove, Some(id), None) => Action::Remove(id),
        // The parser refuses these.
        (Code::Add, Some(_), None) | (Code::Update | Code::Remove, None, _) => {
            return Err(not_supported(resource_type));
        }
    };
    let is_new = matches!(action, Action::Add(_));
    let result = match (find(resource_type), action) {
        (Some(perform), action) => perform(connection, caller, action, lids).await?,
        (None, Action::Relationship(change)) => return change.refused(resource_type).map(|()| None),
        (None, Action::Add(_) | Action::Update(..) | Action::Remove(_)) => {
            return Err(not_supported(resource_type));
        }
    };
    if let (true, Some(lid), Some(resource)) = (is_new, lid, &result)
        && !lids.bind(resource_type.type_name, &lid, resource.id)
    {
        let detail = format!("An earlier {} has the local id \"{lid}\".", resource_type.type_name);
        return Err(ErrorObject::validation("/data/lid", detail).into());
    }
    Ok(result)
}

fn resolve(handle: Handle, resource_type: &ResourceType, lids: &Lids) -> Result<String, ErrorObject> {
    match handle {
        Handle::Id(id) => Ok(id),
        Handle::Lid(lid, pointer) => linkage::local(&lid, resource_type.type_name, &pointer, lids),
    }
}
