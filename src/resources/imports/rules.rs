//! How a list is read, and the outcome of each of its lines.

mod columns;
mod csv;
mod head;
mod line;
mod objects;
mod paste;
pub mod removals;

use std::collections::{BTreeMap, HashMap};

use super::model::{BYTES_MAX, LINES_MAX, LineAction, LineFault, LineOutcome, NewLine};
use crate::kernel::id::{EnrollmentId, WorkspaceId};
use crate::kernel::problem::ImportFault;
use crate::kernel::text::cleaned;
use crate::resources::enrollments::model::EnrollResult;
use csv::TableReader;
use head::{Format, HEAD_MAX, Head};
use line::LineCounter;
use objects::ObjectReader;
use paste::PasteReader;

/// Lines processed in one transaction: few enough that other transactions wait for a fraction of a second, enough that
/// the cost of the transaction itself does not matter.
pub const BATCH_LINES: u16 = 500;

/// The longest file name that is stored, in characters.
const FILE_NAME_MAX: usize = 255;

/// How the list was sent. In either form it may be a file that groupdesk writes: the result of an import, or an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListForm {
    /// Pasted text: ids separated by line breaks, commas and the like.
    Pasted,
    Csv,
}

/// The name under which the list of a file is stored, without a path, which some clients send along.
pub fn file_name(sent: &str) -> String {
    let name = sent.rsplit(['/', '\\']).next().unwrap_or(sent);
    // Cut before it is cleaned, because a name may be as long as the body.
    let name: String = name.chars().take(FILE_NAME_MAX).collect();
    cleaned(&name).chars().filter(|sign| !sign.is_control()).take(FILE_NAME_MAX).collect()
}

/// Reads one format in pieces that may be cut anywhere, and appends the lines that are complete.
trait FormatReader {
    fn read(&mut self, bytes: &[u8], lines: &mut Vec<NewLine>);

    fn finish(&mut self, lines: &mut Vec<NewLine>);

    /// The name of the column or member that is read.
    fn column_name(&self) -> Option<&str> {
        None
    }
}

/// Reads a list piece by piece, of which it returns the complete lines, and holds at most one line in memory.
pub struct ListReader {
    form: ListForm,
    may_be_empty: bool,
    /// The first lines, until they show the format.
    head: Vec<u8>,
    reader: Option<Box<dyn FormatReader + Send + Sync>>,
    bytes: usize,
    lines: usize,
}

impl ListReader {
    pub const fn new(form: ListForm) -> Self {
        Self { form, may_be_empty: false, head: Vec::new(), reader: None, bytes: 0, lines: 0 }
    }

    /// An empty list is otherwise refused.
    #[must_use]
    pub fn or_empty(self, may_be_empty: bool) -> Self {
        Self { may_be_empty, ..self }
    }

    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<NewLine>, ImportFault> {
        self.bytes += bytes.len();
        if self.bytes > BYTES_MAX {
            return Err(ImportFault::TooLarge { max: BYTES_MAX });
        }
        let mut lines = Vec::new();
        if let Some(reader) = &mut self.reader {
            reader.read(bytes, &mut lines);
        } else {
            self.head.extend_from_slice(bytes);
            if self.head.len() >= HEAD_MAX || Head::of(&self.head).is_complete {
                self.detect_format(&mut lines)?;
            }
        }
        self.count(lines)
    }

    pub fn finish(&mut self) -> Result<Vec<NewLine>, ImportFault> {
        let mut lines = Vec::new();
        if self.reader.is_none() {
            self.detect_format(&mut lines)?;
        }
        if let Some(reader) = &mut self.reader {
            reader.finish(&mut lines);
        }
        let lines = self.count(lines)?;
        if self.lines == 0 && !self.may_be_empty { Err(ImportFault::Empty) } else { Ok(lines) }
    }

    fn detect_format(&mut self, lines: &mut Vec<NewLine>) -> Result<(), ImportFault> {
        let bytes = std::mem::take(&mut self.head);
        let head = Head::of(&bytes);
        head.check()?;
        let counter = LineCounter::after(head.skipped);
        let mut reader: Box<dyn FormatReader + Send + Sync> = match head.format(self.form) {
            Format::Pasted => Box::new(PasteReader::new(counter, head.separator)),
            Format::Table { separator } => Box::new(TableReader::new(counter, separator)),
            Format::Objects => Box::new(ObjectReader::new(counter)),
        };
        reader.read(head.records, lines);
        self.reader = Some(reader);
        Ok(())
    }

    pub fn column_name(&self) -> Option<&str> {
        self.reader.as_ref()?.column_name()
    }

    fn count(&mut self, lines: Vec<NewLine>) -> Result<Vec<NewLine>, ImportFault> {
        self.lines += lines.len();
        let fits = self.lines <= LINES_MAX as usize;
        if fits { Ok(lines) } else { Err(ImportFault::TooManyLines { max: LINES_MAX }) }
    }
}

