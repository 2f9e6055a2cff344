//! What a list holds, and what each of its lines comes to. Pure.

mod columns;
mod csv;
mod head;
mod line;
mod objects;
mod paste;

use std::collections::{BTreeMap, HashMap};

use super::model::{BYTES_MAX, LINES_MAX, LineFault, LineOutcome, NewLine};
use crate::kernel::id::{EnrollmentId, WorkspaceId};
use crate::kernel::problem::ImportFault;
use crate::resources::enrollments::model::EnrollResult;
use csv::TableReader;
use head::{HEAD_MAX, Head, Writing};
use line::LineCounter;
use objects::ObjectReader;
use paste::PasteReader;

/// How many lines are done in one transaction: few enough that what waits for it waits for a fraction of a
/// second, many enough that the transaction's own cost is lost among them.
pub const BATCH: u16 = 500;

/// How the list comes in. Either form may also hold what the product itself writes: the result of an import, or an
/// export as a table or as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListForm {
    /// As people paste: ids with line breaks, commas and the like between.
    Pasted,
    /// A column of a table.
    Csv,
}

enum Reading {
    /// What has come in of the lines that show how the list is written.
    Begun(Vec<u8>),
    Pasted(PasteReader),
    Table(Box<TableReader>),
    Objects(ObjectReader),
}

impl Reading {
    fn read(&mut self, bytes: &[u8], found: &mut Vec<NewLine>) {
        match self {
            Self::Begun(head) => head.extend_from_slice(bytes),
            Self::Pasted(reader) => reader.read(bytes, found),
            Self::Table(reader) => reader.read(bytes, found),
            Self::Objects(reader) => reader.read(bytes, found),
        }
    }

    fn finish(&mut self, found: &mut Vec<NewLine>) {
        match self {
            Self::Begun(_) => {}
            Self::Pasted(reader) => reader.finish(found),
            Self::Table(reader) => reader.finish(found),
            Self::Objects(reader) => reader.finish(found),
        }
    }
}

/// Reads a list as it comes in, piece by piece, and holds no more of it than a line.
pub struct ListReader {
    form: ListForm,
    reading: Reading,
    bytes: usize,
    lines: usize,
}

impl ListReader {
    pub const fn new(form: ListForm) -> Self {
        Self { form, reading: Reading::Begun(Vec::new()), bytes: 0, lines: 0 }
    }

    /// The lines that are whole by now.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<NewLine>, ImportFault> {
        self.bytes += bytes.len();
        if self.bytes > BYTES_MAX {
            return Err(ImportFault::TooLarge { max: BYTES_MAX });
        }
        let mut found = Vec::new();
        self.reading.read(bytes, &mut found);
        if let Reading::Begun(head) = &self.reading
            && (head.len() >= HEAD_MAX || Head::of(head).is_whole)
        {
            self.begin(&mut found)?;
        }
        self.counted(found)
    }

    /// The lines that were not whole until the list ended.
    pub fn finish(&mut self) -> Result<Vec<NewLine>, ImportFault> {
        let mut found = Vec::new();
        self.begin(&mut found)?;
        self.reading.finish(&mut found);
        let found = self.counted(found)?;
        if self.lines == 0 { Err(ImportFault::Empty) } else { Ok(found) }
    }

    /// Reads on as the first lines show; does nothing once that has happened.
    fn begin(&mut self, found: &mut Vec<NewLine>) -> Result<(), ImportFault> {
        let Reading::Begun(bytes) = &mut self.reading else { return Ok(()) };
        let bytes = std::mem::take(bytes);
        let head = Head::of(&bytes);
        head.check()?;
        let counter = LineCounter::after(head.skipped);
        self.reading = match head.writing(self.form) {
            Writing::Pasted => Reading::Pasted(PasteReader::new(counter, head.separator)),
            Writing::Table { separator } => Reading::Table(Box::new(TableReader::new(counter, separator))),
            Writing::Objects => Reading::Objects(ObjectReader::new(counter)),
        };
        self.reading.read(head.records, found);
        Ok(())
    }

    /// The name of the column that is read, where the list names its columns.
    pub fn column_name(&self) -> Option<&str> {
        match &self.reading {
            Reading::Begun(_) | Reading::Pasted(_) => None,
            Reading::Table(reader) => reader.column_name(),
            Reading::Objects(reader) => reader.column_name(),
        }
    }

    fn counted(&mut self, found: Vec<NewLine>) -> Result<Vec<NewLine>, ImportFault> {
        self.lines += found.len();
        if self.lines > LINES_MAX as usize {
            return Err(ImportFault::TooManyLines { max: LINES_MAX });
        }
        Ok(found)
    }
}

/// All that a pasted text holds; nothing of an empty one.
pub fn pasted(text: &str) -> Result<Vec<NewLine>, ImportFault> {
    let mut reader = ListReader::new(ListForm::Pasted);
    let mut lines = reader.push(text.as_bytes())?;
    match reader.finish() {
        Ok(rest) => lines.extend(rest),
        Err(ImportFault::Empty) => {}
        Err(fault) => return Err(fault),
    }
    Ok(lines)
}

/// Does the first line of a pasted text say how to read the rest? It names columns or their separator, or is an object
/// of JSON; then nothing may stand before it.
pub fn begins_with_head(text: &str) -> bool {
    let head = Head::of(text.as_bytes());
    head.separator.is_some() || head.writing(ListForm::Pasted) != Writing::Pasted
}

