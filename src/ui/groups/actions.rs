//! Of workspace groups.

use leptos::prelude::*;

use crate::kernel::id::GroupId;
use crate::resources::workspace_groups::model::GroupSummary;
use crate::ui::error::UiError;
use crate::ui::pagination::ListPage;

/// Groups whose name holds the text. A word for status or order that there is not leaves it at the
/// usual one: live groups, the newest first.
#[server(prefix = "/api/fn", endpoint = "groups-read")]
pub async fn groups_read(
    search: String,
    status: String,
    sort: String,
    after: Option<String>,
    before: Option<String>,
) -> Result<ListPage<GroupSummary>, UiError> {
    use crate::kernel::page::{NamedSortKey, Sort, Status};
    use crate::resources::workspace_groups::model::{GroupFilter, group_position};
    use crate::resources::workspace_groups::ops::group_summaries;
    use crate::ui::pagination::{list_page, list_request, searched};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let key = visit.state.cursor_key(connection).await?;
        let sort = Sort::from_word(&sort).unwrap_or_else(|| Sort::descending(NamedSortKey::CreatedAt));
        let list = format!("groups {}", sort.words());
        let request = list_request(key, &list, after.as_deref(), before.as_deref())?;
        let filter = GroupFilter {
            search: searched(&search),
            status: Status::from_word(&status).unwrap_or_default(),
            ..GroupFilter::default()
        };
        let page = group_summaries(connection, &filter, &sort, &request).await?;
        Ok(list_page(page, key, &list, |summary| group_position(&sort, &summary.group)))
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "group-read")]
pub async fn group_read(group: GroupId) -> Result<GroupSummary, UiError> {
    use crate::resources::workspace_groups::ops::group_summary;
    use crate::ui::server::session::read;
    read(async |connection, _| group_summary(connection, group).await).await
}

/// Creates a group with the workspaces picked by id and those pasted, by id or external id.
#[server(prefix = "/api/fn", endpoint = "group-create")]
pub async fn group_create(
    name: String,
    #[server(default)] picked: Vec<String>,
    #[server(default)] pasted: String,
) -> Result<(), UiError> {
    use std::collections::HashSet;

    use crate::kernel::problem::{Field, Problem};
    use crate::kernel::text::Name;
    use crate::resources::flows::create_group::group_create_with_workspaces;
    use crate::resources::imports::rules::pasted as read_pasted;
    use crate::resources::workspace_groups::model::NewGroup;
    use crate::resources::workspaces::ops::workspace_resolve;
    use crate::ui::flash::{Named, Notice};
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, change_at};
    change_at(paths::NEW_GROUP, async |connection, call| {
        let name = Name::parse(&name).map_err(|fault| Problem::invalid(Field::Name, fault))?;
        let mut lines = read_pasted(&picked.join(
            "
",
        ))
        .map_err(Problem::ImportRefused)?;
        lines.extend(read_pasted(&pasted).map_err(Problem::ImportRefused)?);
        let workspaces = workspace_resolve(connection, &lines).await?;
        // Each is enrolled once, however often and by whichever of its ids it is named.
        let count = workspaces.iter().collect::<HashSet<_>>().len();
        let group = group_create_with_workspaces(connection, call, &NewGroup { name, workspaces }).await?;
        let go_to = paths::group(group.id);
        let group = Named { id: group.id, name: group.name };
        Ok(Changed { notice: Notice::GroupCreated { group, workspaces: count }, go_to })
    })
    .await
}

/// `version`: as the form showed it.
#[server(prefix = "/api/fn", endpoint = "group-rename")]
pub async fn group_rename(
    group: String,
    name: String,
    #[server(default)] version: String,
    back: String,
) -> Result<(), UiError> {
    use crate::kernel::problem::{Field, Problem};
    use crate::kernel::text::Name;
    use crate::resources::workspace_groups::ops;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::{Named, Notice};
    use crate::ui::server::session::{Changed, change_at};
    change_at(&back, async |connection, call| {
        let id = form_id(&group)?;
        let name = Name::parse(&name).map_err(|fault| Problem::invalid(Field::Name, fault))?;
        let seen = form_id(&version)?;
        let (before, after) = ops::group_rename(connection, call, id, Some(seen), &name).await?;
        let notice = Notice::GroupRenamed { from: before.name, to: Named { id, name: after.name } };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}

/// Removes the group itself. `form_at`: the page of the form.
#[server(prefix = "/api/fn", endpoint = "group-remove")]
pub async fn group_remove(group: String, form_at: String) -> Result<(), UiError> {
    use crate::resources::flows::remove_group;
    use crate::resources::workspace_groups::ops;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::{Named, Notice};
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, change_at};
    change_at(&form_at, async |connection, call| {
        let id = form_id(&group)?;
        let name = ops::group_get(connection, id, false).await?.group.name;
        remove_group::group_remove(connection, call, id).await?;
        let notice = Notice::GroupRemoved { group: Named { id, name } };
        Ok(Changed { notice, go_to: paths::group(id) })
    })
    .await
}
