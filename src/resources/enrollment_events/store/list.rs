//! Reading the log: one event, a page, a count. The table is `v`; an event's actor is `a`, its enrollment `e` with the
//! creator `ep`, its group `g` with the creator `gp`, and its workspace `w`.

use std::borrow::Cow;

use sqlx::PgConnection;
use strum::VariantArray;

use super::actor;
use crate::kernel::actor::Source as Origin;
use crate::kernel::id::EventId;
use crate::kernel::page::{Page, PageRequest, Sort};
use crate::kernel::problem::Problem;
use crate::platform::db::id_filters::{IdFilter, IdFilters};
use crate::platform::db::keyset::{Branch, BranchKey, Last, Order, SortKey, Source};
use crate::platform::db::push_range;
use crate::platform::failure::Outcome;
use crate::resources::enrollment_events::model::{
    Correction, EnrollmentEvent, EventAction, EventFilter, EventInclude, EventSortKey, EventWith,
};
use crate::resources::people::model::ByPerson;
use crate::resources::rows::{
    Columns, Query, by_groups, by_people, by_workspaces, enrollment_columns, fetch_page, group_columns,
    person_columns, push_included, read_enrollment, read_group, read_person, read_workspace, stored_word,
    workspace_columns,
};

const TABLE: &str = "groupdesk.enrollment_events";

fn select(include: EventInclude) -> Query<'static> {
    let mut query = Query::new(
        "SELECT v.enrollment_event_id, v.action, v.occurred_at, v.source, a.people_id, v.actor_name, v.token_name, \
         v.request_id, v.attributed_from, v.attributed_to, e.workspace_group_workspace_id, g.workspace_group_id, \
         g.name, w.workspace_id, w.name",
    );
    let related = [
        (include.enrollment, enrollment_columns("e", "g", "w", "ep")),
        (include.enrollment_created_by, person_columns("ep")),
        (include.group, group_columns("g", "gp")),
        (include.group_created_by, person_columns("gp")),
        (include.workspace, workspace_columns("w")),
        (include.actor, person_columns("a")),
    ];
    push_included(&mut query, related);
    query.push(" FROM ");
    query
}

fn push_joins(query: &mut Query<'_>, include: EventInclude) {
    query.push(
        " v JOIN core_api.workspace_group_workspaces e ON e.pk = v.workspace_group_workspace_pk \
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

fn read(columns: &mut Columns<'_>, include: EventInclude) -> Outcome<EventWith> {
    Ok(EventWith {
        event: read_event(columns)?,
        enrollment: if include.enrollment { Some(read_enrollment(columns)?) } else { None },
        enrollment_created_by: if include.enrollment_created_by { read_person(columns)? } else { None },
        group: if include.group { Some(read_group(columns)?) } else { None },
        group_created_by: if include.group_created_by { read_person(columns)? } else { None },
        workspace: if include.workspace { Some(read_workspace(columns)?) } else { None },
        actor: if include.actor { read_person(columns)? } else { None },
    })
}

fn read_event(columns: &mut Columns<'_>) -> Outcome<EnrollmentEvent> {
    let id = columns.take()?;
    let action: &str = columns.take()?;
    let action = stored_word(action)?;
    let occurred_at = columns.take()?;
    let source = stored_word(columns.take()?)?;
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
        enrollment: columns.take()?,
        group: columns.take()?,
        group_name: columns.take()?,
        workspace: columns.take()?,
        workspace_name: columns.take()?,
        correction: (action == EventAction::AttributionCorrected).then_some(correction),
    })
}

/// An event, or `EventNotFound`.
pub async fn event_get(
    connection: &mut PgConnection,
    id: EventId,
    include: EventInclude,
) -> Outcome<EventWith> {
    let mut query = select(include);
    query.push(TABLE);
    push_joins(&mut query, include);
    query.push(" WHERE v.enrollment_event_id = ").push_bind(id);
    let row = query.build().fetch_optional(connection).await?.ok_or(Problem::EventNotFound(id))?;
    read(&mut Columns::of(&row), include)
}

/// All events of a request have one time, so their keys keep the order in which they were written.
const LAST: Last = Last::Written {
    key: "v.pk",
    by_id: "SELECT pk FROM groupdesk.enrollment_events WHERE enrollment_event_id =",
};

const fn expression(key: EventSortKey) -> &'static str {
    match key {
        EventSortKey::OccurredAt => "v.occurred_at",
    }
}

fn order(sort: &Sort<EventSortKey>) -> Order {
    let key = |&(key, descending): &(EventSortKey, bool)| SortKey {
        expression: expression(key),
        descending,
        case_insensitive: false,
    };
    Order { keys: sort.0.iter().map(key).collect(), last: LAST }
}

