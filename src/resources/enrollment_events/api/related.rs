//! `GET /v1/enrollment-events/{id}/{enrollment|workspace_group|workspace|actor}`: what is on the other
//! end, as its own noun reads it.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{EVENT, event_id};
use crate::api::Connection;
use crate::api::bearer::Caller;
use crate::api::conditions::Conditions;
use crate::api::error::Answer;
use crate::api::reply::{self, Found};
use crate::api::types::view_of;
use crate::kernel::id::EventId;
use crate::resources::enrollment_events::model::{EnrollmentEvent, EventInclude};
use crate::resources::enrollment_events::ops::event_get;
use crate::resources::enrollments::api::{ENROLLMENT, enrollment_found};
use crate::resources::people::api::{PEOPLE, person_resource};
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, group_found};
use crate::resources::workspace_groups::ops::group_get;
use crate::resources::workspaces::api::{WORKSPACE, workspace_resource};
use crate::resources::workspaces::ops::workspace_get;

async fn event(connection: &mut Connection, id: EventId) -> Answer<EnrollmentEvent> {
    Ok(event_get(connection, id, EventInclude::default()).await?.event)
}

fn address(event: &EnrollmentEvent, name: &str) -> String {
    format!("{}/{}/{name}", EVENT.base, event.id)
}

pub async fn enrollment(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    conditions: Conditions,
) -> Answer<Response> {
    let id = event_id(&id)?;
    let view = view_of(raw.as_deref(), &ENROLLMENT)?;
    let mut connection = caller.connection().await?;
    let event = event(&mut connection, id).await?;
    let found = enrollment_found(&mut connection, event.enrollment, &view).await?;
    Ok(reply::resource_at(&address(&event, "enrollment"), Some(found), &view, &conditions))
}

pub async fn workspace_group(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    conditions: Conditions,
) -> Answer<Response> {
    let id = event_id(&id)?;
    let view = view_of(raw.as_deref(), &WORKSPACE_GROUP)?;
    let mut connection = caller.connection().await?;
    let event = event(&mut connection, id).await?;
    let found = group_found(group_get(&mut connection, event.group, view.includes("created_by")).await?);
    Ok(reply::resource_at(&address(&event, "workspace_group"), Some(found), &view, &conditions))
}

pub async fn workspace(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    conditions: Conditions,
) -> Answer<Response> {
    let id = event_id(&id)?;
    let view = view_of(raw.as_deref(), &WORKSPACE)?;
    let mut connection = caller.connection().await?;
    let event = event(&mut connection, id).await?;
    let found = Found::alone(workspace_resource(workspace_get(&mut connection, event.workspace).await?));
    Ok(reply::resource_at(&address(&event, "workspace"), Some(found), &view, &conditions))
}

/// Null for a system flow, and for a person who was deleted since.
pub async fn actor(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    conditions: Conditions,
) -> Answer<Response> {
    let id = event_id(&id)?;
    let view = view_of(raw.as_deref(), &PEOPLE)?;
    let mut connection = caller.connection().await?;
    let include = EventInclude { actor: true, ..EventInclude::default() };
    let with = event_get(&mut connection, id, include).await?;
    let found = with.actor.map(person_resource).map(Found::alone);
    Ok(reply::resource_at(&address(&with.event, "actor"), found, &view, &conditions))
}
