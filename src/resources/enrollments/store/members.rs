//! Reads all members of a group.

use sqlx::PgConnection;

use crate::kernel::id::GroupId;
use crate::platform::failure::Outcome;
use crate::resources::enrollments::model::members::Member;
use crate::resources::rows::{Columns, Query, Read, live};

/// The workspaces in a group, in the order in which rows are locked. The cost grows with the group.
pub async fn enrollment_members(connection: &mut PgConnection, group: GroupId) -> Outcome<Vec<Member>> {
    let mut query = Query::new(concat!(
        "SELECT w.workspace_id, coalesce(w.external_workspace_id, w.workspace_id::text), w.name
         FROM core_api.workspace_group_workspaces e JOIN core_api.workspaces w ON w.pk = e.workspace_pk
         WHERE ",
        live!("e"),
        " AND e.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = "
    ));
    query.push_bind(group).push(") ORDER BY e.workspace_pk");
    let rows = query.build().fetch_all(connection).await?;
    let read = |columns: &mut Columns<'_>| -> Read<Member> {
        Ok(Member { workspace: columns.take()?, text: columns.take()?, name: columns.take()? })
    };
    Ok(rows.iter().map(|row| read(&mut Columns::of(row))).collect::<Read<_>>()?)
}