/// A line with what the database knows of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownLine {
    pub position: i32,
    pub line_number: i32,
    pub fault: Option<LineFault>,
    /// The workspace that it names, if there is one that was not removed.
    pub workspace: Option<WorkspaceId>,
    /// A line before this batch that named the same.
    pub named_at: Option<i32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Enroll(WorkspaceId),
    Unknown,
    /// Of the line of this number.
    Duplicate(WorkspaceId, i32),
    Unreadable,
}

/// One verdict a line, in their order.
pub fn judge(lines: &[KnownLine]) -> Vec<Verdict> {
    let mut first: HashMap<WorkspaceId, i32> = HashMap::with_capacity(lines.len());
    lines
        .iter()
        .map(|line| match (line.fault, line.workspace) {
            (Some(_), _) => Verdict::Unreadable,
            (None, None) => Verdict::Unknown,
            (None, Some(workspace)) => {
                if let Some(at) = line.named_at.or_else(|| first.get(&workspace).copied()) {
                    return Verdict::Duplicate(workspace, at);
                }
                first.insert(workspace, line.line_number);
                Verdict::Enroll(workspace)
            }
        })
        .collect()
}

/// What a line came to, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoneLine {
    pub position: i32,
    pub outcome: LineOutcome,
    pub workspace: Option<WorkspaceId>,
    pub enrollment: Option<EnrollmentId>,
    pub duplicate_of: Option<i32>,
}

/// `enrolled` says what became of each workspace that was to be enrolled; `None`: the group was removed.
pub fn done_line(
    position: i32,
    verdict: Verdict,
    enrolled: Option<&BTreeMap<WorkspaceId, EnrollResult>>,
) -> DoneLine {
    let line =
        |outcome| DoneLine { position, outcome, workspace: None, enrollment: None, duplicate_of: None };
    match verdict {
        Verdict::Unreadable => line(LineOutcome::Unreadable),
        Verdict::Unknown => line(LineOutcome::Unknown),
        Verdict::Duplicate(workspace, at) => {
            DoneLine { workspace: Some(workspace), duplicate_of: Some(at), ..line(LineOutcome::Duplicate) }
        }
        Verdict::Enroll(workspace) => {
            let Some(enrolled) = enrolled else {
                return DoneLine { workspace: Some(workspace), ..line(LineOutcome::GroupRemoved) };
            };
            match enrolled.get(&workspace) {
                Some(EnrollResult::Enrolled(id)) => DoneLine {
                    workspace: Some(workspace),
                    enrollment: Some(*id),
                    ..line(LineOutcome::Enrolled)
                },
                Some(EnrollResult::AlreadyIn) => {
                    DoneLine { workspace: Some(workspace), ..line(LineOutcome::AlreadyIn) }
                }
                Some(EnrollResult::WorkspaceNotFound) | None => line(LineOutcome::Unknown),
            }
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
        KnownLine { position: line_number, line_number, fault: None, workspace, named_at: None }
    }

    #[test]
    fn the_first_line_of_a_workspace_counts_and_the_others_point_at_it() {
        let unreadable = KnownLine { fault: Some(LineFault::TooLong), ..known(4, Some(ACME)) };
        let seen_before = KnownLine { named_at: Some(2), ..known(9, Some(BETA)) };
        let lines = [known(3, Some(ACME)), unreadable, known(5, None), known(7, Some(ACME)), seen_before];
        assert_eq!(
            judge(&lines),
            [
                Verdict::Enroll(ACME),
                Verdict::Unreadable,
                Verdict::Unknown,
                Verdict::Duplicate(ACME, 3),
                Verdict::Duplicate(BETA, 2)
            ]
        );
    }

    #[test]
    fn what_enrolling_came_to_is_what_the_line_came_to() {
        let all =
            BTreeMap::from([(ACME, EnrollResult::Enrolled(ENROLLMENT)), (BETA, EnrollResult::AlreadyIn)]);
        let outcome = |verdict, all: Option<&_>| done_line(1, verdict, all).outcome;
        assert_eq!(done_line(1, Verdict::Enroll(ACME), Some(&all)).enrollment, Some(ENROLLMENT));
        assert_eq!(outcome(Verdict::Enroll(ACME), Some(&all)), LineOutcome::Enrolled);
        assert_eq!(outcome(Verdict::Enroll(BETA), Some(&all)), LineOutcome::AlreadyIn);
        let gone = BTreeMap::from([(BETA, EnrollResult::WorkspaceNotFound)]);
        assert_eq!(outcome(Verdict::Enroll(BETA), Some(&gone)), LineOutcome::Unknown);
        assert_eq!(outcome(Verdict::Enroll(BETA), None), LineOutcome::GroupRemoved);
        assert_eq!(outcome(Verdict::Unknown, None), LineOutcome::Unknown);
    }

    #[test]
    fn one_line_too_many_and_one_byte_too_many_are_refused() {
        let most = "a\n".repeat(LINES_MAX as usize);
        assert_eq!(pasted(&most).map(|lines| lines.len()), Ok(LINES_MAX as usize));
        assert_eq!(pasted(&format!("{most}a")), Err(ImportFault::TooManyLines { max: LINES_MAX }));
        let blanks = " ".repeat(BYTES_MAX);
        assert_eq!(pasted(&blanks), Ok(vec![]));
        assert_eq!(pasted(&format!("{blanks} ")), Err(ImportFault::TooLarge { max: BYTES_MAX }));
    }

    #[test]
    fn a_head_says_how_to_read_the_rest() {
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
