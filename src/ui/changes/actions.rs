//! Changes that concern many enrollments. Each is one change set, whose page the message names.

use crate::kernel::version::Version;
use crate::resources::change_sets::ops::change_set_groups;
use crate::resources::flows::moves::enrollment_move;
use crate::resources::flows::restore::group_restore as restore;
use crate::resources::flows::undo::{SeenPlan, change_set_undo as undo};
use crate::resources::workspace_groups::ops::group_get;
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
        let summary = undo(connection, call, id, seen(&history, &plan)?).await?;
        let go_to = match &change_set_groups(connection, id).await?[..] {
            _ if !back.is_empty() => back.clone(),
            [group] => paths::group(*group),
            _ => paths::change_set(call.change_set),
        };
        Ok(Changed { notice: Notice::Undone { change_set: call.change_set, summary }, go_to })
    })
    .await
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
        let (from, to) = (named(connection, from).await?, named(connection, to).await?);
        let notice = Notice::Moved { change_set: call.change_set, from, to, summary, keeps };
        Ok(Changed { notice, go_to: paths::group(form_id(&group)?) })
    })
    .await
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
        let counts = restore(connection, call, (id, moment), seen(&history, &plan)?).await?.counts;
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
