//! `GET /v1/workspace-group-workspaces/{id}/{workspace_group|workspace|created_by}`: what is on the
//! other end.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{ENROLLMENT, enrollment_id};
use crate::api::bearer::Caller;
use crate::api::conditions::Conditions;
use crate::api::error::Answer;
use crate::api::reply;
use crate::api::reply::Found;
use crate::api::types::view_of;
use crate::jsonapi::declare::Declaration;
use crate::jsonapi::view::View;
use crate::resources::enrollments::model::{EnrollmentInclude, EnrollmentWith};
use crate::resources::enrollments::ops::enrollment_get;
use crate::resources::people::api::{PEOPLE, person_resource};
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, group_found};
use crate::resources::workspace_groups::model::GroupWith;
use crate::resources::workspaces::api::{WORKSPACE, workspace_resource};

type Asked = (Caller, Path<String>, RawQuery, Conditions);

/// One of the three relationships: its name, what is on the other end, and how that is read.
struct End {
    name: &'static str,
    declaration: &'static Declaration,
    include: fn(&View) -> EnrollmentInclude,
    found: fn(EnrollmentWith) -> Option<Found>,
}

pub async fn workspace_group(
    caller: Caller,
    id: Path<String>,
    raw: RawQuery,
    conditions: Conditions,
) -> Answer<Response> {
    let end = End {
        name: "workspace_group",
        declaration: &WORKSPACE_GROUP,
        include: |view| EnrollmentInclude {
            group: true,
            group_created_by: view.includes("created_by"),
            ..EnrollmentInclude::default()
        },
        found: |with| {
            let created_by = with.group_created_by;
            with.group.map(|group| group_found(GroupWith { group, created_by }))
        },
    };
    answer((caller, id, raw, conditions), &end).await
}

pub async fn workspace(
    caller: Caller,
    id: Path<String>,
    raw: RawQuery,
    conditions: Conditions,
) -> Answer<Response> {
    let end = End {
        name: "workspace",
        declaration: &WORKSPACE,
        include: |_| EnrollmentInclude { workspace: true, ..EnrollmentInclude::default() },
        found: |with| with.workspace.map(workspace_resource).map(Found::alone),
    };
    answer((caller, id, raw, conditions), &end).await
}

pub async fn created_by(
    caller: Caller,
    id: Path<String>,
    raw: RawQuery,
    conditions: Conditions,
) -> Answer<Response> {
    let end = End {
        name: "created_by",
        declaration: &PEOPLE,
        include: |_| EnrollmentInclude { created_by: true, ..EnrollmentInclude::default() },
        found: |with| with.created_by.map(person_resource).map(Found::alone),
    };
    answer((caller, id, raw, conditions), &end).await
}

async fn answer((caller, Path(id), RawQuery(raw), conditions): Asked, end: &End) -> Answer<Response> {
    let id = enrollment_id(&id)?;
    let view = view_of(raw.as_deref(), end.declaration)?;

    let mut connection = caller.connection().await?;
    let with = enrollment_get(&mut connection, id, (end.include)(&view)).await?;
    drop(connection);

    let address = format!("{}/{id}/{}", ENROLLMENT.base, end.name);
    Ok(reply::resource_at(&address, (end.found)(with), &view, &conditions))
}
