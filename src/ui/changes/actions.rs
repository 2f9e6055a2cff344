//! Changes that concern many enrollments. Each is one change set, whose page the message names.

use crate::kernel::version::Version;
use crate::resources::change_sets::ops::change_set_groups;
use crate::resources::enrollments::model::{EnrollmentFilter, MoveSummary};
use crate::resources::flows::moves::{enrollment_move, enrollment_move_matching};
use crate::resources::flows::restore::group_restore_or_queue as restore;
use crate::resources::flows::undo::{SeenPlan, Undone, change_set_undo_or_queue as undo};
use crate::resources::imports::model::ImportMode;
use crate::resources::workspace_groups::ops::group_get;
use crate::ui::find::view::SearchForm;
use crate::ui::server::prelude::*;

/// `history` and `plan`: of the preview. Without them, as from a message, what has changed since is left alone.
#[server(prefix = "/api/fn", endpoint = "change-set-undo")]
pub async fn change_set_undo(
    change_set: String,
    #[server(default)] history: String,
    #[server(default)] plan: String,
    #[server(default)] back: String,
) -> Result<(), UiError> {
    change(async |connection, call| {
        let id = form_id(&change_set)?;
        let summary = match undo(connection, call, id, seen(&history, &plan)?).await? {
            Undone::AtOnce(summary) => summary,
            Undone::Queued(group, import) => {
                return queued(connection, group, import, ImportMode::Undo).await;
            }
        };
        let go_to = match &change_set_groups(connection, id).await?[..] {
            _ if !back.is_empty() => back.clone(),
            [group] => paths::group(*group),
            _ => paths::change_set(call.change_set),
        };
        Ok(Changed { notice: Notice::Undone { change_set: call.change_set, summary }, go_to })
    })
    .await
}

async fn queued(
    connection: &mut Connection,
    group: GroupId,
    import: ImportId,
    mode: ImportMode,
) -> Outcome<Changed> {
    let notice = Notice::ImportStarted { group: named(connection, group).await?, mode };
    Ok(Changed { notice, go_to: paths::import(group, import) })
}

fn seen(history: &str, plan: &str) -> Result<Option<SeenPlan>, Problem> {
    if history.is_empty() && plan.is_empty() {
        return Ok(None);
    }
    let version: Version = form_id(plan)?;
    Ok(Some(SeenPlan { history: form_id(history)?, version }))
}

/// Moves the selected workspaces to another group, or copies them if `keep` is set.
#[server(prefix = "/api/fn", endpoint = "enrollments-move")]
pub async fn enrollments_move(
    group: String,
    to: String,
    #[server(default)] enrollments: Vec<String>,
    #[server(default)] keep: String,
) -> Result<(), UiError> {
    change(async |connection, call| {
        let (from, to) = (form_id(&group)?, form_id(&to)?);
        let ids: Result<Vec<EnrollmentId>, Problem> = enrollments.iter().map(|id| form_id(id)).collect();
        let keeps = !keep.is_empty();
        let summary = enrollment_move(connection, call, (from, to), &ids?, keeps).await?;
        moved(connection, call.change_set, (from, to), summary, keeps).await
    })
    .await
}

/// Moves or copies all members of a group that a search found, or all members if `all` is set. `count`: the number that the
/// page showed.
#[server(prefix = "/api/fn", endpoint = "enrollments-move-matching")]
pub async fn enrollments_move_matching(
    group: String,
    to: String,
    #[server(flatten)] search: SearchForm,
    count: String,
    #[server(default)] all: String,
    #[server(default)] keep: String,
) -> Result<(), UiError> {
    change(async |connection, call| {
        let (from, to) = (form_id(&group)?, form_id(&to)?);
        let filter = search.finding_or_all(!all.is_empty())?.enrolled(EnrollmentFilter::in_group(from));
        let keeps = !keep.is_empty();
        let matching = (&filter, form_id(&count)?);
        let summary = enrollment_move_matching(connection, call, (from, to), matching, keeps).await?;
        moved(connection, call.change_set, (from, to), summary, keeps).await
    })
    .await
}

async fn moved(
    connection: &mut Connection,
    change_set: ChangeSetId,
    (from, to): (GroupId, GroupId),
    summary: MoveSummary,
    keeps: bool,
) -> Outcome<Changed> {
    let go_to = paths::group(from);
    let (from, to) = (named(connection, from).await?, named(connection, to).await?);
    Ok(Changed { notice: Notice::Moved { change_set, from, to, summary, keeps }, go_to })
}

async fn named(connection: &mut Connection, id: GroupId) -> Outcome<Named<GroupId>> {
    Ok(Named { id, name: group_get(connection, id, false).await?.group.name })
}

/// `as_of`: the moment of the preview, in RFC 3339.
#[server(prefix = "/api/fn", endpoint = "group-restore")]
pub async fn group_restore(
    group: String,
    as_of: String,
    history: String,
    plan: String,
) -> Result<(), UiError> {
    change(async |connection, call| {
        let (id, moment) = (form_id(&group)?, form_id(&as_of)?);
        let (plan, import) = restore(connection, call, (id, moment), seen(&history, &plan)?).await?;
        if let Some(import) = import {
            return queued(connection, id, import, ImportMode::Restore).await;
        }
        let counts = plan.counts;
        let group = named(connection, id).await?;
        let notice = Notice::Restored {
            change_set: call.change_set,
            group,
            enrolled: counts.enroll,
            removed: counts.remove,
        };
        Ok(Changed { notice, go_to: paths::group(id) })
    })
    .await
}
