//! Tables as CSV (RFC 4180), safe to open in a spreadsheet.

use std::borrow::Cow;

use csv::{Terminator, Writer, WriterBuilder};

/// Signs by which a spreadsheet takes a cell for a formula, or for the end of the cell before it.
const FORMULA_SIGNS: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

/// A cell that a spreadsheet shows and does not run: a name like `=HYPERLINK(…)` gets an apostrophe in
/// front, which says "text" there. Any name may come from outside.
pub fn harmless(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(FORMULA_SIGNS) { format!("'{cell}").into() } else { cell.into() }
}

/// Rows as text, a part at a time.
pub struct CsvText(Writer<Vec<u8>>);

impl CsvText {
    /// As large a part as is made at once, so that its memory need not grow.
    pub fn with_capacity(bytes: usize) -> Self {
        let buffer = Vec::with_capacity(bytes);
        Self(WriterBuilder::new().terminator(Terminator::CRLF).from_writer(buffer))
    }

    /// # Errors
    /// Where the rows of one text are of different lengths.
    pub fn row<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) -> Result<(), csv::Error> {
        for cell in cells {
            self.0.write_field(harmless(cell.as_ref()).as_bytes())?;
        }
        self.0.write_record(None::<&[u8]>)
    }

    /// # Errors
    /// None that a buffer in memory has.
    pub fn into_bytes(self) -> Result<Vec<u8>, csv::Error> {
        self.0.into_inner().map_err(|error| error.into_error().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(rows: &[&[&str]]) -> String {
        let mut text = CsvText::with_capacity(0);
        for row in rows {
            text.row(*row).unwrap();
        }
        String::from_utf8(text.into_bytes().unwrap()).unwrap()
    }

    #[test]
    fn no_cell_is_a_formula() {
        for sign in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            assert_eq!(harmless(sign), format!("'{sign}"));
        }
        for plain in ["", "Acme", "a=b", "'=1", "1-1", " =1"] {
            assert_eq!(harmless(plain), plain);
        }
        assert_eq!(text(&[&["=cmd|'/c calc'!A1", "x"]]), "'=cmd|'/c calc'!A1,x\r\n");
    }

    #[test]
    fn what_parts_cells_and_rows_is_quoted() {
        assert_eq!(
            text(&[&["a,b", "say \"so\"", ""], &["two\nlines", "é", " x "]]),
            "\"a,b\",\"say \"\"so\"\"\",\r\n\"two\nlines\",é, x \r\n"
        );
    }

    #[test]
    fn rows_of_different_lengths_are_no_table() {
        let mut text = CsvText::with_capacity(0);
        text.row(["a", "b"]).unwrap();
        assert!(text.row(["a"]).is_err());
    }
}
