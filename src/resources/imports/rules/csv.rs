//! A column of a table, with quotes as in RFC 4180.

use std::borrow::Cow;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use super::line::{LineCounter, is_line_end, line, unreadable};
use super::{FormatReader, columns};
use crate::kernel::spreadsheet::unguarded;
use crate::resources::imports::model::{LineFault, NewLine};

/// In bytes. A longer name is not the name of an id column.
const FIELD_MAX: usize = 4 * 1024;

#[derive(Default)]
pub(super) struct TableReader {
    core: Reader,
    field: Vec<u8>,
    /// The used part of `field`.
    filled: usize,
    is_too_long: bool,
    record: Record,
    counter: LineCounter,
    /// The id columns, the best first; `None` until the first record is read.
    columns: Option<Vec<usize>>,
    column_name: Option<String>,
}

#[derive(Default)]
struct Record {
    /// The line on which it begins; `None` between two records.
    line_number: Option<i32>,
    /// The index and text of each field of the first record, and of the id columns of the others; and whether it is cut.
    fields: Vec<(usize, Vec<u8>, bool)>,
    next: usize,
    /// The first field that is not blank, which represents a line without an id.
    sample: Option<Vec<u8>>,
    quotes: usize,
}

impl TableReader {
    pub(super) fn new(counter: LineCounter, separator: u8) -> Self {
        Self {
            core: ReaderBuilder::new().delimiter(separator).build(),
            field: vec![0; FIELD_MAX],
            counter,
            ..Self::default()
        }
    }

    /// Reads up to the end of a field. Returns the number of bytes that were read.
    fn step(&mut self, bytes: &[u8], lines: &mut Vec<NewLine>) -> usize {
        let (result, used, written) = self.core.read_field(bytes, &mut self.field[self.filled..]);
        for &byte in &bytes[..used] {
            self.counter.count(byte);
            self.record.quotes += usize::from(byte == b'"');
        }
        self.filled += written;
        match result {
            ReadFieldResult::InputEmpty | ReadFieldResult::End => {}
            ReadFieldResult::OutputFull => {
                self.is_too_long = true;
                // Enough remains to show the beginning.
                self.filled = FIELD_MAX / 2;
            }
            ReadFieldResult::Field { record_end } => {
                self.end_field();
                if record_end {
                    let record = std::mem::take(&mut self.record);
                    if self.columns.is_some() || !self.read_names(&record) {
                        lines.extend(self.record_line(&record));
                    }
                }
            }
        }
        used
    }

    fn end_field(&mut self) {
        let (bytes, index) = (&self.field[..self.filled], self.record.next);
        if self.record.sample.is_none() && !bytes.trim_ascii().is_empty() {
            self.record.sample = Some(bytes.to_vec());
        }
        if self.columns.as_ref().is_none_or(|columns| columns.contains(&index)) {
            self.record.fields.push((index, bytes.to_vec(), self.is_too_long));
        }
        self.record.next += 1;
        self.filled = 0;
        self.is_too_long = false;
    }

    /// Determines the id columns. Returns whether the first record has the names of columns.
    fn read_names(&mut self, record: &Record) -> bool {
        let fields = record.fields.iter();
        let names: Vec<_> =
            fields.map(|(_, name, _)| columns::shown(&String::from_utf8_lossy(name))).collect();
        let columns = columns::id_columns(&names);
        self.column_name = columns.first().map(|column| names[*column].clone());
        let has_names = !columns.is_empty();
        self.columns = Some(if has_names { columns } else { vec![0] });
        has_names
    }

    /// `None` if all fields are blank.
    fn record_line(&self, record: &Record) -> Option<NewLine> {
        let number = record.line_number?;
        for column in self.columns.iter().flatten() {
            let field = record.fields.iter().find(|(index, ..)| index == column);
            let Some((_, bytes, is_too_long)) = field else { continue };
            let Ok(text) = std::str::from_utf8(bytes) else {
                // A field that is too long may be cut within a character.
                let fault = if *is_too_long { LineFault::TooLong } else { LineFault::NotText };
                return Some(unreadable(number, bytes, fault));
            };
            if let Some(line) = line(number, &id_text(text)) {
                return Some(line);
            }
        }
        Some(unreadable(number, record.sample.as_deref()?, LineFault::Empty))
    }
}

impl FormatReader for TableReader {
    fn read(&mut self, mut bytes: &[u8], lines: &mut Vec<NewLine>) {
        while let Some(&first) = bytes.first() {
            let used = if self.record.line_number.is_none() && is_line_end(first) {
                // Blank lines belong to no record.
                self.counter.count(first);
                1
            } else {
                self.record.line_number.get_or_insert(self.counter.current());
                self.step(bytes, lines)
            };
            bytes = &bytes[used..];
        }
    }

