//! Every statement on `core_api.workspace_group_workspaces`.
//!
//! A statement that locks several rows locks group by group in the order of the groups' public ids, and within a group in
//! the order of the workspaces' keys. Concurrent changes then wait for each other without a deadlock.

pub mod candidates;
pub mod list;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::{EnrollmentInclude, EnrollmentWithRelated};
use super::rules::EnrollAttempt;
use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::problem::{LiveEnrollment, Problem};
use crate::platform::failure::Outcome;

/// Tries to enroll each workspace in the group. The unique index decides about each pair: the statement waits for a
/// concurrent enrollment and skips the pair, without an error that would end the transaction.
///
/// Every attempt uses up a serial key, and in a list that is sent every night nearly all pairs are live. Pairs with a live
/// row are therefore not inserted; `FOR SHARE` waits for a concurrent removal of the row, after which the pair is enrolled.
/// With `all_or_none`, nothing is inserted if a workspace is missing, because the caller rolls back.
///
/// `FOR KEY SHARE` on the group and the workspaces waits for their removal, after which they count as missing. The
/// database may move `created_at` to the end of the previous row of the pair (`enrollment_follows`).
pub(super) async fn insert(
    connection: &mut PgConnection,
    group: GroupId,
    workspaces: &[WorkspaceId],
    all_or_none: bool,
    created_by: Option<PersonId>,
    now: DateTime<Utc>,
) -> Outcome<Vec<EnrollAttempt>> {
    let query = sqlx::query_as!(
        EnrollAttempt,
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
        SELECT requested.workspace_id AS "workspace!: WorkspaceId",
               EXISTS (SELECT 1 FROM grp) AS "group_found!",
               wanted.pk IS NOT NULL AS "workspace_found!",
               ($3::uuid IS NULL OR EXISTS (SELECT 1 FROM person)) AS "person_found!",
               inserted.workspace_group_workspace_id AS "enrollment?: EnrollmentId",
               inserted.created_at AS "created_at?"
        FROM unnest($2::uuid[]) WITH ORDINALITY AS requested (workspace_id, position)
        LEFT JOIN wanted ON wanted.workspace_id = requested.workspace_id
        LEFT JOIN inserted ON inserted.workspace_pk = wanted.pk
        ORDER BY requested.position
        "#,
        group.uuid(),
        workspaces as &[WorkspaceId],
        created_by.map(PersonId::uuid),
        now,
        all_or_none,
    );
    Ok(query.fetch_all(connection).await?)
}

/// The first `limit` of these workspaces that do not exist or are removed, in their order.
pub(super) async fn missing_workspaces(
    connection: &mut PgConnection,
    workspaces: &[WorkspaceId],
    limit: usize,
) -> Outcome<Vec<WorkspaceId>> {
    let query = sqlx::query_scalar!(
        r#"
        SELECT requested.workspace_id AS "id!: WorkspaceId"
        FROM unnest($1::uuid[]) WITH ORDINALITY AS requested (workspace_id, position)
        LEFT JOIN core_api.workspaces w ON w.workspace_id = requested.workspace_id AND w.deleted_at IS NULL
        WHERE w.pk IS NULL
        ORDER BY requested.position
        LIMIT $2
        "#,
        workspaces as &[WorkspaceId],
        i64::try_from(limit).unwrap_or(i64::MAX),
    );
    Ok(query.fetch_all(connection).await?)
}

/// The live row of a pair, with the names that explain it.
pub(super) async fn live_of_pair(
    connection: &mut PgConnection,
    group: GroupId,
    workspace: WorkspaceId,
) -> Outcome<Option<LiveEnrollment>> {
    let query = sqlx::query_as!(
        LiveEnrollment,
        r#"
        SELECT e.workspace_group_workspace_id AS "id: EnrollmentId",
               g.workspace_group_id AS "group: GroupId", g.name AS group_name,
               w.workspace_id AS "workspace: WorkspaceId", w.name AS workspace_name,
               btrim(p.first_name || ' ' || p.last_name) AS enrolled_by, e.created_at AS enrolled_at
        FROM core_api.workspace_group_workspaces e
        JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
        JOIN core_api.workspaces w ON w.pk = e.workspace_pk
        LEFT JOIN core_api.peoples p ON p.pk = e.created_by_pk
        WHERE g.workspace_group_id = $1 AND w.workspace_id = $2 AND e.deleted_at IS NULL
        "#,
        group.uuid(),
        workspace.uuid(),
    );
    Ok(query.fetch_optional(connection).await?)
}

/// A statement that removes rows: `$locked` continues the query that locks them as `e`, and `$end` orders the result. Its
/// first argument is the time. The clocks of two servers may differ, but `deleted_at` is never before `created_at`.
macro_rules! remove_rows {
    ($connection:ident, $locked:tt, $end:tt, $($argument:expr),+) => {
        sqlx::query!(
            "WITH locked AS (
                 SELECT e.pk FROM core_api.workspace_group_workspaces e "
                + $locked
                + "
             ), removed AS (
                 UPDATE core_api.workspace_group_workspaces e
                 SET deleted_at = greatest($1, e.created_at), updated_at = greatest($1, e.created_at)
                 FROM locked WHERE e.pk = locked.pk
                 RETURNING e.workspace_group_workspace_id, e.workspace_pk
             )
             SELECT removed.workspace_group_workspace_id AS \"id!: EnrollmentId\",
                    removed.workspace_pk AS \"workspace_pk!\"
             FROM removed "
                + $end,
            $($argument),+
        )
        .fetch_all($connection)
        .await?
    };
}

