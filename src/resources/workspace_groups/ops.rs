//! The operations on groups; those that also concern enrollments are in `resources/flows`.

use sqlx::PgConnection;

use super::model::WorkspaceGroup;
use super::model::settings::GroupSettings;
use super::{rules, store};
use crate::kernel::id::GroupId;
use crate::kernel::problem::Problem;
use crate::kernel::text::Name;
use crate::kernel::version::Version;
use crate::platform::call::{Administer, Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::admin_events::model::AdminAction;
use crate::resources::admin_events::ops::admin_event_record;

pub use store::settings::group_settings_get;
pub use store::{
    group_count, group_find_live, group_get, group_list, group_lock_for_no_key_update, group_lock_for_update,
    group_summaries, group_summary,
};

/// Creates an empty group.
pub async fn group_create<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    name: &Name,
) -> Outcome<WorkspaceGroup> {
    let creator = call.actor.person.as_ref().map(|person| person.id);
    let group = store::insert(connection, name, creator, call.now).await?;
    admin_event_record(connection, call, AdminAction::GroupCreated, group.subject()).await?;
    Ok(group)
}

/// Renames a group and returns it as it was before and as it is now, or `GroupNotFound`, `GroupRemoved`, or
/// `ChangedByOthers` if its version is not the one that a form showed, `seen`. No name, or the present one, writes nothing.
pub async fn group_update<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: GroupId,
    seen: Option<Version>,
    name: Option<&Name>,
) -> Outcome<(WorkspaceGroup, WorkspaceGroup)> {
    let before = group_lock_for_no_key_update(connection, id).await?;
    if !before.is_live() {
        return Err(Problem::GroupRemoved(id).into());
    }
    let Some(name) = name.filter(|name| name.as_str() != before.name) else {
        return Ok((before.clone(), before));
    };
    if let Some(seen) = seen {
        seen.ensure_unchanged(rules::version(&before))?;
    }
    let after = store::set_name(connection, id, name, call.now).await?;
    admin_event_record(connection, call, AdminAction::GroupUpdated, after.subject()).await?;
    Ok((before, after))
}

/// Changes the settings of a group. Fails with `GroupNotFound`, `GroupRemoved`, or `ChangedByOthers` if their version is not
/// the one that a form showed, `seen`.
pub async fn group_settings_set<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: GroupId,
    seen: Version,
    settings: &GroupSettings,
) -> Outcome<WorkspaceGroup> {
    let group = group_lock_for_no_key_update(connection, id).await?;
    if !group.is_live() {
        return Err(Problem::GroupRemoved(id).into());
    }
    let before = group_settings_get(connection, id).await?;
    if before != *settings {
        seen.ensure_unchanged(before.version())?;
        store::settings::set(connection, id, settings).await?;
        admin_event_record(connection, call, AdminAction::GroupUpdated, group.subject()).await?;
    }
    Ok(group)
}

/// Marks a group as removed that the caller has locked `FOR UPDATE` and found without live enrollments.
pub async fn group_mark_removed<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: &WorkspaceGroup,
) -> Outcome<()> {
    store::set_deleted(connection, group.id, call.now).await?;
    admin_event_record(connection, call, AdminAction::GroupRemoved, group.subject()).await
}
