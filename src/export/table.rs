//! Rows as CSV or as newline-delimited JSON, by one list of columns.

use std::borrow::Cow;

use serde::Serializer as _;
use serde::ser::SerializeMap;

use crate::platform::csv::CsvText;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Ndjson,
}

impl Format {
    pub const ALL: [Self; 2] = [Self::Csv, Self::Ndjson];

    /// Also how a file's name ends.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
        }
    }
}

/// A value: in CSV `None` is empty and a yes or no is a word.
pub enum Cell<'a> {
    Text(Cow<'a, str>),
    YesNo(bool),
    None,
}

impl<'a> Cell<'a> {
    pub fn text(text: &'a str) -> Self {
        Self::Text(text.into())
    }

    pub fn or_none(text: Option<&'a str>) -> Self {
        text.map_or(Self::None, Self::text)
    }

    /// What has one spelling, as an id or a moment.
    pub fn of(value: impl ToString) -> Self {
        Self::Text(value.to_string().into())
    }
}

/// What is one row.
pub trait Record {
    const COLUMNS: &'static [&'static str];

    /// One for each column, in their order.
    fn cells(&self) -> Vec<Cell<'_>>;
}

type Error = Box<dyn std::error::Error + Send + Sync>;

/// A part of a file.
pub enum Table {
    Csv(Box<CsvText>),
    Ndjson(Vec<u8>),
}

/// What a row takes at most, of those that one sees.
const ROW_BYTES: usize = 400;

impl Table {
    pub fn new(format: Format, rows: usize) -> Self {
        let bytes = (rows + 1) * ROW_BYTES;
        match format {
            Format::Csv => Self::Csv(Box::new(CsvText::with_capacity(bytes))),
            Format::Ndjson => Self::Ndjson(Vec::with_capacity(bytes)),
        }
    }

    /// The names of the columns, where the format has a line for them.
    pub fn head<T: Record>(&mut self) -> Result<(), Error> {
        match self {
            Self::Csv(text) => Ok(text.row(T::COLUMNS)?),
            Self::Ndjson(_) => Ok(()),
        }
    }

    pub fn row<T: Record>(&mut self, record: &T) -> Result<(), Error> {
        match self {
            Self::Csv(text) => Ok(text.row(record.cells().iter().map(word))?),
            Self::Ndjson(bytes) => {
                let mut json = serde_json::Serializer::new(&mut *bytes);
                let mut object = json.serialize_map(Some(T::COLUMNS.len()))?;
                for (name, cell) in T::COLUMNS.iter().zip(record.cells()) {
                    match cell {
                        Cell::Text(text) => object.serialize_entry(name, &text)?,
                        Cell::YesNo(yes) => object.serialize_entry(name, &yes)?,
                        Cell::None => object.serialize_entry(name, &None::<()>)?,
                    }
                }
                object.end()?;
                bytes.push(b'\n');
                Ok(())
            }
        }
    }

    pub fn into_bytes(self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Csv(text) => Ok(text.into_bytes()?),
            Self::Ndjson(bytes) => Ok(bytes),
        }
    }
}

fn word<'a>(cell: &'a Cell<'_>) -> &'a str {
    match cell {
        Cell::Text(text) => text,
        Cell::YesNo(true) => "true",
        Cell::YesNo(false) => "false",
        Cell::None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Pair(Option<&'static str>, bool);

    impl Record for Pair {
        const COLUMNS: &'static [&'static str] = &["name", "is_new"];

        fn cells(&self) -> Vec<Cell<'_>> {
            vec![Cell::or_none(self.0), Cell::YesNo(self.1)]
        }
    }

    fn text(format: Format) -> String {
        let mut table = Table::new(format, 2);
        table.head::<Pair>().unwrap();
        table.row(&Pair(Some("=1+1, \"x\"\n"), true)).unwrap();
        table.row(&Pair(None, false)).unwrap();
        String::from_utf8(table.into_bytes().unwrap()).unwrap()
    }

    #[test]
    fn the_same_rows_in_either_format() {
        assert_eq!(text(Format::Csv), "name,is_new\r\n\"'=1+1, \"\"x\"\"\n\",true\r\n,false\r\n");
        assert_eq!(
            text(Format::Ndjson),
            "{\"name\":\"=1+1, \\\"x\\\"\\n\",\"is_new\":true}\n{\"name\":null,\"is_new\":false}\n"
        );
    }
}
