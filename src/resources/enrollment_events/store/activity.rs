//! Counting the log. A chart of a month reads a month of the index on time, which contains the counted columns: a few
//! hundred milliseconds for a million events. Sums in a table would be faster to read, but all changes of a day would
//! wait for each other to update them.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::kernel::id::GroupId;
use crate::kernel::page::TimeRange;
use crate::platform::failure::Outcome;
use crate::resources::enrollment_events::model::activity::{Activity, BusyGroup};

/// The numbers of events in each span between two of these ascending moments. The caller gives the moments, because the
/// days of a viewer depend on their time zone and differ in length.
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
