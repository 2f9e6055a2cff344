//! The log of enrollments as JSON:API: type `enrollment_event`. It is read and never written here.

pub mod list;
pub mod related;
pub mod relationships;
pub mod retrieve;

use crate::api::error::path_id;
use crate::api::response::Loaded;
use crate::jsonapi::document::{RelationshipData, Resource};
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::projection::Projection;
use crate::jsonapi::resource_type::{
    Access, Attribute, Filter, FilterForm, ResourceType, ToOne, ValueType, Verb,
};
use crate::kernel::actor::Source;
use crate::kernel::id::EventId;
use crate::kernel::text::NAME_MAX;
use crate::resources::enrollment_events::model::{EnrollmentEvent, EventAction, EventInclude, EventWith};
use crate::resources::enrollments::api::{enrollment_identifier, enrollment_resource};
use crate::resources::people::api::{person_identifier, person_resource};
use crate::resources::workspace_groups::api::{group_identifier, group_resource};
use crate::resources::workspaces::api::{workspace_identifier, workspace_resource};

const NEVER_WRITTEN: &str = "The log is never written by a client.";

const fn end(name: &'static str, kind: &'static str, nullable: bool) -> ToOne {
    ToOne { name, kind, nullable, access: Access::Computed, updatable: false, about: NEVER_WRITTEN }
}

pub static EVENT: ResourceType = ResourceType {
    kind: "enrollment_event",
    base: "/v1/enrollment-events",
    noun: ("enrollment event", "enrollment events"),
    about: "One entry of the audit log: what was done to an enrollment, when, by whom, and which way it came in. \
            Entries are added and never changed.",
    verbs: &[Verb::List, Verb::Retrieve],
    attributes: &[
        Attribute::computed(
            "action",
            ValueType::ShortText(&EventAction::WORDS),
            false,
            "What was done.",
            "enrolled",
        ),
        Attribute::moment("occurred_at", "When."),
        Attribute::computed(
            "source",
            ValueType::ShortText(&Source::WORDS),
            false,
            "Which way it came in.",
            "api",
        ),
        Attribute::computed(
            "actor_name",
            ValueType::Text { max: NAME_MAX },
            true,
            "The display name of the actor as it was then; null for a system flow.",
            "Ana Lima",
        ),
        Attribute::computed(
            "token_name",
            ValueType::Text { max: NAME_MAX },
            true,
            "By which API token, if by one.",
            "provisioning",
        ),
        Attribute::computed(
            "request_id",
            ValueType::Text { max: NAME_MAX },
            true,
            "In which request: the X-Request-Id of its answer.",
            "4bf92f3577b34da6a3ce929d0e0e4736",
        ),
    ],
    to_one: &[
        end("enrollment", "workspace_group_workspace", false),
        end("workspace_group", "workspace_group", false),
        end("workspace", "workspace", false),
        end("actor", "people", true),
    ],
    to_many: &[],
    filters: &[
        Filter { name: "enrollment", form: FilterForm::Ids, about: "Of one of these enrollments." },
        Filter { name: "workspace_group", form: FilterForm::Ids, about: "In one of these groups." },
        Filter { name: "workspace", form: FilterForm::Ids, about: "Of one of these workspaces." },
        Filter { name: "actor", form: FilterForm::IdsOrNone, about: "By one of these people, or by nobody." },
        Filter {
            name: "action",
            form: FilterForm::Words(&EventAction::WORDS),
            about: "One of these actions.",
        },
        Filter {
            name: "source",
            form: FilterForm::Words(&Source::WORDS),
            about: "Came in one of these ways.",
        },
        Filter { name: "occurred_at", form: FilterForm::TimeRange, about: "In this time." },
    ],
    sorts: &["occurred_at"],
    sort_default: "-occurred_at",
    includes: &[
        "enrollment",
        "workspace_group",
        "workspace",
        "actor",
        "enrollment.created_by",
        "workspace_group.created_by",
    ],
    not_found: "NOT_FOUND",
};

fn event_resource(event: EnrollmentEvent) -> Resource {
    Resource {
        resource_type: &EVENT,
        id: event.id.uuid(),
        attributes: vec![
            ("action", event.action.word().into()),
            ("occurred_at", event.occurred_at.into()),
            ("source", event.source.word().into()),
            ("actor_name", event.actor.name().map(str::to_owned).into()),
            ("token_name", event.token_name.into()),
            ("request_id", event.request_id.into()),
        ],
        relationships: vec![
            ("enrollment", RelationshipData::One(Some(enrollment_identifier(event.enrollment)))),
            ("workspace_group", RelationshipData::One(Some(group_identifier(event.group)))),
            ("workspace", RelationshipData::One(Some(workspace_identifier(event.workspace)))),
            ("actor", RelationshipData::One(event.actor.person().map(person_identifier))),
        ],
    }
}

fn include_of(projection: &Projection) -> EventInclude {
    EventInclude {
        enrollment: projection.includes("enrollment"),
        enrollment_created_by: projection.includes("enrollment.created_by"),
        group: projection.includes("workspace_group"),
        group_created_by: projection.includes("workspace_group.created_by"),
        workspace: projection.includes("workspace"),
        actor: projection.includes("actor"),
    }
}

fn found(with: EventWith) -> Loaded {
    let enrollment = with.enrollment.as_ref().map(enrollment_resource);
    let group = with.group.map(group_resource);
    let workspace = with.workspace.map(workspace_resource);
    let people = [with.enrollment_created_by, with.group_created_by, with.actor];
    let people = people.map(|person| person.map(person_resource));
    Loaded {
        resource: event_resource(with.event),
        related: [enrollment, group, workspace].into_iter().chain(people).flatten().collect(),
    }
}

fn event_id(text: &str) -> Result<EventId, ErrorObject> {
    path_id(text, &EVENT)
}
