//! Every statement on `groupdesk.enrollment_events`.

pub mod list;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::{Activity, BusyGroup, Correction, EventAction, EventActor, Removal};
use crate::kernel::actor::{PersonRef, Source};
use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::page::TimeRange;
use crate::platform::call::Call;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::rows::stored_word;

/// Records one event for each enrollment, in their order. The operation that changed them has checked its privilege.
///
/// An event has the time of its row, which the database may have moved. A changed creator has the time of the request
/// instead, because `updated_at` moves with every write (`enrollment_guard`), and two changes in one request have one time.
pub async fn event_record<P: Sync>(
    connection: &mut PgConnection,
    call: &Call<P>,
    action: EventAction,
    enrollments: &[EnrollmentId],
    correction: Option<&Correction>,
) -> Outcome<()> {
    if enrollments.is_empty() {
        return Ok(());
    }
    let person = call.actor.person.as_ref();
    let done = sqlx::query!(
        "WITH person AS (SELECT pk FROM core_api.peoples WHERE people_id = $4 FOR KEY SHARE)
         INSERT INTO groupdesk.enrollment_events
             (action, occurred_at, source, actor_people_pk, actor_name, token_name, request_id,
              attributed_from, attributed_to,
              workspace_group_workspace_pk, workspace_group_pk, workspace_pk)
         SELECT $2, CASE $2 WHEN 'enrolled' THEN e.created_at WHEN 'removed' THEN e.deleted_at
                        ELSE greatest($10, e.created_at) END,
                $3, (SELECT pk FROM person), $5, $6, $7, $8, $9,
                e.pk, e.workspace_group_pk, e.workspace_pk
         FROM unnest($1::uuid[]) WITH ORDINALITY AS changed (id, position)
         JOIN core_api.workspace_group_workspaces e ON e.workspace_group_workspace_id = changed.id
         ORDER BY changed.position",
        enrollments as &[EnrollmentId],
        action.into_str(),
        call.actor.source.into_str(),
        person.map(|person| person.id.uuid()),
        person.map(|person| person.name.as_str()),
        call.actor.token_name.as_deref(),
        call.request_id_text(),
        correction.and_then(|correction| correction.from.as_deref()),
        correction.and_then(|correction| correction.to.as_deref()),
        call.now,
    )
    .execute(connection)
    .await?;
    if usize::try_from(done.rows_affected()) != Ok(enrollments.len()) {
        let (changes, events) = (enrollments.len(), done.rows_affected());
        return Err(Failure::fault(format!("{changes} changes but {events} events")));
    }
    call.tally.add(action.into_str(), enrollments.len());
    if action == EventAction::Enrolled {
        call.tally.add_made(enrollments.iter().map(|id| id.uuid()));
    }
    Ok(())
}

fn actor(person: Option<PersonId>, name: Option<String>, source: Source) -> EventActor {
    match (person, name) {
        (Some(id), name) => EventActor::Person(PersonRef { id, name: name.unwrap_or_default() }),
        (None, Some(name)) => EventActor::FormerPerson(name),
        (None, None) if source == Source::Migration => EventActor::Unrecorded,
        (None, None) => EventActor::System,
    }
}

/// The removals of these enrollments. Live ones, and those without a removal event, are left out.
pub async fn event_removals(
    connection: &mut PgConnection,
    enrollments: &[EnrollmentId],
) -> Outcome<HashMap<EnrollmentId, Removal>> {
    if enrollments.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        r#"
        SELECT e.workspace_group_workspace_id AS "enrollment: EnrollmentId",
               v.source, v.actor_name, v.token_name, p.people_id AS "person?: PersonId"
        FROM core_api.workspace_group_workspaces e
        JOIN groupdesk.enrollment_events v ON v.workspace_group_workspace_pk = e.pk AND v.action = 'removed'
        LEFT JOIN core_api.peoples p ON p.pk = v.actor_people_pk
        WHERE e.workspace_group_workspace_id = ANY($1)
        "#,
        enrollments as &[EnrollmentId],
    )
    .fetch_all(connection)
    .await?;
    let removals = rows.into_iter().map(|row| {
        let source = stored_word(&row.source)?;
        let actor = actor(row.person, row.actor_name, source);
        Ok((row.enrollment, Removal { actor, source, token_name: row.token_name }))
    });
    removals.collect()
}

/// The workspaces that a request, which began `at` this time, removed from a group, in the order in which rows are locked.
pub async fn event_removed_by(
    connection: &mut PgConnection,
    group: GroupId,
    at: DateTime<Utc>,
    request: &str,
) -> Outcome<Vec<WorkspaceId>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT w.workspace_id AS "id: WorkspaceId"
           FROM groupdesk.enrollment_events v
           JOIN core_api.workspaces w ON w.pk = v.workspace_pk
           WHERE v.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $1)
             AND v.occurred_at >= $2 AND v.action = 'removed' AND v.request_id = $3
           ORDER BY v.workspace_pk"#,
        group.uuid(),
        at,
        request,
    )
    .fetch_all(connection)
    .await?)
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
    let rows = sqlx::query!(
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
    )
    .fetch_all(connection)
    .await?;
    let mut spans = vec![Activity::default(); bounds.len() - 1];
    for row in rows {
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
    let rows = sqlx::query!(
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
    )
    .fetch_all(connection)
    .await?;
    let groups = rows.into_iter().map(|row| {
        let activity = Activity { enrolled: row.enrolled, removed: row.removed };
        BusyGroup { group: row.id, name: row.name, activity }
    });
    Ok(groups.collect())
}
