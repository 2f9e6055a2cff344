//! Every statement that reads `groupdesk.enrollment_events`; `change_and_record!` in `rows.rs` writes it. In lists the table
//! is `v`, the actor `a`, the enrollment `e` with the creator `ep`, the group `g` with the creator `gp`, and the workspace
//! `w`.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::{
    Activity, BusyGroup, Correction, EnrollmentEvent, EventAction, EventActor, EventFilter, EventInclude,
    EventWithRelated, Removal,
};
use crate::kernel::actor::Source;
use crate::kernel::id::{EnrollmentId, EventId, GroupId, PersonId, WorkspaceId};
use crate::kernel::page::{EventSortKey, Page, PageRequest, Sort, TimeRange};
use crate::kernel::problem::Problem;
use crate::platform::call::RequestId;
use crate::platform::db::id_filters::{IdFilter, IdFilters};
use crate::platform::db::keyset::Branch;
use crate::platform::failure::Outcome;
use crate::resources::people::model::ByPerson;
use crate::resources::rows::matches::{List, Part, Scope, parts};
use crate::resources::rows::{
    Columns, Query, accepted, by_groups, by_people, by_workspaces, count_events, enrollment_columns,
    event_order, fetch_count, group_columns, person_columns, push_event_filter, push_included,
    push_row_of_id, push_words, read_enrollment, read_group, read_note, read_origin, read_person,
    read_workspace, workspace_columns,
};

const TABLE: &str = "groupdesk.enrollment_events";

/// The removals of these enrollments. Live ones, and those without a removal event, are left out.
pub async fn event_removals(
    connection: &mut PgConnection,
    enrollments: &[EnrollmentId],
) -> Outcome<HashMap<EnrollmentId, Removal>> {
    if enrollments.is_empty() {
        return Ok(HashMap::new());
    }
    let query = sqlx::query!(
        r#"
        SELECT e.workspace_group_workspace_id AS "enrollment: EnrollmentId",
               v.source AS "source: Source", v.actor_name, v.token_name, p.people_id AS "person?: PersonId"
        FROM core_api.workspace_group_workspaces e
        JOIN groupdesk.enrollment_events v ON v.workspace_group_workspace_pk = e.pk AND v.action = 'removed'
            -- In a partitioned log the time leads to the partition.
            AND v.occurred_at = e.deleted_at
        LEFT JOIN core_api.peoples p ON p.pk = v.actor_people_pk
        WHERE e.workspace_group_workspace_id = ANY($1)
        "#,
        enrollments as &[EnrollmentId],
    );
    let removals = query.fetch_all(connection).await?.into_iter().map(|row| {
        let actor = EventActor::of(row.person, row.actor_name, row.source);
        (row.enrollment, Removal { actor, source: row.source, token_name: row.token_name })
    });
    Ok(removals.collect())
}

/// The workspaces that a request, which began `at` this time, removed from a group, in the order in which rows are locked.
pub async fn event_removed_by(
    connection: &mut PgConnection,
    group: GroupId,
    at: DateTime<Utc>,
    request: &str,
) -> Outcome<Vec<WorkspaceId>> {
    let query = sqlx::query_scalar!(
        r#"SELECT w.workspace_id AS "id: WorkspaceId"
           FROM groupdesk.enrollment_events v
           JOIN core_api.workspaces w ON w.pk = v.workspace_pk
           WHERE v.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $1)
             AND v.occurred_at >= $2 AND v.action = 'removed' AND v.request_id = $3
           ORDER BY v.workspace_pk"#,
        group.uuid(),
        at,
        request,
    );
    Ok(query.fetch_all(connection).await?)
}

