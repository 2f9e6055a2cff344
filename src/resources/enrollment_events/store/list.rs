//! Reading the log: one event, a page, how many.

use std::borrow::Cow;

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::super::model::{
    Correction, EnrollmentEvent, EventAction, EventFilter, EventInclude, EventSortKey, EventWith,
};
use super::{actor, source};
use crate::kernel::actor::Source as Origin;
use crate::kernel::id::{EnrollmentId, EventId, GroupId, PersonId, WorkspaceId};
use crate::kernel::page::{Page, PageRequest, Sort};
use crate::platform::db::id_filters::{ByIds, IdFilters};
use crate::platform::db::keyset::{Arm, ArmKey, Last, Order, SortKey, Source};
use crate::platform::db::push_range;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::enrollments::model::Enrollment;
use crate::resources::people::model::ByPerson;
use crate::resources::rows::{
    Columns, group_columns, person_columns, read_group, read_person, read_workspace, workspace_columns,
};

type Query<'a> = QueryBuilder<'a, Postgres>;

fn push_columns(query: &mut Query<'_>, include: EventInclude) {
    query.push(
        "SELECT v.enrollment_event_id, v.action, v.occurred_at, v.source, a.people_id, v.actor_name, v.token_name, \
         v.request_id, v.attributed_from, v.attributed_to, e.workspace_group_workspace_id, g.workspace_group_id, \
         g.name, w.workspace_id, w.name",
    );
    if include.enrollment {
        query.push(", ep.people_id, e.created_at, e.updated_at, e.deleted_at");
    }
    if include.enrollment_created_by {
        query.push(", ").push(person_columns("ep"));
    }
    if include.group {
        query.push(", ").push(group_columns("g", "gp"));
    }
    if include.group_created_by {
        query.push(", ").push(person_columns("gp"));
    }
    if include.workspace {
        query.push(", ").push(workspace_columns("w"));
    }
    if include.actor {
        query.push(", ").push(person_columns("a"));
    }
}

fn push_joins(query: &mut Query<'_>, include: EventInclude) {
    query.push(
        " JOIN core_api.workspace_group_workspaces e ON e.pk = v.workspace_group_workspace_pk \
          JOIN core_api.workspace_groups g ON g.pk = v.workspace_group_pk \
          JOIN core_api.workspaces w ON w.pk = v.workspace_pk \
          LEFT JOIN core_api.peoples a ON a.pk = v.actor_people_pk",
    );
    if include.enrollment {
        query.push(" LEFT JOIN core_api.peoples ep ON ep.pk = e.created_by_pk");
    }
    if include.group {
        query.push(" LEFT JOIN core_api.peoples gp ON gp.pk = g.created_by_pk");
    }
}

fn read(row: &PgRow, include: EventInclude) -> Outcome<EventWith> {
    let mut columns = Columns::of(row);
    let event = read_event(&mut columns)?;
    let enrollment = if include.enrollment { Some(read_enrollment(&mut columns, &event)?) } else { None };
    Ok(EventWith {
        event,
        enrollment,
        enrollment_created_by: if include.enrollment_created_by { read_person(&mut columns)? } else { None },
        group: if include.group { Some(read_group(&mut columns)?) } else { None },
        group_created_by: if include.group_created_by { read_person(&mut columns)? } else { None },
        workspace: if include.workspace { Some(read_workspace(&mut columns)?) } else { None },
        actor: if include.actor { read_person(&mut columns)? } else { None },
    })
}

