//! `docs/access.md` as the tests read it: its tables.

use std::collections::BTreeMap;

use reqwest::Method;

pub(super) const DOCUMENT: &str = include_str!("../../docs/access.md");

pub(super) const API: &str = "The API";
pub(super) const PAGES: &str = "Pages and files";
pub(super) const READING: &str = "Server functions that read";
pub(super) const CHANGING: &str = "Server functions that change";
pub(super) const OPEN: &str = "Open to everybody";
pub(super) const SECTIONS: [&str; 5] = [API, PAGES, READING, CHANGING, OPEN];

/// What a kind of caller gets at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    /// Not with this role or scope.
    No,
    /// Not without saying who one is.
    SignIn,
    /// Whoever asks.
    Never,
    /// There is nothing.
    Nothing,
}

impl Verdict {
    fn from_word(word: &str) -> Self {
        match word {
            "yes" => Self::Yes,
            "no" => Self::No,
            "sign in" => Self::SignIn,
            "never" => Self::Never,
            "404" => Self::Nothing,
            other => panic!("'{other}' is no word of the table"),
        }
    }
}

/// One line of a table.
#[derive(Debug)]
pub(super) struct Row {
    pub method: Method,
    /// As the router has it.
    pub path: String,
    /// What is done, where an address is for several things.
    pub deed: String,
    cells: BTreeMap<String, Verdict>,
}

impl Row {
    /// Method and path, as the code's own lists have them.
    pub fn address(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub fn name(&self) -> String {
        format!("{} {}", self.address(), self.deed)
    }

    pub fn verdict(&self, column: &str) -> Verdict {
        *self.cells.get(column).unwrap_or_else(|| panic!("no column '{column}' for {}", self.name()))
    }

    /// The last part of the path: a server function's name.
    pub fn function(&self) -> &str {
        self.path.strip_prefix("/api/fn/").expect("a server function")
    }
}

/// The lines of the table below this heading, each cell trimmed; the first line is the table's head.
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
            let verdicts = line[1..].iter().map(|word| Verdict::from_word(word));
            Row {
                method: method.parse().unwrap(),
                path: path.to_owned(),
                deed: parts.next().unwrap_or_default().trim().replace('`', ""),
                cells: head[1..].iter().map(|column| (*column).to_owned()).zip(verdicts).collect(),
            }
        })
        .collect()
}

/// Each column with what it is tried as.
pub(super) fn callers() -> Vec<(&'static str, Vec<&'static str>)> {
    let table = table("Who calls");
    table[1..].iter().map(|line| (line[0], line[1].split(" · ").collect())).collect()
}
