//! `POST /v1/operations`: several changes in one transaction, by the atomic-operations extension. Each
//! operation does what the same request by itself would do, through the same functions.

use axum::extract::RawQuery;
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::api::auth::{Caller, Operations};
use crate::api::error::{Answer, Refusal};
use crate::api::preconditions::Preconditions;
use crate::api::{Connection, response};
use crate::jsonapi::atomic::{self, Code, Handle, Made, Operation, Target};
use crate::jsonapi::body::{Purpose, ResourceBody, full_replacement, read_only};
use crate::jsonapi::document::{Implementation, Resource};
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::lid::Lids;
use crate::jsonapi::linkage;
use crate::jsonapi::resource_type::ResourceType;
use crate::registry::types::{TYPES, no_parameters};
use crate::resources::enrollments::api as enrollments;
use crate::resources::people::api as people;
use crate::resources::workspace_groups::api as groups;
use crate::resources::workspace_groups::api::relationships::Change;
use crate::resources::workspaces::api as workspaces;

/// Where they are sent: the one address that takes the atomic extension.
pub const ADDRESS: &str = "/v1/operations";

#[derive(Serialize)]
struct Results {
    jsonapi: Implementation,
    #[serde(rename = "atomic:results")]
    results: Vec<OneResult>,
}

#[derive(Serialize)]
struct OneResult {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Resource>,
}

pub async fn operations(
    caller: Caller,
    RawQuery(raw): RawQuery,
    Operations(bytes): Operations,
) -> Answer<Response> {
    caller.write_or_attribute()?;
    no_parameters(raw.as_deref(), &enrollments::ENROLLMENT)?;
    let operations = atomic::parse(&bytes, &TYPES)?;

    let mut work = caller.work().await?;
    let (mut lids, mut made) = (Lids::default(), Made::default());
    let mut results = Vec::with_capacity(operations.len());
    for (index, operation) in operations.into_iter().enumerate() {
        let sent = operation.data.clone().unwrap_or_default();
        let outcome = perform(&mut work, &caller, operation, &mut lids).await;
        made.add(index, caller.take_made());
        let data = outcome.map_err(|refusal| {
            refusal.map_errors(|error| {
                atomic::moved(made.without_lost_link(atomic::at_local_id(error, &sent)), index)
            })
        })?;
        results.push(OneResult { data });
    }
    work.commit().await?;

    if results.iter().all(|result| result.data.is_none()) {
        return Ok(response::no_content());
    }
    Ok(response::results(&Results { jsonapi: Implementation::ATOMIC, results }))
}

async fn perform(
    connection: &mut Connection,
    caller: &Caller,
    operation: Operation,
    lids: &mut Lids,
) -> Answer<Option<Resource>> {
    let data = operation.data.unwrap_or_default();
    match (operation.code, operation.target) {
        (Code::Add, Target::Collection(resource_type)) => {
            let lid = data.get("lid").and_then(Value::as_str).map(str::to_owned);
            let added = add(connection, caller, resource_type, data, lids).await?;
            bind(lids, resource_type, lid.as_deref(), added.id)?;
            Ok(Some(added))
        }
        (Code::Update, Target::Resource(resource_type, handle)) => {
            let id = id_of(&handle, resource_type, lids)?;
            update(connection, caller, resource_type, &id, data, lids).await.map(Some)
        }
        (Code::Remove, Target::Resource(resource_type, handle)) => {
            let id = id_of(&handle, resource_type, lids)?;
            remove(connection, caller, resource_type, &id).await.map(|()| None)
        }
        (code, Target::Relationship(resource_type, handle, name)) => {
            let id = id_of(&handle, resource_type, lids)?;
            relate(connection, caller, code, (resource_type, &id, &name), &data, lids).await.map(|()| None)
        }
        // The form was checked: a collection is only added to, and a resource never added.
        (Code::Update | Code::Remove, Target::Collection(resource_type))
        | (Code::Add, Target::Resource(resource_type, _)) => Err(not_offered(resource_type)),
    }
}

fn bind(lids: &mut Lids, resource_type: &ResourceType, lid: Option<&str>, id: Uuid) -> Answer<()> {
    match lid {
        Some(lid) if !lids.bind(resource_type.kind, lid, id) => {
            let detail = format!("An earlier {} has the local id \"{lid}\".", resource_type.kind);
            Err(ErrorObject::validation("/data/lid", detail).into())
        }
        Some(_) | None => Ok(()),
    }
}

