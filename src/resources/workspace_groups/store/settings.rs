//! Every statement on `groupdesk.group_settings`.

use sqlx::PgConnection;

use crate::kernel::id::GroupId;
use crate::kernel::text::ShortText;
use crate::platform::db::statement::execute;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::workspace_groups::model::settings::{GroupSettings, ReasonPolicy};

/// The settings of a group; the defaults for one without a row.
pub async fn group_settings_get(connection: &mut PgConnection, group: GroupId) -> Outcome<GroupSettings> {
    let query = sqlx::query!(
        "SELECT reason_policy, reason_above, managed_by FROM groupdesk.group_settings
         WHERE workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $1)",
        group.uuid(),
    );
    let Some(row) = query.fetch_optional(connection).await? else { return Ok(GroupSettings::default()) };
    let invalid = || Failure::fault("a stored setting of a group is not valid");
    let managed_by = row.managed_by.as_deref().map(ShortText::parse).transpose();
    Ok(GroupSettings {
        reason_policy: ReasonPolicy::of(&row.reason_policy, row.reason_above).ok_or_else(invalid)?,
        managed_by: managed_by.map_err(|_| invalid())?,
    })
}

pub(in super::super) async fn set(
    connection: &mut PgConnection,
    group: GroupId,
    settings: &GroupSettings,
) -> Outcome<()> {
    let statement = sqlx::query!(
        "INSERT INTO groupdesk.group_settings (workspace_group_pk, reason_policy, reason_above, managed_by)
         SELECT pk, $2, $3, $4 FROM core_api.workspace_groups WHERE workspace_group_id = $1
         ON CONFLICT (workspace_group_pk) DO UPDATE
         SET reason_policy = excluded.reason_policy, reason_above = excluded.reason_above,
             managed_by = excluded.managed_by",
        group.uuid(),
        settings.reason_policy.word(),
        settings.reason_policy.above(),
        settings.managed_by.as_ref().map(ShortText::as_str),
    );
    execute(connection, statement).await
}
