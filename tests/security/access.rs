//! Reads the tables of `docs/access.md`.

use std::collections::BTreeMap;

use reqwest::Method;

pub(super) const DOCUMENT: &str = include_str!("../../docs/access.md");

pub(super) const API: &str = "The API";
pub(super) const PAGES: &str = "Pages and files";
pub(super) const READING: &str = "Server functions that read";
pub(super) const CHANGING: &str = "Server functions that change";
pub(super) const OPEN: &str = "Open to everybody";
pub(super) const SECTIONS: [&str; 5] = [API, PAGES, READING, CHANGING, OPEN];

/// What a kind of caller gets at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    /// Refused for this role or scope.
    No,
    /// Refused until the caller authenticates.
    SignIn,
    /// Refused for every caller.
    Never,
    /// The path does not exist for this caller.
    Nothing,
}

impl Verdict {
    fn parse(word: &str) -> Self {
        match word {
            "yes" => Self::Yes,
            "no" => Self::No,
            "sign in" => Self::SignIn,
            "never" => Self::Never,
            "404" => Self::Nothing,
            other => panic!("'{other}' is not a verdict"),
        }
    }
}

/// One row of a table.
#[derive(Debug)]
pub(super) struct Row {
    pub method: Method,
    /// The path as the router has it.
    pub path: String,
    /// The variant of the request, where a path has several.
    pub variant: String,
    cells: BTreeMap<String, Verdict>,
}

impl Row {
    /// Method and path, as in the lists of the code.
    pub fn address(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub fn name(&self) -> String {
        format!("{} {}", self.address(), self.variant)
    }

    pub fn verdict(&self, column: &str) -> Verdict {
        *self.cells.get(column).unwrap_or_else(|| panic!("no column '{column}' for {}", self.name()))
    }

    /// The name of a server function, which is the last part of its path.
    pub fn function(&self) -> &str {
        self.path.strip_prefix("/api/fn/").expect("a server function")
    }
}

/// The rows of the table below this heading, each cell trimmed; the first row is the table's head.
fn table(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, below) = DOCUMENT.split_once(&format!("\n## {heading}\n")).expect("the heading");
    let section = below.split("\n## ").next().unwrap();
    let lines = section.lines().filter(|line| line.starts_with('|') && !line.starts_with("|-"));
    let table: Vec<Vec<&str>> =
        lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect();
    let width = table[0].len();
    assert!(table.iter().all(|line| line.len() == width), "lines of different lengths below {heading}");
    table
}

/// The rows of a section, in their order.
pub(super) fn rows(section: &str) -> Vec<Row> {
    let table = table(section);
    let (head, lines) = table.split_first().expect("a table");
    lines
        .iter()
        .map(|line| {
            let mut parts = line[0].splitn(3, '`');
            let address = parts.nth(1).unwrap_or_else(|| panic!("no address in {line:?}"));
            let (method, path) = address.split_once(' ').expect("method and path");
            let verdicts = line[1..].iter().map(|word| Verdict::parse(word));
            Row {
                method: method.parse().unwrap(),
                path: path.to_owned(),
                variant: parts.next().unwrap_or_default().trim().replace('`', ""),
                cells: head[1..].iter().map(|column| (*column).to_owned()).zip(verdicts).collect(),
            }
        })
        .collect()
}

/// Each column with the kinds of callers that are tested for it.
pub(super) fn callers() -> Vec<(&'static str, Vec<&'static str>)> {
    let table = table("Who calls");
    table[1..].iter().map(|line| (line[0], line[1].split(" · ").collect())).collect()
}
