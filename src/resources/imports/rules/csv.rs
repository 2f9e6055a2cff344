//! A column of a table: comma, semicolon or tab between the fields, quotes as in RFC 4180.

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use super::line::{LineCounter, beginning, line, unreadable};
use crate::kernel::problem::ImportFault;
use crate::resources::imports::model::{LineFault, NewLine};

/// What a column of ids is called, the best name first; compared in lower case with `_` for what is
/// between words. A line that has nothing in the first of these that the table has is read in the next.
const COLUMNS: [&str; 4] = ["workspace_id", "external_workspace_id", "id", "workspace"];
/// A name at the head that is longer is none of those.
const FIELD_MAX: usize = 4 * 1024;
/// Until a line has ended by then, it is not known what separates its fields.
const HEAD_MAX: usize = 64 * 1024;

#[derive(Default)]
pub(super) struct CsvReader {
    /// What came in until the first line was whole.
    head: Vec<u8>,
    table: Option<Table>,
}

impl CsvReader {
    pub(super) fn push(&mut self, bytes: &[u8], found: &mut Vec<NewLine>) -> Result<(), ImportFault> {
        if let Some(table) = &mut self.table {
            table.read(bytes, found);
            return Ok(());
        }
        self.head.extend_from_slice(bytes);
        if self.head.len() >= HEAD_MAX || first_line(&self.head).is_some() {
            self.begin(found)?;
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, found: &mut Vec<NewLine>) -> Result<(), ImportFault> {
        if self.table.is_none() {
            self.begin(found)?;
        }
        if let Some(table) = &mut self.table {
            table.finish(found);
        }
        Ok(())
    }

    pub(super) fn column_name(&self) -> Option<&str> {
        self.table.as_ref().and_then(|table| table.column_name.as_deref())
    }

    fn begin(&mut self, found: &mut Vec<NewLine>) -> Result<(), ImportFault> {
        let head = std::mem::take(&mut self.head);
        let text = beginning(&head)?;
        let mut table = Table::new(delimiter(first_line(text).unwrap_or(text)));
        table.read(text, found);
        self.table = Some(table);
        Ok(())
    }
}

/// The first line that is not blank, once its end is there.
fn first_line(bytes: &[u8]) -> Option<&[u8]> {
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let start = bytes.iter().position(|byte| !is_end(byte))?;
    let length = bytes[start..].iter().position(is_end)?;
    Some(&bytes[start..start + length])
}

/// The one that is there most often outside of quotes.
fn delimiter(line: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut is_quoted = false;
    for byte in line {
        is_quoted ^= *byte == b'"';
        if !is_quoted {
            counts.iter_mut().filter(|(sign, _)| sign == byte).for_each(|(_, count)| *count += 1);
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(sign, _)| sign)
}

struct Table {
    core: Reader,
    field: Vec<u8>,
    /// How much of `field` is filled.
    filled: usize,
    is_too_long: bool,
    record: Record,
    counter: LineCounter,
    /// Which columns hold ids, the best first; `None` until the first record is read.
    columns: Option<Vec<usize>>,
    column_name: Option<String>,
}

/// The record that is being read.
#[derive(Default)]
struct Record {
    /// Where it begins; none between two records.
    line_number: Option<i32>,
    /// Of the first record all of its fields, of others those of the columns that are read.
    fields: Vec<(usize, Field)>,
    next: usize,
    /// The first field that holds anything, to show what is on a line without an id.
    sample: Option<Vec<u8>>,
    quotes: usize,
}

struct Field {
    bytes: Vec<u8>,
    is_too_long: bool,
}

impl Table {
    fn new(delimiter: u8) -> Self {
        Self {
            core: ReaderBuilder::new().delimiter(delimiter).build(),
            field: vec![0; FIELD_MAX],
            filled: 0,
            is_too_long: false,
            record: Record::default(),
            counter: LineCounter::default(),
            columns: None,
            column_name: None,
        }
    }

    fn read(&mut self, mut bytes: &[u8], found: &mut Vec<NewLine>) {
        while !bytes.is_empty() {
            if self.record.line_number.is_none() {
                // Blank lines belong to no record.
                if let b'\n' | b'\r' = bytes[0] {
                    self.counter.count(bytes[0]);
                    bytes = &bytes[1..];
                    continue;
                }
                self.record.line_number = Some(self.counter.current());
            }
            let used = self.step(bytes, found);
            bytes = &bytes[used..];
        }
    }

    fn finish(&mut self, found: &mut Vec<NewLine>) {
        let start = self.record.line_number;
        let is_open =
            start.is_some_and(|start| self.counter.current() > start) && self.record.quotes % 2 == 1;
        if let (true, Some(start)) = (is_open, start) {
            let text = String::from_utf8_lossy(&self.field[..self.filled]).into_owned();
            let text =
                self.record.sample.as_deref().map_or(text, |text| String::from_utf8_lossy(text).into());
            found.push(unreadable(start, &text, LineFault::QuoteNotClosed));
        } else if start.is_some() {
            // With nothing more to come the record that has no line break at its end is whole.
            self.step(&[], found);
        }
    }

    /// Reads up to the end of a field; how many bytes that took.
    fn step(&mut self, bytes: &[u8], found: &mut Vec<NewLine>) -> usize {
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
                // Enough stays to show how it begins.
                self.filled = FIELD_MAX / 2;
            }
            ReadFieldResult::Field { record_end } => {
                self.end_field();
                if record_end {
                    self.end_record(found);
                }
            }
        }
        used
    }