/// The numbers of events in each span between two of these ascending moments. The caller gives the moments, because the
/// days of a viewer depend on their time zone and differ in length.
///
/// A chart of a month reads a month of the index on time: a few hundred milliseconds for a million events. Sums in a table
/// would be faster to read, but all changes of a day would wait for each other to update them.
pub async fn event_activity(
    connection: &mut PgConnection,
    bounds: &[DateTime<Utc>],
) -> Outcome<Vec<Activity>> {
    let (Some(first), Some(last)) = (bounds.first(), bounds.last()) else { return Ok(Vec::new()) };
    let query = sqlx::query!(
        r#"
        SELECT width_bucket(occurred_at, $1::timestamptz[]) AS "span!",
               count(*) FILTER (WHERE action = 'enrolled') AS "enrolled!",
               count(*) FILTER (WHERE action = 'removed') AS "removed!"
        FROM groupdesk.enrollment_events
        WHERE occurred_at >= $2 AND occurred_at < $3
        GROUP BY 1
        "#,
        bounds,
        *first,
        *last,
    );
    let mut spans = vec![Activity::default(); bounds.len() - 1];
    for row in query.fetch_all(connection).await? {
        // `width_bucket` counts from 1.
        let index = usize::try_from(row.span).ok().and_then(|span| span.checked_sub(1));
        if let Some(span) = index.and_then(|index| spans.get_mut(index)) {
            *span = Activity { enrolled: row.enrolled, removed: row.removed };
        }
    }
    Ok(spans)
}

/// The groups with the most enrollments and removals in this time, at most `limit`.
pub async fn event_busiest_groups(
    connection: &mut PgConnection,
    range: TimeRange,
    limit: u16,
) -> Outcome<Vec<BusyGroup>> {
    let query = sqlx::query!(
        r#"
        SELECT g.workspace_group_id AS "id: GroupId", g.name,
               busiest.enrolled AS "enrolled!", busiest.removed AS "removed!"
        FROM (
            SELECT workspace_group_pk,
                   count(*) FILTER (WHERE action = 'enrolled') AS enrolled,
                   count(*) FILTER (WHERE action = 'removed') AS removed
            FROM groupdesk.enrollment_events
            WHERE occurred_at >= coalesce($1, '-infinity'::timestamptz)
              AND occurred_at < coalesce($2, 'infinity'::timestamptz)
              AND action IN ('enrolled', 'removed')
            GROUP BY workspace_group_pk
            ORDER BY count(*) DESC, workspace_group_pk
            LIMIT $3
        ) busiest
        JOIN core_api.workspace_groups g ON g.pk = busiest.workspace_group_pk
        ORDER BY busiest.enrolled + busiest.removed DESC, busiest.workspace_group_pk
        "#,
        range.from,
        range.before,
        i64::from(limit),
    );
    let groups = query.fetch_all(connection).await?.into_iter().map(|row| {
        let activity = Activity { enrolled: row.enrolled, removed: row.removed };
        BusyGroup { group: row.id, name: row.name, activity }
    });
    Ok(groups.collect())
}

fn select(include: EventInclude) -> Query<'static> {
    let mut query = Query::new(
        "SELECT v.enrollment_event_id, v.action, v.occurred_at, v.source, a.people_id, v.actor_name, v.token_name, \
         v.request_id, v.attributed_from, v.attributed_to, v.change_set_id, v.reason, v.reference, s.kind, s.undone_id, \
         sf.workspace_group_id, sf.name, st.workspace_group_id, st.name, s.as_of, e.workspace_group_workspace_id, \
         g.workspace_group_id, g.name, w.workspace_id, w.name",
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
          LEFT JOIN core_api.peoples a ON a.pk = v.actor_people_pk \
          LEFT JOIN groupdesk.change_sets s ON s.change_set_id = v.change_set_id \
          LEFT JOIN core_api.workspace_groups sf ON sf.pk = s.from_group_pk \
          LEFT JOIN core_api.workspace_groups st ON st.pk = s.to_group_pk",
    );
    if include.enrollment {
        query.push(" LEFT JOIN core_api.peoples ep ON ep.pk = e.created_by_pk");
    }
    if include.group {
        query.push(" LEFT JOIN core_api.peoples gp ON gp.pk = g.created_by_pk");
    }
}

fn read(columns: &mut Columns<'_>, include: EventInclude) -> Outcome<EventWithRelated> {
    Ok(EventWithRelated {
        event: read_event(columns)?,
        enrollment: if include.enrollment { Some(read_enrollment(columns)?) } else { None },
        enrollment_created_by: if include.enrollment_created_by { read_person(columns)? } else { None },
        group: if include.group { Some(read_group(columns)?) } else { None },
        group_created_by: if include.group_created_by { read_person(columns)? } else { None },
        workspace: if include.workspace { Some(read_workspace(columns)?) } else { None },
        actor: if include.actor { read_person(columns)? } else { None },
        group_live: None,
    })
}

