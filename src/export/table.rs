//! Rows as CSV or as newline-delimited JSON, from one list of columns.

use std::borrow::Cow;

use clap::ValueEnum;
use serde::Serializer as _;
use serde::ser::SerializeMap;
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::platform::csv::CsvText;

#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumString, ValueEnum, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Format {
    /// With a header line; an apostrophe precedes text that a spreadsheet would take for a formula
    Csv,
    /// One JSON object a line
    Ndjson,
}

impl Format {
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
        }
    }
}

/// A value. In CSV, `None` is empty, and a boolean is the word `true` or `false`.
pub(super) enum Cell<'a> {
    Text(Cow<'a, str>),
    YesNo(bool),
    None,
}

impl<'a> Cell<'a> {
    pub(super) fn text(text: &'a str) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn or_none(text: Option<&'a str>) -> Self {
        text.map_or(Self::None, Self::text)
    }

    pub(super) fn of(value: impl ToString) -> Self {
        Self::Text(value.to_string().into())
    }

    fn as_text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::YesNo(true) => "true",
            Self::YesNo(false) => "false",
            Self::None => "",
        }
    }
}

/// The name of a column, and its value in a row.
pub(super) type Column<T> = (&'static str, for<'a> fn(&'a T) -> Cell<'a>);

/// A row of a file.
pub(super) trait Record {
    fn names() -> Vec<&'static str>;

    /// One cell for each name, in the same order.
    fn cells(&self) -> Vec<Cell<'_>>;
}

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The estimated size of a row in bytes.
const ROW_BYTES: usize = 400;

/// The rows as text. `has_head`: in CSV, the names of the columns come first.
pub(super) fn text<T: Record>(format: Format, rows: &[T], has_head: bool) -> Result<Vec<u8>, Error> {
    let names = T::names();
    let capacity = (rows.len() + 1) * ROW_BYTES;
    match format {
        Format::Csv => {
            let mut text = CsvText::with_capacity(capacity);
            if has_head {
                text.row(names)?;
            }
            for row in rows {
                text.row(row.cells().iter().map(Cell::as_text))?;
            }
            Ok(text.into_bytes()?)
        }
        Format::Ndjson => {
            let mut bytes = Vec::with_capacity(capacity);
            for row in rows {
                let mut json = serde_json::Serializer::new(&mut bytes);
                let mut object = json.serialize_map(Some(names.len()))?;
                for (name, cell) in names.iter().zip(row.cells()) {
                    match cell {
                        Cell::Text(text) => object.serialize_entry(name, &text)?,
                        Cell::YesNo(yes) => object.serialize_entry(name, &yes)?,
                        Cell::None => object.serialize_entry(name, &None::<()>)?,
                    }
                }
                object.end()?;
                bytes.push(b'\n');
            }
            Ok(bytes)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Pair(Option<&'static str>, bool);

    impl Record for Pair {
        fn names() -> Vec<&'static str> {
            vec!["name", "is_new"]
        }

        fn cells(&self) -> Vec<Cell<'_>> {
            vec![Cell::or_none(self.0), Cell::YesNo(self.1)]
        }
    }

    fn pairs(format: Format) -> String {
        let rows = [Pair(Some("=1+1, \"x\"\n"), true), Pair(None, false)];
        String::from_utf8(text(format, &rows, true).unwrap()).unwrap()
    }

    #[test]
    fn formats_have_the_same_rows() {
        assert_eq!(pairs(Format::Csv), "name,is_new\r\n\"'=1+1, \"\"x\"\"\n\",true\r\n,false\r\n");
        assert_eq!(
            pairs(Format::Ndjson),
            "{\"name\":\"=1+1, \\\"x\\\"\\n\",\"is_new\":true}\n{\"name\":null,\"is_new\":false}\n"
        );
    }
}