    fn end_field(&mut self) {
        let bytes = &self.field[..self.filled];
        if self.record.sample.is_none() && !bytes.trim_ascii().is_empty() {
            self.record.sample = Some(bytes.to_vec());
        }
        let index = self.record.next;
        if self.columns.as_ref().is_none_or(|columns| columns.contains(&index)) {
            let field = Field { bytes: bytes.to_vec(), is_too_long: self.is_too_long };
            self.record.fields.push((index, field));
        }
        self.record.next += 1;
        self.filled = 0;
        self.is_too_long = false;
    }

    fn end_record(&mut self, found: &mut Vec<NewLine>) {
        let record = std::mem::take(&mut self.record);
        if self.columns.is_none() {
            let columns = named_columns(&record.fields);
            let is_header = !columns.is_empty();
            self.column_name = columns.first().map(|(_, name)| name.clone());
            let columns: Vec<usize> = columns.into_iter().map(|(index, _)| index).collect();
            self.columns = Some(if is_header { columns } else { vec![0] });
            if is_header {
                return;
            }
        }
        found.extend(self.record_line(&record));
    }

    /// `None`: nothing is on the line.
    fn record_line(&self, record: &Record) -> Option<NewLine> {
        let number = record.line_number?;
        for column in self.columns.iter().flatten() {
            let Some((_, field)) = record.fields.iter().find(|(index, _)| index == column) else {
                continue;
            };
            let Ok(text) = std::str::from_utf8(&field.bytes) else {
                // Half a character at the cut of one that is too long.
                let fault = if field.is_too_long { LineFault::TooLong } else { LineFault::NotText };
                return Some(unreadable(number, &String::from_utf8_lossy(&field.bytes), fault));
            };
            if let Some(line) = line(number, text) {
                return Some(line);
            }
        }
        let sample = String::from_utf8_lossy(record.sample.as_deref()?);
        Some(unreadable(number, &sample, LineFault::Empty))
    }
}

/// The columns whose names say that they hold ids, the best first, if the record is a header.
fn named_columns(fields: &[(usize, Field)]) -> Vec<(usize, String)> {
    let name = |field: &Field| String::from_utf8_lossy(&field.bytes).trim().to_owned();
    let plain = |name: &str| name.to_lowercase().replace([' ', '-'], "_");
    let find = |wanted: &&str| {
        let (index, field) = fields.iter().find(|(_, field)| plain(&name(field)) == *wanted)?;
        Some((*index, name(field)))
    };
    COLUMNS.iter().filter_map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{ListForm, ListReader};
    use super::*;

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
    fn without_a_header_the_first_column_is_read() {
        assert_eq!(texts("ws-1,Acme\nws-2,Beta"), lines(&[(1, "ws-1"), (2, "ws-2")]));
        assert_eq!(texts("ws-1"), lines(&[(1, "ws-1")]));
    }

    #[test]
    fn a_header_names_the_column_whatever_its_case() {
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
    fn of_several_columns_of_ids_the_best_that_holds_one_is_read() {
        let text = format!("external_workspace_id,workspace_id\nws-1,{ACME}\nws-2,\n,\n");
        assert_eq!(texts(&text), lines(&[(2, ACME), (3, "ws-2")]));
    }

    #[test]
    fn what_separates_the_fields_is_found_out() {
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
    fn lines_are_counted_as_an_editor_counts_them() {
        let text =
            "\r\nid,name\r\n\r\nws-1,\"two\r\nlines\"\r\nws-2,\"a \"\"quoted\"\" name\"\r\n\r\n\r\nws-3,x";
        assert_eq!(texts(text), lines(&[(4, "ws-1"), (6, "ws-2"), (9, "ws-3")]));
        assert_eq!(texts("id\rws-1\r\rws-2\r"), lines(&[(2, "ws-1"), (4, "ws-2")]));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        let mut text = b"id,name\nws-1,caf\xe9\ncaf\xe9,x\n,Beta\n\"a\nb\",x\n".to_vec();
        text.extend(format!("{},x\n", "y".repeat(10_000)).bytes());
        text.extend(b"ws-2,\"never closed\nws-3,x\nws-4,x\n");
        let (found, _) = read(&text);
        let told: Vec<_> = found.iter().map(|line| (line.line_number, line.fault)).collect();
        assert_eq!(
            told,
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
    fn a_stray_quote_in_the_last_line_is_only_a_quote() {
        assert_eq!(texts("id,size\nws-1,5\" pipe"), lines(&[(2, "ws-1")]));
    }

    #[test]
    fn it_does_not_matter_where_the_pieces_are_cut() {
        let text = format!("\u{feff}name;id\r\n\"a;\r\n\"\"b\"\"\";{ACME}\r\n\r\né;é-2\r\n;\r\nlast;ws-3");
        let whole = read(text.as_bytes());
        for size in 1..text.len() {
            let mut reader = CsvReader::default();
            let mut found = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                reader.push(piece, &mut found).unwrap();
            }
            reader.finish(&mut found).unwrap();
            assert_eq!((found, reader.column_name().map(str::to_owned)), whole, "{size}");
        }
        assert_eq!(whole.0.len(), 3);
    }

    #[test]
    fn a_spreadsheet_is_refused() {
        for bytes in [b"PK\x03\x04\x14\0\n".as_slice(), b"\xFF\xFEi\0d\0\n\0"] {
            let mut reader = ListReader::new(ListForm::Csv);
            assert_eq!(reader.push(bytes), Err(ImportFault::NotText));
        }
    }
}
