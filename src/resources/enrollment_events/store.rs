//! Every statement that touches `groupdesk.enrollment_events`; those that read lists are in
//! `store/list.rs`, those that count in `store/activity.rs`.

pub(super) mod activity;
pub(super) mod list;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::model::{Correction, EventAction, EventActor, Removal};
use crate::kernel::actor::{PersonRef, Source};
use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::platform::call::Call;
use crate::platform::failure::{Failure, Outcome};

/// One event for each enrollment, in their order, all or none. Two changes of one enrollment in one request have one
/// time, also where the row says that it was written later (`enrollment_guard` moves `updated_at` with every write).
pub(super) async fn append<P: Sync>(
    connection: &mut PgConnection,
    call: &Call<P>,
    action: EventAction,
    enrollments: &[EnrollmentId],
    correction: Option<&Correction>,
) -> Outcome<()> {
    let ids: Vec<Uuid> = enrollments.iter().map(|id| id.uuid()).collect();
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
        &ids,
        action.word(),
        call.actor.source.word(),
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
    if usize::try_from(done.rows_affected()).ok() == Some(ids.len()) {
        call.tally.add(action.word(), ids.len());
        Ok(())
    } else {
        Err(Failure::fault(format!("{} changes but {} events", ids.len(), done.rows_affected())))
    }
}

fn actor(person: Option<Uuid>, name: Option<String>, source: Source) -> EventActor {
    match (person, name) {
        (Some(id), name) => {
            EventActor::Person(PersonRef { id: PersonId::new(id), name: name.unwrap_or_default() })
        }
        (None, Some(name)) => EventActor::FormerPerson(name),
        (None, None) if source == Source::Migration => EventActor::Unrecorded,
        (None, None) => EventActor::System,
    }
}

fn source(word: &str) -> Result<Source, Failure> {
    Source::from_word(word).ok_or_else(|| Failure::fault(format!("unknown source '{word}'")))
}

pub(super) async fn removals(
    connection: &mut PgConnection,
    enrollments: &[EnrollmentId],
) -> Outcome<Vec<Removal>> {
    let ids: Vec<Uuid> = enrollments.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        r#"
        SELECT e.workspace_group_workspace_id AS id, v.source, v.actor_name, v.token_name, p.people_id AS "person?"
        FROM core_api.workspace_group_workspaces e
        JOIN groupdesk.enrollment_events v ON v.workspace_group_workspace_pk = e.pk AND v.action = 'removed'
        LEFT JOIN core_api.peoples p ON p.pk = v.actor_people_pk
        WHERE e.workspace_group_workspace_id = ANY($1)
        "#,
        &ids,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let source = source(&row.source)?;
            Ok(Removal {
                enrollment: EnrollmentId::new(row.id),
                actor: actor(row.person, row.actor_name, source),
                source,
                token_name: row.token_name,
            })
        })
        .collect()
}

/// Nothing is removed before its request came in, and later only where clocks differ.
pub(super) async fn removed_by(
    connection: &mut PgConnection,
    group: GroupId,
    at: DateTime<Utc>,
    request: &str,
) -> Outcome<Vec<WorkspaceId>> {
    let ids = sqlx::query_scalar!(
        "SELECT w.workspace_id
         FROM groupdesk.enrollment_events v
         JOIN core_api.workspaces w ON w.pk = v.workspace_pk
         WHERE v.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $1)
           AND v.occurred_at >= $2 AND v.action = 'removed' AND v.request_id = $3
         ORDER BY v.workspace_pk",
        group.uuid(),
        at,
        request,
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(WorkspaceId::new).collect())
}
