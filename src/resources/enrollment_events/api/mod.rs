//! The enrollment log as JSON:API: type `enrollment_event`, read-only.

use chrono::{DateTime, Utc};
use strum::VariantNames;

use crate::api::error_code;
use crate::api::{Connection, Listing, Loaded, Readable, RelatedResource};
use crate::jsonapi::document::{RelationshipData, Resource};
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::Query;
use crate::jsonapi::resource_type::{
    Access, Attribute, Filter, FilterForm, ResourceType, ToOne, ValueType, Verb,
};
use crate::kernel::actor::Source;
use crate::kernel::id::EventId;
use crate::kernel::page::{Page, Position, Sort};
use crate::kernel::problem::Privilege;
use crate::kernel::text::NAME_MAX;
use crate::platform::failure::Outcome;
use crate::resources::enrollment_events::model::{
    EnrollmentEvent, EventAction, EventFilter, EventInclude, EventSortKey, EventWith, event_position,
};
use crate::resources::enrollment_events::ops::{event_count, event_get, event_list};
use crate::resources::enrollments::api::{ENROLLMENT, Enrollments, enrollment_resource};
use crate::resources::enrollments::model::{EnrollmentInclude, EnrollmentWithRelated};
use crate::resources::people::api::{PEOPLE, People, person_resource};
use crate::resources::people::model::ByPerson;
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, group_related, group_resource};
use crate::resources::workspaces::api::{WORKSPACE, Workspaces, workspace_resource};

const NEVER_WRITTEN: &str = "Clients cannot write to the log.";

const fn to_one(name: &'static str, kind: &'static str, nullable: bool) -> ToOne {
    ToOne { name, kind, nullable, access: Access::Computed, updatable: false, about: NEVER_WRITTEN }
}

