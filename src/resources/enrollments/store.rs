//! Every statement that touches `core_api.workspace_group_workspaces`; those that read lists are in
//! `store/list.rs`, those that search for what could be enrolled in `store/candidates.rs`, the one that
//! counts what changed in `store/comparison.rs`.

pub(super) mod candidates;
pub(super) mod comparison;
pub(super) mod list;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::rules::EnrollAttempt;
use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::problem::LiveEnrollment;
use crate::platform::failure::Outcome;

/// Which workspaces are enrolled where some of those that are asked for are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// None: the caller undoes everything, and a row that is undone uses up a number of the serial key as well.
    AllOrNone,
    /// Those that are there.
    Each,
}

/// Tries to enroll each workspace in the group, in one statement. The unique index decides about
/// each pair: a conflict is waited for and then told, not raised, so the transaction lives on.
///
/// What is live already is not proposed to the index at all: a row that is proposed uses up a number of the
/// serial key, also where it comes to nothing, and a list that is sent every night is nearly all live. `FOR
/// SHARE` waits for whoever is removing such a row, after which it is not live and is enrolled.
///
/// `FOR KEY SHARE` on group and workspaces makes a removal that is under way finish first, after
/// which they count as not found. When a row begins the database has the last word on: never before
/// the row it follows has ended (`enrollment_follows`).
pub(super) async fn insert(
    connection: &mut PgConnection,
    group: GroupId,
    workspaces: &[WorkspaceId],
    extent: Extent,
    created_by: Option<PersonId>,
    now: DateTime<Utc>,
) -> Outcome<Vec<EnrollAttempt>> {
    let workspaces: Vec<Uuid> = workspaces.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        r#"
        WITH grp AS (
            SELECT pk FROM core_api.workspace_groups
            WHERE workspace_group_id = $1 AND deleted_at IS NULL
            FOR KEY SHARE
        ), wanted AS (
            SELECT pk, workspace_id FROM core_api.workspaces
            WHERE workspace_id = ANY($2) AND deleted_at IS NULL
            ORDER BY pk
            FOR KEY SHARE
        ), person AS (
            SELECT pk FROM core_api.peoples WHERE people_id = $3 FOR KEY SHARE
        ), live AS (
            SELECT e.workspace_pk FROM core_api.workspace_group_workspaces e
            WHERE e.workspace_group_pk = (SELECT pk FROM grp)
              AND e.workspace_pk IN (SELECT pk FROM wanted)
              AND e.deleted_at IS NULL
            ORDER BY e.workspace_pk
            FOR SHARE OF e
        ), inserted AS (
            INSERT INTO core_api.workspace_group_workspaces
                (workspace_group_pk, workspace_pk, created_by_pk, created_at, updated_at)
            SELECT grp.pk, wanted.pk, (SELECT pk FROM person), $4, $4
            FROM grp CROSS JOIN wanted
            WHERE ($3::uuid IS NULL OR EXISTS (SELECT 1 FROM person))
              AND NOT EXISTS (SELECT 1 FROM live WHERE live.workspace_pk = wanted.pk)
              AND (NOT $5::boolean OR (SELECT count(*) FROM wanted) = cardinality($2::uuid[]))
            ORDER BY wanted.pk
            ON CONFLICT (workspace_group_pk, workspace_pk) WHERE deleted_at IS NULL DO NOTHING
            RETURNING workspace_group_workspace_id, workspace_pk, created_at
        )
        SELECT asked.workspace_id AS "workspace!",
               EXISTS (SELECT 1 FROM grp) AS "group_found!",
               wanted.pk IS NOT NULL AS "workspace_found!",
               ($3::uuid IS NULL OR EXISTS (SELECT 1 FROM person)) AS "person_found!",
               inserted.workspace_group_workspace_id AS "enrollment?",
               inserted.created_at AS "created_at?"
        FROM unnest($2::uuid[]) WITH ORDINALITY AS asked (workspace_id, position)
        LEFT JOIN wanted ON wanted.workspace_id = asked.workspace_id
        LEFT JOIN inserted ON inserted.workspace_pk = wanted.pk
        ORDER BY asked.position
        "#,
        group.uuid(),
        &workspaces,
        created_by.map(PersonId::uuid),
        now,
        extent == Extent::AllOrNone,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| EnrollAttempt {
            workspace: WorkspaceId::new(row.workspace),
            group_found: row.group_found,
            workspace_found: row.workspace_found,
            person_found: row.person_found,
            enrolled: row.enrollment.map(EnrollmentId::new).zip(row.created_at),
        })
        .collect())
}

/// Those of these workspaces that are there, not removed.
pub(super) async fn present(
    connection: &mut PgConnection,
    workspaces: &[WorkspaceId],
) -> Outcome<BTreeSet<WorkspaceId>> {
    let workspaces: Vec<Uuid> = workspaces.iter().map(|id| id.uuid()).collect();
    let ids = sqlx::query_scalar!(
        "SELECT workspace_id FROM core_api.workspaces WHERE workspace_id = ANY($1) AND deleted_at IS NULL",
        &workspaces,
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(WorkspaceId::new).collect())
}

