//! Conditions that have one definition in Rust, and that a checked statement must nevertheless repeat, because the
//! macros of sqlx take literals only. A view would be one definition for both, but it would keep a platform that shares
//! the tables from changing the columns that the view reads.

use std::collections::BTreeMap;

use pretty_assertions::assert_eq;

use super::sources::{code, files};

/// How often each file of `src` contains the text outside of comments and unit tests.
fn uses(text: &str) -> BTreeMap<String, usize> {
    let count = |(path, source): (String, String)| (path, code(&source).matches(text).count());
    files("src", ".rs").into_iter().map(count).filter(|(_, count)| *count > 0).collect()
}

fn expected(uses: &[(&str, usize)]) -> BTreeMap<String, usize> {
    uses.iter().map(|(path, count)| ((*path).to_owned(), *count)).collect()
}

/// Counts `IS NULL` and `IS NOT NULL`. A statement that is built at run time uses `live!` or `removed!`, which
/// `soft_delete.rs` defines. The exceptions are adoption, which examines the rows and indexes of another system, and the
/// preview of an import, a long statement that would no longer be readable in pieces.
#[test]
fn few_statements_repeat_the_condition_for_live_rows() {
    let allowed = expected(&[
        ("src/platform/db/adoption/indexes.rs", 2),
        ("src/platform/db/adoption/rows.rs", 2),
        ("src/platform/db/soft_delete.rs", 2),
        ("src/resources/change_sets/store.rs", 5),
        ("src/resources/enrollments/store.rs", 10),
        ("src/resources/enrollments/store/list.rs", 3),
        ("src/resources/enrollments/store/restore.rs", 3),
        ("src/resources/imports/store.rs", 4),
        ("src/resources/imports/store/preview.rs", 4),
        ("src/resources/workspaces/store.rs", 4),
    ]);
    assert_eq!(uses("deleted_at IS "), allowed, "use `live!` or `removed!`, or a statement that exists");
}

/// A statement that is built at run time uses `person_name!`, which `rows.rs` defines. A search repeats the expression of
/// an index instead: one in `rows.rs`, and one in `search/store.rs`.
#[test]
fn only_checked_statements_repeat_the_name_of_a_person() {
    let allowed = expected(&[
        ("src/resources/api_tokens/store.rs", 1),
        ("src/resources/enrollments/store.rs", 1),
        ("src/resources/operators/store.rs", 1),
        ("src/resources/operators/store/manage.rs", 1),
        ("src/resources/rows.rs", 3),
        ("src/resources/search/store.rs", 1),
    ]);
    assert_eq!(uses("first_name || ' '"), allowed, "use `person_name!`, or a statement that exists");
}
