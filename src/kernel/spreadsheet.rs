//! Cells that a spreadsheet shows as text and never evaluates as a formula (OWASP, "CSV Injection"), and the way back.
//!
//! A spreadsheet recognizes a formula by its first character, and an apostrophe before it, the guard, makes the cell text.
//! The region of the reader decides where cells begin: where semicolons separate columns, the second half of `Acme;=1+1`
//! is a cell, and quotes do not prevent this, because they count only at the beginning of a cell. Where spaces do, the
//! second half of `Acme =1+1` is one, but no part of `Acme - Beta` is. So every position where a cell could begin has
//! exactly one guard. Guards can be removed again, and an id survives the round trip.

use std::borrow::Cow;

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

/// Spreadsheets recognize UTF-8 by this mark; without it they assume the encoding of the machine.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

const GUARD: char = '\'';

/// The characters that begin a formula. Spreadsheets accept the full-width forms of East Asian input methods, too.
const FORMULA_CHARS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The first two separate rows, the others columns.
const SEPARATORS: [char; 9] = ['\n', '\r', ',', ';', '\t', '|', ':', '^', '~'];

/// At the beginning of a cell these end the cell before it.
const BREAKS: [char; 3] = ['\t', '\r', '\n'];

pub fn guarded(text: &str) -> Cow<'_, str> {
    let mut guarded = String::new();
    let mut copied = 0;
    for at in guard_positions(text) {
        guarded.push_str(&text[copied..at]);
        guarded.push(GUARD);
        copied = at;
    }
    if guarded.is_empty() {
        return text.into();
    }
    guarded.push_str(&text[copied..]);
    guarded.into()
}

pub fn unguarded(text: &str) -> Cow<'_, str> {
    let is_guard = |at: &usize| text.as_bytes().get(*at) == Some(&b'\'');
    let mut plain = String::new();
    let mut copied = 0;
    for guard in guard_positions(text).map(|at| at.saturating_sub(1)).filter(is_guard) {
        plain.push_str(&text[copied..guard]);
        copied = guard + GUARD.len_utf8();
    }
    plain.push_str(&text[copied..]);
    if copied == 0 { text.into() } else { plain.into() }
}

/// The positions that a guard precedes. Guards do not change them, so they can be found again in a guarded text.
fn guard_positions(text: &str) -> impl Iterator<Item = usize> {
    let beginning = text.trim_start_matches(GUARD).starts_with(BREAKS).then_some(0);
    let formulas = text.match_indices(FORMULA_CHARS);
    let formulas = formulas.filter(move |(at, c)| begins_cell(&text[..*at], &text[*at + c.len()..]));
    beginning.into_iter().chain(formulas.map(|(at, _)| at))
}

/// Whether a cell could begin between these texts. Some programs drop blanks and quotes at its beginning.
fn begins_cell(before: &str, after: &str) -> bool {
    let is_dropped = |c: char| is_unseen(c) || (c.is_whitespace() && !SEPARATORS.contains(&c));
    let last = before.chars().rev().find(|c| !is_dropped(*c));
    if last.is_none_or(|c| SEPARATORS.contains(&c)) {
        return true;
    }
    // Where blanks separate columns, a character between two blanks is a whole cell and no formula.
    let nearest = before.chars().rev().find(|c| !is_unseen(*c));
    nearest.is_some_and(char::is_whitespace) && after.chars().next().is_some_and(|c| !c.is_whitespace())
}

fn is_unseen(c: char) -> bool {
    matches!(c, GUARD | '"')
        || (c.is_control() && !c.is_whitespace())
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_for_any_separator() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("+49-1", "'+49-1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
            ("\nx", "'\nx"),
            (" =1", " '=1"),
            ("\u{feff}=1", "\u{feff}'=1"),
            ("\"=1\"", "\"'=1\""),
            ("a;=1", "a;'=1"),
            ("a; \"=1\"", "a; \"'=1\""),
            ("a|-1", "a|'-1"),
            ("a,@b\n+c\t=d", "a,'@b\n'+c\t'=d"),
            ("=a;=b", "'=a;'=b"),
            ("10:=1", "10:'=1"),
            ("a^=1~@b", "a^'=1~'@b"),
            ("Acme =1+1", "Acme '=1+1"),
            ("Acme\u{a0}\"-1\"", "Acme\u{a0}\"'-1\""),
            ("\u{ad}=1", "\u{ad}'=1"),
            ("a;\u{202e}=1", "a;\u{202e}'=1"),
        ] {
            assert_eq!(guarded(text), expected, "{text:?}");
        }
    }

    #[test]
    fn harmless_text_is_unchanged() {
        for text in [
            "",
            "Acme",
            "a=b",
            "1-1",
            "Acme - Beta",
            "A =",
            "a; b",
            "it's",
            "'tis",
            "ana@example.com",
            "a;\tb",
        ] {
            assert_eq!((guarded(text), unguarded(text)), (text.into(), text.into()), "{text:?}");
        }
    }

    #[test]
    fn text_that_looks_guarded_gets_another_guard() {
        assert_eq!(guarded("'=1"), "''=1");
        assert_eq!(guarded("'\tx"), "''\tx");
        assert_eq!(unguarded("''=1"), "'=1");
        // Text that a person wrote without guards stays as it is.
        assert_eq!(unguarded("+49-1"), "+49-1");
        assert_eq!(unguarded("é=1"), "é=1");
        assert_eq!(unguarded("'"), "'");
    }

    #[test]
    fn guards_round_trip_and_no_part_is_a_formula() {
        let chars = ['=', '\'', ';', ' ', '"', '\t', 'a', ':'];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer = |text: &String| chars.map(|c| format!("{text}{c}"));
            texts = texts.iter().flat_map(longer).chain([String::new()]).collect();
        }
        assert!(texts.len() > 15_000);
        for text in texts {
            let guarded = guarded(&text);
            assert_eq!(unguarded(&guarded), text, "{guarded:?}");
            assert!(!guarded.starts_with('\t'), "{guarded:?}");
            for separators in [&[';', '\t'][..], &[':'], &['\t', ' ']] {
                for cell in guarded.split(separators) {
                    let shown = cell.trim_start_matches([' ', '"']);
                    assert!(!shown.starts_with('=') || shown == "=", "{guarded:?}");
                }
            }
        }
    }
}
