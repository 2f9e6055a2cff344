//! JSON objects, one a line, as an export writes them.

use serde_json::{Map, Value};

use super::line::{LineCounter, is_line_end, line, unreadable};
use super::{FormatReader, columns};
use crate::resources::imports::model::{LineFault, NewLine};

/// In bytes. A longer line is reported and not read.
const LINE_MAX: usize = 64 * 1024;

pub(super) struct ObjectReader {
    line: Vec<u8>,
    is_too_long: bool,
    counter: LineCounter,
    column_name: Option<String>,
}

impl ObjectReader {
    pub(super) const fn new(counter: LineCounter) -> Self {
        Self { line: Vec::new(), is_too_long: false, counter, column_name: None }
    }

    fn end_line(&mut self) -> Option<NewLine> {
        let bytes = std::mem::take(&mut self.line);
        let is_too_long = std::mem::take(&mut self.is_too_long);
        if bytes.trim_ascii().is_empty() {
            return None;
        }
        let number = self.counter.current();
        Some(match std::str::from_utf8(&bytes) {
            _ if is_too_long => unreadable(number, &bytes, LineFault::TooLong),
            Ok(text) => self.object_line(number, text),
            Err(_) => unreadable(number, &bytes, LineFault::NotText),
        })
    }

    fn object_line(&mut self, number: i32, text: &str) -> NewLine {
        let object: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        let names: Vec<&String> = object.keys().collect();
        let columns = columns::id_columns(&names);
        if self.column_name.is_none() {
            self.column_name = columns.first().map(|column| columns::shown(names[*column]));
        }
        let mut lines =
            columns.into_iter().filter_map(|column| line(number, &id_text(&object[names[column]])));
        lines.next().unwrap_or_else(|| unreadable(number, text.as_bytes(), LineFault::Empty))
    }
}

impl FormatReader for ObjectReader {
    fn read(&mut self, bytes: &[u8], lines: &mut Vec<NewLine>) {
        for &byte in bytes {
            if is_line_end(byte) {
                lines.extend(self.end_line());
            } else if self.line.len() < LINE_MAX {
                self.line.push(byte);
            } else {
                self.is_too_long = true;
            }
            self.counter.count(byte);
        }
    }

    fn finish(&mut self, lines: &mut Vec<NewLine>) {
        lines.extend(self.end_line());
    }

    fn column_name(&self) -> Option<&str> {
        self.column_name.as_deref()
    }
}

/// Empty if the value cannot be an id.
fn id_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ListForm, ListReader};
    use super::*;

    const ACME: &str = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";

    #[test]
    fn object_is_read_by_its_best_member() {
        let text = format!(
            "\u{feff}{{\"workspace_id\":\"{ACME}\",\"external_workspace_id\":\"ws-1\"}}\r\n\r\n\
             {{\"workspace_id\":null,\"external_workspace_id\":\"'=2\"}}\n{{\"id\":17}}\n"
        );
        let mut reader = ListReader::new(ListForm::Csv);
        let mut found = reader.push(text.as_bytes()).unwrap();
        found.extend(reader.finish().unwrap());
        let seen: Vec<_> = found.iter().map(|line| (line.line_number, line.text.as_str())).collect();
        // JSON needs no guards against formulas: the apostrophe is part of the id.
        assert_eq!(seen, [(1, ACME), (3, "'=2"), (4, "17")]);
        assert_eq!(found[0].workspace.map(|id| id.to_string()).as_deref(), Some(ACME));
        assert_eq!(reader.column_name(), Some("workspace_id"));
    }

    #[test]
    fn unreadable_objects_are_reported_with_their_line() {
        let mut text = b"{\"id\":\"ws-1\"}\n{\"id\":[1]}\nnot JSON\n{\"id\":\"caf\xe9\"}\n".to_vec();
        text.extend(format!("{{\"id\":\"{}\"}}\n", "x".repeat(LINE_MAX)).bytes());
        text.extend(b"{\"id\":\"ws-2\"}");
        let mut reader = ListReader::new(ListForm::Csv);
        let mut found = reader.push(&text).unwrap();
        found.extend(reader.finish().unwrap());
        let seen: Vec<_> = found.iter().map(|line| (line.line_number, line.fault)).collect();
        assert_eq!(
            seen,
            [
                (1, None),
                (2, Some(LineFault::Empty)),
                (3, Some(LineFault::Empty)),
                (4, Some(LineFault::NotText)),
                (5, Some(LineFault::TooLong)),
                (6, None),
            ]
        );
    }

    #[test]
    fn result_is_independent_of_the_piece_size() {
        let text = format!("{{\"workspace_id\":\"{ACME}\"}}\r\n\r\n{{\"id\":\"é\"}}\r{{\"id\":3}}");
        for size in 1..text.len() {
            let mut reader = ListReader::new(ListForm::Csv);
            let mut found = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                found.extend(reader.push(piece).unwrap());
            }
            found.extend(reader.finish().unwrap());
            let seen: Vec<_> = found.iter().map(|line| (line.line_number, line.text.as_str())).collect();
            assert_eq!(seen, [(1, ACME), (3, "é"), (4, "3")], "{size}");
        }
    }
}