/// Removes the live rows among these distinct ones and returns their ids in the given order.
pub(super) async fn set_deleted(
    connection: &mut PgConnection,
    enrollments: &[EnrollmentId],
    now: DateTime<Utc>,
) -> Outcome<Vec<EnrollmentId>> {
    let rows = remove_rows!(
        connection,
        "JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
         WHERE e.deleted_at IS NULL AND e.workspace_group_workspace_id = ANY($2)
         ORDER BY g.workspace_group_id, e.workspace_pk
         FOR NO KEY UPDATE OF e",
        "JOIN unnest($2::uuid[]) WITH ORDINALITY AS requested (id, position)
             ON requested.id = removed.workspace_group_workspace_id
         ORDER BY requested.position",
        now,
        enrollments as &[EnrollmentId]
    );
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Removes the live rows of these distinct workspaces in the group and returns their ids in the order of the workspaces.
pub(super) async fn set_deleted_of_pairs(
    connection: &mut PgConnection,
    group: GroupId,
    workspaces: &[WorkspaceId],
    now: DateTime<Utc>,
) -> Outcome<Vec<EnrollmentId>> {
    let rows = remove_rows!(
        connection,
        "WHERE e.deleted_at IS NULL
           AND e.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $2)
           AND e.workspace_pk IN (SELECT pk FROM core_api.workspaces WHERE workspace_id = ANY($3))
         ORDER BY e.workspace_pk
         FOR NO KEY UPDATE OF e",
        "JOIN core_api.workspaces w ON w.pk = removed.workspace_pk
         JOIN unnest($3::uuid[]) WITH ORDINALITY AS requested (workspace_id, position)
             ON requested.workspace_id = w.workspace_id
         ORDER BY requested.position",
        now,
        group.uuid(),
        workspaces as &[WorkspaceId]
    );
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Removes the next live rows of a group, at most `limit`, and returns their ids in the order in which they are locked.
/// `last` is the key of the last workspace that was removed.
pub(super) async fn set_deleted_of_group(
    connection: &mut PgConnection,
    group: GroupId,
    last: &mut Option<i32>,
    limit: i64,
    now: DateTime<Utc>,
) -> Outcome<Vec<EnrollmentId>> {
    let rows = remove_rows!(
        connection,
        "WHERE e.deleted_at IS NULL
           AND e.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $2)
           AND e.workspace_pk > coalesce($3, -1)
         ORDER BY e.workspace_pk
         LIMIT $4
         FOR NO KEY UPDATE",
        "ORDER BY removed.workspace_pk",
        now,
        group.uuid(),
        *last,
        limit
    );
    *last = rows.last().map(|row| row.workspace_pk);
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// [`list::enrollment_get`] that blocks other changes of the enrollment until the transaction ends. These are two
/// statements, because a single one would return the related rows as they were before it waited for the lock.
pub async fn enrollment_lock_for_no_key_update(
    connection: &mut PgConnection,
    id: EnrollmentId,
    include: EnrollmentInclude,
) -> Outcome<EnrollmentWithRelated> {
    let query = sqlx::query!(
        "SELECT pk FROM core_api.workspace_group_workspaces
         WHERE workspace_group_workspace_id = $1 FOR NO KEY UPDATE",
        id.uuid(),
    );
    query.fetch_optional(&mut *connection).await?;
    list::enrollment_get(connection, id, include).await
}

/// Blocks other changes to the enrollments that the person created, until the transaction ends.
pub async fn enrollment_lock_by_creator_for_no_key_update(
    connection: &mut PgConnection,
    person: PersonId,
) -> Outcome<()> {
    let query = sqlx::query!(
        r#"SELECT count(*) AS "locked" FROM (
               SELECT 1 FROM core_api.workspace_group_workspaces e
               JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
               WHERE e.created_by_pk = (SELECT pk FROM core_api.peoples WHERE people_id = $1)
               ORDER BY g.workspace_group_id, e.workspace_pk
               FOR NO KEY UPDATE OF e
           ) locked"#,
        person.uuid(),
    );
    query.fetch_one(connection).await?;
    Ok(())
}

/// Sets or clears the creator and returns the new creator's name, or `PersonNotFound`.
pub(super) async fn set_created_by(
    connection: &mut PgConnection,
    id: EnrollmentId,
    creator: Option<PersonId>,
    now: DateTime<Utc>,
) -> Outcome<Option<String>> {
    let query = sqlx::query_scalar!(
        "
        WITH person AS (
            SELECT pk, btrim(first_name || ' ' || last_name) AS name
            FROM core_api.peoples WHERE people_id = $2 FOR KEY SHARE
        )
        UPDATE core_api.workspace_group_workspaces
        SET created_by_pk = (SELECT pk FROM person), updated_at = greatest($3, created_at)
        WHERE workspace_group_workspace_id = $1 AND ($2::uuid IS NULL OR EXISTS (SELECT 1 FROM person))
        RETURNING (SELECT name FROM person)
        ",
        id.uuid(),
        creator.map(PersonId::uuid),
        now,
    );
    let name = query.fetch_optional(connection).await?;
    let missing = || creator.map_or(Problem::EnrollmentNotFound(id), Problem::PersonNotFound);
    name.ok_or_else(|| missing().into())
}