fn id_filters(filter: &EventFilter) -> IdFilters {
    IdFilters::new([
        IdFilter {
            column: "v.workspace_group_workspace_pk",
            alias: "se",
            lookup: "core_api.workspace_group_workspaces WHERE workspace_group_workspace_id",
            is_selective: true,
            wanted: filter.enrollments.iter().map(|id| id.uuid()).collect(),
        },
        by_groups("v.workspace_group_pk", &filter.groups),
        by_workspaces("v.workspace_pk", &filter.workspaces),
        by_people("v.actor_people_pk", filter.actor.as_ref()),
    ])
}

/// The condition of the only branch, if the branches are not [`kinds`].
const EVERYTHING: &str = "true";

/// No index of an enrollment, a group or a workspace can be used.
fn is_everywhere(filter: &EventFilter) -> bool {
    filter.enrollments.is_empty() && filter.groups.is_empty() && filter.workspaces.is_empty()
}

/// The conditions of the branches for a filter by action and source only. One index begins with both, and both have few
/// values, so each combination is a branch.
fn kinds(filter: &EventFilter) -> Vec<Cow<'static, str>> {
    let is_by_kind = !filter.actions.is_empty() || !filter.sources.is_empty();
    if !is_by_kind || filter.actor.is_some() || !is_everywhere(filter) {
        return vec![EVERYTHING.into()];
    }
    let mut kinds = Vec::new();
    for action in EventAction::VARIANTS.iter().copied().filter(|action| matches(&filter.actions, action)) {
        for source in Origin::VARIANTS.iter().copied().filter(|source| matches(&filter.sources, source)) {
            kinds.push(
                format!("v.action = '{}' AND v.source = '{}'", action.into_str(), source.into_str()).into(),
            );
        }
    }
    kinds
}

fn matches<T: PartialEq>(wanted: &[T], value: &T) -> bool {
    wanted.is_empty() || wanted.contains(value)
}

fn branches(filter: &EventFilter, sort: &Sort<EventSortKey>) -> Vec<Branch> {
    let keys: Vec<BranchKey> = sort.0.iter().map(|&(key, _)| BranchKey::Indexed(expression(key))).collect();
    let by_nobody = filter.actor == Some(ByPerson::Nobody) && is_everywhere(filter);
    let lead = by_nobody.then_some("v.actor_people_pk");
    kinds(filter)
        .into_iter()
        .map(|condition| Branch { condition, keys: keys.clone(), leading_column: lead })
        .collect()
}

fn push_filter(query: &mut Query<'_>, filter: &EventFilter, id_filters: &IdFilters) {
    id_filters.push_conditions(query);
    if filter.actor == Some(ByPerson::Nobody) {
        query.push(" AND v.actor_people_pk IS NULL");
    }
    push_range(query, "v.occurred_at", filter.occurred_at);
}

/// Appends action and source, unless the branches have them: a repeated condition makes Postgres expect fewer rows.
fn push_kinds(query: &mut Query<'_>, filter: &EventFilter) {
    push_words(query, "v.action", filter.actions.iter().map(EventAction::into_str));
    push_words(query, "v.source", filter.sources.iter().map(Origin::into_str));
}

fn push_words(query: &mut Query<'_>, column: &str, words: impl Iterator<Item = &'static str>) {
    let words: Vec<&str> = words.collect();
    if !words.is_empty() {
        query.push(" AND ").push(column).push(" = ANY (").push_bind(words).push(")");
    }
}

pub async fn event_list(
    connection: &mut PgConnection,
    filter: &EventFilter,
    sort: &Sort<EventSortKey>,
    page: &PageRequest,
    include: EventInclude,
) -> Outcome<Page<EventWith>> {
    let (order, id_filters) = (order(sort), id_filters(filter));
    let source =
        Source { table: TABLE, alias: "v", branches: &branches(filter, sort), id_filters: &id_filters };
    let mut query = select(include);
    order.push_page(&mut query, &source, page, |query, branch| {
        push_filter(query, filter, &id_filters);
        if branch.condition == EVERYTHING {
            push_kinds(query, filter);
        }
    });
    push_joins(&mut query, include);
    order.push_order(&mut query, page);
    fetch_page(connection, query, true, page, |columns| read(columns, include)).await
}

/// The exact number; the cost grows with it.
pub async fn event_count(connection: &mut PgConnection, filter: &EventFilter) -> Outcome<i64> {
    let id_filters = id_filters(filter);
    let mut query = Query::new("SELECT count(*) FROM groupdesk.enrollment_events v");
    if let Some(each) = id_filters.driving() {
        query.push(", ");
        each.push_table(&mut query);
    }
    query.push(" WHERE true");
    push_filter(&mut query, filter, &id_filters);
    push_kinds(&mut query, filter);
    Ok(query.build_query_scalar().fetch_one(connection).await?)
}
