//! How a list is written, which its first lines show.

use std::ops::Range;

use super::ListForm;
use super::columns;
use crate::kernel::problem::ImportFault;
use crate::kernel::spreadsheet::BYTE_ORDER_MARK;

/// A first line that is longer is judged by so much of it, in bytes.
pub(super) const HEAD_MAX: usize = 64 * 1024;

/// How a file begins that is no text, or not in UTF-8: a spreadsheet's own format (a ZIP archive), UTF-16.
const NOT_TEXT: [&[u8]; 3] = [b"PK\x03\x04", b"\xFF\xFE", b"\xFE\xFF"];

/// What separates columns where the list does not say so itself. Of two that are as frequent the first is taken,
/// because it is rarer in names.
const SEPARATORS: [u8; 3] = [b'\t', b';', b','];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    Pasted,
    Table {
        separator: u8,
    },
    /// JSON, an object a line.
    Objects,
}

/// The beginning of a list.
pub(super) struct Head<'a> {
    /// The lines before the first record.
    pub(super) skipped: &'a [u8],
    pub(super) records: &'a [u8],
    /// What the list itself says that separates its columns.
    pub(super) separator: Option<u8>,
    /// The first record that is not blank; where its end is not there, its first line as far as that is there.
    first: &'a [u8],
    /// Has that record ended?
    pub(super) is_whole: bool,
}

impl<'a> Head<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        // No more than this is examined, so that a list reads the same in whatever pieces it arrives.
        let seen = &bytes[..bytes.len().min(HEAD_MAX)];
        let text = without_marks(seen);
        let (line, _) = first_line(text);
        let separator = named_separator(&text[line.clone()]);
        let (skipped, text) = text.split_at(if separator.is_some() { line.end } else { 0 });
        let records = &bytes[seen.len() - text.len()..];
        let (line, is_ended) = first_line(text);
        // The quotes of JSON are not those of a table.
        if is_object(&text[line.clone()]) {
            return Self { skipped, records, separator, first: &text[line], is_whole: is_ended };
        }
        let record = first_record(text, line.start, separator);
        let is_whole = record.is_some();
        Self { skipped, records, separator, first: &text[record.unwrap_or(line)], is_whole }
    }

    /// # Errors
    /// `NotText`.
    pub(super) fn check(&self) -> Result<(), ImportFault> {
        // No text holds a zero; every second byte of plain text in UTF-16 is one.
        let is_text =
            !NOT_TEXT.iter().any(|start| self.records.starts_with(start)) && !self.first.contains(&0);
        if is_text { Ok(()) } else { Err(ImportFault::NotText) }
    }

    pub(super) fn writing(&self, form: ListForm) -> Writing {
        if is_object(self.first) {
            return Writing::Objects;
        }
        let separator = self.separator.unwrap_or_else(|| likely_separator(self.first));
        let is_table = match form {
            ListForm::Csv => true,
            ListForm::Pasted => self.is_whole && self.names_columns(separator),
        };
        if is_table { Writing::Table { separator } } else { Writing::Pasted }
    }

    /// Is it a table with its names that was copied out of a file? In other pasted text every word counts. Where the
    /// list names its separator, a spreadsheet was meant, and any name of a column is taken for one.
    fn names_columns(&self, separator: u8) -> bool {
        let names = fields(self.first, separator);
        columns::are_unmistakable(&names) || (self.separator.is_some() && !columns::ids(&names).is_empty())
    }
}

/// Tools that add a byte-order mark to a file may add it to one that has it.
fn without_marks(mut bytes: &[u8]) -> &[u8] {
    while let Some(rest) = bytes.strip_prefix(BYTE_ORDER_MARK.as_bytes()) {
        bytes = rest;
    }
    bytes
}

const fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The first line that is not blank, and whether its end is there.
fn first_line(bytes: &[u8]) -> (Range<usize>, bool) {
    let start = bytes.iter().position(|byte| !is_line_end(*byte)).unwrap_or(bytes.len());
    match bytes[start..].iter().position(|byte| is_line_end(*byte)) {
        Some(length) => (start..start + length, true),
        None => (start..bytes.len(), false),
    }
}

