//! What the three texts ask of a server, and where each sentence is proven.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use pretty_assertions::assert_eq;

use super::{catalogue_atomic, catalogue_document, catalogue_fetching, catalogue_profile, catalogue_writing};

/// The text that says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// JSON:API 1.1.
    Format,
    CursorPagination,
    Atomic,
}

/// How strongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// MUST and MUST NOT.
    Must,
    /// SHOULD, SHOULD NOT and RECOMMENDED.
    Should,
}

#[derive(Debug, Clone, Copy)]
pub enum Proof {
    /// The test of this name.
    Test(&'static str),
    /// There is nothing here that it could be true or false of; why.
    NotApplicable(&'static str),
    /// Recommended, known, and not followed; why.
    Declined(&'static str),
}

pub struct Statement {
    pub level: Level,
    /// In our own words.
    pub says: &'static str,
    pub proof: Proof,
}

pub struct Section {
    pub source: Source,
    /// Its headings, outermost first.
    pub name: &'static str,
    pub statements: &'static [Statement],
}

pub const fn must(says: &'static str, proof: Proof) -> Statement {
    Statement { level: Level::Must, says, proof }
}

pub const fn should(says: &'static str, proof: Proof) -> Statement {
    Statement { level: Level::Should, says, proof }
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

/// The names of the tests beside this file.
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
fn every_statement_is_proven_and_every_test_proves_one() {
    let tests = tests();
    let mut said = BTreeSet::new();
    let mut proving = BTreeSet::new();
    // Of each text: proven, not applicable, declined.
    let mut counts: BTreeMap<Source, [usize; 3]> = BTreeMap::new();
    for section in sections() {
        assert!(!section.statements.is_empty(), "{} is empty", section.name);
        for Statement { level, says, proof } in section.statements {
            assert!(said.insert((section.source, section.name, says)), "{}: {says} twice", section.name);
            let index = match proof {
                Proof::Test(name) => {
                    proving.insert((*name).to_owned());
                    0
                }
                Proof::NotApplicable(reason) => {
                    assert!(reason.len() > 20, "{says}: why?");
                    1
                }
                Proof::Declined(reason) => {
                    assert!(reason.len() > 20, "{says}: why?");
                    assert_eq!(*level, Level::Should, "{says}: what must be is not declined");
                    2
                }
            };
            counts.entry(section.source).or_default()[index] += 1;
        }
    }
    let missing: Vec<&String> = proving.difference(&tests).collect();
    assert_eq!(missing, Vec::<&String>::new(), "named, and not there");
    let idle: Vec<&String> = tests.difference(&proving).collect();
    assert_eq!(idle, Vec::<&String>::new(), "there, and not named");
    assert_eq!(counts.len(), 3);
    for (source, [proven, not_applicable, declined]) in counts {
        println!("{source:?}: {proven} proven, {not_applicable} not applicable, {declined} declined");
    }
    println!("{} tests", tests.len());
}
