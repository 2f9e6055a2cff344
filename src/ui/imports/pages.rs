//! The pages of imports.

use leptos_router::hooks::use_params_map;

use crate::resources::imports::model::{
    BYTES_MAX, Import, ImportCounts, ImportLine, ImportState, LINES_MAX, LineKind,
};
use crate::resources::workspace_groups::model::GroupSummary;
use crate::ui::components::prelude::*;
use crate::ui::imports::actions::{ImportCancel, ImportDiscard, ImportStart};
use crate::ui::imports::queries::{self, ImportView, group_imports};
use crate::ui::messages::{NO_ENROLLING, line_sentence, only_admins};

/// What only admins may do here.
const ENROLL: &str = "enroll workspaces";

/// `/groups/{id}/bulk`: the forms that start an import for a group, and the list of its imports.
#[component]
pub fn NewImportPage() -> impl IntoView {
    let viewer = Viewer::current();
    page_with_id(async move |id| {
        let (GroupSummary { group, .. }, imports) = group_imports(id).await?;
        let title = format!("Enroll many in {}", isolated(&group.name));
        let forms = match (group.is_live(), viewer.may_write()) {
            (false, _) => refusal(NO_ENROLLING),
            (true, false) => refusal(format!("{} You can look at earlier imports.", only_admins(ENROLL))),
            (true, true) => view! { <Forms group=id pasted=viewer.typed("pasted") /> }.into_any(),
        };
        let crumbs = vec![crumb(paths::GROUPS, "Groups"), crumb(paths::group(id), group.name)];
        let ListPage { items, before, after } = imports;
        let past = (!items.is_empty()).then(|| view! { <h2>"Imports"</h2> {table(items)} });
        Ok(view! {
            <Page title=title.clone() crumbs topics=vec![Topic::group(id), Topic::IMPORTS]>
                <h1 id="heading" data-live>{title}</h1>
                {forms}
                <div class="stack" id="past" data-live>{past}</div>
                <Pager base=viewer.address().first_page() before after />
            </Page>
        })
    })
}

#[component]
fn Forms(group: GroupId, pasted: String) -> impl IntoView {
    let max = Formats::current().number(i64::from(LINES_MAX));
    let max_size = BYTES_MAX >> 20;
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
                    <code>"sep=|"</code> ". Exports and result files can be uploaded again, as CSV or NDJSON. At most "{max_size}" MiB."
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
            <div class="actions"><button class="button button--primary">{submit}</button></div>
        </form>
    }
}

fn table(items: Vec<Import>) -> impl IntoView {
    /// A dash before the import is started, when nothing has an outcome yet.
    fn number(import: &Import, number: i32) -> String {
        if import.state == ImportState::Prepared {
            "–".to_owned()
        } else {
            Formats::current().number(number.into())
        }
    }
    let columns = vec![
        Column::name("List", |import: &Import| {
            let lines = Formats::current().count(import.counts.lines.into(), "line", "lines");
            let name = import.file_name.clone().unwrap_or_else(|| "Pasted".to_owned());
            view! {
                <a class="name" href=paths::import(import.group, import.id) dir="auto">{name}</a> " "
                <span class="muted">{lines}</span>
            }
        }),
        Column::text("State", |import: &Import| state_name(import.state)),
        Column::number("Enrolled", |import: &Import| number(import, import.counts.enrolled)),
        Column::number("Failed", |import: &Import| number(import, import.counts.failed())),
        Column::text("By", |import: &Import| actor_name(import.by.clone())),
        Column::text("When", |import: &Import| {
            view! { <Moment at=import.started_at.unwrap_or(import.created_at) /> }
        }),
    ];
    let row_id = |import: &Import| format!("import-{}", import.id);
    view! { <DataTable caption="Imports for this group, newest first" columns items row_id /> }
}

/// `/groups/{id}/bulk/{import}`: the preview of an import, then its progress, then its result.
#[component]
pub fn ImportPage() -> impl IntoView {
    let import = use_params_map().with_untracked(|params| params.get("import")).unwrap_or_default();
    let Ok(import) = import.parse() else { return view! { <NotFoundPage /> }.into_any() };
    let kind = Viewer::current().query("show").and_then(|word| word.parse().ok());
    page_with_id(async move |group| {
        let view = queries::import(group, import, kind).await?;
        let (import, counts) = (view.import.clone(), view.counts);
        let title = title(&import, &counts);
        let crumbs = vec![
            crumb(paths::GROUPS, "Groups"),
            crumb(paths::group(group), import.group_name.clone()),
            crumb(paths::group_imports(group), "Enroll many"),
        ];
        let topics = vec![Topic::import(import.id)];
        let part = match import.state {
            ImportState::Receiving | ImportState::Prepared => view! { <Preview import counts /> }.into_any(),
            ImportState::Queued | ImportState::Running => view! { <Progress import /> }.into_any(),
            ImportState::Finished | ImportState::Cancelled => view! { <Report import /> }.into_any(),
        };
        Ok(view! {
            <Page title=title.clone() crumbs topics>
                <h1 id="title" data-live="text">{title}</h1>
                <div class="stack" id="import" data-live>{part}</div>
                <div class="stack" id="import-lines" data-live><ImportLines view /></div>
            </Page>
        })
    })
}