    fn finish(&mut self, lines: &mut Vec<NewLine>) {
        let Some(start) = self.record.line_number else { return };
        if self.counter.current() > start && self.record.quotes % 2 == 1 {
            let sample = self.record.sample.as_deref().unwrap_or(&self.field[..self.filled]);
            lines.push(unreadable(start, sample, LineFault::QuoteNotClosed));
        } else {
            // No more input ends a record without a line break.
            self.step(&[], lines);
        }
    }

    fn column_name(&self) -> Option<&str> {
        self.column_name.as_deref()
    }
}

/// The text of a cell without what protects it from the spreadsheet: the guard of an export, or a formula such as `="007"`
/// that keeps leading zeros.
fn id_text(cell: &str) -> Cow<'_, str> {
    let cell = cell.trim();
    if let Cow::Owned(text) = unguarded(cell) {
        return text.into();
    }
    let quoted = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    quoted.filter(|text| !text.contains('"')).unwrap_or(cell).into()
}

#[cfg(test)]
mod tests {
    use super::super::{ListForm, ListReader};
    use super::*;
    use crate::kernel::problem::ImportFault;

    const ACME: &str = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";

    fn read(bytes: &[u8]) -> (Vec<NewLine>, Option<String>) {
        let mut reader = ListReader::new(ListForm::Csv);
        let mut found = reader.push(bytes).unwrap();
        found.extend(reader.finish().unwrap());
        (found, reader.column_name().map(str::to_owned))
    }

    fn texts(text: &str) -> Vec<(i32, String)> {
        read(text.as_bytes()).0.into_iter().map(|line| (line.line_number, line.text)).collect()
    }

    fn lines(expected: &[(i32, &str)]) -> Vec<(i32, String)> {
        expected.iter().map(|(number, text)| (*number, (*text).to_owned())).collect()
    }

    #[test]
    fn first_column_is_read_without_a_header() {
        assert_eq!(texts("ws-1,Acme\nws-2,Beta"), lines(&[(1, "ws-1"), (2, "ws-2")]));
        assert_eq!(texts("ws-1"), lines(&[(1, "ws-1")]));
    }

    #[test]
    fn header_names_the_column_in_any_case() {
        for (header, name) in [
            ("Name,Workspace_ID", "Workspace_ID"),
            ("Name, External Workspace Id ", "External Workspace Id"),
            ("\u{feff}name,\"ID\"", "ID"),
            ("NAME,workspace", "workspace"),
        ] {
            let (found, column) = read(format!("{header}\nAcme,ws-1\n").as_bytes());
            assert_eq!(column.as_deref(), Some(name));
            assert_eq!(
                (found.len(), found[0].line_number, found[0].text.as_str()),
                (1, 2, "ws-1"),
                "{header}"
            );
        }
    }

    #[test]
    fn best_id_column_with_a_value_is_read() {
        let text = format!("external_workspace_id,workspace_id\nws-1,{ACME}\nws-2,\n,\n");
        assert_eq!(texts(&text), lines(&[(2, ACME), (3, "ws-2")]));
    }

    #[test]
    fn separator_is_detected() {
        for text in [
            "id;name\nws-1;a,b\n",
            "id\tname\nws-1\ta,b\n",
            "name,id\n\"a;b;c;d\",ws-1\n",
            "\"x;y\",id\n1,ws-1",
        ] {
            assert_eq!(texts(text), lines(&[(2, "ws-1")]), "{text}");
        }
    }

    #[test]
    fn line_numbers_match_those_of_an_editor() {
        let text =
            "\r\nid,name\r\n\r\nws-1,\"two\r\nlines\"\r\nws-2,\"a \"\"quoted\"\" name\"\r\n\r\n\r\nws-3,x";
        assert_eq!(texts(text), lines(&[(4, "ws-1"), (6, "ws-2"), (9, "ws-3")]));
        assert_eq!(texts("id\rws-1\r\rws-2\r"), lines(&[(2, "ws-1"), (4, "ws-2")]));
    }

    #[test]
    fn unreadable_records_are_reported_with_their_line() {
        let mut text = b"id,name\nws-1,caf\xe9\ncaf\xe9,x\n,Beta\n\"a\nb\",x\n".to_vec();
        text.extend(format!("{},x\n", "y".repeat(10_000)).bytes());
        text.extend(b"ws-2,\"never closed\nws-3,x\nws-4,x\n");
        let (found, _) = read(&text);
        let seen: Vec<_> = found.iter().map(|line| (line.line_number, line.fault)).collect();
        assert_eq!(
            seen,
            [
                (2, None),
                (3, Some(LineFault::NotText)),
                (4, Some(LineFault::Empty)),
                (5, Some(LineFault::ControlCharacter)),
                (7, Some(LineFault::TooLong)),
                (8, Some(LineFault::QuoteNotClosed)),
            ]
        );
        assert_eq!(found[2].text, "Beta");
        assert_eq!(found[5].text, "ws-2");
    }

