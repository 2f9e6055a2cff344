//! The words for imports.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::actor::PersonRef;
use crate::kernel::id::{EnrollmentId, GroupId, ImportId, WorkspaceId};
use crate::kernel::page::{KeyValue, Position};
use crate::resources::enrollment_events::model::EventActor;

/// As many lines as a list may have.
pub const LINES_MAX: u32 = 100_000;
/// As many bytes as a list may have: 20 MiB.
pub const BYTES_MAX: usize = 20 << 20;

/// The columns of the file that reports what each line came to. It can be imported again: a line is read by the
/// workspace that it named, or by its text where there was no such workspace.
pub const RESULT_COLUMNS: [&str; 7] =
    ["line", "text", "workspace_id", "workspace_name", "outcome", "explanation", "enrollment_id"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportState {
    /// Its list is still coming in.
    Receiving,
    /// It can be looked at, and started.
    Prepared,
    Queued,
    Running,
    Finished,
    /// It ended before its last line.
    Cancelled,
}

impl ImportState {
    const ALL: [Self; 6] =
        [Self::Receiving, Self::Prepared, Self::Queued, Self::Running, Self::Finished, Self::Cancelled];

    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Receiving => "receiving",
            Self::Prepared => "prepared",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Will anything happen to it by itself?
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// What a line came to, or would come to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineOutcome {
    Enrolled,
    AlreadyIn,
    /// There is no such workspace, or it was removed.
    Unknown,
    /// An earlier line names the same workspace.
    Duplicate,
    Unreadable,
    GroupRemoved,
}

impl LineOutcome {
    const ALL: [Self; 6] = [
        Self::Enrolled,
        Self::AlreadyIn,
        Self::Unknown,
        Self::Duplicate,
        Self::Unreadable,
        Self::GroupRemoved,
    ];

    /// The word in the database and in the result.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Enrolled => "enrolled",
            Self::AlreadyIn => "already_in",
            Self::Unknown => "unknown",
            Self::Duplicate => "duplicate",
            Self::Unreadable => "unreadable",
            Self::GroupRemoved => "group_removed",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }
}

/// Why a line cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineFault {
    /// It is not UTF-8.
    NotText,
    ControlCharacter,
    TooLong,
    /// Something is on the line, but not where the id should be.
    Empty,
    /// A quote was opened and not closed until the end of the file.
    QuoteNotClosed,
}

impl LineFault {
    const ALL: [Self; 5] =
        [Self::NotText, Self::ControlCharacter, Self::TooLong, Self::Empty, Self::QuoteNotClosed];

    pub const fn word(self) -> &'static str {
        match self {
            Self::NotText => "not_text",
            Self::ControlCharacter => "control_character",
            Self::TooLong => "too_long",
            Self::Empty => "empty",
            Self::QuoteNotClosed => "quote_not_closed",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.word() == word)
    }
}

/// Something in a list that should name a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    pub line_number: i32,
    /// As written, without what is around it; at most 255 characters.
    pub text: String,
    /// Where the text reads as one.
    pub workspace: Option<WorkspaceId>,
    pub fault: Option<LineFault>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImport {
    pub group: GroupId,
    /// `None`: it was pasted.
    pub file_name: Option<String>,
}

/// How many lines came to what; in a preview, would come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportCounts {
    pub lines: i32,
    pub done: i32,
    pub enrolled: i32,
    pub already_in: i32,
    pub unknown: i32,
    pub duplicate: i32,
    pub unreadable: i32,
    pub group_removed: i32,
}

impl ImportCounts {
    /// Lines that somebody wanted and did not get.
    pub const fn failed(&self) -> i32 {
        self.unknown + self.unreadable + self.group_removed
    }

    pub const fn not_done(&self) -> i32 {
        self.lines - self.done
    }