fn read_event(columns: &mut Columns<'_>) -> Outcome<EnrollmentEvent> {
    let id = EventId::new(columns.take()?);
    let action: &str = columns.take()?;
    let action =
        EventAction::from_word(action).ok_or_else(|| Failure::fault(format!("unknown action '{action}'")))?;
    let occurred_at = columns.take()?;
    let source = source(columns.take()?)?;
    let actor = actor(columns.take()?, columns.take()?, source);
    let (token_name, request_id) = (columns.take()?, columns.take()?);
    let correction = Correction { from: columns.take()?, to: columns.take()? };
    Ok(EnrollmentEvent {
        id,
        action,
        occurred_at,
        source,
        actor,
        token_name,
        request_id,
        enrollment: EnrollmentId::new(columns.take()?),
        group: GroupId::new(columns.take()?),
        group_name: columns.take()?,
        workspace: WorkspaceId::new(columns.take()?),
        workspace_name: columns.take()?,
        correction: match action {
            EventAction::AttributionCorrected => Some(correction),
            EventAction::Enrolled | EventAction::Removed => None,
        },
    })
}

fn read_enrollment(columns: &mut Columns<'_>, event: &EnrollmentEvent) -> Outcome<Enrollment> {
    Ok(Enrollment {
        id: event.enrollment,
        group: event.group,
        workspace: event.workspace,
        created_by: columns.take::<Option<Uuid>>()?.map(PersonId::new),
        created_at: columns.take()?,
        updated_at: columns.take()?,
        deleted_at: columns.take()?,
    })
}

pub(in super::super) async fn get(
    connection: &mut PgConnection,
    id: EventId,
    include: EventInclude,
) -> Outcome<Option<EventWith>> {
    let mut query = QueryBuilder::new("");
    push_columns(&mut query, include);
    query.push(" FROM groupdesk.enrollment_events v");
    push_joins(&mut query, include);
    query.push(" WHERE v.enrollment_event_id = ").push_bind(id.uuid());
    let row = query.build().fetch_optional(connection).await?;
    row.map(|row| read(&row, include)).transpose()
}

/// All that one request does has one time: its entries stand in the order in which they were written.
const LAST: Last = Last::Written {
    key: "v.pk",
    by_id: "SELECT pk FROM groupdesk.enrollment_events WHERE enrollment_event_id =",
};

fn order(sort: &Sort<EventSortKey>) -> Order {
    let key = |&(key, descending): &(EventSortKey, bool)| SortKey {
        expression: match key {
            EventSortKey::OccurredAt => "v.occurred_at",
        },
        descending,
        folded: false,
    };
    Order { keys: sort.0.iter().map(key).collect(), last: LAST }
}

fn by_ids(filter: &EventFilter) -> IdFilters {
    let people = filter.actor.as_ref().map_or(&[][..], ByPerson::people);
    IdFilters::new([
        ByIds {
            column: "v.workspace_group_workspace_pk",
            alias: "se",
            lookup: "core_api.workspace_group_workspaces WHERE workspace_group_workspace_id",
            is_narrow: true,
            wanted: filter.enrollments.iter().map(|id| id.uuid()).collect(),
        },
        ByIds {
            column: "v.workspace_group_pk",
            alias: "sg",
            lookup: "core_api.workspace_groups WHERE workspace_group_id",
            is_narrow: false,
            wanted: filter.groups.iter().map(|id| id.uuid()).collect(),
        },
        ByIds {
            column: "v.workspace_pk",
            alias: "sw",
            lookup: "core_api.workspaces WHERE workspace_id",
            is_narrow: true,
            wanted: filter.workspaces.iter().map(|id| id.uuid()).collect(),
        },
        ByIds {
            column: "v.actor_people_pk",
            alias: "sp",
            lookup: "core_api.peoples WHERE people_id",
            is_narrow: false,
            wanted: people.iter().map(|id| id.uuid()).collect(),
        },
    ])
}

const EVERYTHING: &str = "true";

/// Is a place named whose own index leads, by a few events or many?
fn has_place(filter: &EventFilter) -> bool {
    !filter.enrollments.is_empty() || !filter.groups.is_empty() || !filter.workspaces.is_empty()
}