    #[test]
    fn stray_quote_in_the_last_line_is_text() {
        assert_eq!(texts("id,size\nws-1,5\" pipe"), lines(&[(2, "ws-1")]));
    }

    #[test]
    fn line_that_names_the_separator_is_skipped() {
        for mark in ["", "\u{feff}"] {
            for (hint, table) in [
                ("sep=;\r\n", "id;name\r\nws-1;a,b\r\n"),
                ("\"sep=|\"\n", "name|id\na,b;c|ws-1"),
                ("Sep=\t\r", "name,x\tid\rA\tws-1\r"),
            ] {
                let text = format!("{mark}{hint}{table}");
                assert_eq!(texts(&text), lines(&[(3, "ws-1")]), "{text:?}");
            }
            assert_eq!(texts(&format!("{mark}sep=;\nws-1;Acme\n")), lines(&[(2, "ws-1")]));
        }
    }

    #[test]
    fn column_name_may_span_lines() {
        let text = "\"Name\n(legal, \"\"trading\"\")\";\"Workspace\r\nID\"\r\n\"Acme\nInc.\";ws-1\r\n";
        assert_eq!(texts(text), lines(&[(4, "ws-1")]));
        for size in [1, 7] {
            let mut reader = ListReader::new(ListForm::Csv);
            let mut found = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                found.extend(reader.push(piece).unwrap());
            }
            found.extend(reader.finish().unwrap());
            assert_eq!((found[0].line_number, found[0].text.as_str()), (4, "ws-1"));
            assert_eq!(reader.column_name(), Some("Workspace ID"));
        }
    }

    #[test]
    fn invisible_characters_in_names_are_ignored() {
        for header in
            ["Name;Workspace\u{a0}ID", "\u{feff}\u{feff}\u{feff}name;id", "Name;\u{3000}ID:\u{200b}"]
        {
            assert_eq!(texts(&format!("{header}\r\nAcme;ws-1\r\n")), lines(&[(2, "ws-1")]), "{header:?}");
        }
        assert_eq!(texts("\u{feff}\u{feff}id;name\nws-1;Acme\n"), lines(&[(2, "ws-1")]));
    }

    #[test]
    fn guard_of_a_cell_is_not_part_of_the_id() {
        let text = "id\n'+49-1\n''=2\n+49-3\n'tis\n\"a;'=b\"\n\"=\"\"007\"\"\"\n=\"008\"\n\"'=\"\"9\"\"\"\n";
        let expected = ["+49-1", "'=2", "+49-3", "'tis", "a;=b", "007", "008", "=\"9\""];
        let found: Vec<_> = texts(text).into_iter().map(|(_, text)| text).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn result_lines_without_a_workspace_are_read_by_text() {
        let text = format!(
            "line,text,workspace_id,workspace_name,outcome,explanation,enrollment_id\r\n\
             1,acme,{ACME},Acme,enrolled,enrolled,{ACME}\r\n7,'=beta,,,unknown,\"no such workspace\",\r\n\
             8,,,,unreadable,no id on this line,\r\n"
        );
        let (found, column) = read(text.as_bytes());
        let seen: Vec<_> = found.iter().map(|line| (line.text.as_str(), line.fault)).collect();
        assert_eq!(seen, [(ACME, None), ("=beta", None), ("8", Some(LineFault::Empty))]);
        assert_eq!(column.as_deref(), Some("workspace_id"));
    }

    #[test]
    fn result_is_independent_of_the_piece_size() {
        let text =
            format!("\u{feff}sep=;\nname;id\r\n\"a;\r\n\"\"b\"\"\";{ACME}\r\n\r\né;é-2\r\n;\r\nlast;ws-3");
        let whole = read(text.as_bytes());
        for size in 1..text.len() {
            let mut reader = ListReader::new(ListForm::Csv);
            let mut found = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                found.extend(reader.push(piece).unwrap());
            }
            found.extend(reader.finish().unwrap());
            assert_eq!((found, reader.column_name().map(str::to_owned)), whole, "{size}");
        }
        assert_eq!(whole.0.len(), 3);
    }

    #[test]
    fn spreadsheet_files_are_refused() {
        for bytes in [b"PK\x03\x04\x14\0\n".as_slice(), b"\xFF\xFEi\0d\0\n\0"] {
            let mut reader = ListReader::new(ListForm::Csv);
            assert_eq!(reader.push(bytes), Err(ImportFault::NotText));
        }
    }
}
