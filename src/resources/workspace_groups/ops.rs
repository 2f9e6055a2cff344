//! What can be done with groups.

use sqlx::PgConnection;

use super::model::{GroupFilter, GroupSummary, NewGroup, WorkspaceGroup};
use super::store;
use crate::kernel::id::GroupId;
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::admin_event_record;
use crate::resources::enrollments::ops::enrollment_enroll_all;

/// Creates a group with its first workspaces.
///
/// # Errors
/// `WorkspaceNotFound` for each that is not there.
pub async fn group_create<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: &NewGroup,
) -> Outcome<WorkspaceGroup> {
    let creator = call.actor.person.as_ref().map(|person| person.id);
    let group = store::insert(connection, &new.name, creator, call.now).await?;
    let subject = Subject { id: Some(group.id.uuid()), name: &group.name };
    admin_event_record(connection, call, AdminAction::GroupCreated, subject).await?;
    if !new.workspaces.is_empty() {
        enrollment_enroll_all(connection, call, group.id, &new.workspaces).await?;
    }
    Ok(group)
}

/// A removed one too.
///
/// # Errors
/// `GroupNotFound`.
pub async fn group_get(connection: &mut PgConnection, id: GroupId) -> Outcome<WorkspaceGroup> {
    Ok(group_summary(connection, id).await?.group)
}

/// With its creator and how many are in it.
///
/// # Errors
/// `GroupNotFound`.
pub async fn group_summary(connection: &mut PgConnection, id: GroupId) -> Outcome<GroupSummary> {
    store::get(connection, id).await?.ok_or_else(|| Problem::GroupNotFound(id).into())
}

/// Newest first.
pub async fn group_list(
    connection: &mut PgConnection,
    filter: &GroupFilter,
    page: &PageRequest,
) -> Outcome<Page<GroupSummary>> {
    store::list(connection, filter, page).await
}

/// Removes; of a group that is removed already nothing changes.
///
/// # Errors
/// `GroupNotFound`, `GroupHasLiveEnrollments`.
pub async fn group_remove<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: GroupId,
) -> Outcome<()> {
    let found = store::lock(connection, id).await?.ok_or(Problem::GroupNotFound(id))?;
    if found.removed {
        return Ok(());
    }
    // Counted after the lock: an enroll that was under way has ended, and none can begin.
    let live = store::live_enrollments(connection, id).await?;
    if live > 0 {
        return Err(Problem::GroupHasLiveEnrollments(live).into());
    }
    store::set_deleted(connection, id, call.now).await?;
    let subject = Subject { id: Some(id.uuid()), name: &found.name };
    admin_event_record(connection, call, AdminAction::GroupRemoved, subject).await
}