fn read_event(columns: &mut Columns<'_>) -> Outcome<EnrollmentEvent> {
    let id = columns.take()?;
    let action = columns.take()?;
    let occurred_at = columns.take()?;
    let source = columns.take()?;
    let actor = EventActor::of(columns.take()?, columns.take()?, source);
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
        change_set: columns.take()?,
        note: read_note(columns)?,
        origin: read_origin(columns)?,
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
) -> Outcome<EventWithRelated> {
    let mut query = select(include);
    push_row_of_id(&mut query, TABLE, "enrollment_event_id", id);
    push_joins(&mut query, include);
    let row = query.build().fetch_optional(connection).await?.ok_or(Problem::EventNotFound(id))?;
    read(&mut Columns::of(&row), include)
}

/// The number of matching workspaces by whose keys the events of a group are searched. A log may have a partition for each
/// month, in each of which every key is looked up.
const KEYS_MAX: usize = 500;

async fn parts_of(connection: &mut PgConnection, filter: &EventFilter) -> Outcome<Vec<Part>> {
    let scope = Scope {
        groups: &filter.groups,
        workspaces: &filter.workspaces,
        is_small: !filter.enrollments.is_empty(),
        is_in_order: match &filter.actor {
            None => false,
            Some(ByPerson::Nobody) => true,
            Some(ByPerson::OneOf(people)) => people.len() == 1,
        },
        keys_max: KEYS_MAX,
    };
    let id_filters = |groups: &[GroupId], workspaces: &[WorkspaceId]| {
        IdFilters::new([
            IdFilter {
                column: "v.workspace_group_workspace_pk",
                alias: "se",
                lookup: "core_api.workspace_group_workspaces WHERE workspace_group_workspace_id",
                is_selective: true,
                wanted: filter.enrollments.iter().map(|id| id.uuid()).collect(),
            },
            by_groups("v.workspace_group_pk", groups),
            by_workspaces("v.workspace_pk", workspaces),
            by_people("v.actor_people_pk", filter.actor.as_ref()),
        ])
    };
    parts(connection, filter.search.as_deref(), &scope, id_filters).await
}

/// The condition of the only branch, unless there are [`kinds`].
const EVERYTHING: &str = "true";

/// Whether no index of an enrollment, a group or a workspace can be used.
fn is_everywhere(filter: &EventFilter) -> bool {
    filter.enrollments.is_empty() && filter.groups.is_empty() && filter.workspaces.is_empty()
}

/// The conditions of the branches for a filter by action and source only. One index begins with both, and both have few
/// values, so each combination is a branch.
fn kinds(filter: &EventFilter) -> Vec<Cow<'static, str>> {
    let is_by_kind = !filter.actions.is_empty() || !filter.sources.is_empty();
    if !is_by_kind || filter.search.is_some() || filter.actor.is_some() || !is_everywhere(filter) {
        return vec![EVERYTHING.into()];
    }
    let mut kinds = Vec::new();
    for action in accepted(&filter.actions) {
        for source in accepted(&filter.sources) {
            let (action, source) = (action.into_str(), source.into_str());
            kinds.push(format!("v.action = '{action}' AND v.source = '{source}'").into());
        }
    }
    kinds
}

fn branches(filter: &EventFilter) -> Vec<Branch> {
    let by_nobody = filter.actor == Some(ByPerson::Nobody) && is_everywhere(filter);
    let lead = by_nobody.then_some("v.actor_people_pk");
    let branch = |condition| Branch { leading_column: lead, ..Branch::of(condition) };
    kinds(filter).into_iter().map(branch).collect()
}

/// Appends the filters by action and source. Callers skip this for branches that already contain them, because a
/// repeated condition makes Postgres expect fewer rows.
fn push_kinds(query: &mut Query<'_>, filter: &EventFilter) {
    push_words(query, "v.action", filter.actions.iter().map(EventAction::into_str));
    push_words(query, "v.source", filter.sources.iter().map(Source::into_str));
}

