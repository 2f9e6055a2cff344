//! The pieces that only pages of imports have.

use leptos::prelude::*;
use strum::VariantArray;

use crate::resources::enrollment_events::model::EventActor;
use crate::resources::imports::model::{ImportLine, ImportState, LineKind};
use crate::ui::components::{Column, DataTable, Empty, Pager, PersonName, WorkspaceName};
use crate::ui::imports::queries::ImportView;
use crate::ui::locale::formats::Formats;
use crate::ui::messages::line_sentence;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

pub const fn state_name(state: ImportState) -> &'static str {
    match state {
        ImportState::Receiving => "Uploading",
        ImportState::Prepared => "Not started",
        ImportState::Queued => "Queued",
        ImportState::Running => "Running",
        ImportState::Finished => "Finished",
        ImportState::Cancelled => "Cancelled",
    }
}

/// The person who prepared or started an import.
#[component]
pub fn ImportOwner(by: EventActor) -> impl IntoView {
    match by {
        EventActor::Person(person) => view! { <PersonName person=Some(person) /> }.into_any(),
        EventActor::FormerPerson(name) => {
            view! { <span class="who" dir="auto">{name}</span><span class="muted">" (deleted since)"</span> }
                .into_any()
        }
        EventActor::System | EventActor::Unrecorded => view! { <PersonName person=None /> }.into_any(),
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
pub fn ImportLines(view: ImportView) -> impl IntoView {
    let ImportView { import, counts, kind, lines } = view;
    let is_preview = import.state == ImportState::Prepared;
    let is_shown = |kind: &LineKind| *kind != LineKind::NotDone || import.state == ImportState::Cancelled;
    let tab = |shown: LineKind| {
        let number = Formats::current().number(counts.of(shown).into());
        let current = (shown == kind).then_some("page");
        view! {
            <a href=paths::import_lines(import.group, import.id, shown.into_str()) aria-current=current>
                {kind_name(shown, is_preview)} " (" {number} ")"
            </a>
        }
    };
    let base = Viewer::current().address().with("show", kind.into_str()).to_string();
    view! {
        <nav class="tabs" aria-label="Lines by outcome">
            {LineKind::VARIANTS.iter().copied().filter(is_shown).map(tab).collect_view()}
        </nav>
        {if lines.items.is_empty() {
            view! { <Empty title="No lines">"No line of the list has this outcome."</Empty> }.into_any()
        } else {
            line_table(lines.items, kind, is_preview).into_any()
        }}
        <Pager base before=lines.before after=lines.after />
    }
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
