//! `/groups/{id}/bulk`: a long list for a group, and the lists that came before.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::id::GroupId;
use crate::kernel::text::isolated;
use crate::kernel::topic::Topic;
use crate::resources::imports::model::{Import, ImportState, LINES_MAX};
use crate::resources::workspace_groups::model::GroupSummary;
use crate::ui::components::field::in_text_area;
use crate::ui::components::form_key::FormKey;
use crate::ui::components::live_updates::Live;
use crate::ui::components::moment::Moment;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::components::pager::Pager;
use crate::ui::error::UiError;
use crate::ui::groups::actions::group_read;
use crate::ui::imports::actions::imports_read;
use crate::ui::imports::components::{ImportOwner, state_name};
use crate::ui::locale::formats::Formats;
use crate::ui::pagination::ListPage;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn BulkPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    let Ok(id) = id.parse::<GroupId>() else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let viewer = Viewer::current();
    let (after, before) = (viewer.query("after"), viewer.query("before"));
    let page = async move {
        match load(id, after, before).await {
            Ok(view) => view,
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

async fn load(id: GroupId, after: Option<String>, before: Option<String>) -> Result<AnyView, UiError> {
    let summary = group_read(id).await?;
    let imports = imports_read(id, after, before).await?;
    Ok(view! { <Bulk summary imports /> }.into_any())
}

#[component]
fn Bulk(summary: GroupSummary, imports: ListPage<Import>) -> impl IntoView {
    let viewer = Viewer::current();
    let group = summary.group;
    let title = format!("Enroll many in {}", isolated(&group.name));
    let forms = match (group.deleted_at, viewer.may_write()) {
        (Some(_), _) => view! { <p class="message message--error">"This group was removed: nothing can be enrolled in it."</p> }.into_any(),
        (None, false) => view! { <p class="message message--error">"Only admins may enroll workspaces. You can look at what was enrolled."</p> }.into_any(),
        (None, true) => view! { <Forms group=group.id pasted=viewer.typed("pasted") /> }.into_any(),
    };
    view! {
        <Page title=title.clone()>
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=paths::GROUPS>"Groups"</a>
                <a href=paths::group(group.id) dir="auto">{group.name}</a>
            </nav>
            <h1 id="heading" data-live>{title}</h1>
            {forms}
            <div class="stack" id="past" data-live><Past imports=imports.items /></div>
            <Pager base=viewer.address().first_page().to_string() before=imports.before after=imports.after />
            <Live topics=vec![Topic::group(group.id), Topic::IMPORTS] />
        </Page>
    }
}

/// Two forms: one sends a list, in either way.
#[component]
fn Forms(group: GroupId, pasted: String) -> impl IntoView {
    let action = paths::group_bulk(group);
    let most = Formats::current().number(i64::from(LINES_MAX));
    view! {
        <p class="muted">
            "Nothing is enrolled yet: the next page shows what would happen. Up to "{most}" workspaces at once."
        </p>
        <div class="halves">
            <form class="card stack" method="post" action=action.clone() enctype="multipart/form-data">
                <FormKey />
                <h2>"Paste a list"</h2>
                <div class="field">
                    <label for="pasted">"Ids or external ids"</label>
                    <textarea id="pasted" name="pasted" rows="10" spellcheck="false" aria-describedby="pasted-hint" required>{in_text_area(&pasted)}</textarea>
                    <p class="hint" id="pasted-hint">"One a line, or with commas between. Quotes and blanks do not matter."</p>
                </div>
                <div class="actions">
                    <button class="button button--primary">"Preview the list"</button>
                </div>
            </form>
            <form class="card stack" method="post" action=action enctype="multipart/form-data">
                <FormKey />
                <h2>"Upload a file"</h2>
                <div class="field">
                    <label for="file">"CSV file"</label>
                    <input id="file" name="file" type="file" accept=".csv,.tsv,.txt,.ndjson,text/csv,text/plain" aria-describedby="file-hint" required />
                    <p class="hint" id="file-hint">
                        "The column " <code>"workspace_id"</code> ", " <code>"external_workspace_id"</code> ", "
                        <code>"id"</code> ", " <code>"workspace"</code> " or " <code>"external_id"</code>
                        " is read, else the first one. Commas, semicolons or tabs separate columns, or what a first line such as "
                        <code>"sep=|"</code> " names. Exports and results can be sent back, as CSV or NDJSON. At most 20 MiB."
                    </p>
                </div>
                <div class="actions">
                    <button class="button button--primary">"Preview the file"</button>
                </div>
            </form>
        </div>
    }
}

#[component]
fn Past(imports: Vec<Import>) -> impl IntoView {
    if imports.is_empty() {
        return ().into_any();
    }
    view! {
        <h2>"Lists so far"</h2>
        <table class="table">
            <caption class="visually-hidden">"Lists that were sent for this group, newest first"</caption>
            <thead>
                <tr>
                    <th scope="col">"List"</th>
                    <th scope="col">"State"</th>
                    <th scope="col" class="number">"Enrolled"</th>
                    <th scope="col" class="number">"Failed"</th>
                    <th scope="col">"By"</th>
                    <th scope="col">"When"</th>
                </tr>
            </thead>
            <tbody>{imports.into_iter().map(|import| view! { <PastRow import /> }).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn PastRow(import: Import) -> impl IntoView {
    let formats = Formats::current();
    let counts = import.counts;
    let is_prepared = import.state == ImportState::Prepared;
    let number =
        move |number: i32| if is_prepared { "–".to_owned() } else { formats.number(number.into()) };
    let name = import.file_name.clone().unwrap_or_else(|| "Pasted".to_owned());
    let lines = Formats::current().count(counts.lines.into(), "line", "lines");
    view! {
        <tr id=format!("import-{}", import.id)>
            <th scope="row">
                <a class="name" href=paths::import(import.group, import.id) dir="auto">{name}</a> " "
                <span class="muted">{lines}</span>
            </th>
            <td data-label="State">{state_name(import.state)}</td>
            <td class="number" data-label="Enrolled">{number(counts.enrolled)}</td>
            <td class="number" data-label="Failed">{number(counts.failed())}</td>
            <td data-label="By"><ImportOwner by=import.by /></td>
            <td data-label="When"><Moment at=import.started_at.unwrap_or(import.created_at) /></td>
        </tr>
    }
}
