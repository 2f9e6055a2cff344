//! The pieces that only pages of imports have.

use leptos::prelude::*;
use strum::VariantArray;

use crate::resources::enrollment_events::model::EventActor;
use crate::resources::imports::model::{ImportLine, ImportState, LineKind};
use crate::ui::components::{Empty, Pager, PersonName, WorkspaceName};
use crate::ui::imports::view::ImportView;
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
            view! { <LineTable lines=lines.items kind is_preview /> }.into_any()
        }}
        <Pager base before=lines.before after=lines.after />
    }
}

#[component]
fn LineTable(lines: Vec<ImportLine>, kind: LineKind, is_preview: bool) -> impl IntoView {
    // The name of any other kind explains its lines already.
    let is_explained = matches!(kind, LineKind::Failed | LineKind::Duplicate);
    let has_workspace = matches!(kind, LineKind::Duplicate | LineKind::AlreadyIn | LineKind::Enrolled);
    let rows = lines.into_iter().map(|line| view! { <LineRow line has_workspace is_explained /> });
    view! {
        <table class="table lines">
            <caption class="visually-hidden">{kind_name(kind, is_preview)} ", by line of the list"</caption>
            <thead>
                <tr>
                    <th scope="col" class="number">"Line"</th>
                    <th scope="col">"Text"</th>
                    {has_workspace.then(|| view! { <th scope="col">"Workspace"</th> })}
                    {is_explained.then(|| view! { <th scope="col">"Why"</th> })}
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}

#[component]
fn LineRow(line: ImportLine, has_workspace: bool, is_explained: bool) -> impl IntoView {
    let formats = Formats::current();
    let why = is_explained.then(|| line_sentence(&line, &formats));
    let workspace = line.workspace.zip(line.workspace_name);
    let enrollment = line.enrollment.map(paths::enrollment);
    view! {
        <tr>
            <th scope="row" class="number">{formats.number(line.line_number.into())}</th>
            <td data-label="Text"><code>{line.text}</code></td>
            {has_workspace
                .then(|| {
                    view! {
                        <td data-label="Workspace">
                            {workspace.map(|(id, name)| view! { <WorkspaceName id name /> })}
                            {enrollment.map(|path| view! { " " <a href=path>"enrollment"</a> })}
                        </td>
                    }
                })}
            {why.map(|why| view! { <td data-label="Why">{why}</td> })}
        </tr>
    }
}
