//! Moves and copies workspaces from one group to another.

use sqlx::PgConnection;

use super::undo::remove_live;
use crate::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::change_sets::ops::change_set_record;
use crate::resources::enrollment_events::model::origin::{ChangeOrigin, GroupRef};
use crate::resources::enrollments::model::{EnrollmentFilter, MoveSummary};
use crate::resources::enrollments::ops::matching::enrollment_ids_matching;
use crate::resources::enrollments::ops::{
    BATCH, enrollment_ensure_all, enrollment_in_locking_order, enrollment_of_group,
};
use crate::resources::workspace_groups::model::WorkspaceGroup;
use crate::resources::workspace_groups::ops::group_lock_for_update;
use crate::resources::workspaces::ops::workspace_lock_for_key_share;

/// Moves or copies all live enrollments of the group `from` that match, as [`enrollment_move`] does. Fails with
/// `EnrollmentsChanged` if their number is not the one that the user confirmed.
pub async fn enrollment_move_matching<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    (from, to): (GroupId, GroupId),
    (filter, expected): (&EnrollmentFilter, usize),
    keeps: bool,
) -> Outcome<MoveSummary> {
    // Under the locks of the move nobody enrolls, so that what was counted is what is moved.
    if from != to {
        lock(connection, from, to).await?;
    }
    let enrollments = enrollment_ids_matching(connection, filter, expected).await?;
    enrollment_move(connection, call, (from, to), &enrollments, keeps).await
}

/// Enrolls the workspaces of these enrollments in the group `to`; a move also removes them from the group `from`, those that
/// are in the other group already, too. All or nothing. Fails with `GroupNotFound`, `SameGroup`, `NothingSelected`,
/// `EnrollmentNotFound`, `FormMalformed` for an enrollment of another group, and `NotEnrolled` if one was removed.
pub async fn enrollment_move<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    (from, to): (GroupId, GroupId),
    enrollments: &[EnrollmentId],
    keeps: bool,
) -> Outcome<MoveSummary> {
    if from == to {
        return Err(Problem::SameGroup.into());
    }
    if enrollments.is_empty() {
        return Err(Problem::NothingSelected.into());
    }
    let (from, to) = lock(connection, from, to).await?;
    let rows = enrollment_of_group(connection, from.id, enrollments).await?;
    if let Some(removed) = rows.iter().map(|row| &row.enrollment).find(|enrollment| !enrollment.is_live()) {
        return Err(Problem::NotEnrolled { group: from.id, workspace: removed.workspace }.into());
    }
    // Removals by others do not wait for the locks of the groups.
    let rows = enrollment_in_locking_order(connection, rows, |row| row.enrollment.id).await?;
    let ids: Vec<EnrollmentId> = rows.iter().map(|row| row.enrollment.id).collect();
    let workspaces: Vec<WorkspaceId> = rows.iter().map(|row| row.enrollment.workspace).collect();
    workspace_lock_for_key_share(connection, &workspaces).await?;
    let removed = if keeps { &[][..] } else { &ids };
    // Rows are locked group by group in the order of the groups.
    let enrolled = if from.id < to.id {
        remove_live(connection, call, removed).await?;
        enroll(connection, call, to.id, &workspaces).await?
    } else {
        let enrolled = enroll(connection, call, to.id, &workspaces).await?;
        remove_live(connection, call, removed).await?;
        enrolled
    };
    if enrolled + removed.len() > 0 {
        let (source, target) = (reference(&from), reference(&to));
        let origin = if keeps {
            ChangeOrigin::Copy { from: source, to: target }
        } else {
            ChangeOrigin::Move { from: source, to: target }
        };
        change_set_record(connection, call, &origin).await?;
    }
    Ok(MoveSummary {
        workspaces: workspaces.len(),
        already: workspaces.len() - enrolled,
        removed: removed.len(),
    })
}

/// Returns how many were not in the group.
async fn enroll<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    workspaces: &[WorkspaceId],
) -> Outcome<usize> {
    let mut enrolled = 0;
    for batch in workspaces.chunks(BATCH.into()) {
        enrolled += enrollment_ensure_all(connection, call, group, batch).await?.len();
    }
    Ok(enrolled)
}

/// Both groups, which block enrollments until the end. They are locked in the order of their ids, in which all statements
/// lock groups, so that two moves in opposite directions wait for each other.
async fn lock(
    connection: &mut PgConnection,
    from: GroupId,
    to: GroupId,
) -> Outcome<(WorkspaceGroup, WorkspaceGroup)> {
    let first = group_lock_for_update(connection, from.min(to)).await?;
    let second = group_lock_for_update(connection, from.max(to)).await?;
    let (from, to) = if from < to { (first, second) } else { (second, first) };
    let archived = [&from, &to].into_iter().find(|group| !group.is_live()).map(|group| group.id);
    archived.map_or(Ok((from, to)), |id| Err(Problem::GroupNotFound(id).into()))
}

fn reference(group: &WorkspaceGroup) -> GroupRef {
    GroupRef { id: group.id, name: group.name.clone() }
}
