//! `GET /v1/enrollment-events/{id}/{enrollment|workspace_group|workspace|actor}`: what is on the other
//! end.

use axum::response::Response;

use super::EVENT;
use crate::api::error::Answer;
use crate::api::related::{Asked, End};
use crate::api::response::Loaded;
use crate::resources::enrollment_events::model::{EventInclude, EventWith};
use crate::resources::enrollment_events::ops::event_get;
use crate::resources::enrollments::api::{ENROLLMENT, enrollment_found, enrollment_include};
use crate::resources::enrollments::model::{EnrollmentInclude, EnrollmentWithRelated};
use crate::resources::people::api::{PEOPLE, person_resource};
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, group_end};
use crate::resources::workspaces::api::{WORKSPACE, workspace_resource};

type EventEnd = End<EventInclude, EventWith>;

/// Group and workspace of an event are those of its enrollment.
const ENROLLMENT_END: EventEnd = End {
    of: &EVENT,
    name: "enrollment",
    target: &ENROLLMENT,
    include: |projection| {
        let EnrollmentInclude { group, group_created_by, workspace, created_by } =
            enrollment_include(projection);
        EventInclude {
            enrollment: true,
            enrollment_created_by: created_by,
            group,
            group_created_by,
            workspace,
            actor: false,
        }
    },
    found: |with| {
        with.enrollment.map(|enrollment| {
            enrollment_found(EnrollmentWithRelated {
                enrollment,
                group: with.group,
                group_created_by: with.group_created_by,
                workspace: with.workspace,
                created_by: with.enrollment_created_by,
            })
        })
    },
};

const GROUP_END: EventEnd = End {
    of: &EVENT,
    name: "workspace_group",
    target: &WORKSPACE_GROUP,
    include: |projection| EventInclude {
        group: true,
        group_created_by: projection.includes("created_by"),
        ..EventInclude::default()
    },
    found: |with| group_end(with.group, with.group_created_by),
};

const WORKSPACE_END: EventEnd = End {
    of: &EVENT,
    name: "workspace",
    target: &WORKSPACE,
    include: |_| EventInclude { workspace: true, ..EventInclude::default() },
    found: |with| with.workspace.map(workspace_resource).map(Loaded::alone),
};

/// Null for a system flow, and for a person who was deleted since.
const ACTOR_END: EventEnd = End {
    of: &EVENT,
    name: "actor",
    target: &PEOPLE,
    include: |_| EventInclude { actor: true, ..EventInclude::default() },
    found: |with| with.actor.map(person_resource).map(Loaded::alone),
};

pub async fn enrollment(asked: Asked) -> Answer<Response> {
    ENROLLMENT_END.answer(asked, event_get).await
}

pub async fn workspace_group(asked: Asked) -> Answer<Response> {
    GROUP_END.answer(asked, event_get).await
}

pub async fn workspace(asked: Asked) -> Answer<Response> {
    WORKSPACE_END.answer(asked, event_get).await
}

pub async fn actor(asked: Asked) -> Answer<Response> {
    ACTOR_END.answer(asked, event_get).await
}
