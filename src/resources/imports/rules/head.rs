//! Detects the format of a list from its first lines.

use std::ops::Range;

use super::line::is_line_end;
use super::{ListForm, columns};
use crate::kernel::problem::ImportFault;
use crate::kernel::spreadsheet::BYTE_ORDER_MARK;

/// In bytes. No more than this is examined.
pub(super) const HEAD_MAX: usize = 64 * 1024;

/// How files begin that are not UTF-8 text: a spreadsheet's own format (a ZIP archive) and UTF-16.
const NOT_TEXT: [&[u8]; 3] = [b"PK\x03\x04", b"\xFF\xFE", b"\xFE\xFF"];

/// Separators that a list need not name. Among equally frequent ones the first wins, because it is rarer in names.
const SEPARATORS: [u8; 3] = [b'\t', b';', b','];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Pasted,
    Table { separator: u8 },
    Objects,
}

pub(super) struct Head<'a> {
    /// The lines before the first record.
    pub(super) skipped: &'a [u8],
    pub(super) records: &'a [u8],
    /// The separator that the list names.
    pub(super) separator: Option<u8>,
    /// The first record that is not blank; as long as it is incomplete, the part of its first line that is there.
    first: &'a [u8],
    pub(super) is_complete: bool,
}

impl<'a> Head<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        // The limit makes the result independent of the pieces in which the list arrives.
        let seen = &bytes[..bytes.len().min(HEAD_MAX)];
        let text = without_marks(seen);
        let (line, _) = first_line(text);
        let separator = named_separator(&text[line.clone()]);
        let (skipped, text) = text.split_at(if separator.is_some() { line.end } else { 0 });
        let records = &bytes[seen.len() - text.len()..];
        let (line, is_ended) = first_line(text);
        // Quotes in JSON are not those of a table.
        if is_object(&text[line.clone()]) {
            return Self { skipped, records, separator, first: &text[line], is_complete: is_ended };
        }
        let record = first_record(text, line.start, separator);
        let is_complete = record.is_some();
        Self { skipped, records, separator, first: &text[record.unwrap_or(line)], is_complete }
    }

    pub(super) fn check(&self) -> Result<(), ImportFault> {
        // Text has no zero bytes; in UTF-16, every second byte of plain text is zero.
        let is_text =
            !NOT_TEXT.iter().any(|start| self.records.starts_with(start)) && !self.first.contains(&0);
        if is_text { Ok(()) } else { Err(ImportFault::NotText) }
    }

    pub(super) fn format(&self, form: ListForm) -> Format {
        if is_object(self.first) {
            return Format::Objects;
        }
        let separator = self.separator.unwrap_or_else(|| likely_separator(self.first));
        let is_table = match form {
            ListForm::Csv => true,
            ListForm::Pasted => self.is_complete && self.names_columns(separator),
        };
        if is_table { Format::Table { separator } } else { Format::Pasted }
    }

    /// Whether pasted text is a table with column names. Otherwise every word could be an id. A list that names its
    /// separator is meant for a spreadsheet, so any name of an id column counts.
    fn names_columns(&self, separator: u8) -> bool {
        let names = fields(self.first, separator);
        columns::are_unambiguous(&names)
            || (self.separator.is_some() && !columns::id_columns(&names).is_empty())
    }
}

/// Removes all byte-order marks: some tools add one to a file that has one.
fn without_marks(mut bytes: &[u8]) -> &[u8] {
    while let Some(rest) = bytes.strip_prefix(BYTE_ORDER_MARK.as_bytes()) {
        bytes = rest;
    }
    bytes
}

/// The first line that is not blank, and whether its end is there.
fn first_line(bytes: &[u8]) -> (Range<usize>, bool) {
    let start = bytes.iter().position(|byte| !is_line_end(*byte)).unwrap_or(bytes.len());
    match bytes[start..].iter().position(|byte| is_line_end(*byte)) {
        Some(length) => (start..start + length, true),
        None => (start..bytes.len(), false),
    }
}

/// The record that begins at `start`, which may have several lines within quotes. `None` if its end is not there.
fn first_record(bytes: &[u8], start: usize, separator: Option<u8>) -> Option<Range<usize>> {
    let mut quotes = Quotes { separator, ..Quotes::default() };
    let length = bytes[start..].iter().position(|byte| !quotes.contain(*byte) && is_line_end(*byte))?;
    Some(start..start + length)
}

