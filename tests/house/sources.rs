//! The files of the repository, and the paths that they import.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder whose name ends so: its path from the root, and its text.
pub fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "nothing in {folder}");
    found
}

/// The text without comments and unit tests.
pub fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The module of a file of `src`: `ui::people::pages` for `src/ui/people/pages/mod.rs`.
pub fn module(path: &str) -> String {
    let path = path.strip_prefix("src/").unwrap().strip_suffix(".rs").unwrap();
    path.strip_suffix("/mod").unwrap_or(path).replace('/', "::")
}

/// Every path that starts with this word, with groups opened: `kernel::id::GroupId` for `crate::`.
pub fn paths_after(start: &str, code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, start) in code.match_indices(start) {
        let before = code[..at].chars().next_back();
        if !before.is_some_and(|sign| sign.is_alphanumeric() || sign == '_' || sign == ':') {
            open_tree(&code[at + start.len()..], "", &mut found);
        }
    }
    found
}

/// Reads one path or group, and returns the text after it.
fn open_tree<'a>(text: &'a str, before: &str, found: &mut BTreeSet<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start_matches([',', ' ', '\n']);
            if let Some(rest) = rest.strip_prefix('}') {
                return rest;
            }
            let left = open_tree(rest, before, found);
            if left.len() == rest.len() {
                return left;
            }
            rest = left;
        }
    }
    let end =
        text.find(|sign: char| !sign.is_alphanumeric() && sign != '_' && sign != '*').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let path = if before.is_empty() { word.to_owned() } else { format!("{before}::{word}") };
    if let Some(rest) = rest.strip_prefix("::") {
        return open_tree(rest, &path, found);
    }
    found.insert(path);
    rest
}

#[test]
fn paths_are_read_from_groups() {
    let code = "use crate::a::{b, c::{D, e::*}, f};\nlet x = crate::g::h(1);";
    let found: Vec<_> = paths_after("crate::", code).into_iter().collect();
    assert_eq!(found, ["a::b", "a::c::D", "a::c::e::*", "a::f", "g::h"]);
    assert_eq!(module("src/ui/people/pages/mod.rs"), "ui::people::pages");
    assert_eq!(module("src/routes.rs"), "routes");
}
