//! The administration log as JSON:API: type `admin_event`, read-only, for tokens with the scope `audit`.

use chrono::{DateTime, Utc};
use strum::VariantNames;

use crate::api::{Connection, Listing, Loaded, Readable, error_code};
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::Query;
use crate::jsonapi::resource_type::FilterType::{IdsOrNone, SomeOf, TimeRange};
use crate::jsonapi::resource_type::{Attribute, Filter, Relationship, ResourceType, Verb};
use crate::kernel::id::AdminEventId;
use crate::kernel::page::{EventSortKey, Page, Position, Sort};
use crate::kernel::problem::Privilege;
use crate::platform::failure::Outcome;
use crate::resources::admin_events::model::{
    AdminAction, AdminEventFilter, AdminEventWithActor, SubjectType, admin_event_position,
};
use crate::resources::admin_events::ops;
use crate::resources::enrollment_events::api::{NEVER_WRITTEN, OCCURRED_AT, REQUEST_ID, TOKEN_NAME, source};
use crate::resources::people::api::{PEOPLE, person_resource};
use crate::resources::people::model::ByPerson;

const ACTIONS: &[&str] = <AdminAction as VariantNames>::VARIANTS;
const SUBJECT_TYPES: &[&str] = SubjectType::VARIANTS;

pub static ADMIN_EVENT: ResourceType = ResourceType {
    type_name: "admin_event",
    base: "/v1/admin-events",
    noun: ("administration event", "administration events"),
    about: "One entry of the administration log: a change of a group, a workspace, a person, an operator or an API \
            token, or a sign-in. Entries are added and never changed. Reading them requires the scope `audit`.",
    verbs: &[Verb::List, Verb::Retrieve],
    attributes: &[
        Attribute::word("action", ACTIONS, "What was done.", "workspace_group_created"),
        OCCURRED_AT,
        source("web"),
        Attribute::text_or_null(
            "actor_name",
            "The display name of the actor at that time; null for a system token, a command without a person, \
             and a failed sign-in.",
            "Ana Lima",
        ),
        TOKEN_NAME,
        REQUEST_ID,
        Attribute::word("subject_type", SUBJECT_TYPES, "The type of what was changed.", "workspace_group"),
        Attribute::text_or_null(
            "subject_id",
            "The id of what was changed, also after it was deleted; null for a failed sign-in with an unknown address.",
            "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        ),
        Attribute::text_or_null(
            "subject_name",
            "The name of what was changed, at that time.",
            "EMEA customers",
        ),
    ],
    relationships: &[Relationship::computed("actor", "people", true, NEVER_WRITTEN)],
    filters: &[
        Filter::new("actor", IdsOrNone, "Events caused by one of these people, or without an actor."),
        Filter::new("action", SomeOf(ACTIONS), "One of these actions."),
        Filter::new("occurred_at", TimeRange, "In this period."),
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
    type SortKey = EventSortKey;

    const TYPE: &'static ResourceType = &ADMIN_EVENT;

    fn resource(row: AdminEventWithActor) -> Loaded {
        let event = row.event;
        let attributes = [
            event.action.into_str().into(),
            event.occurred_at.into(),
            event.source.into_str().into(),
            event.actor_name.into(),
            event.token_name.into(),
            event.request_id.into(),
            event.action.subject_type().into_str().into(),
            event.subject_id.map(|id| id.to_string()).into(),
            event.subject_name.into(),
        ];
        let actor = PEOPLE.linkage(event.actor.map(|person| person.id.uuid()));
        Loaded::new(
            ADMIN_EVENT.resource(event.id.uuid(), attributes, [actor]),
            [row.actor.map(person_resource)],
        )
    }

    fn include(projection: &Projection) -> bool {
        projection.includes("actor")
    }

    async fn get(connection: &mut Connection, id: AdminEventId, with_actor: bool) -> Outcome<Self::Row> {
        ops::admin_event_get(connection, id, with_actor).await
    }

    fn filter(query: &mut Query, _: DateTime<Utc>) -> AdminEventFilter {
        AdminEventFilter {
            actions: query.values("action"),
            actor: query.values_or_none("actor").map(ByPerson::new),
            occurred_at: query.time_range("occurred_at"),
        }
    }

    async fn list(connection: &mut Connection, list: &Listing<Self>) -> Outcome<Page<AdminEventWithActor>> {
        ops::admin_event_list(connection, &list.filter, &list.sort, &list.page, list.include).await
    }

    async fn count(connection: &mut Connection, filter: &AdminEventFilter) -> Outcome<i64> {
        ops::admin_event_count(connection, filter).await
    }

    fn position(sort: &Sort<EventSortKey>, row: &AdminEventWithActor) -> Position {
        admin_event_position(sort, &row.event)
    }
}
