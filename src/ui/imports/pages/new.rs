//! `/groups/{id}/bulk`: the forms that start an import for a group, and the list of its imports.

use leptos::prelude::*;

use crate::kernel::id::GroupId;
use crate::kernel::text::isolated;
use crate::kernel::topic::Topic;
use crate::resources::imports::model::{Import, ImportState, LINES_MAX};
use crate::resources::workspace_groups::model::GroupSummary;
use crate::ui::components::{
    Crumbs, FormKey, Live, Moment, Page, Pager, Refusal, crumb, in_text_area, page_with_id,
};
use crate::ui::imports::components::{ImportOwner, state_name};
use crate::ui::imports::queries::group_imports;
use crate::ui::locale::formats::Formats;
use crate::ui::pagination::ListPage;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn NewImportPage() -> impl IntoView {
    page_with_id(async |id| {
        let (summary, imports) = group_imports(id).await?;
        Ok(view! { <Bulk summary imports /> })
    })
}

#[component]
fn Bulk(summary: GroupSummary, imports: ListPage<Import>) -> impl IntoView {
    let viewer = Viewer::current();
    let group = summary.group;
    let title = format!("Enroll many in {}", isolated(&group.name));
    let forms = match (group.deleted_at, viewer.may_write()) {
        (Some(_), _) => {
            view! { <Refusal text="This group was removed. No workspaces can be enrolled in it." /> }
                .into_any()
        }
        (None, false) => {
            view! { <Refusal text="Only admins may enroll workspaces. You can look at earlier imports." /> }
                .into_any()
        }
        (None, true) => view! { <Forms group=group.id pasted=viewer.typed("pasted") /> }.into_any(),
    };
    view! {
        <Page title=title.clone()>
            <Crumbs crumbs=vec![crumb(paths::GROUPS, "Groups"), crumb(paths::group(group.id), group.name)] />
            <h1 id="heading" data-live>{title}</h1>
            {forms}
            <div class="stack" id="past" data-live>
                {(!imports.items.is_empty()).then(|| view! { <Past imports=imports.items /> })}
            </div>
            <Pager base=viewer.address().first_page().to_string() before=imports.before after=imports.after />
            <Live topics=vec![Topic::group(group.id), Topic::IMPORTS] />
        </Page>
    }
}

/// One form for a pasted list and one for a file.
#[component]
fn Forms(group: GroupId, pasted: String) -> impl IntoView {
    let max = Formats::current().number(i64::from(LINES_MAX));
    view! {
        <p class="muted">
            "Nothing is enrolled yet: the next page shows a preview. Up to "{max}" workspaces at once."
        </p>
        <div class="halves">
            <ListForm group title="Paste a list" submit="Preview the list">
                <label for="pasted">"Ids or external ids"</label>
                <textarea id="pasted" name="pasted" rows="10" spellcheck="false" aria-describedby="pasted-hint" required>
                    {in_text_area(&pasted)}
                </textarea>
                <p class="hint" id="pasted-hint">"One per line, or separated by commas. Quotes and spaces are ignored."</p>
            </ListForm>
            <ListForm group title="Upload a file" submit="Preview the file">
                <label for="file">"CSV file"</label>
                <input id="file" name="file" type="file" accept=".csv,.tsv,.txt,.ndjson,text/csv,text/plain" aria-describedby="file-hint" required />
                <p class="hint" id="file-hint">
                    "The column " <code>"workspace_id"</code> ", " <code>"external_workspace_id"</code> ", "
                    <code>"id"</code> ", " <code>"workspace"</code> " or " <code>"external_id"</code>
                    " is used if there is one, otherwise the first column. Columns are separated by commas, semicolons or tabs, or by the character in a first line such as "
                    <code>"sep=|"</code> ". Exports and result files can be uploaded again, as CSV or NDJSON. At most 20 MiB."
                </p>
            </ListForm>
        </div>
    }
}

/// A form that sends a list. Its children are its field.
#[component]
fn ListForm(group: GroupId, title: &'static str, submit: &'static str, children: Children) -> impl IntoView {
    view! {
        <form class="card stack" method="post" action=paths::group_imports(group) enctype="multipart/form-data">
            <FormKey />
            <h2>{title}</h2>
            <div class="field">{children()}</div>
            <div class="actions">
                <button class="button button--primary">{submit}</button>
            </div>
        </form>
    }
}

#[component]
fn Past(imports: Vec<Import>) -> impl IntoView {
    view! {
        <h2>"Imports"</h2>
        <table class="table">
            <caption class="visually-hidden">"Imports for this group, newest first"</caption>
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
}

#[component]
fn PastRow(import: Import) -> impl IntoView {
    let formats = Formats::current();
    let counts = import.counts;
    let is_prepared = import.state == ImportState::Prepared;
    let number = |number: i32| if is_prepared { "–".to_owned() } else { formats.number(number.into()) };
    let (enrolled, failed) = (number(counts.enrolled), number(counts.failed()));
    let lines = formats.count(counts.lines.into(), "line", "lines");
    let path = paths::import(import.group, import.id);
    view! {
        <tr id=format!("import-{}", import.id)>
            <th scope="row">
                <a class="name" href=path dir="auto">{import.file_name.unwrap_or_else(|| "Pasted".to_owned())}</a> " "
                <span class="muted">{lines}</span>
            </th>
            <td data-label="State">{state_name(import.state)}</td>
            <td class="number" data-label="Enrolled">{enrolled}</td>
            <td class="number" data-label="Failed">{failed}</td>
            <td data-label="By"><ImportOwner by=import.by /></td>
            <td data-label="When"><Moment at=import.started_at.unwrap_or(import.created_at) /></td>
        </tr>
    }
}
