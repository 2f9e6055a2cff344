//! The pages of workspaces.

use crate::kernel::text::{DESCRIPTION_MAX, NAME_MAX, SHORT_TEXT_MAX};
use crate::resources::workspaces::model::{Workspace, WorkspaceSummary};
use crate::resources::workspaces::rules::version;
use crate::ui::components::prelude::*;
use crate::ui::enrollments::components::{EnrollIntoBox, EnrollmentRows, RemovalForm, RowsOf};
use crate::ui::find::components::{FindBar, FindWords, NoRows, found_history, found_list, with_search};
use crate::ui::messages::{ARCHIVED_ALREADY, workspace_is_in};
use crate::ui::paths::WorkspaceTab;
use crate::ui::workspaces::actions::{WorkspaceCreate, WorkspaceReleaseId, WorkspaceRemove, WorkspaceUpdate};
use crate::ui::workspaces::queries::{self, workspaces};

#[component]
pub fn WorkspacesPage() -> impl IntoView {
    let viewer = Viewer::current();
    load_page(async move {
        let (page, total) = workspaces(&viewer).await?;
        let list = list_or_empty("workspaces", page, empty(&viewer.address()), table);
        let grouped = vec![("", "Any"), ("no", "In no group"), ("yes", "In a group")];
        let statuses = vec![("", "Live"), ("removed", "Archived"), ("any", "Any")];
        let topics = vec![Topic::WORKSPACES, Topic::ENROLLMENTS];
        Ok(view! {
            <IndexPage title="Workspaces" new=(paths::NEW_WORKSPACE, "New workspace") topics>
                <Toolbar
                    action=paths::WORKSPACES
                    placeholder="Search workspaces by name or id"
                    fields=&["q", "grouped", "status"]
                >
                    <Choose name="grouped" label="In a group" options=grouped />
                    <Choose name="status" label="Status" options=statuses />
                </Toolbar>
                <Total number=total nouns=("workspace", "workspaces") />
                {list}
            </IndexPage>
        })
    })
}

fn empty(here: &Address) -> (&'static str, String) {
    if let Some(search) = here.get("q") {
        return ("No matching workspaces", format!("Nothing matches “{}”.", isolated(search)));
    }
    let (title, text) = match (here.get("grouped"), here.get("status")) {
        (Some("no"), None) => ("None is left out", "Every workspace is in a group."),
        (None, None) => ("No workspaces yet", "They come from the platform, or an admin creates them here."),
        (Some(_), _) | (None, Some(_)) => ("No matching workspaces", "No workspace matches these filters."),
    };
    (title, text.to_owned())
}

fn table(items: Vec<WorkspaceSummary>) -> impl IntoView {
    let (formats, default) = (Formats::current(), "name");
    let created = |summary: &WorkspaceSummary| view! { <Moment at=summary.workspace.created_at /> };
    let columns = vec![
        Column::name("Name", |WorkspaceSummary { workspace, .. }: &WorkspaceSummary| {
            view! {
                <WorkspaceName
                    id=workspace.id
                    name=workspace.name.clone()
                    color=workspace.avatar_color.clone()
                    external_workspace_id=workspace.external_workspace_id.clone()
                    removed=!workspace.is_live()
                />
            }
        })
        .sorted("name", default, false),
        Column::number("Groups", move |summary: &WorkspaceSummary| formats.number(summary.groups)),
        Column::text("Created", created).sorted("created_at", default, true),
    ];
    let row_id = |summary: &WorkspaceSummary| format!("workspace-{}", summary.workspace.id);
    view! { <DataTable caption="Workspaces" columns items row_id /> }
}