/// The lines of a pasted text; none for an empty text.
pub fn pasted(text: &str) -> Result<Vec<NewLine>, ImportFault> {
    let mut reader = ListReader::new(ListForm::Pasted).or_empty(true);
    let mut lines = reader.push(text.as_bytes())?;
    lines.extend(reader.finish()?);
    Ok(lines)
}

/// Whether the first line of a pasted text determines how the rest is read: it names columns or their separator, or is a
/// JSON object. Then nothing may be put before it.
pub fn begins_with_head(text: &str) -> bool {
    let head = Head::of(text.as_bytes());
    head.separator.is_some() || head.format(ListForm::Pasted) != Format::Pasted
}

/// A line with the database's knowledge about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownLine {
    pub position: i32,
    pub line_number: i32,
    pub action: LineAction,
    pub fault: Option<LineFault>,
    pub workspace: Option<WorkspaceId>,
    /// The number of a line in an earlier batch that named the same workspace.
    pub named_at: Option<i32>,
    /// The enrollment that the line is to end, if a plan determines it.
    pub planned: Option<EnrollmentId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoneLine {
    pub position: i32,
    pub outcome: LineOutcome,
    pub workspace: Option<WorkspaceId>,
    pub enrollment: Option<EnrollmentId>,
    /// The number of the line that names the workspace first.
    pub duplicate_of: Option<i32>,
}

/// The first of these lines that have one action. A batch is one statement that locks rows in their order; a second one
/// could wait for another import that waits for this one.
pub fn of_one_action(mut lines: Vec<KnownLine>) -> Vec<KnownLine> {
    if let Some(first) = lines.first().map(|line| line.action) {
        let others = lines.iter().position(|line| line.action != first);
        lines.truncate(others.unwrap_or(lines.len()));
    }
    lines
}

/// Classifies the lines of a batch, in their order. `Enrolled` and `Removed` are those whose workspaces are to be enrolled or
/// removed; then [`DoneLine::apply_enrolling`] or [`DoneLine::apply_removing`] sets the result.
pub fn classify_lines(lines: &[KnownLine]) -> Vec<DoneLine> {
    let mut first: HashMap<WorkspaceId, i32> = HashMap::with_capacity(lines.len());
    let classify =
        |&KnownLine { position, line_number, action, fault, workspace, named_at, .. }: &KnownLine| {
            let workspace = workspace.filter(|_| fault.is_none());
            let duplicate_of = workspace.and_then(|id| named_at.or_else(|| first.get(&id).copied()));
            let outcome = match (fault, workspace, duplicate_of) {
                (Some(_), _, _) => LineOutcome::Unreadable,
                (None, None, _) => LineOutcome::Unknown,
                (None, Some(_), Some(_)) => LineOutcome::Duplicate,
                (None, Some(id), None) => {
                    first.insert(id, line_number);
                    match action {
                        LineAction::Enroll => LineOutcome::Enrolled,
                        LineAction::Remove => LineOutcome::Removed,
                    }
                }
            };
            DoneLine { position, outcome, workspace, enrollment: None, duplicate_of }
        };
    lines.iter().map(classify).collect()
}

impl DoneLine {
    /// Replaces the expected outcome of a line by the real one. `results` has the result of every workspace that was to
    /// be enrolled; it is `None` if the group was removed.
    pub fn apply_enrolling(&mut self, results: Option<&BTreeMap<WorkspaceId, EnrollResult>>) {
        let (LineOutcome::Enrolled, Some(workspace)) = (self.outcome, self.workspace) else { return };
        match results.map(|results| results.get(&workspace)) {
            None => self.outcome = LineOutcome::GroupRemoved,
            Some(Some(EnrollResult::Enrolled(id))) => self.enrollment = Some(*id),
            Some(Some(EnrollResult::AlreadyIn)) => self.outcome = LineOutcome::AlreadyIn,
            Some(Some(EnrollResult::WorkspaceNotFound) | None) => {
                (self.outcome, self.workspace) = (LineOutcome::Unknown, None);
            }
        }
    }

