//! Reads the file that says which workspaces belong to which groups: CSV with the columns `group` and `workspace`, or TOML
//! with a table `[[group]]` for each group.
//!
//! A group is named by its id or its name, a workspace by its id or its external id. A group that the file does not name is
//! not touched, and a group with an empty list is not a group without a list: in CSV a row with an empty workspace names a
//! group that may be empty.

use std::collections::HashMap;

use csv::{Position, ReaderBuilder, StringRecord};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use toml::Spanned;

use crate::kernel::spreadsheet::{BYTE_ORDER_MARK, unguarded};
use crate::kernel::text::{ShortText, cleaned};

/// What the list of a group means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, IntoStaticStr, EnumString)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum PlanMode {
    /// The group contains the listed workspaces and no others.
    #[default]
    Exact,
    /// The group contains the listed workspaces, and nothing is removed.
    AtLeast,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum FileFormat {
    Csv,
    Toml,
}

impl FileFormat {
    /// The format of a file with this name.
    pub fn of_name(name: &str) -> Self {
        if name.to_ascii_lowercase().ends_with(".toml") { Self::Toml } else { Self::Csv }
    }
}

/// A workspace that the file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedLine {
    pub line: usize,
    pub text: String,
    /// The text cannot be an id.
    pub is_unreadable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedGroup {
    /// The line that names the group first.
    pub line: usize,
    /// Its id or its name.
    pub group: String,
    pub mode: PlanMode,
    pub workspaces: Vec<WantedLine>,
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFault {
    NotText,
    /// No group is named.
    Empty,
    ColumnMissing(&'static str),
    /// The line has no name of a group.
    GroupMissing {
        line: usize,
    },
    GroupRepeated {
        line: usize,
        first: usize,
    },
    /// What the parser of the format reports.
    Malformed {
        line: usize,
        why: String,
    },
}

/// The groups of a file in their order. `mode`: of the groups of a CSV file, and of those in TOML that have none.
///
/// # Errors
/// The first mistake. Nothing is planned from a part of a file.
pub fn read_file(bytes: &[u8], format: FileFormat, mode: PlanMode) -> Result<Vec<WantedGroup>, FileFault> {
    let text = std::str::from_utf8(bytes).map_err(|_| FileFault::NotText)?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let groups = match format {
        FileFormat::Csv => read_csv(text, mode),
        FileFormat::Toml => read_toml(text, mode),
    }?;
    if groups.is_empty() { Err(FileFault::Empty) } else { Ok(groups) }
}

/// No group has a name with control characters, and Postgres accepts no NUL.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(char::is_control)
}

fn wanted(line: usize, text: &str) -> WantedLine {
    if let Ok(word) = ShortText::parse(text) {
        return WantedLine { line, text: word.as_str().to_owned(), is_unreadable: false };
    }
    let shown = text.trim().chars().filter(|sign| !sign.is_control()).take(80).collect();
    WantedLine { line, text: shown, is_unreadable: true }
}

fn read_csv(text: &str, mode: PlanMode) -> Result<Vec<WantedGroup>, FileFault> {
    if text.trim().is_empty() {
        return Err(FileFault::Empty);
    }
    // The reader does not count the byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head = text.trim_start().lines().next().unwrap_or_default();
    let separator = [b';', b'\t'].into_iter().find(|separator| head.contains(char::from(*separator)));
    let mut reader =
        ReaderBuilder::new().flexible(true).delimiter(separator.unwrap_or(b',')).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| malformed(&error))?.clone();
    let column = |name: &'static str| {
        let found = headers.iter().position(|header| header.trim().eq_ignore_ascii_case(name));
        found.ok_or(FileFault::ColumnMissing(name))
    };
    let (group_at, workspace_at) = (column("group")?, column("workspace")?);
    let mut groups: Vec<WantedGroup> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut lines = LineCounter::of(text);
    for record in reader.records() {
        let record = record.map_err(|error| malformed(&error))?;
        let line = lines.line_at(first_byte(text, &record));
        let cell = |at: usize| unguarded(record.get(at).unwrap_or_default().trim()).into_owned();
        let (group, workspace) = (cleaned(&cell(group_at)), cell(workspace_at));
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        // A quote that is not closed swallows the lines behind it.
        if record.iter().any(|cell| cell.contains(['\n', '\r'])) {
            let why = "a quoted text contains a line break; is a quote not closed?".to_owned();
            return Err(FileFault::Malformed { line, why });
        }
        if !is_name(&group) {
            return Err(FileFault::GroupMissing { line });
        }
        let at = *known.entry(group.clone()).or_insert_with(|| {
            groups.push(WantedGroup { line, group, mode, workspaces: Vec::new() });
            groups.len() - 1
        });
        if !workspace.is_empty() {
            groups[at].workspaces.push(wanted(line, &workspace));
        }
    }
    Ok(groups)
}

