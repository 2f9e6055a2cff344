//! The requirements of the three standards for servers, and the tests that prove them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use pretty_assertions::assert_eq;

use super::{catalogue_atomic, catalogue_document, catalogue_fetching, catalogue_profile, catalogue_writing};

/// The standard with the requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// JSON:API 1.1.
    Format,
    CursorPagination,
    Atomic,
}

/// The level of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// MUST and MUST NOT.
    Must,
    /// SHOULD, SHOULD NOT and RECOMMENDED.
    Should,
}

#[derive(Debug, Clone, Copy)]
pub enum Proof {
    /// The name of a test.
    Test(&'static str),
    /// The requirement does not apply to this server, for this reason.
    NotApplicable(&'static str),
    /// The recommendation is known and not followed, for this reason.
    Declined(&'static str),
}

pub struct Statement {
    pub level: Level,
    /// The requirement in our own words.
    pub text: &'static str,
    pub proof: Proof,
}

pub struct Section {
    pub source: Source,
    /// The headings of the section, outermost first.
    pub name: &'static str,
    pub statements: &'static [Statement],
}

pub const fn must(text: &'static str, proof: Proof) -> Statement {
    Statement { level: Level::Must, text, proof }
}

pub const fn should(text: &'static str, proof: Proof) -> Statement {
    Statement { level: Level::Should, text, proof }
}

fn sections() -> impl Iterator<Item = &'static Section> {
    [
        catalogue_document::SECTIONS,
        catalogue_fetching::SECTIONS,
        catalogue_writing::SECTIONS,
        catalogue_profile::SECTIONS,
        catalogue_atomic::SECTIONS,
    ]
    .into_iter()
    .flatten()
}

/// The names of all tests in this directory.
fn tests() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec");
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("catalogue") {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        for test in source.split("#[database_test").skip(1) {
            let (_, test) = test.split_once("\nasync fn ").expect("a function");
            let (name, _) = test.split_once('(').expect("its name");
            assert!(found.insert(name.to_owned()), "two tests are called {name}");
        }
    }
    found
}

#[test]
fn catalogue_and_tests_match() {
    let tests = tests();
    let mut seen = BTreeSet::new();
    let mut proving = BTreeSet::new();
    // The numbers of proven, inapplicable and declined requirements of each standard.
    let mut counts: BTreeMap<Source, [usize; 3]> = BTreeMap::new();
    for section in sections() {
        assert!(!section.statements.is_empty(), "{} is empty", section.name);
        for Statement { level, text, proof } in section.statements {
            assert!(seen.insert((section.source, section.name, text)), "{}: {text} twice", section.name);
            let index = match proof {
                Proof::Test(name) => {
                    proving.insert((*name).to_owned());
                    0
                }
                Proof::NotApplicable(reason) => {
                    assert!(reason.len() > 20, "{text}: why?");
                    1
                }
                Proof::Declined(reason) => {
                    assert!(reason.len() > 20, "{text}: why?");
                    assert_eq!(*level, Level::Should, "{text}: a MUST cannot be declined");
                    2
                }
            };
            counts.entry(section.source).or_default()[index] += 1;
        }
    }
    let missing: Vec<&String> = proving.difference(&tests).collect();
    assert_eq!(missing, Vec::<&String>::new(), "named in the catalogue, but missing");
    let idle: Vec<&String> = tests.difference(&proving).collect();
    assert_eq!(idle, Vec::<&String>::new(), "not named in the catalogue");
    assert_eq!(counts.len(), 3);
    for (source, [proven, not_applicable, declined]) in counts {
        println!("{source:?}: {proven} proven, {not_applicable} not applicable, {declined} declined");
    }
    println!("{} tests", tests.len());
}