/// The live row of a pair, with the names that explain it.
pub(super) async fn live_of_pair(
    connection: &mut PgConnection,
    group: GroupId,
    workspace: WorkspaceId,
) -> Outcome<Option<LiveEnrollment>> {
    let row = sqlx::query!(
        "
        SELECT e.workspace_group_workspace_id AS id, e.created_at, g.name AS group_name,
               w.name AS workspace_name, btrim(p.first_name || ' ' || p.last_name) AS enrolled_by
        FROM core_api.workspace_group_workspaces e
        JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
        JOIN core_api.workspaces w ON w.pk = e.workspace_pk
        LEFT JOIN core_api.peoples p ON p.pk = e.created_by_pk
        WHERE g.workspace_group_id = $1 AND w.workspace_id = $2 AND e.deleted_at IS NULL
        ",
        group.uuid(),
        workspace.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| LiveEnrollment {
        id: EnrollmentId::new(row.id),
        group,
        group_name: row.group_name,
        workspace,
        workspace_name: row.workspace_name,
        enrolled_by: row.enrolled_by,
        enrolled_at: row.created_at,
    }))
}

/// Was it live until now? Clocks of two machines may disagree: a row is never removed before it was
/// made.
pub(super) async fn set_deleted(
    connection: &mut PgConnection,
    id: EnrollmentId,
    now: DateTime<Utc>,
) -> Outcome<bool> {
    let done = sqlx::query!(
        "UPDATE core_api.workspace_group_workspaces
         SET deleted_at = greatest($2, created_at), updated_at = greatest($2, created_at)
         WHERE workspace_group_workspace_id = $1 AND deleted_at IS NULL",
        id.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes the live rows of these pairs; the ids of those that were live until now, in the order of the workspaces,
/// of which each is named once.
///
/// Whoever locks several rows locks them group by group, in the order of the groups' public ids, and in a
/// group in the order of the workspaces' keys: then two wait for each other, and never in a circle. It is the
/// order in which [`insert`] comes by the live row of each pair, and in which its caller goes through groups.
pub(super) async fn set_deleted_of_pairs(
    connection: &mut PgConnection,
    group: GroupId,
    workspaces: &[WorkspaceId],
    now: DateTime<Utc>,
) -> Outcome<Vec<EnrollmentId>> {
    let workspaces: Vec<Uuid> = workspaces.iter().map(|id| id.uuid()).collect();
    let ids = sqlx::query_scalar!(
        r#"
        WITH leaving AS (
            SELECT e.pk FROM core_api.workspace_group_workspaces e
            WHERE e.deleted_at IS NULL
              AND e.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $1)
              AND e.workspace_pk IN (SELECT pk FROM core_api.workspaces WHERE workspace_id = ANY($2))
            ORDER BY e.workspace_pk
            FOR NO KEY UPDATE OF e
        ), gone AS (
            UPDATE core_api.workspace_group_workspaces e
            SET deleted_at = greatest($3, e.created_at), updated_at = greatest($3, e.created_at)
            FROM leaving WHERE e.pk = leaving.pk
            RETURNING e.workspace_group_workspace_id, e.workspace_pk
        )
        SELECT gone.workspace_group_workspace_id AS "id!"
        FROM gone
        JOIN core_api.workspaces w ON w.pk = gone.workspace_pk
        JOIN unnest($2::uuid[]) WITH ORDINALITY AS asked (workspace_id, position)
            ON asked.workspace_id = w.workspace_id
        ORDER BY asked.position
        "#,
        group.uuid(),
        &workspaces,
        now,
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(EnrollmentId::new).collect())
}

/// Removes those of these rows that are live; the ids of those, in the order in which they are named, each once.
/// They are locked in the order that is told above.
pub(super) async fn set_deleted_of(
    connection: &mut PgConnection,
    ids: &[EnrollmentId],
    now: DateTime<Utc>,
) -> Outcome<Vec<EnrollmentId>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let removed = sqlx::query_scalar!(
        r#"
        WITH leaving AS (
            SELECT e.pk FROM core_api.workspace_group_workspaces e
            JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
            WHERE e.deleted_at IS NULL AND e.workspace_group_workspace_id = ANY($1)
            ORDER BY g.workspace_group_id, e.workspace_pk
            FOR NO KEY UPDATE OF e
        ), gone AS (
            UPDATE core_api.workspace_group_workspaces e
            SET deleted_at = greatest($2, e.created_at), updated_at = greatest($2, e.created_at)
            FROM leaving WHERE e.pk = leaving.pk
            RETURNING e.workspace_group_workspace_id
        )
        SELECT gone.workspace_group_workspace_id AS "id!"
        FROM gone
        JOIN unnest($1::uuid[]) WITH ORDINALITY AS asked (id, position)
            ON asked.id = gone.workspace_group_workspace_id
        ORDER BY asked.position
        "#,
        &ids,
        now,
    )
    .fetch_all(connection)
    .await?;
    Ok(removed.into_iter().map(EnrollmentId::new).collect())
}