pub static EVENT: ResourceType = ResourceType {
    kind: "enrollment_event",
    base: "/v1/enrollment-events",
    noun: ("enrollment event", "enrollment events"),
    about: "One entry of the audit log: what was done to an enrollment, when, by whom, and through which entry point. \
            Entries are added and never changed.",
    verbs: &[Verb::List, Verb::Retrieve],
    attributes: &[
        Attribute::computed(
            "action",
            ValueType::ShortText(<EventAction as VariantNames>::VARIANTS),
            false,
            "What was done.",
            "enrolled",
        ),
        Attribute::moment("occurred_at", "When it was done."),
        Attribute::computed(
            "source",
            ValueType::ShortText(<Source as VariantNames>::VARIANTS),
            false,
            "The entry point of the change.",
            "api",
        ),
        Attribute::computed(
            "actor_name",
            ValueType::Text { max: NAME_MAX },
            true,
            "The display name of the actor at that time; null for a system flow.",
            "Ana Lima",
        ),
        Attribute::computed(
            "token_name",
            ValueType::Text { max: NAME_MAX },
            true,
            "The name of the API token, if one was used.",
            "provisioning",
        ),
        Attribute::computed(
            "request_id",
            ValueType::Text { max: NAME_MAX },
            true,
            "The X-Request-Id of the response.",
            "4bf92f3577b34da6a3ce929d0e0e4736",
        ),
    ],
    to_one: &[
        to_one("enrollment", "workspace_group_workspace", false),
        to_one("workspace_group", "workspace_group", false),
        to_one("workspace", "workspace", false),
        to_one("actor", "people", true),
    ],
    to_many: &[],
    filters: &[
        Filter { name: "enrollment", form: FilterForm::Ids, about: "Events of one of these enrollments." },
        Filter { name: "workspace_group", form: FilterForm::Ids, about: "Events in one of these groups." },
        Filter { name: "workspace", form: FilterForm::Ids, about: "Events of one of these workspaces." },
        Filter {
            name: "actor",
            form: FilterForm::IdsOrNone,
            about: "Events caused by one of these people, or without an actor.",
        },
        Filter {
            name: "action",
            form: FilterForm::Words(<EventAction as VariantNames>::VARIANTS),
            about: "One of these actions.",
        },
        Filter {
            name: "source",
            form: FilterForm::Words(<Source as VariantNames>::VARIANTS),
            about: "Through one of these entry points.",
        },
        Filter { name: "occurred_at", form: FilterForm::TimeRange, about: "In this period." },
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
    Resource {
        resource_type: &EVENT,
        id: event.id.uuid(),
        attributes: vec![
            ("action", event.action.into_str().into()),
            ("occurred_at", event.occurred_at.into()),
            ("source", event.source.into_str().into()),
            ("actor_name", event.actor.name().map(str::to_owned).into()),
            ("token_name", event.token_name.into()),
            ("request_id", event.request_id.into()),
        ],
        relationships: vec![
            ("enrollment", RelationshipData::One(Some(ENROLLMENT.identifier(event.enrollment.uuid())))),
            ("workspace_group", RelationshipData::One(Some(WORKSPACE_GROUP.identifier(event.group.uuid())))),
            ("workspace", RelationshipData::One(Some(WORKSPACE.identifier(event.workspace.uuid())))),
            ("actor", RelationshipData::One(event.actor.person().map(|id| PEOPLE.identifier(id.uuid())))),
        ],
    }
}

/// The enrollment of an event as a related resource. Its group and workspace are those of the event.
const RELATED_ENROLLMENT: RelatedResource<Events> = RelatedResource {
    name: "enrollment",
    target: &ENROLLMENT,
    include: |projection| {
        let EnrollmentInclude { group, group_created_by, workspace, created_by } =
            Enrollments::include(projection);
        EventInclude {
            enrollment: true,
            enrollment_created_by: created_by,
            group,
            group_created_by,
            workspace,
            actor: false,
        }
    },
    resource: |with| {
        with.enrollment.map(|enrollment| {
            Enrollments::resource(EnrollmentWithRelated {
                enrollment,
                group: with.group,
                group_created_by: with.group_created_by,
                workspace: with.workspace,
                created_by: with.enrollment_created_by,
            })
        })
    },
};

pub struct Events;

impl Readable for Events {
    type Id = EventId;
    type Row = EventWith;
    type Include = EventInclude;
    type Filter = EventFilter;
    type SortKey = EventSortKey;

    const TYPE: &'static ResourceType = &EVENT;
    const RELATED: &'static [RelatedResource<Self>] = &[
        RELATED_ENROLLMENT,
        RelatedResource {
            name: "workspace_group",
            target: &WORKSPACE_GROUP,
            include: |projection| EventInclude {
                group: true,
                group_created_by: projection.includes("created_by"),
                ..EventInclude::default()
            },
            resource: |with| group_related(with.group, with.group_created_by),
        },
        RelatedResource {
            name: "workspace",
            target: &WORKSPACE,
            include: |_| EventInclude { workspace: true, ..EventInclude::default() },
            resource: |with| with.workspace.map(Workspaces::resource),
        },
        // Null for a system flow, and after the person was deleted.
        RelatedResource {
            name: "actor",
            target: &PEOPLE,
            include: |_| EventInclude { actor: true, ..EventInclude::default() },
            resource: |with| with.actor.map(People::resource),
        },
    ];

    fn resource(with: EventWith) -> Loaded {
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

    fn include(projection: &Projection) -> EventInclude {
        EventInclude {
            enrollment: projection.includes("enrollment"),
            enrollment_created_by: projection.includes("enrollment.created_by"),
            group: projection.includes("workspace_group"),
            group_created_by: projection.includes("workspace_group.created_by"),
            workspace: projection.includes("workspace"),
            actor: projection.includes("actor"),
        }
    }

    async fn get(connection: &mut Connection, id: EventId, include: EventInclude) -> Outcome<EventWith> {
        event_get(connection, id, include).await
    }

    fn filter(query: &mut Query, _: DateTime<Utc>) -> EventFilter {
        EventFilter {
            enrollments: query.ids("enrollment"),
            groups: query.ids("workspace_group"),
            workspaces: query.ids("workspace"),
            actor: query.ids_or_none("actor").map(ByPerson::new),
            actions: query.words("action"),
            sources: query.words("source"),
            occurred_at: query.time_range("occurred_at"),
        }
    }

    async fn list(connection: &mut Connection, list: &Listing<Self>) -> Outcome<Page<EventWith>> {
        event_list(connection, &list.filter, &list.sort, &list.page, list.include).await
    }

    async fn count(connection: &mut Connection, filter: &EventFilter) -> Outcome<i64> {
        event_count(connection, filter).await
    }

    fn position(sort: &Sort<EventSortKey>, with: &EventWith) -> Position {
        event_position(sort, &with.event)
    }
}
