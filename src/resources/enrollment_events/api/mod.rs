//! The enrollment log as JSON:API: type `enrollment_event`, read-only.

use chrono::{DateTime, Utc};
use strum::VariantNames;

use crate::api::{Connection, Listing, Loaded, Readable, error_code, filters};
use crate::jsonapi::document::Resource;
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::Query;
use crate::jsonapi::resource_type::FilterType::{Id, Ids, IdsOrNone, SomeOf, Text, TimeRange};
use crate::jsonapi::resource_type::{Attribute, Filter, Relationship, ResourceType, Verb};
use crate::kernel::actor::Source;
use crate::kernel::id::{EventId, GroupId, PersonId};
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
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, group_resource, live_counts};
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
        Attribute::text_or_null(
            "change_set_id",
            "The id of everything that the same request, command or import changed; null for events of earlier versions.",
            "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
        ),
        Attribute::text_or_null("reason", "Why it was done, if a reason was given.", "Contract ended"),
        Attribute::text_or_null("reference", "The key or URL of a ticket, if one was given.", "OPS-1432"),
        Attribute::text_or_null(
            "attributed_from",
            "For the action attribution_corrected: the name of the previous creator; otherwise null.",
            "Ana Lima",
        ),
        Attribute::text_or_null(
            "attributed_to",
            "For the action attribution_corrected: the name of the new creator; otherwise null.",
            "Li Wei",
        ),
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
        filters::SEARCH,
        Filter::new("actor", IdsOrNone, "Events caused by one of these people, or without an actor."),
        Filter::new("action", SomeOf(ACTIONS), "One of these actions."),
        Filter::new("source", SomeOf(SOURCES), "Through one of these entry points."),
        Filter::new("occurred_at", TimeRange, "In this period."),
        Filter::new("change_set", Ids, "Events of one of these change sets."),
        Filter::new("token", Id, "Changes with this API token, by its name and the person for whom it acts."),
        Filter::new(
            "request_id",
            Text,
            "Changes by the requests with this X-Request-Id; requests of earlier versions are not found.",
        ),
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
    let (from, to) = event.correction.map_or((None, None), |correction| (correction.from, correction.to));
    let attributes = [
        event.action.into_str().into(),
        event.occurred_at.into(),
        event.source.into_str().into(),
        event.actor.name().map(str::to_owned).into(),
        event.token_name.into(),
        event.request_id.into(),
        event.change_set.map(|id| id.to_string()).into(),
        event.note.reason().map(str::to_owned).into(),
        event.note.reference().map(str::to_owned).into(),
        from.into(),
        to.into(),
    ];
    let relationships = [
        ENROLLMENT.linkage(event.enrollment.uuid()),
        WORKSPACE_GROUP.linkage(event.group.uuid()),
        WORKSPACE.linkage(event.workspace.uuid()),
        PEOPLE.linkage(event.actor.person().map(PersonId::uuid)),
    ];
    EVENT.resource(event.id.uuid(), attributes, relationships)
}

/// The group of an event, and where the number of its live enrollments goes.
const fn live_count(row: &mut EventWithRelated) -> (GroupId, &mut Option<i64>) {
    (row.event.group, &mut row.group_live)
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
        let group = with.group.map(|group| group_resource(group, with.group_live));
        let workspace = with.workspace.map(workspace_resource);
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
            group_live: of_either("workspace_group") && live_counts::is_requested(projection),
            workspace: of_either("workspace"),
            actor: of_event("actor"),
        }
    }

    async fn get(connection: &mut Connection, id: EventId, include: EventInclude) -> Outcome<Self::Row> {
        let mut row = ops::event_get(connection, id, include).await?;
        if include.group_live {
            live_counts::fill(connection, [live_count(&mut row)].into_iter()).await?;
        }
        Ok(row)
    }

    fn filter(query: &mut Query, _: DateTime<Utc>) -> EventFilter {
        EventFilter {
            enrollments: query.values("enrollment"),
            groups: query.values("workspace_group"),
            workspaces: query.values("workspace"),
            search: query.search("q"),
            actor: query.values_or_none("actor").map(ByPerson::new),
            actions: query.values("action"),
            sources: query.values("source"),
            occurred_at: query.time_range("occurred_at"),
            change_sets: query.values("change_set"),
            token: query.value("token"),
            request_id: query.text("request_id"),
        }
    }

    async fn list(connection: &mut Connection, list: &Listing<Self>) -> Outcome<Page<Self::Row>> {
        let mut page =
            ops::event_list(connection, &list.filter, &list.sort, &list.page, list.include).await?;
        if list.include.group_live {
            live_counts::fill(connection, page.items.iter_mut().map(live_count)).await?;
        }
        Ok(page)
    }

    async fn count(connection: &mut Connection, filter: &EventFilter) -> Outcome<i64> {
        ops::event_count(connection, filter).await
    }

    fn position(sort: &Sort<EventSortKey>, with: &EventWithRelated) -> Position {
        event_position(sort, &with.event)
    }
}
