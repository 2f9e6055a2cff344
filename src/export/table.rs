//! Rows as CSV or as newline-delimited JSON, from one list of columns.

use std::borrow::Cow;

use clap::ValueEnum;
use serde::{Serialize, Serializer as _};
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
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Cell<'a> {
    Text(Cow<'a, str>),
    Flag(bool),
    None,
}

impl Cell<'_> {
    pub(super) fn of(value: impl ToString) -> Self {
        Self::Text(value.to_string().into())
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl From<bool> for Cell<'_> {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell<'_> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

impl AsRef<str> for Cell<'_> {
    fn as_ref(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Flag(true) => "true",
            Self::Flag(false) => "false",
            Self::None => "",
        }
    }
}

/// The name of a column, and its value in a row.
pub(super) type Column<T> = (&'static str, for<'a> fn(&'a T) -> Cell<'a>);

type Error = Box<dyn std::error::Error + Send + Sync>;

/// An estimate.
const ROW_BYTES: usize = 400;

/// The rows as text. `has_head`: in CSV, the names of the columns come first.
pub(super) fn text<T>(
    format: Format,
    columns: &[Column<T>],
    rows: &[T],
    has_head: bool,
) -> Result<Vec<u8>, Error> {
    let capacity = (rows.len() + 1) * ROW_BYTES;
    match format {
        Format::Csv => {
            let mut text = CsvText::with_capacity(capacity);
            if has_head {
                text.row(columns.iter().map(|(name, _)| name))?;
            }
            for row in rows {
                text.row(columns.iter().map(|(_, cell)| cell(row)))?;
            }
            Ok(text.into_bytes()?)
        }
        Format::Ndjson => {
            let mut bytes = Vec::with_capacity(capacity);
            for row in rows {
                let cells = columns.iter().map(|(name, cell)| (name, cell(row)));
                serde_json::Serializer::new(&mut bytes).collect_map(cells)?;
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

    const PAIR: &[Column<Pair>] = &[("name", |pair| pair.0.into()), ("is_new", |pair| pair.1.into())];

    fn pairs(format: Format) -> String {
        let rows = [Pair(Some("=1+1, \"x\"\n"), true), Pair(None, false)];
        String::from_utf8(text(format, PAIR, &rows, true).unwrap()).unwrap()
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
