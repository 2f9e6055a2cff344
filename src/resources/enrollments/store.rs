//! Every statement on `core_api.workspace_group_workspaces`.
//!
//! A statement that locks several rows locks group by group in the order of the groups' public ids, and within a group in
//! the order of the workspaces' keys. Concurrent changes then wait for each other without a deadlock.

pub mod candidates;
pub mod list;
pub mod members;
pub mod restore;

use std::collections::HashMap;

use sqlx::PgConnection;

use super::model::{EnrollmentInclude, EnrollmentWithRelated};
use super::rules::EnrollAttempt;
use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::problem::{LiveEnrollment, Problem};
use crate::platform::call::Call;
use crate::platform::failure::Outcome;
use crate::resources::rows::{change_and_record, record_failure};

/// Tries to enroll each workspace in the group, and records the new rows. The unique index decides about each pair: the
/// statement waits for a concurrent enrollment and skips the pair, without an error that would end the transaction.
///
/// Every attempt uses up a serial key, and in a list that is sent every night nearly all pairs are live. Pairs with a live
/// row are therefore not inserted; `FOR SHARE` waits for a concurrent removal of the row, after which the pair is enrolled.
/// With `all_or_none`, nothing is inserted if a workspace is missing.
///
/// `FOR KEY SHARE` on the group and the workspaces waits for their removal, after which they count as missing. The
/// database may move `created_at` to the end of the previous row of the pair (`enrollment_follows`).
pub(super) async fn insert<P: Sync>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    workspaces: &[WorkspaceId],
    all_or_none: bool,
    created_by: Option<PersonId>,
) -> Outcome<Vec<EnrollAttempt>> {
    let query = change_and_record!(
        call,
        "enrolled",
        people: "$2, $9",
        changes: ["grp AS MATERIALIZED (
             SELECT pk FROM core_api.workspace_groups
             WHERE workspace_group_id = $10 AND deleted_at IS NULL
             FOR KEY SHARE
         ), wanted AS MATERIALIZED (
             SELECT w.pk, w.workspace_id, requested.position
             FROM unnest($11::uuid[]) WITH ORDINALITY AS requested (id, position)
             JOIN core_api.workspaces w ON w.workspace_id = requested.id
             WHERE w.deleted_at IS NULL
             ORDER BY w.pk
             FOR KEY SHARE OF w
         ), live AS (
             SELECT e.workspace_pk FROM core_api.workspace_group_workspaces e
             WHERE e.workspace_group_pk = (SELECT pk FROM grp)
               AND e.workspace_pk IN (SELECT pk FROM wanted)
               AND e.deleted_at IS NULL
             ORDER BY e.workspace_pk
             FOR SHARE OF e
         ), changed AS (
             INSERT INTO core_api.workspace_group_workspaces
                 (workspace_group_pk, workspace_pk, created_by_pk, created_at, updated_at)
             SELECT grp.pk, wanted.pk, (SELECT pk FROM person WHERE people_id = $9), $12, $12
             FROM grp CROSS JOIN wanted
             WHERE ($9::uuid IS NULL OR EXISTS (SELECT 1 FROM person WHERE people_id = $9))
               AND NOT EXISTS (SELECT 1 FROM live WHERE live.workspace_pk = wanted.pk)
               AND (NOT $13::boolean OR (SELECT count(*) FROM wanted) = cardinality($11::uuid[]))
             ORDER BY wanted.pk
             ON CONFLICT (workspace_group_pk, workspace_pk) WHERE deleted_at IS NULL DO NOTHING
             RETURNING pk, workspace_group_workspace_id AS id, workspace_group_pk, workspace_pk, created_at AS at
         )"],
        order: "JOIN wanted ON wanted.pk = changed.workspace_pk ORDER BY wanted.position",
        columns: "",
        values: "",
        select: ["SELECT requested.workspace_id AS \"workspace!: WorkspaceId\",
                EXISTS (SELECT 1 FROM grp) AS \"group_found!\",
                wanted.pk IS NOT NULL AS \"workspace_found!\",
                ($9::uuid IS NULL OR EXISTS (SELECT 1 FROM person WHERE people_id = $9)) AS \"person_found!\",
                changed.id AS \"enrollment?: EnrollmentId\",
                changed.at AS \"created_at?\"
         FROM unnest($11::uuid[]) WITH ORDINALITY AS requested (workspace_id, position)
         LEFT JOIN wanted ON wanted.workspace_id = requested.workspace_id
         LEFT JOIN changed ON changed.workspace_pk = wanted.pk
         ORDER BY requested.position"],
        created_by.map(PersonId::uuid),
        group.uuid(),
        workspaces as &[WorkspaceId],
        call.now,
        all_or_none,
    );
    let attempts =
        query.fetch_all(connection).await.map_err(record_failure)?.into_iter().map(|row| EnrollAttempt {
            workspace: row.workspace,
            group_found: row.group_found,
            workspace_found: row.workspace_found,
            person_found: row.person_found,
            enrollment: row.enrollment,
            created_at: row.created_at,
        });
    Ok(attempts.collect())
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

pub(super) async fn live_of_workspaces(
    connection: &mut PgConnection,
    group: GroupId,
    workspaces: &[WorkspaceId],
) -> Outcome<HashMap<WorkspaceId, EnrollmentId>> {
    let query = sqlx::query!(
        r#"SELECT w.workspace_id AS "workspace: WorkspaceId", e.workspace_group_workspace_id AS "id: EnrollmentId"
           FROM core_api.workspaces w
           JOIN core_api.workspace_group_workspaces e ON e.workspace_pk = w.pk AND e.deleted_at IS NULL
           WHERE w.workspace_id = ANY($2)
             AND e.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $1)"#,
        group.uuid(),
        workspaces as &[WorkspaceId],
    );
    Ok(query.fetch_all(connection).await?.into_iter().map(|row| (row.workspace, row.id)).collect())
}

/// A statement that removes and records rows, and returns them in the order of `$position`. The `$columns` of the result come
/// from the tables that `$joins` adds. `$locked` continues the query
/// that locks them as `e`. The parameters begin with `$10`, because `$9` is the time. The clocks of two servers may differ,
/// but `deleted_at` is never before `created_at`.
macro_rules! remove_rows {
    ($connection:ident, $call:ident, $columns:tt, $joins:tt, $position:tt, $locked:tt, $($argument:expr),+) => {
        change_and_record!(
            $call,
            "removed",
            people: "$2",
            changes: ["locked AS (
                 SELECT e.pk, "
                + $position
                + " AS position FROM core_api.workspace_group_workspaces e "
                + $locked
                + "
             ), changed AS (
                 UPDATE core_api.workspace_group_workspaces e
                 SET deleted_at = greatest($9, e.created_at), updated_at = greatest($9, e.created_at)
                 FROM locked WHERE e.pk = locked.pk
                 RETURNING e.pk, e.workspace_group_workspace_id AS id, e.workspace_group_pk, e.workspace_pk,
                           e.deleted_at AS at
             )"],
            order: "JOIN locked USING (pk) ORDER BY locked.position",
            columns: "",
            values: "",
            select: ["SELECT changed.id AS \"id!: EnrollmentId\", "
                + $columns
                + " FROM changed JOIN locked USING (pk) "
                + $joins
                + " ORDER BY locked.position"],
            $call.now,
            $($argument),+
        )
        .fetch_all($connection)
        .await
        .map_err(record_failure)?
    };
}

/// Removes the live rows among these distinct ones and returns their ids in the given order.
pub(super) async fn set_deleted<P: Sync>(
    connection: &mut PgConnection,
    call: &Call<P>,
    enrollments: &[EnrollmentId],
) -> Outcome<Vec<EnrollmentId>> {
    let rows = remove_rows!(
        connection,
        call,
        "changed.workspace_pk AS \"workspace_pk!\"",
        "",
        "requested.position",
        "JOIN unnest($10::uuid[]) WITH ORDINALITY AS requested (id, position)
             ON requested.id = e.workspace_group_workspace_id
         JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
         WHERE e.deleted_at IS NULL
         ORDER BY g.workspace_group_id, e.workspace_pk
         FOR NO KEY UPDATE OF e",
        enrollments as &[EnrollmentId]
    );
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Removes the live rows of these distinct workspaces in the group and returns them in the order of the workspaces.
pub(super) async fn set_deleted_of_pairs<P: Sync>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    workspaces: &[WorkspaceId],
) -> Outcome<Vec<(WorkspaceId, EnrollmentId)>> {
    let rows = remove_rows!(
        connection,
        call,
        "w.workspace_id AS \"workspace!: WorkspaceId\"",
        "JOIN core_api.workspaces w ON w.pk = changed.workspace_pk",
        "requested.position",
        "JOIN core_api.workspaces w ON w.pk = e.workspace_pk
         JOIN unnest($11::uuid[]) WITH ORDINALITY AS requested (id, position) ON requested.id = w.workspace_id
         WHERE e.deleted_at IS NULL
           AND e.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $10)
         ORDER BY e.workspace_pk
         FOR NO KEY UPDATE OF e",
        group.uuid(),
        workspaces as &[WorkspaceId]
    );
    Ok(rows.into_iter().map(|row| (row.workspace, row.id)).collect())
}

