//! The enrollment log as JSON:API: type `enrollment_event`, read-only.

use chrono::{DateTime, Utc};
use strum::VariantNames;

use crate::api::{Connection, Listing, Loaded, Readable, error_code};
use crate::jsonapi::document::Resource;
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::Query;
use crate::jsonapi::resource_type::FilterType::{Ids, IdsOrNone, SomeOf, TimeRange};
use crate::jsonapi::resource_type::{Attribute, Filter, Relationship, ResourceType, Verb};
use crate::kernel::actor::Source;
use crate::kernel::id::{EventId, PersonId};
use crate::kernel::page::{EventSortKey, Page, Position, Sort};
use crate::kernel::problem::Privilege;
use crate::platform::failure::Outcome;
use crate::resources::enrollment_events::model::{
    EnrollmentEvent, EventAction, EventFilter, EventInclude, EventWithRelated, event_position,
};
use crate::resources::enrollment_events::ops;
use crate::resources::enrollments::api::{ENROLLMENT, enrollment_resource};
use crate::resources::people::api::{PEOPLE, person_resource};
use crate::resources::people::model::ByPerson;
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, group_resource};
use crate::resources::workspaces::api::{WORKSPACE, workspace_resource};

const ACTIONS: &[&str] = EventAction::VARIANTS;
const SOURCES: &[&str] = Source::VARIANTS;

/// Attributes that the events of both logs have.
pub const OCCURRED_AT: Attribute = Attribute::moment("occurred_at", "When it was done.");
pub const TOKEN_NAME: Attribute =
    Attribute::text_or_null("token_name", "The name of the API token, if one was used.", "provisioning");
pub const REQUEST_ID: Attribute = Attribute::text_or_null(
    "request_id",
    "The X-Request-Id of the response.",
    "4bf92f3577b34da6a3ce929d0e0e4736",
);

pub const fn source(example: &'static str) -> Attribute {
    Attribute::word("source", SOURCES, "The entry point of the change.", example)
}

pub const NEVER_WRITTEN: &str = "Clients cannot write to the log.";

const fn to_one(name: &'static str, type_name: &'static str, nullable: bool) -> Relationship {
    Relationship::computed(name, type_name, nullable, NEVER_WRITTEN)
}

pub static EVENT: ResourceType = ResourceType {
    type_name: "enrollment_event",
    base: "/v1/enrollment-events",
    noun: ("enrollment event", "enrollment events"),
    about: "One entry of the audit log: what was done to an enrollment, when, by whom, and through which entry point. \
            Entries are added and never changed.",
    verbs: &[Verb::List, Verb::Retrieve],
    attributes: &[
        Attribute::word("action", ACTIONS, "What was done.", "enrolled"),
        OCCURRED_AT,
        source("api"),
        Attribute::text_or_null(
            "actor_name",
            "The display name of the actor at that time; null for a system token or a command without a person.",
            "Ana Lima",
        ),
        TOKEN_NAME,
        REQUEST_ID,
    ],
    relationships: &[
        to_one("enrollment", "workspace_group_workspace", false),
        to_one("workspace_group", "workspace_group", false),
        to_one("workspace", "workspace", false),
        to_one("actor", "people", true),
    ],
    filters: &[
        Filter::new("enrollment", Ids, "Events of one of these enrollments."),
        Filter::new("workspace_group", Ids, "Events in one of these groups."),
        Filter::new("workspace", Ids, "Events of one of these workspaces."),
        Filter::new("actor", IdsOrNone, "Events caused by one of these people, or without an actor."),
        Filter::new("action", SomeOf(ACTIONS), "One of these actions."),
        Filter::new("source", SomeOf(SOURCES), "Through one of these entry points."),
        Filter::new("occurred_at", TimeRange, "In this period."),
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
    read_by: &[Privilege::Read, Privilege::Audit],
    not_found: &error_code::NOT_FOUND,
};

fn event_resource(event: EnrollmentEvent) -> Resource {
    let attributes = [
        event.action.into_str().into(),
        event.occurred_at.into(),
        event.source.into_str().into(),
        event.actor.name().map(str::to_owned).into(),
        event.token_name.into(),
        event.request_id.into(),
    ];
    let relationships = [
        ENROLLMENT.linkage(event.enrollment.uuid()),
        WORKSPACE_GROUP.linkage(event.group.uuid()),
        WORKSPACE.linkage(event.workspace.uuid()),
        PEOPLE.linkage(event.actor.person().map(PersonId::uuid)),
    ];
    EVENT.resource(event.id.uuid(), attributes, relationships)
}

pub struct Events;

impl Readable for Events {
    type Id = EventId;
    type Row = EventWithRelated;
    type Include = EventInclude;
    type Filter = EventFilter;
    type SortKey = EventSortKey;

    const TYPE: &'static ResourceType = &EVENT;

    fn resource(with: EventWithRelated) -> Loaded {
        let enrollment = with.enrollment.as_ref().map(enrollment_resource);
        let (group, workspace) = (with.group.map(group_resource), with.workspace.map(workspace_resource));
        let people = [with.enrollment_created_by, with.group_created_by, with.actor];
        let [creator, owner, actor] = people.map(|person| person.map(person_resource));
        Loaded::new(event_resource(with.event), [enrollment, group, workspace, creator, owner, actor])
    }

    /// An event and its enrollment have the same group and workspace, so each of these is loaded once, whichever of the
    /// two paths includes it.
    fn include(projection: &Projection) -> EventInclude {
        let of_event = |path: &str| projection.includes(path);
        let of_either = |path: &str| of_event(path) || of_event(&format!("enrollment.{path}"));
        EventInclude {
            enrollment: of_event("enrollment"),
            enrollment_created_by: of_event("enrollment.created_by"),
            group: of_either("workspace_group"),
            group_created_by: of_either("workspace_group.created_by"),
            workspace: of_either("workspace"),
            actor: of_event("actor"),
        }
    }

    async fn get(connection: &mut Connection, id: EventId, include: EventInclude) -> Outcome<Self::Row> {
        ops::event_get(connection, id, include).await
    }

    fn filter(query: &mut Query, _: DateTime<Utc>) -> EventFilter {
        EventFilter {
            enrollments: query.values("enrollment"),
            groups: query.values("workspace_group"),
            workspaces: query.values("workspace"),
            actor: query.values_or_none("actor").map(ByPerson::new),
            actions: query.values("action"),
            sources: query.values("source"),
            occurred_at: query.time_range("occurred_at"),
        }
    }

    async fn list(connection: &mut Connection, list: &Listing<Self>) -> Outcome<Page<Self::Row>> {
        ops::event_list(connection, &list.filter, &list.sort, &list.page, list.include).await
    }

    async fn count(connection: &mut Connection, filter: &EventFilter) -> Outcome<i64> {
        ops::event_count(connection, filter).await
    }

    fn position(sort: &Sort<EventSortKey>, with: &EventWithRelated) -> Position {
        event_position(sort, &with.event)
    }
}
