//! What the server functions of the audit pages share.

use std::collections::HashSet;

use crate::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
use crate::kernel::page::{Page, PageRequest};
use crate::platform::db::Connection;
use crate::platform::failure::Outcome;
use crate::resources::enrollment_events::model::Removal;
use crate::resources::enrollment_events::ops::event_removals;
use crate::resources::enrollments::model::comparison::{Change, Comparison};
use crate::resources::enrollments::model::{
    Enrollment, EnrollmentFilter, EnrollmentInclude, EnrollmentWithRelated, newest_first,
};
use crate::resources::enrollments::ops::enrollment_list;
use crate::ui::audit::queries::ComparedRow;
use crate::ui::enrollments::actions::RemovedRow;

/// With the names of the pair and of who enrolled it.
pub const PAIR: EnrollmentInclude =
    EnrollmentInclude { group: true, group_created_by: false, workspace: true, created_by: true };

type Pair = (GroupId, WorkspaceId);

const fn pair(row: &Enrollment) -> Pair {
    (row.group, row.workspace)
}

/// What became of each since: who removed it, and whether its pair is in again.
pub async fn with_removals(
    connection: &mut Connection,
    page: Page<EnrollmentWithRelated>,
) -> Outcome<Page<RemovedRow>> {
    let removed: Vec<&Enrollment> =
        page.items.iter().map(|item| &item.enrollment).filter(|row| !row.is_live()).collect();
    let mut removals = removals(connection, &removed).await?;
    let again = live_pairs(connection, &removed).await?;
    Ok(page.map(|item| RemovedRow {
        removal: take(&mut removals, item.enrollment.id),
        in_again: !item.enrollment.is_live() && again.contains(&pair(&item.enrollment)),
        item,
    }))
}

pub async fn compared(
    connection: &mut Connection,
    comparison: &Comparison,
    change: Change,
    page: Page<EnrollmentWithRelated>,
) -> Outcome<Page<ComparedRow>> {
    let removed: Vec<&Enrollment> = match change {
        Change::Removed => page.items.iter().map(|item| &item.enrollment).collect(),
        Change::Added | Change::Unchanged => Vec::new(),
    };
    let mut removals = removals(connection, &removed).await?;
    Ok(page.map(|item| ComparedRow {
        removal: take(&mut removals, item.enrollment.id),
        is_readded: comparison.is_readded(change, &item.enrollment),
        item,
    }))
}

fn take(removals: &mut Vec<Removal>, id: EnrollmentId) -> Option<Removal> {
    let found = removals.iter().position(|removal| removal.enrollment == id);
    found.map(|index| removals.swap_remove(index))
}

async fn removals(connection: &mut Connection, removed: &[&Enrollment]) -> Outcome<Vec<Removal>> {
    if removed.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<EnrollmentId> = removed.iter().map(|row| row.id).collect();
    event_removals(connection, &ids).await
}

async fn live_pairs(connection: &mut Connection, removed: &[&Enrollment]) -> Outcome<HashSet<Pair>> {
    if removed.is_empty() {
        return Ok(HashSet::new());
    }
    let groups: HashSet<GroupId> = removed.iter().map(|row| row.group).collect();
    let workspaces: HashSet<WorkspaceId> = removed.iter().map(|row| row.workspace).collect();
    // Each of these groups may hold each of these workspaces, once.
    let page = PageRequest::first(u16::try_from(groups.len() * workspaces.len()).unwrap_or(u16::MAX));
    let filter = EnrollmentFilter {
        groups: groups.into_iter().collect(),
        workspaces: workspaces.into_iter().collect(),
        ..EnrollmentFilter::default()
    };
    let live =
        enrollment_list(connection, &filter, &newest_first(), &page, EnrollmentInclude::default()).await?;
    Ok(live.items.iter().map(|with| pair(&with.enrollment)).collect())
}
