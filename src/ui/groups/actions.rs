//! Changes to workspace groups.

use std::collections::HashSet;

use crate::kernel::text::{Name, ShortText, TextFault};
use crate::resources::flows::groups_and_workspaces::{self as flows, group_create_with_workspaces};
use crate::resources::imports::rules::pasted as read_pasted;
use crate::resources::workspace_groups::model::NewGroup;
use crate::resources::workspace_groups::model::settings::{
    GroupSettings, MANAGED_BY_MAX, REASON_ABOVE_MAX, ReasonPolicy,
};
use crate::resources::workspace_groups::ops;
use crate::resources::workspaces::ops::workspace_resolve;
use crate::ui::server::prelude::*;

/// Creates a group with workspaces. `picked`: their ids; `pasted`: a list of ids or external ids.
#[server(prefix = "/api/fn", endpoint = "group-create")]
pub async fn group_create(
    name: String,
    #[server(default)] picked: Vec<String>,
    #[server(default)] pasted: String,
) -> Result<(), UiError> {
    change_at(paths::NEW_GROUP, async |connection, call| {
        let name = field(Field::Name, &name, Name::parse)?;
        let mut lines = read_pasted(&picked.join("\n")).map_err(Problem::ImportRefused)?;
        lines.extend(read_pasted(&pasted).map_err(Problem::ImportRefused)?);
        let workspaces = workspace_resolve(connection, &lines).await?;
        // A workspace may be named several times and by both of its ids.
        let count = workspaces.iter().collect::<HashSet<_>>().len();
        let group = group_create_with_workspaces(connection, call, &NewGroup { name, workspaces }).await?;
        let go_to = paths::group(group.id);
        let group = Named { id: group.id, name: group.name };
        Ok(Changed { notice: Notice::GroupCreated { group, workspaces: count }, go_to })
    })
    .await
}

/// `version`: of the name that the form showed.
#[server(prefix = "/api/fn", endpoint = "group-rename")]
pub async fn group_rename(
    group: String,
    name: String,
    #[server(default)] version: String,
    back: String,
) -> Result<(), UiError> {
    change(async |connection, call| {
        let (id, name, version) =
            (form_id(&group)?, field(Field::Name, &name, Name::parse)?, form_id(&version)?);
        let (before, after) = ops::group_update(connection, call, id, Some(version), Some(&name)).await?;
        let notice = Notice::GroupRenamed { from: before.name, to: Named { id, name: after.name } };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}

/// `reason_above`: a number, if the policy needs one. `version`: of the settings that the form showed.
#[server(prefix = "/api/fn", endpoint = "group-settings-save")]
pub async fn group_settings_save(
    group: String,
    reason_policy: String,
    #[server(default)] reason_above: String,
    #[server(default)] managed_by: String,
    version: String,
) -> Result<(), UiError> {
    let form_at = form_id(&group).map_or_else(|_| paths::GROUPS.to_owned(), paths::group_settings);
    change_as(RequestContext::administer, &form_at, async |connection, _, call| {
        let id = form_id(&group)?;
        let settings = GroupSettings {
            reason_policy: policy(&reason_policy, &reason_above)?,
            managed_by: managed(&managed_by)?,
        };
        let group = ops::group_settings_set(connection, call, id, form_id(&version)?, &settings).await?;
        let notice = Notice::GroupSettingsSaved { group: Named { id, name: group.name } };
        Ok(Changed { notice, go_to: paths::group(id) })
    })
    .await
}

fn policy(word: &str, above: &str) -> Result<ReasonPolicy, Problem> {
    let number = above.trim().parse().ok().filter(|above| (1..=REASON_ABOVE_MAX).contains(above));
    let policy = ReasonPolicy::of(word, number);
    policy
        .ok_or_else(|| Problem::invalid(Field::ReasonAbove, TextFault::NotANumber { max: REASON_ABOVE_MAX }))
}

fn managed(text: &str) -> Result<Option<ShortText>, Problem> {
    match ShortText::parse(text) {
        Ok(name) if name.as_str().chars().count() > MANAGED_BY_MAX => {
            Err(Problem::invalid(Field::ManagedBy, TextFault::TooLong { max: MANAGED_BY_MAX }))
        }
        Ok(name) => Ok(Some(name)),
        Err(TextFault::Blank) => Ok(None),
        Err(fault) => Err(Problem::invalid(Field::ManagedBy, fault)),
    }
}

#[server(prefix = "/api/fn", endpoint = "group-remove")]
pub async fn group_remove(group: String) -> Result<(), UiError> {
    change(async |connection, call| {
        let id = form_id(&group)?;
        let name = ops::group_get(connection, id, false).await?.group.name;
        flows::group_remove(connection, call, id).await?;
        Ok(Changed { notice: Notice::GroupRemoved { group: Named { id, name } }, go_to: paths::group(id) })
    })
    .await
}
