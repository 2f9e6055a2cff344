//! The texts of the pages of imports, which depend on what the import does with its list.

use crate::resources::enrollment_events::model::EventActor;
use crate::resources::imports::model::{Import, ImportCounts, ImportMode, ImportState, LineKind};
use crate::resources::imports::rules::removals;
use crate::ui::components::prelude::*;

pub(super) const fn mode_name(mode: ImportMode) -> &'static str {
    match mode {
        ImportMode::Enroll => "Enroll",
        ImportMode::Remove => "Remove",
        ImportMode::Exact => "Exact list",
        ImportMode::Restore => "Restore",
        ImportMode::Undo => "Undo",
    }
}

/// What the page calls the import in a sentence.
pub(super) const fn job_name(mode: ImportMode) -> &'static str {
    match mode {
        ImportMode::Enroll | ImportMode::Remove | ImportMode::Exact => "import",
        ImportMode::Restore => "restore",
        ImportMode::Undo => "undo",
    }
}

pub(super) const fn state_name(state: ImportState) -> &'static str {
    match state {
        ImportState::Receiving => "Uploading",
        ImportState::Prepared => "Not started",
        ImportState::Queued => "Queued",
        ImportState::Running => "Running",
        ImportState::Finished => "Finished",
        ImportState::Cancelled => "Cancelled",
    }
}

fn workspaces(number: i32) -> String {
    Formats::current().count(number.into(), "workspace", "workspaces")
}

pub(super) fn import_title(import: &Import, counts: &ImportCounts) -> String {
    let group = isolated(&import.group_name);
    let (enrolled, removed) = (workspaces(counts.enrolled), workspaces(counts.removed));
    let has_changes = counts.changes() > 0;
    match (import.state, import.mode) {
        (ImportState::Receiving | ImportState::Prepared, mode) => match (mode, has_changes) {
            (ImportMode::Enroll, true) => format!("Enroll {enrolled} in {group}?"),
            (ImportMode::Remove, true) => format!("Remove {removed} from {group}?"),
            (ImportMode::Exact, true) => format!("Make {group} exactly this list?"),
            (ImportMode::Enroll, false) => format!("Nothing to enroll in {group}"),
            (ImportMode::Remove, false) => format!("Nothing to remove from {group}"),
            (ImportMode::Restore | ImportMode::Undo, true) => format!("Change {group}?"),
            (ImportMode::Exact | ImportMode::Restore | ImportMode::Undo, false) => {
                format!("Nothing to change in {group}")
            }
        },
        (ImportState::Queued | ImportState::Running, ImportMode::Enroll) => format!("Enrolling in {group}"),
        (ImportState::Queued | ImportState::Running, ImportMode::Remove) => format!("Removing from {group}"),
        (ImportState::Queued | ImportState::Running, ImportMode::Exact) => format!("Changing {group}"),
        (ImportState::Queued | ImportState::Running, ImportMode::Restore) => format!("Restoring {group}"),
        (ImportState::Queued | ImportState::Running, ImportMode::Undo) => {
            format!("Undoing a change of {group}")
        }
        (_, ImportMode::Enroll) => format!("{enrolled} enrolled in {group}"),
        (_, ImportMode::Remove) => format!("{removed} removed from {group}"),
        (_, ImportMode::Exact | ImportMode::Restore | ImportMode::Undo) => {
            format!("{enrolled} enrolled in {group}, {removed} removed")
        }
    }
}

/// The button that starts the import: `Enroll 2 workspaces and remove 3`.
pub(super) fn start_text(mode: ImportMode, counts: &ImportCounts) -> String {
    let (enrolled, removed) = (workspaces(counts.enrolled), workspaces(counts.removed));
    match (mode, counts.enrolled, counts.removed) {
        (ImportMode::Enroll, ..) | (_, _, 0) => format!("Enroll {enrolled}"),
        (ImportMode::Remove, ..) | (_, 0, _) => format!("Remove {removed}"),
        (ImportMode::Exact | ImportMode::Restore | ImportMode::Undo, ..) => {
            format!("Enroll {enrolled} and remove {}", Formats::current().number(counts.removed.into()))
        }
    }
}

/// `4 of 8 lines will be enrolled. 2 unknown, 1 duplicate.`
pub(super) fn preview_text(import: &Import, counts: &ImportCounts) -> String {
    let formats = Formats::current();
    let others = [
        (counts.already_in, "already there"),
        (counts.not_in, "not in the group"),
        (counts.unknown, "unknown"),
        (counts.duplicate, "duplicate"),
        (counts.unreadable, "unreadable"),
    ];
    let others = others.into_iter().filter(|(number, _)| *number > 0);
    let others: Vec<_> =
        others.map(|(number, outcome)| format!("{} {outcome}", formats.number(number.into()))).collect();
    let number = |number: i32| formats.number(number.into());
    let lines = formats.count(counts.listed().into(), "line", "lines");
    let changes = match import.mode {
        ImportMode::Enroll => format!("{} of {lines} will be enrolled.", number(counts.enrolled)),
        ImportMode::Remove => format!("{} of {lines} will be removed.", number(counts.removed)),
        ImportMode::Exact => {
            let are = if counts.removed == 1 { "that is" } else { "that are" };
            format!(
                "{} of {lines} will be enrolled, and {} {are} not on the list will be removed.",
                number(counts.enrolled),
                workspaces(counts.removed)
            )
        }
        ImportMode::Restore | ImportMode::Undo => {
            format!("{} will be enrolled, and {} removed.", number(counts.enrolled), number(counts.removed))
        }
    };
    let end = if others.is_empty() { String::new() } else { format!(" {}.", others.join(", ")) };
    format!("{changes}{end}")
}