/// Tracks the quotes of a table. As in `csv_core`, a quote opens only at the beginning of a field.
#[derive(Default)]
struct Quotes {
    separator: Option<u8>,
    is_open: bool,
    is_in_field: bool,
}

impl Quotes {
    /// Takes the next byte of the text. Returns whether it is within quotes.
    fn contain(&mut self, byte: u8) -> bool {
        if byte == b'"' && (self.is_open || !self.is_in_field) {
            self.is_open = !self.is_open;
            // A second quote right after the closing one reopens: the two stand for one character.
            self.is_in_field = self.is_open;
            return true;
        }
        let ends_field = SEPARATORS.contains(&byte) || self.separator == Some(byte) || is_line_end(byte);
        self.is_in_field = self.is_open || !ends_field;
        self.is_open
    }
}

/// The separator in a line such as `sep=;`, which Excel understands. Other programs take the line for a cell, and save it
/// with quotes around it and empty cells after it. Blanks and quotes around the separator are ignored, unless the blank
/// is the separator.
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

/// The most frequent separator outside of quotes, unless another one yields names of id columns.
fn likely_separator(line: &[u8]) -> u8 {
    let mut counts = SEPARATORS.map(|separator| (separator, 0_usize));
    let mut quotes = Quotes::default();
    for byte in line {
        if !quotes.contain(*byte) {
            counts.iter_mut().filter(|(separator, _)| separator == byte).for_each(|(_, count)| *count += 1);
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let likely = counts.into_iter().filter(|(_, count)| *count > 0).map(|(separator, _)| separator);
    let mut likely = likely.chain([b',']);
    let has_names = |separator: &u8| !columns::id_columns(&fields(line, *separator)).is_empty();
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

    fn format_of(form: ListForm, text: &str) -> Format {
        Head::of(text.as_bytes()).format(form)
    }

    const fn table(separator: u8) -> Format {
        Format::Table { separator }
    }

    #[test]
    fn first_line_may_name_the_separator() {
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
    fn head_is_complete_with_its_first_record() {
        for (text, is_complete) in [
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
            assert_eq!(Head::of(text.as_bytes()).is_complete, is_complete, "{text:?}");
        }
    }

    #[test]
    fn column_names_outweigh_frequency() {
        assert_eq!(format_of(ListForm::Csv, "id;Name (legal, trading, short)\n"), table(b';'));
        assert_eq!(format_of(ListForm::Csv, "\"x;y\",id\n"), table(b','));
        assert_eq!(format_of(ListForm::Csv, "ws-1\tAcme, Inc.\n"), table(b'\t'));
        assert_eq!(format_of(ListForm::Csv, "ws-1\n"), table(b','));
        assert_eq!(format_of(ListForm::Csv, "a;b;c,d\n"), table(b';'));
        assert_eq!(format_of(ListForm::Csv, "sep=|\nname,id\n"), table(b'|'));
        assert_eq!(format_of(ListForm::Csv, "size, 5\";id\n"), table(b';'));
    }

    #[test]
    fn column_names_may_span_lines() {
        assert_eq!(format_of(ListForm::Csv, "\"Name\n(legal, trading)\";id\nAcme;ws-1\n"), table(b';'));
        assert_eq!(format_of(ListForm::Pasted, "\"Name\r\n(legal)\"\tworkspace_id\nx\tws-1"), table(b'\t'));
        // An unclosed quote is text.
        assert_eq!(format_of(ListForm::Csv, "\"Name;id\nAcme;ws-1\n"), table(b','));
    }

    #[test]
    fn pasted_table_is_recognized_by_unambiguous_names() {
        assert_eq!(format_of(ListForm::Pasted, "name\tworkspace_id\nx\tws-1\n"), table(b'\t'));
        assert_eq!(format_of(ListForm::Pasted, "sep=;\nid;name\nws-1;Acme\n"), table(b';'));
        for text in [
            "id, ws-1\n",
            "workspace\nws-1\n",
            "workspace_id",
            "sep=;\nws-1;ws-2\n",
            "{\"ws-1\", \"ws-2\"}\n",
        ] {
            assert_eq!(format_of(ListForm::Pasted, text), Format::Pasted, "{text:?}");
        }
    }

    #[test]
    fn json_is_recognized_by_its_first_object() {
        for form in [ListForm::Csv, ListForm::Pasted] {
            assert_eq!(format_of(form, "{\"workspace_id\":null}\n"), Format::Objects);
            assert_ne!(format_of(form, "{\"workspace_id\n"), Format::Objects);
        }
    }
}