fn title(import: &Import, counts: &ImportCounts) -> String {
    let enrolled = Formats::current().count(counts.enrolled.into(), "workspace", "workspaces");
    let group = isolated(&import.group_name);
    match import.state {
        ImportState::Receiving | ImportState::Prepared if counts.enrolled > 0 => {
            format!("Enroll {enrolled} in {group}?")
        }
        ImportState::Receiving | ImportState::Prepared => format!("Nothing to enroll in {group}"),
        ImportState::Queued | ImportState::Running => format!("Enrolling in {group}"),
        ImportState::Finished | ImportState::Cancelled => format!("{enrolled} enrolled in {group}"),
    }
}

#[component]
fn Facts(import: Import) -> impl IntoView {
    let lines = Formats::current().count(import.counts.lines.into(), "line", "lines");
    let from = match import.file_name {
        Some(name) => view! { <code>{name}</code> }.into_any(),
        None => "pasted".into_any(),
    };
    let column = import.column_name.map(|name| view! { ", column " <code>{name}</code> });
    view! {
        <dl class="facts">
            <Fact name="List">{from} {column} ", " {lines}</Fact>
            <Fact name=if import.started_at.is_some() { "Started" } else { "Sent" }>
                "by " {actor_name(import.by)} ", " <Moment at=import.started_at.unwrap_or(import.created_at) />
            </Fact>
            {import.ended_at.map(|at| view! { <Fact name="Ended"><Moment at /></Fact> })}
        </dl>
    }
}

/// `4 of 8 lines will be enrolled. 2 unknown, 1 duplicate.`
fn preview_text(import: &Import, counts: &ImportCounts) -> String {
    let formats = Formats::current();
    let others = [
        (counts.already_in, "already there"),
        (counts.unknown, "unknown"),
        (counts.duplicate, "duplicate"),
        (counts.unreadable, "unreadable"),
    ];
    let others = others.into_iter().filter(|(number, _)| *number > 0);
    let others: Vec<_> =
        others.map(|(number, outcome)| format!("{} {outcome}", formats.number(number.into()))).collect();
    let enrolled = formats.number(counts.enrolled.into());
    let lines = formats.count(import.counts.lines.into(), "line", "lines");
    let end = if others.is_empty() { String::new() } else { format!(" {}.", others.join(", ")) };
    format!("{enrolled} of {lines} will be enrolled.{end}")
}

#[component]
fn Preview(import: Import, counts: ImportCounts) -> impl IntoView {
    let may_write = Viewer::current().may_write();
    let workspaces = Formats::current().count(counts.enrolled.into(), "workspace", "workspaces");
    let can_start = counts.enrolled > 0 && !import.group_is_removed;
    let actions = if may_write {
        let hidden = hidden_fields(&import);
        let start = can_start.then(|| {
            let (class, text) = ("button button--primary", format!("Enroll {workspaces}"));
            view! { <PostButton action=ImportStart::url() hidden=hidden.clone() class text /> }
        });
        let discard = view! { <PostButton action=ImportDiscard::url() hidden text="Discard" /> };
        view! { <div class="actions">{start} {discard}</div> }.into_any()
    } else {
        refusal(only_admins(ENROLL))
    };
    view! {
        <div class="card stack">
            <p>{preview_text(&import, &counts)}</p>
            {import.group_is_removed.then(|| refusal(NO_ENROLLING))}
            <Facts import />
            {actions}
        </div>
    }
}

/// The hidden fields of the forms that change an import.
fn hidden_fields(import: &Import) -> Vec<(&'static str, String)> {
    vec![("group", import.group.to_string()), ("import", import.id.to_string())]
}

#[component]
fn Progress(import: Import) -> impl IntoView {
    let formats = Formats::current();
    let counts = import.counts;
    let done = format!(
        "{} of {}: {} enrolled, {} already there, {} failed.",
        formats.number(counts.done.into()),
        formats.count(counts.lines.into(), "line", "lines"),
        formats.number(counts.enrolled.into()),
        formats.number(counts.already_in.into()),
        formats.number(counts.failed().into())
    );
    let (group, id, state) = (import.group, import.id, import.state);
    let cancel = Viewer::current().may_write().then(|| {
        view! { <PostButton action=ImportCancel::url() hidden=hidden_fields(&import) text="Cancel import" /> }
    });
    view! {
        <div class="card stack">
            <div class="progress" id="import-progress" data-live="text">
                <label for="progress">{if state == ImportState::Queued { "Queued" } else { "Enrolling" }}</label>
                <progress id="progress" max=counts.lines.to_string() value=counts.done.to_string() aria-describedby="progress-text"></progress>
                <p id="progress-text">{done}</p>
            </div>
            <Facts import />
            <p class="muted">"The import continues in the background. You can leave this page."</p>
            <div class="actions">
                <a class="button" href=paths::import(group, id)>"Refresh"</a>
                {cancel}
            </div>
        </div>
    }
}