/// Action and source are few words, and an index is led by both: without a place or an actor, each
/// combination that the filter lets through is an arm of its own.
fn kinds(filter: &EventFilter) -> Vec<String> {
    if has_place(filter) || filter.actor.is_some() || (filter.actions.is_empty() && filter.sources.is_empty())
    {
        return Vec::new();
    }
    let actions = EventAction::ALL.into_iter().filter(|action| lets_through(&filter.actions, action));
    actions
        .flat_map(|action| {
            let sources = Origin::ALL.into_iter().filter(|source| lets_through(&filter.sources, source));
            sources.map(move |source| {
                format!("v.action = '{}' AND v.source = '{}'", action.word(), source.word())
            })
        })
        .collect()
}

fn lets_through<T: PartialEq>(wanted: &[T], value: &T) -> bool {
    wanted.is_empty() || wanted.contains(value)
}

fn arms(filter: &EventFilter, sort: &Sort<EventSortKey>) -> Vec<Arm> {
    let keys: Vec<ArmKey> = sort
        .0
        .iter()
        .map(|(key, _)| match key {
            EventSortKey::OccurredAt => ArmKey::Indexed("v.occurred_at"),
        })
        .collect();
    let lead = match filter.actor {
        Some(ByPerson::Nobody) if !has_place(filter) => Some("v.actor_people_pk"),
        Some(ByPerson::Nobody | ByPerson::OneOf(_)) | None => None,
    };
    let arm = |condition: Cow<'static, str>| Arm { condition, keys: keys.clone(), lead };
    let kinds = kinds(filter);
    if kinds.is_empty() {
        return vec![arm(EVERYTHING.into())];
    }
    kinds.into_iter().map(|kind| arm(kind.into())).collect()
}

fn push_filter(query: &mut Query<'_>, filter: &EventFilter, by_ids: &IdFilters) {
    by_ids.push_conditions(query);
    if filter.actor == Some(ByPerson::Nobody) {
        query.push(" AND v.actor_people_pk IS NULL");
    }
    push_range(query, "v.occurred_at", filter.occurred_at);
}

/// Action and source, where they are no arms: told twice they would be taken for twice as rare.
fn push_kinds(query: &mut Query<'_>, filter: &EventFilter) {
    push_words(query, "v.action", filter.actions.iter().map(|action| action.word()));
    push_words(query, "v.source", filter.sources.iter().map(|source| source.word()));
}

fn push_words(query: &mut Query<'_>, column: &str, words: impl Iterator<Item = &'static str>) {
    let words: Vec<&str> = words.collect();
    if !words.is_empty() {
        query.push(" AND ").push(column).push(" = ANY (").push_bind(words).push(")");
    }
}

pub(in super::super) async fn list(
    connection: &mut PgConnection,
    filter: &EventFilter,
    sort: &Sort<EventSortKey>,
    page: &PageRequest,
    include: EventInclude,
) -> Outcome<Page<EventWith>> {
    let (order, by_ids) = (order(sort), by_ids(filter));
    let source = Source {
        table: "groupdesk.enrollment_events",
        alias: "v",
        arms: &arms(filter, sort),
        by_ids: &by_ids,
    };
    let mut query = QueryBuilder::new("");
    push_columns(&mut query, include);
    query.push(" FROM ");
    order.push_page(&mut query, &source, page, |query, arm| {
        push_filter(query, filter, &by_ids);
        if arm.condition == EVERYTHING {
            push_kinds(query, filter);
        }
    });
    query.push(" v");
    push_joins(&mut query, include);
    order.push_order(&mut query, page);
    let rows = query.build().fetch_all(connection).await?;
    let rows = rows.iter().map(|row| read(row, include)).collect::<Outcome<_>>()?;
    Ok(Page::from_lookahead(rows, page))
}

pub(in super::super) async fn count(connection: &mut PgConnection, filter: &EventFilter) -> Outcome<i64> {
    let by_ids = by_ids(filter);
    let mut query = QueryBuilder::new("SELECT count(*) FROM groupdesk.enrollment_events v");
    if let Some(each) = by_ids.each() {
        query.push(", ");
        each.push_table(&mut query);
    }
    query.push(" WHERE true");
    push_filter(&mut query, filter, &by_ids);
    push_kinds(&mut query, filter);
    Ok(query.build_query_scalar().fetch_one(connection).await?)
}
