//! The administration log as JSON:API: type `admin_event`, read-only, for tokens with the scope `audit`.

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
use crate::kernel::id::AdminEventId;
use crate::kernel::page::{Page, Position, Sort};
use crate::kernel::problem::Privilege;
use crate::kernel::text::NAME_MAX;
use crate::platform::failure::Outcome;
use crate::resources::admin_events::model::{
    AdminAction, AdminEventFilter, AdminEventSortKey, AdminEventWithActor, SubjectType, admin_event_position,
};
use crate::resources::admin_events::ops::{admin_event_count, admin_event_get, admin_event_list};
use crate::resources::people::api::{PEOPLE, People, person_resource};
use crate::resources::people::model::ByPerson;

pub static ADMIN_EVENT: ResourceType = ResourceType {
    kind: "admin_event",
    base: "/v1/admin-events",
    noun: ("administration event", "administration events"),
    about: "One entry of the administration log: a change of a group, a workspace, a person, an operator or an API \
            token, or a sign-in. Entries are added and never changed. Reading them requires the scope `audit`.",
    verbs: &[Verb::List, Verb::Retrieve],
    attributes: &[
        Attribute::computed(
            "action",
            ValueType::ShortText(<AdminAction as VariantNames>::VARIANTS),
            false,
            "What was done.",
            "workspace_group_created",
        ),
        Attribute::moment("occurred_at", "When it was done."),
        Attribute::computed(
            "source",
            ValueType::ShortText(<Source as VariantNames>::VARIANTS),
            false,
            "The entry point of the change.",
            "web",
        ),
        Attribute::computed(
            "actor_name",
            ValueType::Text { max: NAME_MAX },
            true,
            "The display name of the actor at that time; null for a system flow and for a failed sign-in.",
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
        Attribute::computed(
            "subject_type",
            ValueType::ShortText(<SubjectType as VariantNames>::VARIANTS),
            false,
            "The type of what was changed.",
            "workspace_group",
        ),
        Attribute::computed(
            "subject_id",
            ValueType::Text { max: NAME_MAX },
            true,
            "The id of what was changed, also after it was deleted; null for a failed sign-in with an unknown address.",
            "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        ),
        Attribute::computed(
            "subject_name",
            ValueType::Text { max: NAME_MAX },
            true,
            "The name of what was changed, at that time.",
            "EMEA customers",
        ),
    ],
    to_one: &[ToOne {
        name: "actor",
        kind: "people",
        nullable: true,
        access: Access::Computed,
        updatable: false,
        about: "Clients cannot write to the log.",
    }],
    to_many: &[],
    filters: &[
        Filter {
            name: "actor",
            form: FilterForm::IdsOrNone,
            about: "Events caused by one of these people, or without an actor.",
        },
        Filter {
            name: "action",
            form: FilterForm::Words(<AdminAction as VariantNames>::VARIANTS),
            about: "One of these actions.",
        },
        Filter { name: "occurred_at", form: FilterForm::TimeRange, about: "In this period." },
    ],
    sorts: &["occurred_at"],
    sort_default: "-occurred_at",
    includes: &["actor"],
    read_by: &[Privilege::Audit],
    not_found: &error_code::NOT_FOUND,
};

pub struct AdminEvents;

impl Readable for AdminEvents {
    type Id = AdminEventId;
    type Row = AdminEventWithActor;
    /// Whether to load the actor.
    type Include = bool;
    type Filter = AdminEventFilter;
    type SortKey = AdminEventSortKey;

    const TYPE: &'static ResourceType = &ADMIN_EVENT;
    const RELATED: &'static [RelatedResource<Self>] = &[
        // Null for a system flow, and after the person was deleted.
        RelatedResource {
            name: "actor",
            target: &PEOPLE,
            include: |_| true,
            resource: |row| row.actor.map(People::resource),
        },
    ];

    fn resource(row: AdminEventWithActor) -> Loaded {
        let event = row.event;
        let actor = event.actor.map(|person| PEOPLE.identifier(person.id.uuid()));
        let resource = Resource {
            resource_type: &ADMIN_EVENT,
            id: event.id.uuid(),
            attributes: vec![
                ("action", event.action.into_str().into()),
                ("occurred_at", event.occurred_at.into()),
                ("source", event.source.into_str().into()),
                ("actor_name", event.actor_name.into()),
                ("token_name", event.token_name.into()),
                ("request_id", event.request_id.into()),
                ("subject_type", event.action.subject_type().into_str().into()),
                ("subject_id", event.subject_id.map(|id| id.to_string()).into()),
                ("subject_name", event.subject_name.into()),
            ],
            relationships: vec![("actor", RelationshipData::One(actor))],
        };
        Loaded { resource, related: row.actor.map(person_resource).into_iter().collect() }
    }

    fn include(projection: &Projection) -> bool {
        projection.includes("actor")
    }

    async fn get(
        connection: &mut Connection,
        id: AdminEventId,
        with_actor: bool,
    ) -> Outcome<AdminEventWithActor> {
        admin_event_get(connection, id, with_actor).await
    }

    fn filter(query: &mut Query, _: DateTime<Utc>) -> AdminEventFilter {
        AdminEventFilter {
            actions: query.words("action"),
            actor: query.ids_or_none("actor").map(ByPerson::new),
            occurred_at: query.time_range("occurred_at"),
        }
    }

    async fn list(connection: &mut Connection, list: &Listing<Self>) -> Outcome<Page<AdminEventWithActor>> {
        admin_event_list(connection, &list.filter, &list.sort, &list.page, list.include).await
    }

    async fn count(connection: &mut Connection, filter: &AdminEventFilter) -> Outcome<i64> {
        admin_event_count(connection, filter).await
    }

    fn position(sort: &Sort<AdminEventSortKey>, row: &AdminEventWithActor) -> Position {
        admin_event_position(sort, &row.event)
    }
}