fn id_of(handle: &Handle, resource_type: &ResourceType, lids: &Lids) -> Answer<String> {
    match handle {
        Handle::Id(id) => Ok(id.clone()),
        Handle::Lid(lid, pointer) => Ok(linkage::local(lid, resource_type.kind, pointer, lids)?),
    }
}

fn not_offered(resource_type: &ResourceType) -> Refusal {
    let detail = format!("This operation is not offered for {}.", resource_type.kind);
    ErrorObject::validation("", detail).into()
}

async fn add(
    connection: &mut Connection,
    caller: &Caller,
    resource_type: &'static ResourceType,
    data: Value,
    lids: &Lids,
) -> Answer<Resource> {
    let body = || ResourceBody::read(data, resource_type, Purpose::Create, lids);
    Ok(match resource_type.kind {
        "workspace_group_workspace" => {
            let enrolled = enrollments::create::perform(connection, caller, body()?).await?;
            enrollments::enrollment_resource(&enrolled)
        }
        "workspace_group" => {
            groups::group_resource(groups::create::perform(connection, caller, body()?).await?)
        }
        "workspace" => {
            workspaces::workspace_resource(workspaces::create::perform(connection, caller, body()?).await?)
        }
        "people" => people::person_resource(people::create::perform(connection, caller, body()?).await?),
        _ => return Err(not_offered(resource_type)),
    })
}

async fn update(
    connection: &mut Connection,
    caller: &Caller,
    resource_type: &'static ResourceType,
    id: &str,
    data: Value,
    lids: &Lids,
) -> Answer<Resource> {
    let body = || ResourceBody::read(data, resource_type, Purpose::Update(id), lids);
    Ok(match resource_type.kind {
        "workspace_group_workspace" => {
            let now = enrollments::update::perform(connection, caller, id, body()?).await?;
            enrollments::enrollment_resource(&now)
        }
        "workspace_group" => {
            groups::group_resource(groups::update::perform(connection, caller, id, body()?).await?)
        }
        "workspace" => {
            let now = workspaces::update::perform(connection, caller, id, body()?).await?;
            workspaces::workspace_resource(now)
        }
        "people" => people::person_resource(people::update::perform(connection, caller, id, body()?).await?),
        _ => return Err(not_offered(resource_type)),
    })
}

async fn remove(
    connection: &mut Connection,
    caller: &Caller,
    resource_type: &'static ResourceType,
    id: &str,
) -> Answer<()> {
    let always = Preconditions::default();
    match resource_type.kind {
        "workspace_group_workspace" => enrollments::delete::perform(connection, caller, id, &always).await,
        "workspace_group" => groups::delete::perform(connection, caller, id, &always).await,
        "workspace" => workspaces::delete::perform(connection, caller, id, &always).await,
        "people" => people::delete::perform(connection, caller, id, &always).await,
        _ => Err(not_offered(resource_type)),
    }
}

/// Which relationship of which resource.
type Place<'a> = (&'static ResourceType, &'a str, &'a str);

async fn relate(
    connection: &mut Connection,
    caller: &Caller,
    code: Code,
    (resource_type, id, name): Place<'_>,
    data: &Value,
    lids: &Lids,
) -> Answer<()> {
    match (resource_type.kind, name, code) {
        ("workspace_group", "workspaces", Code::Add) => {
            groups::relationships::perform(connection, caller, id, data, lids, Change::Add).await
        }
        ("workspace_group", "workspaces", Code::Remove) => {
            groups::relationships::perform(connection, caller, id, data, lids, Change::Remove).await
        }
        ("workspace_group_workspace", _, Code::Update) => {
            enrollments::relationships::perform(connection, caller, id, name, data, lids).await
        }
        (_, _, Code::Update) if resource_type.to_many(name).is_some_and(|many| many.writable) => {
            Err(full_replacement(name).into())
        }
        _ => {
            let about = resource_type.to_many(name).map(|many| many.about);
            let about = about.or_else(|| resource_type.to_one(name).map(|one| one.about)).unwrap_or_default();
            Err(read_only(name, about).into())
        }
    }
}