/// Whether nothing would be left in the group.
pub(super) fn would_be_empty(import: &Import, counts: &ImportCounts) -> bool {
    removals::would_be_empty(import.mode, counts.removed.into(), counts.remaining())
}

/// A workspace whose line is misspelled counts as not listed.
pub(super) fn discard_hint(import: &Import, counts: &ImportCounts) -> Option<String> {
    let is_risky = import.mode == ImportMode::Exact
        && counts.removed > 0
        && counts.failed() > 0
        && !would_be_empty(import, counts);
    is_risky.then(|| {
        let lines = Formats::current().count(counts.failed().into(), "line matches", "lines match");
        format!("{lines} no workspace. If one is misspelled, its workspace will be removed.")
    })
}

/// `500 of 1,200 lines: 480 enrolled, 15 already there, 5 failed.`
pub(super) fn progress_text(import: &Import) -> String {
    let formats = Formats::current();
    let counts = &import.counts;
    let parts: &[(i32, &str)] = match import.mode {
        ImportMode::Enroll => &[(counts.enrolled, "enrolled"), (counts.already_in, "already there")],
        ImportMode::Remove => &[(counts.removed, "removed"), (counts.not_in, "not in the group")],
        ImportMode::Exact => &[
            (counts.enrolled, "enrolled"),
            (counts.removed, "removed"),
            (counts.already_in, "already there"),
        ],
        ImportMode::Restore | ImportMode::Undo => &[
            (counts.enrolled, "enrolled"),
            (counts.removed, "removed"),
            (counts.already_in + counts.not_in, "left alone"),
        ],
    };
    let failed = [(counts.failed(), "failed")];
    let parts = parts.iter().chain(&failed);
    let parts: Vec<_> =
        parts.map(|(number, what)| format!("{} {what}", formats.number((*number).into()))).collect();
    let (one, many) = if import.mode.has_list() { ("line", "lines") } else { ("workspace", "workspaces") };
    let lines = formats.count(counts.lines.into(), one, many);
    format!("{} of {lines}: {}.", formats.number(counts.done.into()), parts.join(", "))
}

/// Whether nothing failed, and the sentence about it.
pub(super) fn finished_text(import: &Import) -> (bool, String) {
    let formats = Formats::current();
    let counts = &import.counts;
    let (one, many) = if import.mode.has_list() { ("line", "lines") } else { ("workspace", "workspaces") };
    let lines = |number: i32| formats.count(number.into(), one, many);
    let noun = job_name(import.mode);
    if import.state == ImportState::Cancelled {
        let why = match (&import.cancelled_by, &import.by) {
            (Some(name), _) => format!("{} cancelled the {noun}", isolated(name)),
            (None, EventActor::FormerPerson(_)) => {
                format!("The {noun} stopped because the person who started it was deleted")
            }
            (None, _) => format!("The {noun} stopped because the group now requires a reason"),
        };
        let were = if counts.not_done() == 1 { "was" } else { "were" };
        return (false, format!("{why}: {} {were} not reached.", lines(counts.not_done())));
    }
    if counts.failed() == 0 {
        return (true, format!("The {noun} is finished: {}, none failed.", lines(counts.lines)));
    }
    let done = if import.mode == ImportMode::Remove { "removed" } else { "enrolled" };
    (false, format!("{} could not be {done}.", lines(counts.failed())))
}

/// Whether the import can have lines of this kind.
pub(super) const fn has_kind(import: &Import, counts: &ImportCounts, kind: LineKind) -> bool {
    match kind {
        LineKind::Failed | LineKind::Duplicate => true,
        LineKind::AlreadyIn | LineKind::Enrolled => !matches!(import.mode, ImportMode::Remove),
        LineKind::Removed => !matches!(import.mode, ImportMode::Enroll),
        LineKind::NotIn => matches!(import.mode, ImportMode::Remove) || counts.not_in > 0,
        LineKind::NotDone => matches!(import.state, ImportState::Cancelled),
    }
}

/// `is_preview`: the import is not started.
pub(super) const fn kind_name(kind: LineKind, mode: ImportMode, is_preview: bool) -> &'static str {
    match (kind, is_preview) {
        (LineKind::Failed, true) if matches!(mode, ImportMode::Remove) => "Cannot be removed",
        (LineKind::Failed, true) => "Cannot be enrolled",
        (LineKind::Failed, false) => "Failed",
        (LineKind::Duplicate, _) => "Duplicates",
        (LineKind::AlreadyIn, _) => "Already there",
        (LineKind::NotIn, _) => "Not in the group",
        (LineKind::Enrolled, true) => "Will be enrolled",
        (LineKind::Enrolled, false) => "Enrolled",
        (LineKind::Removed, true) => "Will be removed",
        (LineKind::Removed, false) => "Removed",
        (LineKind::NotDone, _) => "Not reached",
    }
}
