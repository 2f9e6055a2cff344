//! The types for imports.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use crate::kernel::actor::ChangeNote;
use crate::kernel::id::{ChangeSetId, EnrollmentId, GroupId, ImportId, WorkspaceId};
use crate::kernel::page::{KeyValue, Position};
use crate::resources::enrollment_events::model::EventActor;

pub const LINES_MAX: u32 = 100_000;
pub const BYTES_MAX: usize = 20 << 20;

/// The columns of the result file. It can be imported again: a line is read by its workspace, or by its text if there was
/// no such workspace.
pub const RESULT_COLUMNS: [&str; 7] =
    ["line", "text", "workspace_id", "workspace_name", "outcome", "explanation", "enrollment_id"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum ImportState {
    Receiving,
    /// The import can be viewed and started.
    Prepared,
    Queued,
    Running,
    Finished,
    /// The import ended before its last line.
    Cancelled,
}

impl ImportState {
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// What an import does with its list.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    Serialize,
    Deserialize,
    IntoStaticStr,
    EnumString,
    VariantArray,
)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum ImportMode {
    #[default]
    Enroll,
    Remove,
    /// Enrolls what is listed, and removes what is in the group and not listed.
    Exact,
    /// Brings back the members that a group had at a moment.
    Restore,
    /// Reverses a change set.
    Undo,
}

impl ImportMode {
    /// Whether a user sends the list. Otherwise it is made from a plan, and each line has its own action.
    pub const fn has_list(self) -> bool {
        matches!(self, Self::Enroll | Self::Remove | Self::Exact)
    }

    /// The action of the lines of a list that a user sends.
    pub const fn action(self) -> LineAction {
        match self {
            Self::Enroll | Self::Exact | Self::Restore | Self::Undo => LineAction::Enroll,
            Self::Remove => LineAction::Remove,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum LineAction {
    Enroll,
    Remove,
}

/// The result of a line; in a preview, the expected one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum LineOutcome {
    Enrolled,
    AlreadyIn,
    /// There is no such live workspace.
    Unknown,
    Duplicate,
    Unreadable,
    GroupRemoved,
    Removed,
    /// The workspace was to be removed and is not in the group.
    NotIn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum LineFault {
    NotText,
    ControlCharacter,
    TooLong,
    /// The line has no id, but other text.
    Empty,
    QuoteNotClosed,
}

/// An entry of a list that should name a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    pub line_number: i32,
    /// As written, without separators and quotes; at most 255 characters.
    pub text: String,
    pub workspace: Option<WorkspaceId>,
    pub fault: Option<LineFault>,
}

/// The numbers of lines by outcome; in a preview, the expected ones.
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
    pub removed: i32,
    pub not_in: i32,
    /// The lines that are not on the list: the workspaces that an exact list removes.
    pub unlisted: i32,
}

impl ImportCounts {
    /// Lines that name no workspace that could be enrolled or removed.
    pub const fn failed(&self) -> i32 {
        self.unknown + self.unreadable + self.group_removed
    }

    pub const fn not_done(&self) -> i32 {
        self.lines - self.done
    }

    pub const fn listed(&self) -> i32 {
        self.lines - self.unlisted
    }

    /// The number of enrollments that change.
    pub const fn changes(&self) -> i32 {
        self.enrolled + self.removed
    }

    /// In a preview of an exact list, the workspaces that it leaves in the group.
    pub fn remaining(&self) -> i64 {
        i64::from(self.enrolled + self.already_in)
    }

    pub const fn of(&self, kind: LineKind) -> i32 {
        match kind {
            LineKind::Failed => self.failed(),
            LineKind::Duplicate => self.duplicate,
            LineKind::AlreadyIn => self.already_in,
            LineKind::Enrolled => self.enrolled,
            LineKind::Removed => self.removed,
            LineKind::NotIn => self.not_in,
            LineKind::NotDone => self.not_done(),
        }
    }

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
            LineOutcome::Removed => self.removed += 1,
            LineOutcome::NotIn => self.not_in += 1,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    pub id: ImportId,
    pub group: GroupId,
    pub group_name: String,
    pub group_is_removed: bool,
    /// The person who prepared it; once it is started, the one who started it.
    pub by: EventActor,
    pub file_name: Option<String>,
    pub column_name: Option<String>,
    pub mode: ImportMode,
    pub state: ImportState,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    /// The name of the person who cancelled it; `None` also if it was cancelled because its owner was deleted.
    pub cancelled_by: Option<String>,
    pub counts: ImportCounts,
    /// What the person who started it said.
    pub note: ChangeNote,
}

impl Import {
    /// Everything that the import changes.
    pub const fn change_set(&self) -> ChangeSetId {
        ChangeSetId::new(self.id.uuid())
    }
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, EnumString, VariantArray,
)]
#[strum(serialize_all = "kebab-case", const_into_str)]
pub enum LineKind {
    Failed,
    Duplicate,
    AlreadyIn,
    NotIn,
    Enrolled,
    Removed,
    /// Lines that a cancelled import did not reach.
    NotDone,
}

impl LineKind {
    /// The order in which the first kind to show is chosen: errors, removals, then the usually largest number.
    pub const FIRST: [Self; 6] =
        [Self::Failed, Self::Removed, Self::Enrolled, Self::AlreadyIn, Self::NotIn, Self::Duplicate];
}

/// A line with its outcome; in a preview, the expected one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportLine {
    pub position: i32,
    /// 0 for a workspace that is not on the list.
    pub line_number: i32,
    pub text: String,
    pub fault: Option<LineFault>,
    /// `None`: the import did not reach the line.
    pub outcome: Option<LineOutcome>,
    pub duplicate_of: Option<i32>,
    pub workspace: Option<WorkspaceId>,
    pub workspace_name: Option<String>,
    pub enrollment: Option<EnrollmentId>,
}

impl ImportLine {
    pub const fn is_listed(&self) -> bool {
        self.line_number > 0
    }
}

pub const fn line_position(line: &ImportLine) -> Position {
    // A `Position` holds a UUID, and a line has a number.
    Position { keys: Vec::new(), id: Uuid::from_u128(line.position.unsigned_abs() as u128) }
}

/// The inverse of [`line_position`]; a number that no line has for any other position.
pub fn line_number_of(position: &Position) -> i32 {
    i32::try_from(position.id.as_u128()).unwrap_or(i32::MAX)
}

pub fn import_position(import: &Import) -> Position {
    Position { keys: vec![KeyValue::Time(Some(import.created_at))], id: import.id.uuid() }
}
