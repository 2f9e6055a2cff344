//! Reads what the pages of change sets, moves and restores show.

use chrono::{DateTime, Utc};

use crate::kernel::version::Version;
use crate::resources::change_sets::model::{ChangeSet, UndoVerdict};
use crate::resources::change_sets::ops::{change_set_get, change_set_undo_plan};
use crate::resources::enrollment_events::model::{EnrollmentEvent, EventFilter};
use crate::resources::enrollments::model::restore::RestoreCounts;
use crate::resources::enrollments::model::{EnrollmentFilter, EnrollmentInclude, EnrollmentWithRelated};
use crate::resources::enrollments::ops::{enrollment_count, enrollment_get_many, enrollment_of_group};
use crate::resources::flows::restore::restore_plan;
use crate::resources::workspace_groups::model::settings::ReasonPolicy;
use crate::resources::workspace_groups::model::{GroupFilter, WorkspaceGroup};
use crate::resources::workspace_groups::ops::{group_get, group_list, group_settings_get};
use crate::ui::server::prelude::*;
use crate::ui::server::session::PendingForm;

/// The number of groups that are offered as a destination.
const DESTINATIONS: u16 = 20;

pub async fn change_set(id: ChangeSetId) -> Result<(ChangeSet, ListPage<EnrollmentEvent>), UiError> {
    read(async |connection, context| {
        let set = change_set_get(connection, id).await?;
        let filter = EventFilter { change_sets: vec![id], ..EventFilter::default() };
        Ok((set, event_page(connection, context, &format!("change {id}"), &filter).await?))
    })
    .await
}

/// The form that a group has refused because it had no reason.
pub async fn pending_form(key: &str) -> Result<Option<PendingForm>, UiError> {
    read(async |_, context| context.pending_form(key).await).await
}

/// What an undo would do, in numbers.
pub struct UndoPreview {
    pub set: ChangeSet,
    pub numbers: Vec<(UndoVerdict, usize)>,
    pub changes: usize,
    pub history: HistoryId,
    pub version: Version,
}

pub async fn undo_preview(id: ChangeSetId) -> Result<UndoPreview, UiError> {
    read(async |connection, _| {
        let set = change_set_get(connection, id).await?;
        let plan = change_set_undo_plan(connection, id).await?;
        let numbers = [
            UndoVerdict::Remove,
            UndoVerdict::Enroll,
            UndoVerdict::RemovedSince,
            UndoVerdict::EnrolledSince,
            UndoVerdict::ChangedSince,
            UndoVerdict::Gone,
        ]
        .map(|verdict| (verdict, plan.count(verdict)));
        let numbers = numbers.into_iter().filter(|(_, number)| *number > 0).collect();
        Ok(UndoPreview {
            set,
            numbers,
            changes: plan.changes(),
            history: plan.history,
            version: plan.version(),
        })
    })
    .await
}

/// A move or copy before its destination is chosen, or with it.
pub struct MovePreview {
    pub from: WorkspaceGroup,
    pub items: Vec<EnrollmentWithRelated>,
    pub policy: ReasonPolicy,
    pub step: MoveStep,
}

pub enum MoveStep {
    /// Live groups that match a search, or the latest ones.
    Choose(Vec<WorkspaceGroup>),
    /// `already`: the number of workspaces that are in it.
    Confirm { to: WorkspaceGroup, already: i64 },
}

pub async fn move_preview(
    from: GroupId,
    selected: &[EnrollmentId],
    to: Option<GroupId>,
    find: &str,
) -> Result<MovePreview, UiError> {
    read(async |connection, _| {
        let group = group_get(connection, from, false).await?.group;
        let rows = enrollment_of_group(connection, from, selected).await?;
        let live: Vec<EnrollmentId> =
            rows.iter().filter(|row| row.enrollment.is_live()).map(|row| row.enrollment.id).collect();
        let items = named(connection, &live).await?;
        let mut policy = group_settings_get(connection, from).await?.reason_policy;
        let step = match to {
            None => MoveStep::Choose(destinations(connection, from, find).await?),
            Some(to) => {
                let of_destination = group_settings_get(connection, to).await?.reason_policy;
                let changes = i64::try_from(items.len()).unwrap_or(i64::MAX);
                policy = if policy.requires(changes) { policy } else { of_destination };
                confirm(connection, to, &items).await?
            }
        };
        Ok(MovePreview { from: group, items, policy, step })
    })
    .await
}

async fn named(connection: &mut Connection, ids: &[EnrollmentId]) -> Outcome<Vec<EnrollmentWithRelated>> {
    let include = EnrollmentInclude { workspace: true, ..EnrollmentInclude::default() };
    enrollment_get_many(connection, ids, include).await
}

async fn confirm(
    connection: &mut Connection,
    to: GroupId,
    items: &[EnrollmentWithRelated],
) -> Outcome<MoveStep> {
    let to = group_get(connection, to, false).await?.group;
    if !to.is_live() {
        return Err(Problem::GroupNotFound(to.id).into());
    }
    let workspaces = items.iter().map(|item| item.enrollment.workspace).collect();
    let filter = EnrollmentFilter { workspaces, ..EnrollmentFilter::in_group(to.id) };
    let already = if items.is_empty() { 0 } else { enrollment_count(connection, &filter).await? };
    Ok(MoveStep::Confirm { to, already })
}

async fn destinations(
    connection: &mut Connection,
    from: GroupId,
    find: &str,
) -> Outcome<Vec<WorkspaceGroup>> {
    let filter = GroupFilter { search: searched(find), ..GroupFilter::default() };
    let sort = Sort::descending(NamedSortKey::CreatedAt);
    let page = group_list(connection, &filter, &sort, &PageRequest::first(DESTINATIONS), false).await?;
    Ok(page.items.into_iter().map(|item| item.group).filter(|group| group.id != from).collect())
}

pub struct RestorePreview {
    pub group: WorkspaceGroup,
    pub as_of: DateTime<Utc>,
    pub counts: RestoreCounts,
    pub policy: ReasonPolicy,
    pub history: HistoryId,
    pub version: Version,
}

pub async fn restore_preview(group: GroupId, as_of: DateTime<Utc>) -> Result<RestorePreview, UiError> {
    read(async |connection, _| {
        let plan = restore_plan(connection, group, as_of).await?;
        let policy = group_settings_get(connection, group).await?.reason_policy;
        let (history, version, counts) = (plan.history, plan.version(), plan.counts);
        let group = group_get(connection, group, false).await?.group;
        Ok(RestorePreview { group, as_of, counts, policy, history, version })
    })
    .await
}
