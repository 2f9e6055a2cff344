//! The layout keeps its promises: lists are compared here that nobody should have to compare by
//! memory.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pretty_assertions::assert_eq;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder whose name ends so, by its path from the root.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
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

/// Without comments and unit tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Every path of ours that a file names, with `use` groups opened: `kernel::id::GroupId`.
fn paths_of_ours(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, start) in code.match_indices("crate::") {
        open_tree(&code[at + start.len()..], "", &mut found);
    }
    found
}

/// Reads one path or group; what is left of the text after it.
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

/// Does the path begin so? `*` stands for any one name, `{own}` for the file's own noun.
fn begins(path: &str, pattern: &str, own: &str) -> bool {
    let mut names = path.split("::");
    pattern.split("::").all(|wanted| {
        names.next().is_some_and(|name| wanted == "*" || name == wanted || (wanted == "{own}" && name == own))
    })
}

/// A part of the house: what it may import of ours, and words that its code never holds.
struct Part {
    name: &'static str,
    holds: fn(&str) -> bool,
    may: &'static [&'static str],
    never: &'static [&'static str],
}

/// A layer is a file, or a file with a folder of its name for its parts.
fn is_layer(path: &str, layer: &str) -> bool {
    let is_it = path.ends_with(&format!("/{layer}.rs")) || path.contains(&format!("/{layer}/"));
    path.starts_with("src/resources/") && is_it && !path.contains("/api/")
}

fn is_ui_layer(path: &str, layer: &str) -> bool {
    path.ends_with(&format!("/{layer}.rs")) || path.contains(&format!("/{layer}/"))
}

/// Who may import whom.
const PARTS: &[Part] = &[
    Part {
        name: "kernel",
        holds: |path| path.starts_with("src/kernel/"),
        may: &["kernel"],
        never: &["sqlx", "axum", "leptos", "tokio", "Utc::now"],
    },
    Part {
        name: "model and rules",
        holds: |path| is_layer(path, "model") || is_layer(path, "rules"),
        may: &["kernel", "resources::*::model"],
        never: &["sqlx", "axum", "leptos", "clock::", "Utc::now"],
    },
    Part {
        name: "store",
        holds: |path| is_layer(path, "store"),
        may: &[
            "kernel",
            "resources::*::model",
            // How a noun's columns are read wherever its table is joined.
            "resources::rows",
            "platform::db",
            "platform::failure",
            // The actor of an event, and a secret to be kept as its hash: both are data here.
            "platform::call::Call",
            "platform::secret",
        ],
        never: &["axum", "jsonapi", "leptos", "Utc::now", "commit()"],
    },
    Part {
        name: "ops",
        holds: |path| is_layer(path, "ops"),
        may: &[
            "kernel",
            "resources::*::model",
            "resources::*::ops",
            "resources::{own}::rules",
            "platform::call",
            "platform::failure",
            "platform::secret",
        ],
        never: &["axum", "jsonapi", "leptos", "ui::", "Utc::now", "commit()", "sqlx::query"],
    },
    Part {
        name: "jsonapi",
        holds: |path| path.starts_with("src/jsonapi/"),
        may: &["kernel", "jsonapi"],
        never: &["resources::", "sqlx", "axum", "leptos"],
    },
    Part {
        name: "a noun's api",
        holds: |path| path.starts_with("src/resources/") && path.contains("/api/"),
        may: &[
            "kernel",
            "api",
            "jsonapi",
            // The permission of a handler, and how its operation ends.
            "platform::call",
            "platform::failure",
            "resources::flows",
            "resources::*::api",
            "resources::*::model",
            "resources::*::ops",
        ],
        never: &["store::", "sqlx", "leptos"],
    },
    Part {
        name: "rows",
        holds: |path| path == "src/resources/rows.rs",
        may: &["kernel", "resources::*::model", "platform::db", "platform::failure"],
        never: &["axum", "jsonapi", "leptos"],
    },
    Part {
        name: "export",
        holds: |path| path.starts_with("src/export/"),
        may: &["kernel", "resources::*::model", "resources::*::ops", "platform::csv", "platform::failure"],
        never: &["store::", "sqlx::query", "axum", "jsonapi", "leptos", "Utc::now"],
    },
    Part {
        name: "pages, islands and components",
        holds: |path| {
            path.starts_with("src/ui/")
                && ["pages", "islands", "components"].iter().any(|layer| is_ui_layer(path, layer))
        },
        may: &["kernel", "ui", "resources::*::model", "resources::*::rules"],
        never: &["ops::", "store::", "platform::", "ui::server", "sqlx", "axum"],
    },
    Part {
        name: "actions and queries",
        holds: |path| {
            path.starts_with("src/ui/")
                && ["actions", "bulk_actions", "queries"].iter().any(|layer| is_ui_layer(path, layer))
        },
        may: &[
            "kernel",
            "ui",
            "resources::*::model",
            "resources::*::rules",
            "resources::*::ops",
            "resources::flows",
            "platform::failure",
            // The page of an enrollment shows what the API says of it. Written by the API itself it cannot say
            // anything else; a text, so that nothing of the standard comes along.
            "resources::enrollments::api::enrollment_document",
            // The name of what a `#[server]` body hands on to `ops`; no statement is made with it.
            "platform::db::Connection",
        ],
        never: &["store::", "sqlx", "jsonapi"],
    },
    Part {
        name: "platform",
        holds: |path| path.starts_with("src/platform/"),
        may: &["kernel", "platform"],
        never: &["resources::", "jsonapi::"],
    },
];