/// `/workspaces/{id}`: which groups a workspace is in, was in, and what happened.
#[component]
pub fn WorkspacePage() -> impl IntoView {
    let viewer = Viewer::current();
    page_with_id(async move |id| {
        let WorkspaceSummary { workspace, groups } = queries::workspace(id).await?;
        let tab = viewer.query("tab").and_then(|word| word.parse().ok()).unwrap_or_default();
        let is_removed = !workspace.is_live();
        let (mut links, mut more) = (Vec::new(), Vec::new());
        let change = match (viewer.may_write(), is_removed) {
            (false, _) => None,
            (true, true) => Some(view! { <ReleaseIdForm workspace=workspace.clone() /> }.into_any()),
            (true, false) => {
                links.push((paths::workspace_edit(id), "Edit"));
                more.push((paths::workspace_removal(id), "Archive workspace"));
                Some(enroll_box(id, &viewer).await?)
            }
        };
        let shown = tab_view(id, tab, groups).await?;
        let formats = Formats::current();
        let text = |tab| match tab {
            WorkspaceTab::Groups => format!("{} ({})", tab_name(tab), formats.number(groups)),
            WorkspaceTab::Enrollments | WorkspaceTab::History => tab_name(tab).to_owned(),
        };
        let part = (tab != WorkspaceTab::Groups).then(|| tab_name(tab));
        let all = (WorkspaceTab::VARIANTS.iter().copied(), tab);
        let path = |tab| with_search(&paths::workspace_tab(id, tab));
        let tabs = tabs(Some("tabs"), "Parts of this workspace", all, path, text);
        Ok(view! {
            <DetailsPage
                name=workspace.name.clone()
                list=crumb(paths::WORKSPACES, "Workspaces")
                mark=view! { <Swatch color=workspace.avatar_color.clone() /> }.into_any()
                part
                is_removed
                links
                more
                topics=vec![Topic::workspace(id)]
            >
                <Facts workspace />
                {change}
                {tabs}
                {shown}
            </DetailsPage>
        })
    })
}

const fn tab_name(tab: WorkspaceTab) -> &'static str {
    match tab {
        WorkspaceTab::Groups => "Groups",
        WorkspaceTab::Enrollments => "All enrollments",
        WorkspaceTab::History => "History",
    }
}

async fn enroll_box(workspace: WorkspaceId, viewer: &Viewer) -> Result<AnyView, UiError> {
    let find = viewer.query("find").unwrap_or_default();
    let found = if find.trim().is_empty() {
        None
    } else {
        Some(queries::group_candidates_read(workspace, find.clone()).await?)
    };
    Ok(view! { <EnrollIntoBox workspace find found /> }.into_any())
}

async fn tab_view(id: WorkspaceId, tab: WorkspaceTab, groups: i64) -> Result<AnyView, UiError> {
    let (text, enrolled) = ("Find a group", ["Enrolled from", "Enrolled until"]);
    let words = FindWords { text, person: Some("Enrolled by"), times: Some(enrolled) };
    let (words, form, list) = match tab {
        WorkspaceTab::Groups => {
            let none = NoRows { title: "In no group", text: "This workspace is in no group now." };
            let found = queries::workspace_enrollments(id, Some(groups)).await?;
            let rows = |rows| view! { <EnrollmentRows rows of=RowsOf::WorkspaceNow /> };
            let removal = view! { <RemovalForm /> };
            (words, found.form.clone(), found_list("shown", found, none, rows, removal, None))
        }
        WorkspaceTab::Enrollments => {
            let none = NoRows { title: "Never enrolled", text: "This workspace has never been in a group." };
            let found = queries::workspace_enrollments(id, None).await?;
            let rows = |rows| view! { <EnrollmentRows rows of=RowsOf::Workspace /> };
            (words, found.form.clone(), found_list("shown", found, none, rows, (), None))
        }
        WorkspaceTab::History => {
            let found = queries::workspace_history(id).await?;
            let words = FindWords { text, person: Some("Done by"), times: Some(["From", "Until"]) };
            (words, found.form.clone(), found_history("shown", found, TimelineOf::Workspace))
        }
    };
    Ok(view! { <FindBar form words /> {list} }.into_any())
}

#[component]
fn Facts(workspace: Workspace) -> impl IntoView {
    let description = workspace.description.filter(|text| !text.is_empty());
    view! {
        <div class="stack" id="facts" data-live>
            {description.map(|text| view! { <p class="prose">{text}</p> })}
            <dl class="facts">
                {workspace.external_workspace_id.map(|id| view! { <Fact name="External id"><code>{id}</code></Fact> })}
                <Fact name="Id"><code>{workspace.id.to_string()}</code></Fact>
                <Fact name="Created"><Moment at=workspace.created_at /></Fact>
                {workspace.deleted_at.map(|at| view! { <Fact name="Archived"><Moment at /></Fact> })}
            </dl>
        </div>
    }
}

#[component]
pub fn NewWorkspacePage() -> impl IntoView {
    view! {
        <FormPage
            title="New workspace"
            crumbs=vec![crumb(paths::WORKSPACES, "Workspaces")]
            may="create workspaces"
        >
            <PostForm action=WorkspaceCreate::url()>
                <WorkspaceFields />
                <FormButtons submit="Create workspace" cancel=paths::WORKSPACES />
            </PostForm>
        </FormPage>
    }
}

