//! Words that `docs/style.md` and `docs/glossary.md` rule out, in code, comments and texts.

use std::fs;

use super::sources::{files, root};

/// Words that must not occur, not even as a part of an identifier such as `found_anew`.
const WORDS: [&str; 12] = [
    "anew",
    "doer",
    "lender",
    "meanwhile",
    "patience",
    "stranger",
    "strangers",
    "told",
    "untold",
    "whence",
    "whoever",
    "whomever",
];

/// Words in a row, also across the parts of an identifier.
const PHRASES: [&str; 17] = [
    "attend until",
    "bring over",
    "came to",
    "for ever",
    "hold next",
    "in nobodys name",
    "in whose name",
    "keep ticks",
    "not said",
    "own accord",
    "so many",
    "stands in the name",
    "step down",
    "take back",
    "tell of",
    "tells of",
    "within reach",
];

/// Endings of SQL names, which migrations keep.
const SQL_NAMES: [&str; 2] = ["untold_news", "_told"];

/// The files that name the words in order to rule them out.
const ABOUT_WORDS: [&str; 3] = ["docs/style.md", "docs/glossary.md", "tests/house/language.rs"];

/// The words of a line in lower case, with the parts of identifiers as words of their own.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for sign in line.chars().filter(|sign| !['\'', '’'].contains(sign)) {
        let starts_part = sign.is_uppercase() && before.is_lowercase();
        if !sign.is_alphabetic() || starts_part {
            words.push(String::new());
        }
        if sign.is_alphabetic() {
            words.last_mut().unwrap().extend(sign.to_lowercase());
        }
        before = sign;
    }
    words.retain(|word| !word.is_empty());
    words
}

fn banned(line: &str) -> Vec<&'static str> {
    let line = SQL_NAMES.iter().fold(line.to_owned(), |line, name| line.replace(name, ""));
    let words = words(&line);
    let text = format!(" {} ", words.join(" "));
    let single = WORDS.into_iter().filter(|word| words.iter().any(|other| other == word));
    single.chain(PHRASES.into_iter().filter(|phrase| text.contains(&format!(" {phrase} ")))).collect()
}

fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for folder in ["src", "tests", "benches", "xtask/src"] {
        texts.extend(files(folder, ".rs"));
    }
    for (folder, ending) in [
        ("src", ".js"),
        ("src", ".md"),
        ("end2end/journeys", ".ts"),
        ("end2end/support", ".ts"),
        ("docs", ".md"),
        ("style", ".css"),
        ("script", ""),
        ("packaging", ""),
        (".github", ".yml"),
    ] {
        texts.extend(files(folder, ending));
    }
    for file in ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "Cargo.toml"] {
        texts.push((file.to_owned(), fs::read_to_string(root().join(file)).unwrap()));
    }
    texts.retain(|(path, _)| !ABOUT_WORDS.contains(&path.as_str()));
    texts
}

#[test]
fn nothing_is_written_in_words_that_the_style_guide_rules_out() {
    let mut problems = Vec::new();
    for (path, text) in texts() {
        for (index, line) in text.lines().enumerate() {
            for word in banned(line) {
                problems.push(format!("{path}:{}: '{word}' in: {}", index + 1, line.trim()));
            }
        }
    }
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn words_are_found_in_identifiers_and_phrases() {
    assert_eq!(banned("let row = found_anew(id);"), ["anew"]);
    assert_eq!(banned("struct StepDown;"), ["step down"]);
    assert_eq!(banned("What it came to, in whose name."), ["came to", "in whose name"]);
    assert_eq!(banned("INSERT INTO groupdesk.untold_news"), Vec::<&str>::new());
    assert_eq!(banned("a stronger folder, renewed"), Vec::<&str>::new());
}
