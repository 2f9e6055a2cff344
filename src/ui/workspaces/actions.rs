//! Of workspaces.

use leptos::prelude::*;

use crate::kernel::id::WorkspaceId;
use crate::resources::enrollment_events::model::EnrollmentEvent;
use crate::resources::enrollments::model::GroupCandidate;
use crate::resources::workspaces::model::WorkspaceSummary;
use crate::ui::components::pager::ListPage;
use crate::ui::error::UiError;

/// Workspaces whose name holds the text, or that it names by an id. `grouped`: `yes` or `no`. A word
/// that there is not leaves it at the usual: live ones, in a group or not, by name.
#[server(prefix = "/api/fn", endpoint = "workspaces-read")]
pub async fn workspaces_read(
    search: String,
    status: String,
    grouped: String,
    sort: String,
    after: Option<String>,
    before: Option<String>,
) -> Result<ListPage<WorkspaceSummary>, UiError> {
    use crate::kernel::page::{NamedSortKey, Sort, Status};
    use crate::resources::workspaces::model::{WorkspaceFilter, workspace_position};
    use crate::resources::workspaces::ops::workspace_summaries;
    use crate::ui::pagination::{list_page, list_request, searched};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let key = visit.state.cursor_key(connection).await?;
        let sort = Sort::from_word(&sort).unwrap_or_else(|| Sort(vec![(NamedSortKey::Name, false)]));
        let list = format!("workspaces {}", sort.words());
        let request = list_request(key, &list, after.as_deref(), before.as_deref())?;
        let filter = WorkspaceFilter {
            search: searched(&search),
            status: Status::from_word(&status).unwrap_or_default(),
            grouped: match grouped.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            ..WorkspaceFilter::default()
        };
        let page = workspace_summaries(connection, &filter, &sort, &request).await?;
        Ok(list_page(page, key, &list, |summary| workspace_position(&sort, &summary.workspace)))
    })
    .await
}

/// With in how many groups it is now.
#[server(prefix = "/api/fn", endpoint = "workspace-read")]
pub async fn workspace_read(workspace: WorkspaceId) -> Result<WorkspaceSummary, UiError> {
    use crate::resources::enrollments::model::EnrollmentFilter;
    use crate::resources::enrollments::ops::enrollment_count;
    use crate::resources::workspaces::ops::workspace_get;
    use crate::ui::server::session::read;
    read(async |connection, _| {
        let found = workspace_get(connection, workspace).await?;
        let groups = enrollment_count(connection, &EnrollmentFilter::of_workspace(workspace)).await?;
        Ok(WorkspaceSummary { workspace: found, groups })
    })
    .await
}

/// What happened to the workspace, in any group, the last first.
#[server(prefix = "/api/fn", endpoint = "workspace-history-read")]
pub async fn workspace_history_read(
    workspace: WorkspaceId,
    after: Option<String>,
    before: Option<String>,
) -> Result<ListPage<EnrollmentEvent>, UiError> {
    use crate::kernel::page::Sort;
    use crate::resources::enrollment_events::model::{
        EventFilter, EventInclude, EventSortKey, event_position,
    };
    use crate::resources::enrollment_events::ops::event_list;
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let key = visit.state.cursor_key(connection).await?;
        let request = list_request(key, "workspace history", after.as_deref(), before.as_deref())?;
        let filter = EventFilter { workspaces: vec![workspace], ..EventFilter::default() };
        let sort = Sort::descending(EventSortKey::OccurredAt);
        let page = event_list(connection, &filter, &sort, &request, EventInclude::default()).await?;
        let page = page.map(|with| with.event);
        Ok(list_page(page, key, "workspace history", |event| event_position(&sort, event)))
    })
    .await
}

