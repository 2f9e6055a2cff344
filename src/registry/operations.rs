//! `POST /v1/operations`: several changes in one transaction, each with the effect of the single request.

use std::borrow::Cow;

use futures::future::BoxFuture;
use serde::Serialize;
use serde_json::Value;

use crate::api::caller::AnyWrite;
use crate::api::document::AtomicDocument;
use crate::api::error::{Refusal, path_id};
use crate::api::{ApiResult, Caller, Connection, RelationshipChange, Writable, note, response};
use crate::jsonapi::atomic::{self, Code, Made, Operation, Target};
use crate::jsonapi::body::{Purpose, ResourceBody, not_writable};
use crate::jsonapi::document::{Implementation, Resource};
use crate::jsonapi::error::validation;
use crate::jsonapi::linkage::Lids;
use crate::jsonapi::media_type::JSON_API_ATOMIC;
use crate::jsonapi::resource_type::ResourceType;
use crate::registry::types::TYPES;
use crate::resources::enrollments::api::{ENROLLMENT, Enrollments};
use crate::resources::people::api::{PEOPLE, People};
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, WorkspaceGroups};
use crate::resources::workspaces::api::{WORKSPACE, Workspaces};

pub const PATH: &str = "/v1/operations";

static WRITABLE: [(&ResourceType, Perform); 4] = [
    (&ENROLLMENT, perform::<Enrollments>),
    (&WORKSPACE_GROUP, perform::<WorkspaceGroups>),
    (&WORKSPACE, perform::<Workspaces>),
    (&PEOPLE, perform::<People>),
];

type Performed<'a> = BoxFuture<'a, ApiResult<Option<Resource>>>;
type Perform = for<'a> fn(&'a mut Connection, &'a Caller, Operation, &'a mut Lids) -> Performed<'a>;

fn perform<'a, R: Writable>(
    connection: &'a mut Connection,
    caller: &'a Caller,
    Operation { code, target, data, .. }: Operation,
    lids: &'a mut Lids,
) -> Performed<'a> {
    Box::pin(async move {
        let (type_name, data) = (R::TYPE.type_name, data.unwrap_or_default());
        match (code, target) {
            (Code::Add, Target::Collection(_)) => {
                let lid = data.get("lid").and_then(Value::as_str).map(str::to_owned);
                let body = ResourceBody::read(data, R::TYPE, Purpose::Create, lids)?;
                let row = R::create(connection, &caller.call()?, R::parse_new(body, caller)?).await?;
                let resource = R::resource(row).resource;
                if let Some(lid) = lid.filter(|lid| !lids.bind(type_name, lid, resource.id)) {
                    let detail = format!("An earlier {type_name} has the local id \"{lid}\".");
                    return Err(validation("/data/lid", detail).into());
                }
                Ok(Some(resource))
            }
            (Code::Update, Target::Resource(_, handle)) => {
                let id = handle.resolve(type_name, lids)?;
                let body = ResourceBody::read(data, R::TYPE, Purpose::Update(&id), lids)?;
                let (call, id) = (caller.call()?, path_id(&id, R::TYPE)?);
                let row = R::update(connection, &call, id, R::parse_change(body)?).await?;
                Ok(Some(R::resource(row).resource))
            }
            (Code::Remove, Target::Resource(_, handle)) => {
                let id = handle.resolve(type_name, lids)?;
                R::delete(connection, &caller.call()?, path_id(&id, R::TYPE)?).await?;
                Ok(None)
            }
            (code, Target::Relationship(_, handle, name)) => {
                let id = handle.resolve(type_name, lids)?;
                let change = RelationshipChange { code, id: &id, name: &name, data: &data, lids };
                R::change_relationship(connection, caller, change).await?;
                Ok(None)
            }
            // The parser refuses these.
            (Code::Add, Target::Resource(..)) | (Code::Update | Code::Remove, Target::Collection(_)) => {
                Err(not_supported(R::TYPE))
            }
        }
    })
}

fn not_supported(resource_type: &ResourceType) -> Refusal {
    validation("", format!("{} does not support this operation.", resource_type.type_name)).into()
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

pub async fn operations(caller: Caller, _: AnyWrite, AtomicDocument(bytes): AtomicDocument) -> ApiResult {
    caller.no_parameters(&ENROLLMENT)?;
    let atomic::Document { operations, meta } = atomic::parse(&bytes, &TYPES)?;
    let caller = caller.with_note(note::of_meta(meta.as_ref())?);

    let mut transaction = caller.transaction().await?;
    let (mut lids, mut made) = (Lids::default(), Made::default());
    let mut results = Vec::with_capacity(operations.len());
    for (index, operation) in operations.into_iter().enumerate() {
        let data = operation.data.clone().unwrap_or_default();
        let outcome = perform_operation(&mut transaction, &caller, operation, &mut lids).await;
        made.add(index, caller.changes.take_made());
        let moved = |error| atomic::moved(made.without_lost_link(atomic::at_local_id(error, &data)), index);
        let result = outcome.map_err(|refusal| match refusal {
            Refusal::Errors(errors) => Refusal::Errors(errors.into_iter().map(moved).collect()),
            failure @ Refusal::Failure(_) => failure,
        })?;
        results.push(OperationResult { data: result });
    }
    transaction.commit().await?;

    if results.iter().all(|result| result.data.is_none()) {
        return Ok(response::no_content());
    }
    response::document(&Results { jsonapi: Implementation::ATOMIC, results }, JSON_API_ATOMIC)
}

async fn perform_operation(
    connection: &mut Connection,
    caller: &Caller,
    operation: Operation,
    lids: &mut Lids,
) -> ApiResult<Option<Resource>> {
    let note = note::of_meta(operation.meta.as_ref())?;
    let caller =
        &if note.is_empty() { Cow::Borrowed(caller) } else { Cow::Owned(caller.clone().with_note(note)) };
    let (Target::Collection(resource_type)
    | Target::Resource(resource_type, _)
    | Target::Relationship(resource_type, ..)) = operation.target;
    let writable = WRITABLE.iter().find(|(known, _)| known.type_name == resource_type.type_name);
    if let Some((_, perform)) = writable {
        return perform(connection, caller, operation, lids).await;
    }
    if let Target::Resource(_, handle) | Target::Relationship(_, handle, _) = &operation.target {
        handle.clone().resolve(resource_type.type_name, lids)?;
    }
    match operation.target {
        Target::Relationship(_, _, name) => {
            Err(not_writable(resource_type, &name, operation.code == Code::Update).into())
        }
        Target::Collection(_) | Target::Resource(..) => Err(not_supported(resource_type)),
    }
}