#[component]
fn Report(import: Import) -> impl IntoView {
    let formats = Formats::current();
    let counts = import.counts;
    let lines = |number: i32| formats.count(number.into(), "line", "lines");
    let (class, text) = if import.state == ImportState::Cancelled {
        let why = import.cancelled_by.as_ref().map_or_else(
            || "The import ended because the person who started it was deleted".to_owned(),
            |name| format!("{} cancelled the import", isolated(name)),
        );
        let left = formats.count(counts.not_done().into(), "line was", "lines were");
        ("message message--error", format!("{why}: {left} not reached."))
    } else if counts.failed() == 0 {
        ("message message--done", format!("The import is finished: {}, none failed.", lines(counts.lines)))
    } else {
        ("message message--error", format!("{} could not be enrolled.", lines(counts.failed())))
    };
    let (group, id) = (import.group, import.id);
    view! {
        <div class="card stack">
            <p class=class>{text}</p>
            <Facts import />
            <div class="actions">
                <a class="button" href=paths::import_result(group, id) download>"Download the result (CSV)"</a>
                <a class="button" href=paths::group(group)>"Go to the group"</a>
                <a class="button" href=paths::group_imports(group)>"Enroll more"</a>
            </div>
        </div>
    }
}

const fn state_name(state: ImportState) -> &'static str {
    match state {
        ImportState::Receiving => "Uploading",
        ImportState::Prepared => "Not started",
        ImportState::Queued => "Queued",
        ImportState::Running => "Running",
        ImportState::Finished => "Finished",
        ImportState::Cancelled => "Cancelled",
    }
}

/// `is_preview`: the import is not started.
const fn kind_name(kind: LineKind, is_preview: bool) -> &'static str {
    match (kind, is_preview) {
        (LineKind::Failed, true) => "Cannot be enrolled",
        (LineKind::Failed, false) => "Failed",
        (LineKind::Duplicate, _) => "Duplicates",
        (LineKind::AlreadyIn, _) => "Already there",
        (LineKind::Enrolled, true) => "Will be enrolled",
        (LineKind::Enrolled, false) => "Enrolled",
        (LineKind::NotDone, _) => "Not reached",
    }
}

/// A tab for each kind of line with its count, and the lines of the current kind.
#[component]
fn ImportLines(view: ImportView) -> impl IntoView {
    let ImportView { import, counts, kind, lines } = view;
    let is_preview = import.state == ImportState::Prepared;
    let is_shown = |kind: &LineKind| *kind != LineKind::NotDone || import.state == ImportState::Cancelled;
    let shown = LineKind::VARIANTS.iter().copied().filter(is_shown);
    let path = |kind: LineKind| paths::import_lines(import.group, import.id, kind.into_str());
    let text = |kind| {
        format!("{} ({})", kind_name(kind, is_preview), Formats::current().number(counts.of(kind).into()))
    };
    let tabs = tabs(None, "Lines by outcome", (shown, kind), path, text);
    let base = Viewer::current().address().with("show", kind.into_str());
    let empty = ("No lines", "No line of the list has this outcome.");
    let table = rows_or_empty(lines.items, empty, |items| line_table(items, kind, is_preview));
    view! { {tabs} {table} <Pager base before=lines.before after=lines.after /> }
}

fn line_table(items: Vec<ImportLine>, kind: LineKind, is_preview: bool) -> impl IntoView {
    let header = view! { <th scope="col" class="number">"Line"</th> };
    let number = |line: &ImportLine| {
        let number = Formats::current().number(line.line_number.into());
        view! { <th scope="row" class="number">{number}</th> }.into_any()
    };
    let text = Column::text("Text", |line: &ImportLine| view! { <code>{line.text.clone()}</code> });
    let mut columns = vec![Column::of_cells(header.into_any(), number), text];
    if matches!(kind, LineKind::Duplicate | LineKind::AlreadyIn | LineKind::Enrolled) {
        columns.push(Column::text("Workspace", |line: &ImportLine| {
            let workspace = line.workspace.zip(line.workspace_name.clone());
            view! {
                {workspace.map(|(id, name)| view! { <WorkspaceName id name /> })}
                {line.enrollment.map(|id| view! { " " <a href=paths::enrollment(id)>"enrollment"</a> })}
            }
        }));
    }
    // The name of any other kind explains its lines already.
    if matches!(kind, LineKind::Failed | LineKind::Duplicate) {
        columns.push(Column::text("Why", |line| line_sentence(line, &Formats::current())));
    }
    let caption = format!("{}, by line of the list", kind_name(kind, is_preview));
    view! { <DataTable class="table lines" caption columns items /> }
}