fn crumbs(id: WorkspaceId, name: &str) -> Vec<(String, String)> {
    vec![crumb(paths::WORKSPACES, "Workspaces"), crumb(paths::workspace(id), name)]
}

#[component]
pub fn WorkspaceEditPage() -> impl IntoView {
    page_with_id(async |id| {
        let workspace = queries::workspace(id).await?.workspace;
        let (title, crumbs) = (format!("Edit {}", isolated(&workspace.name)), crumbs(id, &workspace.name));
        let form = if workspace.is_live() {
            view! {
                <PostForm action=WorkspaceUpdate::url() hidden=vec![("workspace", id.to_string())]>
                    <WorkspaceFields workspace />
                    <FormButtons submit="Save" cancel=paths::workspace(id) />
                </PostForm>
            }
            .into_any()
        } else {
            let except =
                if workspace.external_workspace_id.is_some() { ", except for its external id" } else { "" };
            let text = format!("This workspace was archived and can no longer be changed{except}.");
            view! { {refusal(text)} <ReleaseIdForm workspace /> }.into_any()
        };
        Ok(view! { <FormPage title crumbs may="edit workspaces">{form}</FormPage> })
    })
}

/// `/workspaces/{id}/remove`: says what archiving means, and asks for confirmation.
#[component]
pub fn WorkspaceRemovalPage() -> impl IntoView {
    page_with_id(async |id| {
        let WorkspaceSummary { workspace, groups } = queries::workspace(id).await?;
        let form = if !workspace.is_live() {
            refusal(ARCHIVED_ALREADY)
        } else if groups > 0 {
            let formats = Formats::current();
            let see = format!("See the {}", formats.count(groups, "group", "groups"));
            view! {
                {refusal(workspace_is_in(groups, &formats))}
                <div class="actions"><a class="button" href=paths::workspace(id)>{see}</a></div>
            }
            .into_any()
        } else {
            let (action, hidden) = (WorkspaceRemove::url(), vec![("workspace", id.to_string())]);
            view! { <ConfirmForm action hidden submit="Archive workspace" cancel=paths::workspace(id) /> }
                .into_any()
        };
        Ok(view! {
            <ConfirmPage
                title=format!("Archive {}?", isolated(&workspace.name))
                crumbs=crumbs(id, &workspace.name)
                explanation="The workspace can no longer be enrolled and leaves the list. Its history stays. This cannot be undone."
                may="archive workspaces"
            >
                {form}
            </ConfirmPage>
        })
    })
}

#[component]
fn WorkspaceFields(#[prop(optional)] workspace: Option<Workspace>) -> impl IntoView {
    let form = FormFields::new(&["name", "description", "external_workspace_id", "avatar_color"])
        .of_version(workspace.as_ref().map(version));
    let value =
        |field: fn(&Workspace) -> Option<String>| workspace.as_ref().and_then(field).unwrap_or_default();
    view! {
        {form.version()}
        <TextField form name="name" value=value(|workspace| Some(workspace.name.clone())) max=NAME_MAX required=true>
            "Name"
        </TextField>
        <TextField form name="description" rows="3" value=value(|workspace| workspace.description.clone()) max=DESCRIPTION_MAX>
            "Description"
        </TextField>
        <TextField
            form
            name="external_workspace_id"
            value=value(|workspace| workspace.external_workspace_id.clone())
            max=SHORT_TEXT_MAX
            no_spellcheck=true
            hint="Its id in another system. No two workspaces have the same."
        >
            "External id"
        </TextField>
        <TextField
            form
            name="avatar_color"
            value=value(|workspace| workspace.avatar_color.clone())
            max=SHORT_TEXT_MAX
            no_spellcheck=true
            placeholder="#3366cc"
            hint="Shown as a square before the name. A # and six hexadecimal digits; other text is saved but not shown."
        >
            "Avatar color"
        </TextField>
    }
}

/// The form by which a removed workspace releases its external id, if it has one. No other value can still change.
#[component]
fn ReleaseIdForm(workspace: Workspace) -> impl IntoView {
    let Workspace { id, external_workspace_id, .. } = workspace;
    external_workspace_id.map(|external| {
        view! {
            <PostForm action=WorkspaceReleaseId::url() hidden=vec![("workspace", id.to_string())]>
                <p>
                    "No other workspace can use the external id " <code>{external}</code> " while this one keeps it."
                </p>
                <label class="check">
                    <input type="checkbox" name="confirmed" value="yes" required />
                    "Release it. This cannot be undone."
                </label>
                <div class="actions"><button class="button">"Release external id"</button></div>
            </PostForm>
        }
    })
}
