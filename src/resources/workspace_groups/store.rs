//! Every statement on `core_api.workspace_groups`.

pub mod list;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::WorkspaceGroup;
use crate::kernel::id::{GroupId, PersonId};
use crate::kernel::problem::Problem;
use crate::kernel::text::Name;
use crate::platform::failure::Outcome;

/// A statement that yields whole groups: the parts before and after their columns, and its arguments.
macro_rules! query_groups {
    ($before:tt, $after:tt, $($argument:expr),+) => {
        sqlx::query_as!(
            WorkspaceGroup,
            $before
                + r#" workspace_group_id AS "id: GroupId", name,
                      (SELECT people_id FROM core_api.peoples WHERE pk = workspace_groups.created_by_pk)
                          AS "created_by: PersonId",
                      created_at, updated_at, deleted_at "#
                + $after,
            $($argument),+
        )
    };
}

/// A live or removed group, or `GroupNotFound`. It blocks other changes of the group until the transaction ends;
/// workspaces can still be enrolled.
pub async fn group_lock_for_no_key_update(
    connection: &mut PgConnection,
    id: GroupId,
) -> Outcome<WorkspaceGroup> {
    let query = query_groups!(
        "SELECT",
        "FROM core_api.workspace_groups WHERE workspace_group_id = $1 FOR NO KEY UPDATE",
        id.uuid()
    );
    query.fetch_optional(connection).await?.ok_or_else(|| Problem::GroupNotFound(id).into())
}

/// [`group_lock_for_no_key_update`] that blocks enrollments, too: they lock the group `FOR KEY SHARE`.
pub async fn group_lock_for_update(connection: &mut PgConnection, id: GroupId) -> Outcome<WorkspaceGroup> {
    let query = query_groups!(
        "SELECT",
        "FROM core_api.workspace_groups WHERE workspace_group_id = $1 FOR UPDATE",
        id.uuid()
    );
    query.fetch_optional(connection).await?.ok_or_else(|| Problem::GroupNotFound(id).into())
}

/// Inserts a group, without a creator if that person does not exist.
pub(super) async fn insert(
    connection: &mut PgConnection,
    name: &Name,
    creator: Option<PersonId>,
    now: DateTime<Utc>,
) -> Outcome<WorkspaceGroup> {
    let query = query_groups!(
        "WITH person AS (SELECT pk FROM core_api.peoples WHERE people_id = $2 FOR KEY SHARE)
         INSERT INTO core_api.workspace_groups (name, created_by_pk, created_at, updated_at)
         VALUES ($1, (SELECT pk FROM person), $3, $3)
         RETURNING",
        "",
        name.as_str(),
        creator.map(PersonId::uuid),
        now
    );
    Ok(query.fetch_one(connection).await?)
}

/// `updated_at` is never before `created_at`, although the clocks of two servers may differ.
pub(super) async fn set_name(
    connection: &mut PgConnection,
    id: GroupId,
    name: &Name,
    now: DateTime<Utc>,
) -> Outcome<WorkspaceGroup> {
    let query = query_groups!(
        "UPDATE core_api.workspace_groups SET name = $2, updated_at = greatest($3, created_at)
         WHERE workspace_group_id = $1
         RETURNING",
        "",
        id.uuid(),
        name.as_str(),
        now
    );
    Ok(query.fetch_one(connection).await?)
}

pub(super) async fn set_deleted(
    connection: &mut PgConnection,
    id: GroupId,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE core_api.workspace_groups
         SET deleted_at = greatest($2, created_at), updated_at = greatest($2, created_at)
         WHERE workspace_group_id = $1",
        id.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
