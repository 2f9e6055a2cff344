//! Other rules of the repository.

use std::fs;

use pretty_assertions::assert_eq;

use super::sources::{files, root};

/// Without a key, a double click creates two things, or gets the answer for a change that someone else made.
#[test]
fn every_form_has_a_key() {
    for (path, text) in files("src/ui", ".rs") {
        assert!(!text.contains("<ActionForm"), "{path}: a `PostForm` has a key");
        for (at, start) in text.match_indices("method=\"post\"") {
            let form = &text[at + start.len()..];
            let end =
                ["</form>", "</SelectionForm>"].iter().filter_map(|end| form.find(end)).min().expect(&path);
            assert!(form[..end].contains("<FormKey />"), "{path}: a form has no key");
        }
    }
}

/// The path of a file says which build it belongs to.
#[test]
fn feature_gates_are_on_modules_only() {
    for (path, text) in files("src", ".rs") {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (index, line) in lines.iter().enumerate() {
            if line.starts_with("//") || !line.contains("feature =") {
                continue;
            }
            let next = lines.get(index + 1).copied().unwrap_or_default();
            let is_module = line.starts_with("#[cfg(feature = \"")
                && ["mod ", "pub mod ", "pub(crate) mod "].iter().any(|start| next.starts_with(start));
            // The one function of the library that the program for the browser calls.
            let is_entry = path == "src/lib.rs" && next == "pub fn hydrate() {";
            assert!(is_module || is_entry, "{path}:{}: {line}", index + 1);
        }
    }
}

/// The image's first layer installs the compiler without Cargo.toml, so the version is in two places.
#[test]
fn scripts_install_the_compiler_of_the_manifest() {
    let value = |file: &str, before: &str| {
        let text = fs::read_to_string(root().join(file)).unwrap();
        let line =
            text.lines().find_map(|line| line.strip_prefix(before)).map(|value| value.trim_matches('"'));
        line.unwrap_or_else(|| panic!("no line begins with {before} in {file}")).to_owned()
    };
    assert_eq!(value("script/env.sh", "RUST_MINIMUM="), value("Cargo.toml", "rust-version = "));
}

#[test]
fn no_file_has_more_than_500_lines() {
    for (folder, ending) in [("src", ".rs"), ("tests", ".rs"), ("migrations", ".sql"), ("style", ".css")] {
        for (path, text) in files(folder, ending) {
            let lines = text.lines().count();
            assert!(lines <= 500, "{path} has {lines} lines");
        }
    }
}

/// A code without a test may differ from the documented one.
#[test]
fn every_error_code_is_in_a_test() {
    // The test of the OpenAPI document lists every code, so it does not count.
    let tested: String = files("tests", ".rs")
        .into_iter()
        .filter(|(path, _)| !path.starts_with("tests/house/") && path != "tests/api/openapi.rs")
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