#[test]
fn each_part_imports_what_it_may() {
    let sources = files("src", ".rs");
    let mut broken = Vec::new();
    for part in PARTS {
        let mut held = 0;
        for (path, text) in sources.iter().filter(|(path, _)| (part.holds)(path)) {
            held += 1;
            let code = code(text);
            let own = path.split('/').nth(2).unwrap_or_default();
            for import in paths_of_ours(&code) {
                if !part.may.iter().any(|pattern| begins(&import, pattern, own)) {
                    broken.push(format!("{path} ({}) imports {import}", part.name));
                }
            }
            for word in part.never {
                if let Some(line) = code.lines().find(|line| line.contains(word)) {
                    broken.push(format!("{path} ({}) holds {word}: {}", part.name, line.trim()));
                }
            }
        }
        assert!(held > 0, "there is no {}", part.name);
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn a_store_is_its_own_nouns_alone() {
    for (path, text) in files("src", ".rs") {
        let is_declared_public = path.starts_with("src/resources/") && text.contains("pub mod store");
        assert!(!is_declared_public, "{path} shows its store");
    }
}

#[test]
fn the_reader_of_imports_opens_groups() {
    let code = "use crate::a::{b, c::{D, e::*}, f};\nlet x = crate::g::h(1);";
    let found: Vec<_> = paths_of_ours(code).into_iter().collect();
    assert_eq!(found, ["a::b", "a::c::D", "a::c::e::*", "a::f", "g::h"]);
    assert!(begins("resources::people::ops::x", "resources::*::ops", "people"));
    assert!(!begins("resources::people::store", "resources::*::ops", "people"));
}

/// Forms that come to the same when they are sent twice, and are answered the same.
const SAME_WHEN_SENT_TWICE: [&str; 11] = [
    "GroupRemove",
    "ImportDiscard",
    "OperatorDisable",
    "OperatorEnable",
    "OperatorLinkIdentity",
    "OperatorSetRole",
    "OperatorSignOut",
    "OperatorUnlink",
    "PreferencesSet",
    "SessionEnd",
    "TokenRevoke",
];

/// Without a key, a double click makes two things, or is answered as if somebody else had been quicker.
#[test]
fn every_form_whose_second_answer_differs_has_a_key() {
    let mut without = BTreeSet::new();
    for (path, text) in files("src/ui", ".rs") {
        for (at, start) in text.match_indices("<ActionForm action=") {
            let form = &text[at + start.len()..];
            let name: String =
                form.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect();
            let declared = format!("let {name} = ServerAction::<");
            let (_, action) = text[..at].rsplit_once(&declared).expect(&path);
            let action = action.split('>').next().unwrap();
            if !form.split("</ActionForm>").next().unwrap().contains("<FormKey />") {
                without.insert(action.to_owned());
            }
        }
        for (at, start) in text.match_indices("method=\"post\"") {
            let form = &text[at + start.len()..];
            let end = ["</form>", "</Picked>"].iter().filter_map(|end| form.find(end)).min().expect(&path);
            assert!(form[..end].contains("<FormKey />"), "{path}: a form has no key");
        }
    }
    assert_eq!(without, SAME_WHEN_SENT_TWICE.map(str::to_owned).into());
}

/// Which build code belongs to is read from its path, never from the middle of a function.
#[test]
fn a_feature_gate_stands_before_a_module_only() {
    for (path, text) in files("src", ".rs") {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (index, line) in lines.iter().enumerate() {
            if line.starts_with("//") || !line.contains("feature =") {
                continue;
            }
            let next = lines.get(index + 1).copied().unwrap_or_default();
            let is_module = line.starts_with("#[cfg(feature = \"")
                && ["mod ", "pub mod ", "pub(crate) mod "].iter().any(|start| next.starts_with(start));
            // What the browser's program calls; it is the library's one function.
            let is_entry = path == "src/lib.rs" && next == "pub fn hydrate() {";
            assert!(is_module || is_entry, "{path}:{}: {line}", index + 1);
        }
    }
}

/// The image's first layer installs the compiler without Cargo.toml, so that the version is in two places.
#[test]
fn the_scripts_install_the_compiler_that_the_manifest_asks_for() {
    let value = |file: &str, before: &str| {
        let text = fs::read_to_string(root().join(file)).unwrap();
        let line =
            text.lines().find_map(|line| line.strip_prefix(before)).map(|value| value.trim_matches('"'));
        line.unwrap_or_else(|| panic!("no line begins with {before} in {file}")).to_owned()
    };
    assert_eq!(value("script/env.sh", "RUST_MINIMUM="), value("Cargo.toml", "rust-version = "));
}

#[test]
fn no_file_is_longer_than_one_reads_at_a_sitting() {
    for (folder, ending) in [("src", ".rs"), ("tests", ".rs"), ("migrations", ".sql"), ("style", ".css")] {
        for (path, text) in files(folder, ending) {
            let lines = text.lines().count();
            assert!(lines <= 500, "{path} has {lines} lines");
        }
    }
}

/// A code that no test has seen may as well not be what clients are told it is.
#[test]
fn every_error_code_is_in_a_test() {
    // The test of the OpenAPI document lists every code, so it does not count.
    let tested: String = files("tests", ".rs")
        .into_iter()
        .filter(|(path, _)| path != "tests/house.rs" && path != "tests/api/openapi.rs")
        .map(|(_, text)| text)
        .collect();
    let missing: Vec<&str> = groupdesk::api::error_code::ALL
        .iter()
        .map(|code| code.code)
        .filter(|code| !tested.contains(*code))
        .collect();
    // hyper answers most of these requests with 431 instead, so tests/security/oversized.rs accepts either status.
    assert_eq!(missing, ["URI_TOO_LONG"]);
}