/// The record that begins here: a cell of a spreadsheet may have several lines, within quotes. `None`: its end is not
/// there.
fn first_record(bytes: &[u8], start: usize, separator: Option<u8>) -> Option<Range<usize>> {
    let mut quotes = Quotes::new(separator);
    let length = bytes[start..].iter().position(|byte| !quotes.hold(*byte) && is_line_end(*byte))?;
    Some(start..start + length)
}

/// Follows the quotes of a table. As in the reader of tables, only one at the beginning of a field opens; within a field
/// it is a character like any other.
struct Quotes {
    separator: Option<u8>,
    is_open: bool,
    may_open: bool,
}

impl Quotes {
    const fn new(separator: Option<u8>) -> Self {
        Self { separator, is_open: false, may_open: true }
    }

    /// Takes the next byte of the text. Is it within quotes?
    fn hold(&mut self, byte: u8) -> bool {
        if byte == b'"' && (self.is_open || self.may_open) {
            self.is_open = !self.is_open;
            // Two of them within quotes stand for one, and the quoted text continues.
            self.may_open = !self.is_open;
            return true;
        }
        let ends_field = SEPARATORS.contains(&byte) || self.separator == Some(byte) || is_line_end(byte);
        self.may_open = ends_field && !self.is_open;
        self.is_open
    }
}

/// What a line such as `sep=;` says, by which people tell Excel what separates the columns. A program that does
/// not know it takes it for a cell, and saves it with quotes around it and empty cells after it. Blanks and quotes
/// around the separator do not count, unless a blank is all that is there.
fn named_separator(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii_start();
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (name, rest) = line.split_at_checked(4)?;
    let named = rest.iter().position(|byte| !matches!(byte, b' ' | b'"')).unwrap_or(0);
    let (separator, rest) = match &rest[named..] {
        [b'\\', b't', rest @ ..] => (b'\t', rest),
        [separator, rest @ ..] => (*separator, rest),
        [] => return None,
    };
    let is_separator =
        matches!(separator, b'\t' | b' ') || (separator.is_ascii_punctuation() && separator != b'"');
    let is_hint = name.eq_ignore_ascii_case(b"sep=") && is_separator;
    let is_blank = |byte: &u8| matches!(byte, b'"' | b' ') || SEPARATORS.contains(byte) || *byte == separator;
    (is_hint && rest.iter().all(is_blank)).then_some(separator)
}