/// Removes the next live rows of a group, at most `limit`, and returns their ids in the order in which they are locked.
/// `last` is the key of the last workspace that was removed.
pub(super) async fn set_deleted_of_group<P: Sync>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    last: &mut Option<i32>,
    limit: i64,
) -> Outcome<Vec<EnrollmentId>> {
    let rows = remove_rows!(
        connection,
        call,
        "changed.workspace_pk AS \"workspace_pk!\"",
        "",
        "e.workspace_pk",
        "WHERE e.deleted_at IS NULL
           AND e.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $10)
           AND e.workspace_pk > coalesce($11, -1)
         ORDER BY e.workspace_pk
         LIMIT $12
         FOR NO KEY UPDATE",
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

/// Sets or clears the creator, and records it with the name of the previous one. Fails with `PersonNotFound`, or
/// `EnrollmentNotFound`. The event has the time of the request, because `updated_at` moves with every write
/// (`enrollment_guard`), and two changes in one request have one time.
pub(super) async fn set_created_by<P: Sync>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: EnrollmentId,
    (from, to): (Option<String>, Option<PersonId>),
) -> Outcome<()> {
    let query = change_and_record!(
        call,
        "attribution_corrected",
        people: "$2, $9",
        changes: ["changed AS (
             UPDATE core_api.workspace_group_workspaces
             SET created_by_pk = (SELECT pk FROM person WHERE people_id = $9), updated_at = greatest($10, created_at)
             WHERE workspace_group_workspace_id = $11
               AND ($9::uuid IS NULL OR EXISTS (SELECT 1 FROM person WHERE people_id = $9))
             RETURNING pk, workspace_group_pk, workspace_pk, greatest($10, created_at) AS at
         )"],
        order: "",
        columns: "attributed_from, attributed_to, ",
        values: "$12, (SELECT name FROM person WHERE people_id = $9), ",
        select: ["SELECT true AS \"is_changed!\" FROM changed"],
        to.map(PersonId::uuid),
        call.now,
        id.uuid(),
        from,
    );
    let changed = query.fetch_optional(connection).await.map_err(record_failure)?;
    let missing = || to.map_or(Problem::EnrollmentNotFound(id), Problem::PersonNotFound);
    changed.map(|_| ()).ok_or_else(|| missing().into())
}