/// Groups that match, each with "is the workspace in it?".
#[server(prefix = "/api/fn", endpoint = "group-candidates-read")]
pub async fn group_candidates_read(
    workspace: WorkspaceId,
    search: String,
) -> Result<Vec<GroupCandidate>, UiError> {
    use crate::resources::enrollments::ops::enrollment_group_candidates;
    use crate::ui::enrollments::actions::CANDIDATES;
    use crate::ui::pagination::searched;
    use crate::ui::server::session::read;
    read(async |connection, _| match searched(&search) {
        None => Ok(Vec::new()),
        Some(search) => enrollment_group_candidates(connection, workspace, &search, CANDIDATES).await,
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "workspace-create")]
pub async fn workspace_create(
    name: String,
    #[server(default)] description: String,
    #[server(default)] external_workspace_id: String,
    #[server(default)] avatar_color: String,
) -> Result<(), UiError> {
    use crate::resources::workspaces::ops;
    use crate::ui::flash::{Named, Notice};
    use crate::ui::paths;
    use crate::ui::server::forms::WorkspaceForm;
    use crate::ui::server::session::{Changed, change};
    let typed = [
        ("name", name.clone()),
        ("description", description.clone()),
        ("external_workspace_id", external_workspace_id.clone()),
        ("avatar_color", avatar_color.clone()),
    ];
    let typed = typed.map(|(field, text)| (field.to_owned(), text)).into();
    change(paths::NEW_WORKSPACE, typed, async |connection, call| {
        let form = WorkspaceForm {
            name: &name,
            description: &description,
            external_workspace_id: &external_workspace_id,
            avatar_color: &avatar_color,
        };
        let made = ops::workspace_create(connection, call, &form.read()?).await?;
        let notice = Notice::WorkspaceCreated { workspace: Named { id: made.id, name: made.name } };
        Ok(Changed { notice, go_to: paths::workspace(made.id) })
    })
    .await
}

/// Sets all fields; what is empty is to be empty. `version`: as the form showed it; `form_at`: the page of the
/// form.
#[server(prefix = "/api/fn", endpoint = "workspace-update")]
pub async fn workspace_update(
    workspace: String,
    name: String,
    #[server(default)] description: String,
    #[server(default)] external_workspace_id: String,
    #[server(default)] avatar_color: String,
    #[server(default)] version: String,
    form_at: String,
) -> Result<(), UiError> {
    use crate::resources::workspaces::ops;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::{Named, Notice};
    use crate::ui::paths;
    use crate::ui::server::forms::WorkspaceForm;
    use crate::ui::server::session::{Changed, change};
    use crate::ui::viewer::VERSION;
    let typed = [
        ("name", name.clone()),
        ("description", description.clone()),
        ("external_workspace_id", external_workspace_id.clone()),
        ("avatar_color", avatar_color.clone()),
        (VERSION, version.clone()),
    ];
    let typed = typed.map(|(field, text)| (field.to_owned(), text)).into();
    change(&form_at, typed, async |connection, call| {
        let form = WorkspaceForm {
            name: &name,
            description: &description,
            external_workspace_id: &external_workspace_id,
            avatar_color: &avatar_color,
        };
        let id = form_id(&workspace)?;
        let seen = form_id(&version)?;
        let saved = ops::workspace_update_as_seen(connection, call, id, seen, form.change()?).await?;
        let notice = Notice::WorkspaceSaved { workspace: Named { id, name: saved.name } };
        Ok(Changed { notice, go_to: paths::workspace(id) })
    })
    .await
}

/// Takes its external id from a removed workspace, so that another can have it. `form_at`: the page of the form.
#[server(prefix = "/api/fn", endpoint = "workspace-release-id")]
pub async fn workspace_release_id(workspace: String, form_at: String) -> Result<(), UiError> {
    use std::collections::BTreeMap;

    use crate::kernel::patch::Patch;
    use crate::resources::workspaces::model::WorkspaceChange;
    use crate::resources::workspaces::ops;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::{Named, Notice};
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, change};
    change(&form_at, BTreeMap::new(), async |connection, call| {
        let id = form_id(&workspace)?;
        let release = WorkspaceChange {
            name: None,
            description: Patch::Absent,
            external_workspace_id: Patch::Null,
            avatar_color: Patch::Absent,
        };
        let saved = ops::workspace_update(connection, call, id, release).await?;
        let notice = Notice::ExternalIdReleased { workspace: Named { id, name: saved.name } };
        Ok(Changed { notice, go_to: paths::workspace(id) })
    })
    .await
}

/// Removes the workspace itself. `form_at`: the page of the form.
#[server(prefix = "/api/fn", endpoint = "workspace-remove")]
pub async fn workspace_remove(workspace: String, form_at: String) -> Result<(), UiError> {
    use std::collections::BTreeMap;

    use crate::resources::workspaces::ops;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::{Named, Notice};
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, change};
    change(&form_at, BTreeMap::new(), async |connection, call| {
        let id = form_id(&workspace)?;
        ops::workspace_remove(connection, call, id).await?;
        let name = ops::workspace_get(connection, id).await?.name;
        let notice = Notice::WorkspaceRemoved { workspace: Named { id, name } };
        Ok(Changed { notice, go_to: paths::workspace(id) })
    })
    .await
}