/// The one that stands most often outside of quotes, unless another one shows names of columns.
fn likely_separator(line: &[u8]) -> u8 {
    let mut counts = SEPARATORS.map(|separator| (separator, 0_usize));
    let mut quotes = Quotes::new(None);
    for byte in line {
        if !quotes.hold(*byte) {
            counts.iter_mut().filter(|(separator, _)| separator == byte).for_each(|(_, count)| *count += 1);
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let likely = counts.into_iter().filter(|(_, count)| *count > 0).map(|(separator, _)| separator);
    let mut likely = likely.chain([b',']);
    let has_names = |separator: &u8| !columns::ids(&fields(line, *separator)).is_empty();
    likely.clone().find(has_names).or_else(|| likely.next()).unwrap_or(b',')
}

fn fields(line: &[u8], separator: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(separator).from_reader(line);
    let record = reader.byte_records().next().and_then(Result::ok).unwrap_or_default();
    record.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect()
}

fn is_object(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(b"{")
        && serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writing(form: ListForm, text: &str) -> Writing {
        Head::of(text.as_bytes()).writing(form)
    }

    const fn table(separator: u8) -> Writing {
        Writing::Table { separator }
    }

    #[test]
    fn the_first_line_may_say_what_separates_the_columns() {
        for (hint, separator) in [
            ("sep=;", b';'),
            ("SEP=,", b','),
            ("sep=\t", b'\t'),
            ("sep=|", b'|'),
            ("\u{feff}sep=;", b';'),
            ("\"sep=;\"", b';'),
            ("\r\nsep=;;;;", b';'),
            ("\"sep=,\",,", b','),
            (" sep= ; ", b';'),
            ("sep=\";\"", b';'),
            ("sep= ", b' '),
            ("sep=\\t", b'\t'),
            ("\u{feff}\u{feff}sep=;", b';'),
        ] {
            let text = format!("{hint}\r\nid\r\n");
            let head = Head::of(text.as_bytes());
            assert_eq!((head.separator, head.records), (Some(separator), &b"\r\nid\r\n"[..]), "{hint:?}");
        }
        for text in ["sep=\nid\n", "sep=a\n", "sep=;x\n", "sep= x\n", "sep=\"\n", "separator\n", "se"] {
            assert_eq!(Head::of(text.as_bytes()).separator, None, "{text:?}");
        }
    }

    #[test]
    fn it_is_whole_once_the_first_record_is() {
        for (text, is_whole) in [
            ("", false),
            ("id", false),
            ("id\n", true),
            ("sep=;\n", false),
            ("sep=;\nid", false),
            ("sep=;\n\nid\r", true),
            ("\"a\nb", false),
            ("\"a\n\"\"b\"\"\",id", false),
            ("\"a\n\"\"b\"\"\",id\n", true),
            ("x;\"a\nb\"\n", true),
            ("5\" pipe\n", true),
            ("{\"name\":\"Acme,\"}\n", true),
        ] {
            assert_eq!(Head::of(text.as_bytes()).is_whole, is_whole, "{text:?}");
        }
    }

    #[test]
    fn names_of_columns_outweigh_a_count() {
        assert_eq!(writing(ListForm::Csv, "id;Name (legal, trading, short)\n"), table(b';'));
        assert_eq!(writing(ListForm::Csv, "\"x;y\",id\n"), table(b','));
        assert_eq!(writing(ListForm::Csv, "ws-1\tAcme, Inc.\n"), table(b'\t'));
        assert_eq!(writing(ListForm::Csv, "ws-1\n"), table(b','));
        assert_eq!(writing(ListForm::Csv, "a;b;c,d\n"), table(b';'));
        assert_eq!(writing(ListForm::Csv, "sep=|\nname,id\n"), table(b'|'));
        assert_eq!(writing(ListForm::Csv, "size, 5\";id\n"), table(b';'));
    }

    #[test]
    fn a_cell_of_several_lines_belongs_to_the_names() {
        assert_eq!(writing(ListForm::Csv, "\"Name\n(legal, trading)\";id\nAcme;ws-1\n"), table(b';'));
        assert_eq!(writing(ListForm::Pasted, "\"Name\r\n(legal)\"\tworkspace_id\nx\tws-1"), table(b'\t'));
        // A quote that is not closed is none.
        assert_eq!(writing(ListForm::Csv, "\"Name;id\nAcme;ws-1\n"), table(b','));
    }

    #[test]
    fn a_pasted_table_is_known_by_its_names_and_not_taken_for_one_else() {
        assert_eq!(writing(ListForm::Pasted, "name\tworkspace_id\nx\tws-1\n"), table(b'\t'));
        assert_eq!(writing(ListForm::Pasted, "sep=;\nid;name\nws-1;Acme\n"), table(b';'));
        for text in [
            "id, ws-1\n",
            "workspace\nws-1\n",
            "workspace_id",
            "sep=;\nws-1;ws-2\n",
            "{\"ws-1\", \"ws-2\"}\n",
        ] {
            assert_eq!(writing(ListForm::Pasted, text), Writing::Pasted, "{text:?}");
        }
    }

    #[test]
    fn objects_are_known_by_the_first() {
        for form in [ListForm::Csv, ListForm::Pasted] {
            assert_eq!(writing(form, "{\"workspace_id\":null}\n"), Writing::Objects);
            assert_ne!(writing(form, "{\"workspace_id\n"), Writing::Objects);
        }
    }
}