/// Appends the filters that lead to few events.
fn push_selective(query: &mut Query<'_>, filter: &EventFilter) {
    if !filter.change_sets.is_empty() {
        query.push(" AND v.change_set_id = ANY (").push_bind(filter.change_sets.clone()).push(")");
    }
    if let Some(request_id) = &filter.request_id {
        let (first, last) = RequestId::change_sets(request_id).unzip();
        query.push(" AND v.change_set_id BETWEEN ").push_bind(first).push(" AND ").push_bind(last);
        query.push(" AND v.request_id = ").push_bind(request_id.clone());
    }
    if let Some(token) = filter.token {
        let of_token = "(SELECT k.name FROM groupdesk.api_tokens k WHERE k.api_token_id = ";
        query.push(" AND v.token_name = ").push(of_token).push_bind(token).push(")");
        let of_token = "(SELECT k.people_pk FROM groupdesk.api_tokens k WHERE k.api_token_id = ";
        query.push(" AND v.actor_people_pk IS NOT DISTINCT FROM ").push(of_token).push_bind(token).push(")");
    }
}

/// Whether the statement is planned for its values: how many events a change set or a token has differs widely.
fn is_selective(filter: &EventFilter) -> bool {
    !filter.change_sets.is_empty() || filter.request_id.is_some() || filter.token.is_some()
}

/// The filter with the person of the token, whose events have an index. Without a person, they are among those of nobody.
async fn with_actor_of_token<'a>(
    connection: &mut PgConnection,
    filter: &'a EventFilter,
) -> Outcome<Cow<'a, EventFilter>> {
    let Some(token) = filter.token.filter(|_| filter.actor.is_none()) else {
        return Ok(Cow::Borrowed(filter));
    };
    let query = sqlx::query_scalar!(
        r#"SELECT p.people_id AS "id: PersonId" FROM groupdesk.api_tokens k
           JOIN core_api.peoples p ON p.pk = k.people_pk WHERE k.api_token_id = $1"#,
        token.uuid(),
    );
    let person = query.fetch_optional(connection).await?;
    let actor = Some(person.map_or(ByPerson::Nobody, |person| ByPerson::OneOf(vec![person])));
    Ok(Cow::Owned(EventFilter { actor, ..filter.clone() }))
}

pub async fn event_list(
    connection: &mut PgConnection,
    filter: &EventFilter,
    sort: &Sort<EventSortKey>,
    page: &PageRequest,
    include: EventInclude,
) -> Outcome<Page<EventWithRelated>> {
    let filter = &*with_actor_of_token(connection, filter).await?;
    let order = event_order(sort, "SELECT pk FROM groupdesk.enrollment_events WHERE enrollment_event_id =");
    let (branches, parts) = (branches(filter), parts_of(connection, filter).await?);
    let list = List {
        order: &order,
        table: TABLE,
        alias: "v",
        branches: &branches,
        parts: &parts,
        text: filter.search.as_deref(),
        page,
        filter: |query: &mut Query<'_>, branch: &Branch, id_filters: &IdFilters| {
            push_event_filter(query, id_filters, filter.actor.as_ref(), filter.occurred_at);
            if branch.condition == EVERYTHING {
                push_kinds(query, filter);
            }
            push_selective(query, filter);
        },
    };
    let mut query = select(include);
    list.push(&mut query);
    push_joins(&mut query, include);
    order.push_order(&mut query, page);
    list.fetch(connection, query, is_selective(filter), |row| read(&mut Columns::of(row), include)).await
}

/// The exact number; the cost grows with it.
pub async fn event_count(connection: &mut PgConnection, filter: &EventFilter) -> Outcome<i64> {
    let filter = &*with_actor_of_token(connection, filter).await?;
    let mut count = 0;
    for part in parts_of(connection, filter).await? {
        let mut query = count_events(TABLE, &part.id_filters);
        push_event_filter(&mut query, &part.id_filters, filter.actor.as_ref(), filter.occurred_at);
        push_kinds(&mut query, filter);
        push_selective(&mut query, filter);
        part.push_conditions(&mut query, "v", filter.search.as_deref());
        count += fetch_count(connection, query, filter.search.is_some() || is_selective(filter)).await?;
    }
    Ok(count)
}
