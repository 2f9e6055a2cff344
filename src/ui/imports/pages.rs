//! The pages of imports.

mod texts;

use self::texts::{discard_hint, finished_text, import_title, job_name, kind_name, preview_text, start_text};
use leptos_router::hooks::use_params_map;

use crate::kernel::version::Version;
use crate::resources::imports::model::{
    BYTES_MAX, Import, ImportCounts, ImportLine, ImportMode, ImportState, LINES_MAX, LineKind,
};
use crate::resources::imports::rules::removals::needs_confirmation;
use crate::resources::workspace_groups::model::GroupSummary;
use crate::ui::components::prelude::*;
use crate::ui::imports::actions::{ImportCancel, ImportDiscard, ImportStart};
use crate::ui::imports::queries::{self, ImportView, group_imports};
use crate::ui::messages::{NO_ENROLLING, WOULD_BE_EMPTY, line_sentence, only_admins};

/// What only admins may do here.
const IMPORT: &str = "import lists";

/// `/groups/{id}/bulk`: the forms that start an import for a group, and the list of its imports.
#[component]
pub fn NewImportPage() -> impl IntoView {
    let viewer = Viewer::current();
    page_with_id(async move |id| {
        let (GroupSummary { group, .. }, managed_by, imports) = group_imports(id).await?;
        let title = format!("Import a list into {}", isolated(&group.name));
        let forms = match (group.is_live(), viewer.may_write()) {
            (false, _) => refusal(NO_ENROLLING),
            (true, false) => refusal(format!("{} You can look at earlier imports.", only_admins(IMPORT))),
            (true, true) => view! {
                <ManagedWarning managed_by />
                <Forms group=id pasted=viewer.typed("pasted") />
            }
            .into_any(),
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
    let has_focus = Viewer::current().focus(&["pasted"]).is_some();
    let max = Formats::current().number(i64::from(LINES_MAX));
    let max_size = BYTES_MAX >> 20;
    view! {
        <p class="muted">
            "Nothing is changed yet: the next page shows a preview. Up to "{max}" workspaces at once."
        </p>
        <div class="halves">
            <ListForm group id="paste" title="Paste a list" submit="Preview the list">
                <label for="pasted">"Ids or external ids"</label>
                <textarea id="pasted" name="pasted" rows="10" spellcheck="false" aria-describedby="pasted-hint" autofocus=has_focus required>
                    {in_text_area(&pasted)}
                </textarea>
                <p class="hint" id="pasted-hint">"One per line, or separated by commas. Quotes and spaces are ignored."</p>
            </ListForm>
            <ListForm group id="upload" title="Upload a file" submit="Preview the file">
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

/// A form that sends a list. Its children are its field, which follows the mode because the server stores a list while it
/// arrives. The user chooses the mode unless there is one.
#[component]
fn ListForm(
    group: GroupId,
    id: &'static str,
    #[prop(optional)] mode: Option<ImportMode>,
    title: &'static str,
    submit: &'static str,
    children: Children,
) -> impl IntoView {
    let choices = vec![
        (ImportMode::Enroll.into_str(), "Enroll them", ""),
        (ImportMode::Remove.into_str(), "Remove them", ""),
        (
            ImportMode::Exact.into_str(),
            "Make the group exactly this list",
            "Enrolls what is missing, and removes every workspace that is not on the list.",
        ),
    ];
    let default = ImportMode::default().into_str();
    let mode = match mode {
        Some(mode) => view! { <input type="hidden" name="mode" value=mode.into_str() /> }.into_any(),
        None => view! {
            <RadioGroup name="mode" id legend="What to do with the workspaces" default choices />
        }
        .into_any(),
    };
    view! {
        <form class="card stack" method="post" action=paths::group_imports(group) enctype="multipart/form-data">
            <FormKey />
            <h2>{title}</h2>
            {mode}
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
            let lines = Formats::current().count(import.counts.listed().into(), "line", "lines");
            let made = if import.mode.has_list() { "Pasted" } else { "Planned" };
            let name = import.file_name.clone().unwrap_or_else(|| made.to_owned());
            view! {
                <a class="name" href=paths::import(import.group, import.id) dir="auto">{name}</a> " "
                <span class="muted">{lines}</span>
            }
        }),
        Column::text("Kind", |import: &Import| texts::mode_name(import.mode)),
        Column::text("State", |import: &Import| texts::state_name(import.state)),
        Column::number("Enrolled", |import: &Import| number(import, import.counts.enrolled)),
        Column::number("Removed", |import: &Import| number(import, import.counts.removed)),
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
        let title = import_title(&import, &counts);
        let crumbs = vec![
            crumb(paths::GROUPS, "Groups"),
            crumb(paths::group(group), import.group_name.clone()),
            crumb(paths::group_imports(group), "Import a list"),
        ];
        let topics = vec![Topic::import(import.id)];
        let part = match import.state {
            ImportState::Receiving | ImportState::Prepared => {
                view! { <Preview import counts unlisted=view.unlisted /> }.into_any()
            }
            ImportState::Queued | ImportState::Running => view! { <Progress import /> }.into_any(),
            ImportState::Finished | ImportState::Cancelled => {
                view! { <Report import can_undo=view.can_undo /> }.into_any()
            }
        };
        Ok(view! {
            <Page title=title.clone() crumbs topics>
                <h1 id="title" data-live="text">{unbroken(&title)}</h1>
                <div class="stack" id="import" data-live>{part}</div>
                <div class="stack" id="import-lines" data-live><ImportLines view /></div>
            </Page>
        })
    })
}

#[component]
fn Facts(import: Import) -> impl IntoView {
    let lines = Formats::current().count(import.counts.listed().into(), "line", "lines");
    let from = match import.file_name {
        Some(name) => view! { <code>{name}</code> }.into_any(),
        None if import.mode.has_list() => "pasted".into_any(),
        None => "planned".into_any(),
    };
    let column = import.column_name.map(|name| view! { ", column " <code>{name}</code> });
    view! {
        <dl class="facts">
            <Fact name="List">{from} {column} ", " {lines}</Fact>
            <Fact name=if import.started_at.is_some() { "Started" } else { "Prepared" }>
                "by " {actor_name(import.by)} ", " <Moment at=import.started_at.unwrap_or(import.created_at) />
            </Fact>
            {import.ended_at.map(|at| view! { <Fact name="Ended"><Moment at /></Fact> })}
        </dl>
    }
}

#[component]
fn Preview(import: Import, counts: ImportCounts, unlisted: Option<Version>) -> impl IntoView {
    let would_be_empty = texts::would_be_empty(&import, &counts);
    let can_start = counts.changes() > 0 && !import.group_is_removed && !would_be_empty;
    let actions = if Viewer::current().may_write() {
        let hidden = hidden_fields(&import);
        let start = can_start.then(|| view! { <Start import=import.clone() counts unlisted /> });
        let discard = view! { <PostButton action=ImportDiscard::url() hidden text="Discard" /> };
        view! { {start} <div class="actions">{discard}</div> }.into_any()
    } else {
        refusal(only_admins(IMPORT))
    };
    view! {
        <div class="card stack">
            <p>{preview_text(&import, &counts)}</p>
            {would_be_empty.then(|| refusal(WOULD_BE_EMPTY))}
            {discard_hint(&import, &counts).map(refusal)}
            {import.group_is_removed.then(|| refusal(NO_ENROLLING))}
            <Facts import />
            {actions}
        </div>
    }
}

/// The form of an exact list carries which enrollments it removes, so that it starts only if they are the same. Many removals
/// are confirmed by typing their number.
#[component]
fn Start(import: Import, counts: ImportCounts, unlisted: Option<Version>) -> impl IntoView {
    let mut hidden = hidden_fields(&import);
    let is_exact = import.mode == ImportMode::Exact;
    // All workspaces in the group are on the list or removed by it.
    let members = i64::from(counts.removed + counts.already_in);
    let is_large = is_exact && needs_confirmation(counts.removed.into(), members);
    hidden.extend(unlisted.map(|version| ("unlisted", version.to_string())));
    let form = FormFields::unfocused(&["confirm"]);
    let confirm = is_large.then(|| {
        let label = format!(
            "Type {} to confirm that {} will be removed",
            counts.removed,
            Formats::current().count(counts.removed.into(), "workspace", "workspaces")
        );
        view! {
            <TextField form name="confirm" inputmode="numeric" autocomplete="off" required=true>{label}</TextField>
        }
    });
    let class = if counts.removed > 0 { "button button--danger" } else { "button button--primary" };
    view! {
        <PostForm action=ImportStart::url() hidden class="stack">
            {confirm}
            <NoteFields />
            <div class="actions"><button class=class>{start_text(import.mode, &counts)}</button></div>
        </PostForm>
    }
}

/// The hidden fields of the forms that change an import.
fn hidden_fields(import: &Import) -> Vec<(&'static str, String)> {
    vec![("group", import.group.to_string()), ("import", import.id.to_string())]
}

#[component]
fn Progress(import: Import) -> impl IntoView {
    let counts = import.counts;
    let done = texts::progress_text(&import);
    let (group, id, state) = (import.group, import.id, import.state);
    let cancel = Viewer::current().may_write().then(|| {
        view! { <PostButton action=ImportCancel::url() hidden=hidden_fields(&import) text=format!("Cancel {}", job_name(import.mode)) /> }
    });
    view! {
        <div class="card stack">
            <div class="progress" id="import-progress" data-live="text">
                <label for="progress">{if state == ImportState::Queued { "Queued" } else { "Running" }}</label>
                <progress id="progress" max=counts.lines.to_string() value=counts.done.to_string() aria-describedby="progress-text"></progress>
                <p id="progress-text">{done}</p>
            </div>
            <Facts import />
            <p class="muted">"This continues in the background. You can leave this page."</p>
            <div class="actions">
                <a class="button" href=paths::import(group, id)>"Refresh"</a>
                {cancel}
            </div>
        </div>
    }
}

#[component]
fn Report(import: Import, can_undo: bool) -> impl IntoView {
    let (is_complete, text) = finished_text(&import);
    let class = if is_complete { "message message--done" } else { "message message--error" };
    let (group, id) = (import.group, import.id);
    let can_undo = can_undo && Viewer::current().may_write();
    let undo = paths::change_set_undo(import.change_set());
    let undo_text =
        if import.mode == ImportMode::Undo { "Undo this change …" } else { "Undo this import …" };
    let undo = can_undo.then(|| view! { <a class="button" href=undo>{undo_text}</a> });
    view! {
        <div class="card stack">
            <p class=class>{text}</p>
            <Facts import />
            <div class="actions">
                <a class="button" href=paths::import_result(group, id) download>"Download the result (CSV)"</a>
                <a class="button" href=paths::group(group)>"Go to the group"</a>
                <a class="button" href=paths::group_imports(group)>"Import another list"</a>
                {undo}
            </div>
        </div>
    }
}

/// A tab for each kind of line with its count, and the lines of the current kind.
#[component]
fn ImportLines(view: ImportView) -> impl IntoView {
    let ImportView { import, counts, kind, lines, .. } = view;
    let is_preview = import.state == ImportState::Prepared;
    let is_shown = |kind: &LineKind| texts::has_kind(&import, &counts, *kind);
    let shown = LineKind::VARIANTS.iter().copied().filter(is_shown);
    let path = |kind: LineKind| paths::import_lines(import.group, import.id, kind.into_str());
    let text = |kind| {
        format!(
            "{} ({})",
            kind_name(kind, import.mode, is_preview),
            Formats::current().number(counts.of(kind).into())
        )
    };
    let tabs = tabs(None, "Lines by outcome", (shown, kind), path, text);
    let base = Viewer::current().address().with("show", kind.into_str());
    let can_correct = kind == LineKind::Failed
        && !lines.items.is_empty()
        && import.mode.has_list()
        && !import.group_is_removed
        && Viewer::current().may_write();
    let corrections = can_correct
        .then(|| view! { <Corrections group=import.group mode=import.mode lines=lines.items.clone() /> });
    let empty = ("No lines", "No line of the list has this outcome.");
    let table = rows_or_empty(lines.items, empty, |items| {
        line_table(items, kind, kind_name(kind, import.mode, is_preview))
    });
    view! { {tabs} {table} {corrections} <Pager base before=lines.before after=lines.after /> }
}

/// The lines of this page that failed, as a list that can be corrected and sent again. They are enrolled or removed: a group
/// is not made exactly a part of a list.
#[component]
fn Corrections(group: GroupId, mode: ImportMode, lines: Vec<ImportLine>) -> impl IntoView {
    let mode = if mode == ImportMode::Remove { mode } else { ImportMode::Enroll };
    let texts: Vec<_> = lines.into_iter().map(|line| line.text).collect();
    view! {
        <details class="corrections">
            <summary>"Correct these lines"</summary>
            <ListForm group id="corrections" mode title="Corrected lines" submit="Preview these lines">
                <label for="pasted">"Ids or external ids"</label>
                <textarea id="pasted" name="pasted" rows="10" spellcheck="false" required>
                    {in_text_area(&texts.join("\n"))}
                </textarea>
            </ListForm>
        </details>
    }
}

fn line_table(items: Vec<ImportLine>, kind: LineKind, name: &'static str) -> impl IntoView {
    let header = view! { <th scope="col" class="number">"Line"</th> };
    let number = |line: &ImportLine| {
        let number = || Formats::current().number(line.line_number.into());
        let number = if line.is_listed() { number() } else { "not listed".to_owned() };
        view! { <th scope="row" class="number">{number}</th> }.into_any()
    };
    let text = Column::text("Text", |line: &ImportLine| view! { <code>{line.text.clone()}</code> });
    let mut columns = vec![Column::of_cells(header.into_any(), number), text];
    if !matches!(kind, LineKind::Failed | LineKind::NotDone) {
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
    let caption = format!("{name}, by line of the list");
    view! { <DataTable class="table lines" caption columns items /> }
}