/// How far a group was gone through, in the order in which rows are locked.
#[derive(Default)]
pub(super) struct Progress(Option<i32>);

/// Removes up to so many of a group's live rows, from there on; the ids of those, in the order in which they are
/// locked.
pub(super) async fn set_deleted_of_group(
    connection: &mut PgConnection,
    group: GroupId,
    progress: &mut Progress,
    limit: i64,
    now: DateTime<Utc>,
) -> Outcome<Vec<EnrollmentId>> {
    let removed = sqlx::query!(
        r#"
        WITH leaving AS (
            SELECT e.pk FROM core_api.workspace_group_workspaces e
            WHERE e.deleted_at IS NULL
              AND e.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $1)
              AND e.workspace_pk > coalesce($4, -1)
            ORDER BY e.workspace_pk
            LIMIT $2
            FOR NO KEY UPDATE
        ), gone AS (
            UPDATE core_api.workspace_group_workspaces e
            SET deleted_at = greatest($3, e.created_at), updated_at = greatest($3, e.created_at)
            FROM leaving WHERE e.pk = leaving.pk
            RETURNING e.workspace_group_workspace_id, e.workspace_pk
        )
        SELECT gone.workspace_group_workspace_id AS "id!", gone.workspace_pk AS "workspace_pk!"
        FROM gone
        ORDER BY gone.workspace_pk
        "#,
        group.uuid(),
        limit,
        now,
        progress.0,
    )
    .fetch_all(connection)
    .await?;
    progress.0 = removed.last().map(|row| row.workspace_pk).or(progress.0);
    Ok(removed.into_iter().map(|row| EnrollmentId::new(row.id)).collect())
}

pub(super) async fn exists(connection: &mut PgConnection, id: EnrollmentId) -> Outcome<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM core_api.workspace_group_workspaces
                          WHERE workspace_group_workspace_id = $1) AS "exists!""#,
        id.uuid(),
    )
    .fetch_one(connection)
    .await?)
}

/// Keeps everybody else from changing the row until the transaction ends. A statement of its own: one
/// that also read what the row refers to would read that as it was before the wait.
pub(super) async fn lock(connection: &mut PgConnection, id: EnrollmentId) -> Outcome<bool> {
    let row = sqlx::query_scalar!(
        r#"SELECT true AS "found!" FROM core_api.workspace_group_workspaces
           WHERE workspace_group_workspace_id = $1 FOR NO KEY UPDATE"#,
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

/// Keeps everybody else from changing what stands in the person's name, in the order that is told above.
pub(super) async fn lock_of_person(connection: &mut PgConnection, person: PersonId) -> Outcome<()> {
    sqlx::query!(
        r#"SELECT count(*) AS "held" FROM (
               SELECT 1 FROM core_api.workspace_group_workspaces e
               JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
               WHERE e.created_by_pk = (SELECT pk FROM core_api.peoples WHERE people_id = $1)
               ORDER BY g.workspace_group_id, e.workspace_pk
               FOR NO KEY UPDATE OF e
           ) held"#,
        person.uuid(),
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

pub(super) struct Attribution {
    pub(super) person: Option<PersonId>,
    pub(super) name: Option<String>,
}

/// Who it stands to.
pub(super) async fn attribution(
    connection: &mut PgConnection,
    id: EnrollmentId,
) -> Outcome<Option<Attribution>> {
    let row = sqlx::query!(
        r#"
        SELECT p.people_id AS "person?", btrim(p.first_name || ' ' || p.last_name) AS name
        FROM core_api.workspace_group_workspaces e
        LEFT JOIN core_api.peoples p ON p.pk = e.created_by_pk
        WHERE e.workspace_group_workspace_id = $1
        "#,
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Attribution { person: row.person.map(PersonId::new), name: row.name }))
}

/// The person's name; `None` if there is no such person.
pub(super) async fn set_created_by(
    connection: &mut PgConnection,
    id: EnrollmentId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Outcome<Option<String>> {
    let name = sqlx::query_scalar!(
        r#"
        WITH person AS (
            SELECT pk, btrim(first_name || ' ' || last_name) AS name
            FROM core_api.peoples WHERE people_id = $2 FOR KEY SHARE
        )
        UPDATE core_api.workspace_group_workspaces e
        SET created_by_pk = person.pk, updated_at = greatest($3, e.created_at)
        FROM person
        WHERE e.workspace_group_workspace_id = $1
        RETURNING person.name AS "name!"
        "#,
        id.uuid(),
        person.uuid(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(name)
}

pub(super) async fn clear_created_by(
    connection: &mut PgConnection,
    id: EnrollmentId,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE core_api.workspace_group_workspaces
         SET created_by_pk = NULL, updated_at = greatest($2, created_at)
         WHERE workspace_group_workspace_id = $1",
        id.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