    /// The same for the removed enrollment of each workspace that was in the group.
    pub fn apply_removing(&mut self, removed: &BTreeMap<WorkspaceId, EnrollmentId>) {
        let (LineOutcome::Removed, Some(workspace)) = (self.outcome, self.workspace) else { return };
        self.enrollment = removed.get(&workspace).copied();
        if self.enrollment.is_none() {
            self.outcome = LineOutcome::NotIn;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ACME: WorkspaceId = WorkspaceId::new(Uuid::from_u128(1));
    const BETA: WorkspaceId = WorkspaceId::new(Uuid::from_u128(2));
    const ENROLLMENT: EnrollmentId = EnrollmentId::new(Uuid::from_u128(3));

    fn known(line_number: i32, workspace: Option<WorkspaceId>) -> KnownLine {
        let action = LineAction::Enroll;
        KnownLine {
            position: line_number,
            line_number,
            action,
            fault: None,
            workspace,
            named_at: None,
            planned: None,
        }
    }

    #[test]
    fn later_lines_of_a_workspace_are_duplicates_of_the_first() {
        let unreadable = KnownLine { fault: Some(LineFault::TooLong), ..known(4, Some(ACME)) };
        let seen_before = KnownLine { named_at: Some(2), ..known(9, Some(BETA)) };
        let lines = [known(3, Some(ACME)), unreadable, known(5, None), known(7, Some(ACME)), seen_before];
        let classes: Vec<_> = classify_lines(&lines)
            .into_iter()
            .map(|line| (line.outcome, line.workspace, line.duplicate_of))
            .collect();
        assert_eq!(
            classes,
            [
                (LineOutcome::Enrolled, Some(ACME), None),
                (LineOutcome::Unreadable, None, None),
                (LineOutcome::Unknown, None, None),
                (LineOutcome::Duplicate, Some(ACME), Some(3)),
                (LineOutcome::Duplicate, Some(BETA), Some(2)),
            ]
        );
    }

    #[test]
    fn line_outcome_follows_from_the_enroll_result() {
        let all =
            BTreeMap::from([(ACME, EnrollResult::Enrolled(ENROLLMENT)), (BETA, EnrollResult::AlreadyIn)]);
        let done = |workspace, results: Option<&_>| {
            let mut line = classify_lines(&[known(1, workspace)])[0];
            line.apply_enrolling(results);
            (line.outcome, line.workspace, line.enrollment)
        };
        assert_eq!(done(Some(ACME), Some(&all)), (LineOutcome::Enrolled, Some(ACME), Some(ENROLLMENT)));
        assert_eq!(done(Some(BETA), Some(&all)), (LineOutcome::AlreadyIn, Some(BETA), None));
        let gone = BTreeMap::from([(BETA, EnrollResult::WorkspaceNotFound)]);
        assert_eq!(done(Some(BETA), Some(&gone)), (LineOutcome::Unknown, None, None));
        assert_eq!(done(Some(BETA), None), (LineOutcome::GroupRemoved, Some(BETA), None));
        assert_eq!(done(None, None), (LineOutcome::Unknown, None, None));
    }

    #[test]
    fn removed_lines_name_the_enrollment_that_ended() {
        let remove = |workspace| KnownLine { action: LineAction::Remove, ..known(1, workspace) };
        let done = |workspace| {
            let mut line = classify_lines(&[remove(workspace)])[0];
            line.apply_removing(&BTreeMap::from([(ACME, ENROLLMENT)]));
            (line.outcome, line.workspace, line.enrollment)
        };
        assert_eq!(done(Some(ACME)), (LineOutcome::Removed, Some(ACME), Some(ENROLLMENT)));
        assert_eq!(done(Some(BETA)), (LineOutcome::NotIn, Some(BETA), None));
        assert_eq!(done(None), (LineOutcome::Unknown, None, None));
        let lines = vec![known(1, Some(ACME)), known(2, None), remove(Some(BETA)), known(4, None)];
        let actions = |lines: Vec<KnownLine>| of_one_action(lines).len();
        assert_eq!((actions(lines.clone()), actions(lines[2..].to_vec()), actions(vec![])), (2, 1, 0));
    }

    #[test]
    fn lists_over_either_limit_are_refused() {
        let most = "a\n".repeat(LINES_MAX as usize);
        assert_eq!(pasted(&most).map(|lines| lines.len()), Ok(LINES_MAX as usize));
        assert_eq!(pasted(&format!("{most}a")), Err(ImportFault::TooManyLines { max: LINES_MAX }));
        let blanks = " ".repeat(BYTES_MAX);
        assert_eq!(pasted(&blanks), Ok(vec![]));
        assert_eq!(pasted(&format!("{blanks} ")), Err(ImportFault::TooLarge { max: BYTES_MAX }));
    }

    #[test]
    fn first_line_can_determine_the_format() {
        for text in ["sep=;\nws-1;ws-2", "name,workspace_id\nAcme,ws-1", "{\"id\":\"ws-1\"}\n"] {
            assert!(begins_with_head(text), "{text:?}");
        }
        for text in ["", "ws-1\nws-2", "id\nws-1", "workspace_id"] {
            assert!(!begins_with_head(text), "{text:?}");
        }
    }

    #[test]
    fn an_empty_list_is_refused() {
        for (form, text) in
            [(ListForm::Pasted, ""), (ListForm::Pasted, " ,;\r\n\t\"\"\n"), (ListForm::Csv, "id\n\n")]
        {
            let mut reader = ListReader::new(form);
            assert_eq!(reader.push(text.as_bytes()), Ok(vec![]), "{text}");
            assert_eq!(reader.finish(), Err(ImportFault::Empty), "{text}");
        }
    }
}