    pub const fn of(&self, kind: LineKind) -> i32 {
        match kind {
            LineKind::Failed => self.failed(),
            LineKind::Duplicate => self.duplicate,
            LineKind::AlreadyIn => self.already_in,
            LineKind::Enrolled => self.enrolled,
            LineKind::NotDone => self.not_done(),
        }
    }

    /// What one wants to see first.
    pub fn first_kind(&self) -> LineKind {
        LineKind::FIRST.into_iter().find(|kind| self.of(*kind) > 0).unwrap_or(LineKind::Failed)
    }

    pub const fn add(&mut self, outcome: LineOutcome) {
        self.done += 1;
        match outcome {
            LineOutcome::Enrolled => self.enrolled += 1,
            LineOutcome::AlreadyIn => self.already_in += 1,
            LineOutcome::Unknown => self.unknown += 1,
            LineOutcome::Duplicate => self.duplicate += 1,
            LineOutcome::Unreadable => self.unreadable += 1,
            LineOutcome::GroupRemoved => self.group_removed += 1,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    pub id: ImportId,
    pub group: GroupId,
    pub group_name: String,
    pub group_is_removed: bool,
    /// Who prepared it; once it is started, who started it.
    pub by: EventActor,
    /// `None`: it was pasted.
    pub file_name: Option<String>,
    /// The column that was read, where the file names its columns.
    pub column_name: Option<String>,
    pub state: ImportState,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    /// Of a cancelled one: who did; nobody where who had started it was deleted.
    pub cancelled_by: Option<String>,
    pub counts: ImportCounts,
}

/// Lines that are shown together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineKind {
    Failed,
    Duplicate,
    AlreadyIn,
    Enrolled,
    /// Of a cancelled import: not reached.
    NotDone,
}

impl LineKind {
    pub const ALL: [Self; 5] =
        [Self::Failed, Self::Duplicate, Self::AlreadyIn, Self::Enrolled, Self::NotDone];

    /// In this order one wants to see them: what went wrong, else the most of what did not.
    pub const FIRST: [Self; 4] = [Self::Failed, Self::Enrolled, Self::AlreadyIn, Self::Duplicate];

    /// The word in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Duplicate => "duplicate",
            Self::AlreadyIn => "already-in",
            Self::Enrolled => "enrolled",
            Self::NotDone => "not-done",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A line with what it came to, or would come to now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportLine {
    pub position: i32,
    pub line_number: i32,
    pub text: String,
    pub fault: Option<LineFault>,
    /// `None`: not reached.
    pub outcome: Option<LineOutcome>,
    pub duplicate_of: Option<i32>,
    pub workspace: Option<WorkspaceId>,
    pub workspace_name: Option<String>,
    pub enrollment: Option<EnrollmentId>,
}

/// Where a line stands in its import.
pub const fn line_position(line: &ImportLine) -> Position {
    // A position in a list of ours is an id; that of a line is a number.
    Position { keys: Vec::new(), id: Uuid::from_u128(line.position.unsigned_abs() as u128) }
}

/// The number in [`line_position`]; one that no line has where it is none of ours.
pub fn line_number_of(position: &Position) -> i32 {
    i32::try_from(position.id.as_u128()).unwrap_or(i32::MAX)
}

/// Where an import stands in the list of its group, the newest first.
pub fn import_position(import: &Import) -> Position {
    Position { keys: vec![KeyValue::Time(Some(import.created_at))], id: import.id.uuid() }
}

/// An import that is held by who runs its next batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedImport {
    pub id: ImportId,
    pub group: GroupId,
    pub counts: ImportCounts,
    pub starter: ImportOwner,
}

/// For whom an import runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportOwner {
    Person(PersonRef),
    System,
    /// A person who was deleted since: there is nobody to run it for.
    Gone,
}

/// What became of the wish to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartOutcome {
    Started,
    /// By an earlier press of the same button, or by somebody else.
    StartedBefore,
}

/// What became of the wish to cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelOutcome {
    Cancelled,
    /// It had ended by itself, or was cancelled before.
    EndedBefore,
}
