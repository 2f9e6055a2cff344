//! Reads what the pages of change sets, moves and restores show.

use chrono::{DateTime, Utc};

use crate::kernel::version::Version;
use crate::resources::change_sets::model::{ChangeSet, UndoVerdict};
use crate::resources::change_sets::ops::{change_set_get, change_set_undo_plan};
use crate::resources::enrollment_events::model::{EnrollmentEvent, EventFilter};
use crate::resources::enrollments::model::restore::RestoreCounts;
use crate::resources::enrollments::model::{
    EnrollmentFilter, EnrollmentInclude, EnrollmentWithRelated, newest_first,
};
use crate::resources::enrollments::ops::{
    enrollment_count, enrollment_counts_of, enrollment_get_many, enrollment_list, enrollment_of_group,
};
use crate::resources::flows::restore::restore_plan;
use crate::resources::workspace_groups::model::settings::ReasonPolicy;
use crate::resources::workspace_groups::model::{GroupFilter, WorkspaceGroup};
use crate::resources::workspace_groups::ops::{group_get, group_list, group_settings_get};
use crate::ui::enrollments::view::NAMES_SHOWN;
use crate::ui::find::view::Finding;
use crate::ui::server::prelude::*;
use crate::ui::server::session::PendingForm;

/// The number of groups that are offered as a destination.
pub const DESTINATIONS: u16 = 20;

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

/// What is moved or copied: the rows that were ticked, or all that match a search. An empty search is the whole group.
#[derive(Clone)]
pub enum Selection {
    Rows(Vec<EnrollmentId>),
    Matching(Finding),
}

/// A move or copy before its destination is chosen, or with it.
pub struct MovePreview {
    pub from: WorkspaceGroup,
    /// All ticked enrollments, or the first that match.
    pub items: Vec<EnrollmentWithRelated>,
    pub count: i64,
    pub policy: ReasonPolicy,
    pub step: MoveStep,
    /// The name of the chosen group, which cannot be the destination.
    pub refused: Option<Refused>,
}

pub enum Refused {
    SameGroup,
    Archived(String),
}

pub enum MoveStep {
    /// Live groups that match a search, or the latest ones, each with the number of the workspaces that are in it, which
    /// is not counted for a search.
    Choose(Vec<(WorkspaceGroup, Option<i64>)>),
    /// `already`: the number of workspaces that are in it.
    Confirm { to: WorkspaceGroup, already: i64 },
}

pub async fn move_preview(
    from: GroupId,
    selection: &Selection,
    to: Option<GroupId>,
    find: &str,
) -> Result<MovePreview, UiError> {
    read(async |connection, _| {
        let group = group_get(connection, from, false).await?.group;
        let selected = selected(connection, from, selection).await?;
        let mut policy = group_settings_get(connection, from).await?.reason_policy;
        let chosen = match to {
            Some(to) => Some(group_get(connection, to, false).await?.group),
            None => None,
        };
        let refused = chosen.as_ref().and_then(|to| match to {
            to if to.id == from => Some(Refused::SameGroup),
            to if !to.is_live() => Some(Refused::Archived(to.name.clone())),
            _ => None,
        });
        let step = match chosen.filter(|_| refused.is_none()) {
            None => {
                MoveStep::Choose(destinations(connection, from, find, selected.workspaces.as_deref()).await?)
            }
            Some(to) => {
                let of_destination = group_settings_get(connection, to.id).await?.reason_policy;
                policy = if policy.requires(selected.count) { policy } else { of_destination };
                confirm(connection, to, selected.filter).await?
            }
        };
        Ok(MovePreview { from: group, items: selected.items, count: selected.count, policy, step, refused })
    })
    .await
}

struct Selected {
    items: Vec<EnrollmentWithRelated>,
    count: i64,
    filter: EnrollmentFilter,
    /// `None` for a search.
    workspaces: Option<Vec<WorkspaceId>>,
}

async fn selected(connection: &mut Connection, from: GroupId, selection: &Selection) -> Outcome<Selected> {
    let include = EnrollmentInclude { workspace: true, ..EnrollmentInclude::default() };
    match selection {
        Selection::Rows(ids) => {
            let rows = enrollment_of_group(connection, from, ids).await?;
            let live: Vec<EnrollmentId> =
                rows.iter().filter(|row| row.enrollment.is_live()).map(|row| row.enrollment.id).collect();
            let items = enrollment_get_many(connection, &live, include).await?;
            let workspaces: Vec<WorkspaceId> = items.iter().map(|item| item.enrollment.workspace).collect();
            let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let filter =
                EnrollmentFilter { workspaces: workspaces.clone(), ..EnrollmentFilter::in_group(from) };
            Ok(Selected { items, count, filter, workspaces: Some(workspaces) })
        }
        Selection::Matching(finding) => {
            let filter = finding.enrolled(EnrollmentFilter::in_group(from));
            let first = PageRequest::first(NAMES_SHOWN);
            let page = enrollment_list(connection, &filter, &newest_first(), &first, include).await?;
            let count = enrollment_count(connection, &filter).await?;
            Ok(Selected { items: page.items, count, filter, workspaces: None })
        }
    }
}

async fn confirm(
    connection: &mut Connection,
    to: WorkspaceGroup,
    filter: EnrollmentFilter,
) -> Outcome<MoveStep> {
    let filter = EnrollmentFilter { also_in: Some(to.id), ..filter };
    let already = enrollment_count(connection, &filter).await?;
    Ok(MoveStep::Confirm { to, already })
}

async fn destinations(
    connection: &mut Connection,
    from: GroupId,
    find: &str,
    workspaces: Option<&[WorkspaceId]>,
) -> Outcome<Vec<(WorkspaceGroup, Option<i64>)>> {
    let filter = GroupFilter { search: searched(find), ..GroupFilter::default() };
    let sort = Sort::descending(NamedSortKey::CreatedAt);
    let page = group_list(connection, &filter, &sort, &PageRequest::first(DESTINATIONS), false).await?;
    let groups = page.items.into_iter().map(|item| item.group).filter(|group| group.id != from);
    let groups: Vec<WorkspaceGroup> = groups.collect();
    let Some(workspaces) = workspaces else {
        return Ok(groups.into_iter().map(|group| (group, None)).collect());
    };
    let ids: Vec<GroupId> = groups.iter().map(|group| group.id).collect();
    let counts = enrollment_counts_of(connection, &ids, workspaces).await?;
    let counted = |group: WorkspaceGroup| {
        let count = counts.get(&group.id).copied().unwrap_or_default();
        (group, Some(count))
    };
    Ok(groups.into_iter().map(counted).collect())
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
    read(async |connection, context| {
        let plan = restore_plan(connection, group, as_of, context.viewer.now).await?;
        let policy = group_settings_get(connection, group).await?.reason_policy;
        let (history, version, counts) = (plan.history, plan.version(), plan.counts);
        let group = group_get(connection, group, false).await?.group;
        Ok(RestorePreview { group, as_of, counts, policy, history, version })
    })
    .await
}
