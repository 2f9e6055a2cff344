//! Each file is in one part, and imports what its part may.

use pretty_assertions::assert_eq;

use super::parts::{PARTS, ui_subject};
use super::sources::{code, files, paths_after};

/// Whether the path begins with the pattern.
fn begins(path: &str, pattern: &str, own: &str) -> bool {
    let mut names = path.split("::");
    pattern.split("::").all(|wanted| {
        names.next().is_some_and(|name| wanted == "*" || name == wanted || (wanted == "{own}" && name == own))
    })
}

#[test]
fn each_file_is_in_one_part_and_imports_what_it_may() {
    let mut violations = Vec::new();
    for (path, text) in files("src", ".rs") {
        let parts: Vec<_> = PARTS.iter().filter(|part| (part.contains)(&path)).collect();
        let [part] = parts[..] else {
            violations.push(format!("{path} is in {} parts", parts.len()));
            continue;
        };
        let code = code(&text);
        let own = path.split('/').nth(2).unwrap_or_default();
        for import in paths_after("crate::", &code) {
            if !part.may.iter().any(|pattern| begins(&import, pattern, own)) {
                violations.push(format!("{path} ({}) imports {import}", part.name));
            }
        }
        for word in part.never {
            if let Some(line) = code.lines().find(|line| line.contains(word)) {
                violations.push(format!("{path} ({}) contains {word}: {}", part.name, line.trim()));
            }
        }
    }
    assert_eq!(violations, Vec::<String>::new());
}

#[test]
fn no_part_is_empty() {
    let sources = files("src", ".rs");
    for part in PARTS {
        assert!(sources.iter().any(|(path, _)| (part.contains)(path)), "no file is in {}", part.name);
    }
}

/// Two subjects share components and views, not what reads or changes for the other.
#[test]
fn subjects_do_not_import_the_pages_queries_or_actions_of_others() {
    let mut violations = Vec::new();
    for (path, text) in files("src/ui", ".rs") {
        let Some(own) = ui_subject(&path) else { continue };
        for import in paths_after("crate::ui::", &code(&text)) {
            let mut names = import.split("::");
            let (subject, layer) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
            let is_private = ["pages", "queries", "actions"].contains(&layer);
            if subject != own && is_private {
                violations.push(format!("{path} imports {import}"));
            }
        }
    }
    assert_eq!(violations, Vec::<String>::new());
}

#[test]
fn no_store_is_public() {
    for (path, text) in files("src/resources", ".rs") {
        assert!(!text.contains("pub mod store"), "{path} makes its store public");
    }
}

#[test]
fn patterns_match_whole_names() {
    assert!(begins("resources::people::ops::x", "resources::*::ops", "people"));
    assert!(!begins("resources::people::store", "resources::*::ops", "people"));
    assert!(begins("resources::people::store::x", "resources::{own}::store", "people"));
    assert!(!begins("resources::people::store::x", "resources::{own}::store", "imports"));
}
