//! Text that a spreadsheet shows and never runs, and the way back to the text.
//!
//! A spreadsheet takes a cell for a formula by its first character, no matter who wrote it: a workspace may be called
//! `=HYPERLINK(…)` (OWASP, "CSV Injection"). An apostrophe in front of the sign makes it text; here that
//! apostrophe is called a guard.
//!
//! The region of the reader decides where cells begin, not the file: where semicolons separate columns, the
//! second half of `Acme;=1+1` is a cell of its own. Quotes do not prevent this, because they count at the
//! beginning of a cell alone. Therefore a guard stands at every place where a cell could begin. A reader may also choose
//! spaces: then the second half of `Acme =1+1` is a formula, and no part of `Acme - Beta` is one.
//!
//! Exactly one guard stands at each such place, so it can be taken away again: an id comes back as it was.

use std::borrow::Cow;

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

/// Spreadsheets recognize UTF-8 by this mark; without it they read a file in the encoding of the machine.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

const GUARD: char = '\'';

/// A cell that begins with one of these is a formula. The wide forms are what East Asian input methods write,
/// and spreadsheets read them as the others.
const FORMULA_SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Rows are separated by the first two, columns by one of the others. The last three
/// are rare: the reader has to type them in.
const SEPARATORS: [char; 9] = ['\n', '\r', ',', ';', '\t', '|', ':', '^', '~'];

/// At the beginning of a cell these end the cell before it.
const BREAKS: [char; 3] = ['\t', '\r', '\n'];

/// The text with a guard wherever a spreadsheet could take the rest of it for a formula.
pub fn guarded(text: &str) -> Cow<'_, str> {
    let mut guarded = String::new();
    let mut copied = 0;
    for place in places(text) {
        guarded.push_str(&text[copied..place]);
        guarded.push(GUARD);
        copied = place;
    }
    if guarded.is_empty() {
        return text.into();
    }
    guarded.push_str(&text[copied..]);
    guarded.into()
}

/// The text that was guarded; a text without guards is returned as it is.
pub fn unguarded(text: &str) -> Cow<'_, str> {
    let is_guard = |at: &usize| text.as_bytes().get(*at) == Some(&b'\'');
    let mut plain = String::new();
    let mut copied = 0;
    for guard in places(text).map(|place| place.saturating_sub(1)).filter(is_guard) {
        plain.push_str(&text[copied..guard]);
        copied = guard + GUARD.len_utf8();
    }
    plain.push_str(&text[copied..]);
    if copied == 0 { text.into() } else { plain.into() }
}

/// Where a guard belongs, or follows: at the beginning, and before each sign that could begin a formula.
/// Guards do not move these places, which is why the way back is certain.
fn places(text: &str) -> impl Iterator<Item = usize> {
    let beginning = text.trim_start_matches(GUARD).starts_with(BREAKS).then_some(0);
    let formulas = text.match_indices(FORMULA_SIGNS);
    let formulas = formulas.filter(move |(at, sign)| begins_cell(&text[..*at], &text[*at + sign.len()..]));
    beginning.into_iter().chain(formulas.map(|(at, _)| at))
}

/// Could a cell begin with the sign between these texts? Blanks and quotes at the beginning of a cell do not count,
/// since some programs leave them out.
fn begins_cell(before: &str, after: &str) -> bool {
    let is_left_out = |sign: char| is_unseen(sign) || (sign.is_whitespace() && !SEPARATORS.contains(&sign));
    let last = before.chars().rev().find(|sign| !is_left_out(*sign));
    if last.is_none_or(|sign| SEPARATORS.contains(&sign)) {
        return true;
    }
    // Where blanks separate columns, a sign between two of them is alone in its cell.
    let nearest = before.chars().rev().find(|sign| !is_unseen(*sign));
    nearest.is_some_and(char::is_whitespace) && after.chars().next().is_some_and(|sign| !sign.is_whitespace())
}

/// Guards and quotes, and what is shown as nothing.
fn is_unseen(sign: char) -> bool {
    matches!(sign, GUARD | '"')
        || (sign.is_control() && !sign.is_whitespace())
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_whatever_separates_cells() {
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
    fn other_text_is_as_it_was() {
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
    fn a_text_that_looks_guarded_is_guarded_too() {
        assert_eq!(guarded("'=1"), "''=1");
        assert_eq!(guarded("'\tx"), "''\tx");
        assert_eq!(unguarded("''=1"), "'=1");
        // A person who writes no guards is understood as well.
        assert_eq!(unguarded("+49-1"), "+49-1");
        assert_eq!(unguarded("é=1"), "é=1");
        assert_eq!(unguarded("'"), "'");
    }

    #[test]
    fn every_text_comes_back_and_no_part_of_it_is_a_formula() {
        let signs = ['=', '\'', ';', ' ', '"', '\t', 'a', ':'];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer = |text: &String| signs.map(|sign| format!("{text}{sign}"));
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