fn malformed(error: &csv::Error) -> FileFault {
    let line = error.position().map_or(0, Position::line);
    FileFault::Malformed { line: usize::try_from(line).unwrap_or(usize::MAX), why: error.to_string() }
}

/// Where the text of a record begins. Its position in the reader is before the line breaks that precede it.
fn first_byte(text: &str, record: &StringRecord) -> usize {
    let at = record.position().map_or(0, Position::byte);
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    let breaks = text.as_bytes().get(at..).unwrap_or_default().iter();
    at + breaks.take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TomlFile {
    #[serde(default)]
    group: Vec<TomlGroup>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TomlGroup {
    group: Spanned<String>,
    mode: Option<PlanMode>,
    workspaces: Vec<Spanned<String>>,
}

fn read_toml(text: &str, mode: PlanMode) -> Result<Vec<WantedGroup>, FileFault> {
    let line_at = |at: usize| text.get(..at).unwrap_or_default().matches('\n').count() + 1;
    let file: TomlFile = toml::from_str(text).map_err(|error| FileFault::Malformed {
        line: error.span().map_or(0, |span| line_at(span.start)),
        why: error.message().to_owned(),
    })?;
    let mut lines = LineCounter::of(text);
    let mut groups: Vec<WantedGroup> = Vec::with_capacity(file.group.len());
    let mut known: HashMap<String, usize> = HashMap::new();
    for TomlGroup { group, mode: own, workspaces } in file.group {
        let line = lines.line_at(group.span().start);
        let group = cleaned(group.get_ref());
        if !is_name(&group) {
            return Err(FileFault::GroupMissing { line });
        }
        if let Some(first) = known.insert(group.clone(), line) {
            return Err(FileFault::GroupRepeated { line, first });
        }
        let workspaces =
            workspaces.iter().map(|word| wanted(lines.line_at(word.span().start), word.get_ref())).collect();
        groups.push(WantedGroup { line, group, mode: own.unwrap_or(mode), workspaces });
    }
    Ok(groups)
}

/// Counts the lines up to positions that mostly ascend, so that a long file is read once.
struct LineCounter<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> LineCounter<'a> {
    const fn of(text: &'a str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    fn line_at(&mut self, at: usize) -> usize {
        if at < self.at {
            (self.at, self.line) = (0, 1);
        }
        let between = self.text.get(self.at..at).unwrap_or_default();
        self.line += between.matches('\n').count();
        self.at = at;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(text: &str) -> Result<Vec<WantedGroup>, FileFault> {
        read_file(text.as_bytes(), FileFormat::Csv, PlanMode::Exact)
    }

    fn toml(text: &str) -> Result<Vec<WantedGroup>, FileFault> {
        read_file(text.as_bytes(), FileFormat::Toml, PlanMode::Exact)
    }

    /// Name, line, and the workspaces with their lines.
    type Shape<'a> = (&'a str, usize, Vec<(usize, &'a str)>);

    fn shape(groups: &[WantedGroup]) -> Vec<Shape<'_>> {
        groups
            .iter()
            .map(|group| {
                let workspaces = group.workspaces.iter().map(|wanted| (wanted.line, wanted.text.as_str()));
                (group.group.as_str(), group.line, workspaces.collect())
            })
            .collect()
    }

    #[test]
    fn csv_rows_are_gathered_by_group() {
        let read = csv("workspace,note,Group\nws-1,a,EMEA\n\n\"ws-2\",,APAC\nws-3,,EMEA\n,,Empty\n").unwrap();
        assert_eq!(
            shape(&read),
            [
                ("EMEA", 2, vec![(2, "ws-1"), (5, "ws-3")]),
                ("APAC", 4, vec![(4, "ws-2")]),
                ("Empty", 6, vec![]),
            ]
        );
        assert!(read.iter().all(|group| group.mode == PlanMode::Exact));
    }

    #[test]
    fn csv_with_an_open_quote_is_refused() {
        let refused = csv("group,workspace\nEMEA,ws-1\nEMEA,\"ws-2\nEMEA,ws-3\nAPAC,ws-4\n");
        assert!(matches!(refused, Err(FileFault::Malformed { line: 3, .. })), "{refused:?}");
    }

    #[test]
    fn csv_of_spreadsheets_is_read() {
        let read = csv("\u{feff}group;workspace\r\n'=EMEA;'+49-1\r\n").unwrap();
        assert_eq!(shape(&read), [("=EMEA", 2, vec![(2, "+49-1")])]);
        let read = read_file(b"group\tworkspace\nEMEA\tws-1\n", FileFormat::Csv, PlanMode::AtLeast).unwrap();
        assert_eq!((read[0].mode, shape(&read)), (PlanMode::AtLeast, vec![("EMEA", 2, vec![(2, "ws-1")])]));
    }

    #[test]
    fn toml_lists_have_modes_and_line_numbers() {
        let text = "# comment\n[[group]]\ngroup = \"EMEA\"\nworkspaces = [\"ws-1\",\n  \"ws-2\"]\n\n\
                    [[group]]\ngroup = \"APAC\"\nmode = \"at_least\"\nworkspaces = []\n";
        let read = toml(text).unwrap();
        assert_eq!(shape(&read), [("EMEA", 3, vec![(4, "ws-1"), (5, "ws-2")]), ("APAC", 8, vec![])]);
        assert_eq!([read[0].mode, read[1].mode], [PlanMode::Exact, PlanMode::AtLeast]);
    }

    #[test]
    fn unreadable_workspaces_are_lines_of_their_own() {
        let read = csv(&format!("group,workspace\nEMEA,{}\n", "x".repeat(300))).unwrap();
        let line = &read[0].workspaces[0];
        assert!(line.is_unreadable && line.text.len() == 80, "{line:?}");
        let read = toml("[[group]]\ngroup = \"EMEA\"\nworkspaces = [\"a\\u0000b\", \"\"]\n").unwrap();
        assert!(read[0].workspaces.iter().all(|line| line.is_unreadable), "{read:?}");
    }

    #[test]
    fn empty_files_are_refused() {
        for text in ["", " \n", "group,workspace\n", "group,workspace\n,\n"] {
            assert_eq!(csv(text), Err(FileFault::Empty), "{text:?}");
        }
        for text in ["", "# nothing\n"] {
            assert_eq!(toml(text), Err(FileFault::Empty), "{text:?}");
        }
    }

    #[test]
    fn mistakes_are_refused_with_their_line() {
        assert_eq!(csv("group,id\nEMEA,ws-1\n"), Err(FileFault::ColumnMissing("workspace")));
        assert_eq!(csv("ws-1\nws-2\n"), Err(FileFault::ColumnMissing("group")));
        assert_eq!(csv("group,workspace\nEMEA,ws-1\n,ws-2\n"), Err(FileFault::GroupMissing { line: 3 }));
        assert_eq!(read_file(b"\xff\xfe", FileFormat::Csv, PlanMode::Exact), Err(FileFault::NotText));
        let twice =
            "[[group]]\ngroup = \"EMEA\"\nworkspaces = []\n[[group]]\ngroup = \"EMEA\"\nworkspaces = []\n";
        assert_eq!(toml(twice), Err(FileFault::GroupRepeated { line: 5, first: 2 }));
        // A missing list is not an empty one.
        for (text, line) in [
            ("[[group]]\ngroup = \"EMEA\"\n", 1),
            ("[[group]]\ngroup = \"EMEA\"\nworkspaces = []\nmode = \"most\"\n", 4),
            ("[[group]]\ngroup = \"EMEA\"\nworkspace = []\n", 3),
            ("[[group]\n", 1),
        ] {
            let refused = toml(text);
            let is_at_line = matches!(&refused, Err(FileFault::Malformed { line: at, .. }) if *at == line);
            assert!(is_at_line, "{text:?}: {refused:?}");
        }
    }

    #[test]
    fn format_follows_from_the_name() {
        assert_eq!(FileFormat::of_name("groups.TOML"), FileFormat::Toml);
        assert_eq!([FileFormat::of_name("groups.csv"), FileFormat::of_name("-")], [FileFormat::Csv; 2]);
    }
}
