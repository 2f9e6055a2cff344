//! What can be done with groups.

use sqlx::PgConnection;

use super::model::{GroupFilter, GroupSummary, GroupWith, NewGroup, WorkspaceGroup};
use super::{rules, store};
use crate::kernel::id::GroupId;
use crate::kernel::page::{NamedSortKey, Page, PageRequest, Sort};
use crate::kernel::problem::Problem;
use crate::kernel::text::Name;
use crate::kernel::version::Version;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::admin_event_record;
use crate::resources::enrollments::model::EnrollmentFilter;
use crate::resources::enrollments::ops::{
    enrollment_check_workspaces, enrollment_count, enrollment_ensure_all,
};

/// Creates a group with its first workspaces. They are looked up first: a group that is undone uses up a number of
/// the serial key as well.
///
/// # Errors
/// `WorkspaceNotFound` for each that is not there.
pub async fn group_create<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: &NewGroup,
) -> Outcome<WorkspaceGroup> {
    if !new.workspaces.is_empty() {
        enrollment_check_workspaces(connection, &new.workspaces).await?;
    }
    let creator = call.actor.person.as_ref().map(|person| person.id);
    let group = store::insert(connection, &new.name, creator, call.now).await?;
    let subject = Subject { id: Some(group.id.uuid()), name: &group.name };
    admin_event_record(connection, call, AdminAction::GroupCreated, subject).await?;
    if !new.workspaces.is_empty() {
        enrollment_ensure_all(connection, call, group.id, &new.workspaces).await?;
    }
    Ok(group)
}

/// A removed one too, with its creator where that is asked for.
///
/// # Errors
/// `GroupNotFound`.
pub async fn group_get(connection: &mut PgConnection, id: GroupId, creator: bool) -> Outcome<GroupWith> {
    store::get(connection, id, creator).await?.ok_or_else(|| Problem::GroupNotFound(id).into())
}

pub async fn group_list(
    connection: &mut PgConnection,
    filter: &GroupFilter,
    sort: &Sort<NamedSortKey>,
    page: &PageRequest,
    creator: bool,
) -> Outcome<Page<GroupWith>> {
    store::list(connection, filter, sort, page, creator).await
}

/// How many, exactly; the cost grows with the answer.
pub async fn group_count(connection: &mut PgConnection, filter: &GroupFilter) -> Outcome<i64> {
    store::count(connection, filter).await
}

/// With its creator's name and how many are in it.
///
/// # Errors
/// `GroupNotFound`.
pub async fn group_summary(connection: &mut PgConnection, id: GroupId) -> Outcome<GroupSummary> {
    store::summary(connection, id).await?.ok_or_else(|| Problem::GroupNotFound(id).into())
}

/// [`group_list`] with what lists for people show; it counts the members of each group on the page.
pub async fn group_summaries(
    connection: &mut PgConnection,
    filter: &GroupFilter,
    sort: &Sort<NamedSortKey>,
    page: &PageRequest,
) -> Outcome<Page<GroupSummary>> {
    store::summaries(connection, filter, sort, page).await
}

/// Reads it, and keeps everybody else from changing it until the transaction ends.
///
/// # Errors
/// `GroupNotFound`.
pub async fn group_lock(connection: &mut PgConnection, id: GroupId) -> Outcome<WorkspaceGroup> {
    store::hold(connection, id).await?;
    Ok(group_get(connection, id, false).await?.group)
}

/// Renames; to the name it has already writes nothing.
///
/// # Errors
/// `GroupNotFound`, `GroupRemoved`.
pub async fn group_update<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: GroupId,
    name: Option<Name>,
) -> Outcome<WorkspaceGroup> {
    let before = changeable(connection, id).await?;
    match name {
        Some(name) => set_name(connection, call, before, &name).await,
        None => Ok(before),
    }
}

/// Renames, by somebody who saw the group before: a name that another gave it since is not overwritten. That it
/// has this name already is no reason to refuse. The answer is the group before and after.
///
/// # Errors
/// `ChangedMeanwhile`, and those of [`group_update`].
pub async fn group_rename_as_seen<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: GroupId,
    seen: Version,
    name: &Name,
) -> Outcome<(WorkspaceGroup, WorkspaceGroup)> {
    let before = changeable(connection, id).await?;
    if name.as_str() != before.name {
        seen.still(rules::version(&before))?;
    }
    let after = set_name(connection, call, before.clone(), name).await?;
    Ok((before, after))
}

/// Held, and not removed.
async fn changeable(connection: &mut PgConnection, id: GroupId) -> Outcome<WorkspaceGroup> {
    let group = group_lock(connection, id).await?;
    if group.deleted_at.is_some() { Err(Problem::GroupRemoved(id).into()) } else { Ok(group) }
}

async fn set_name<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    before: WorkspaceGroup,
    name: &Name,
) -> Outcome<WorkspaceGroup> {
    if name.as_str() == before.name {
        return Ok(before);
    }
    let id = before.id;
    let mut after = before;
    after.updated_at = store::set_name(connection, id, name, call.now).await?;
    after.name = name.to_string();
    let subject = Subject { id: Some(id.uuid()), name: &after.name };
    admin_event_record(connection, call, AdminAction::GroupUpdated, subject).await?;
    Ok(after)
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
    let live = enrollment_count(connection, &EnrollmentFilter::in_group(id)).await?;
    if live > 0 {
        return Err(Problem::GroupHasLiveEnrollments(live).into());
    }
    store::set_deleted(connection, id, call.now).await?;
    let subject = Subject { id: Some(id.uuid()), name: &found.name };
    admin_event_record(connection, call, AdminAction::GroupRemoved, subject).await
}
