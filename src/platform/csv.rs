//! Tables as CSV (RFC 4180) that are safe to open in a spreadsheet.

use csv::{Terminator, Writer, WriterBuilder};

use crate::kernel::spreadsheet::guarded;

pub struct CsvText(Writer<Vec<u8>>);

impl CsvText {
    /// `bytes` is the expected length of the part, so that its memory need not grow.
    pub fn with_capacity(bytes: usize) -> Self {
        let buffer = Vec::with_capacity(bytes);
        Self(WriterBuilder::new().terminator(Terminator::CRLF).from_writer(buffer))
    }

    pub fn row<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) -> Result<(), csv::Error> {
        for cell in cells {
            self.0.write_field(guarded(cell.as_ref()).as_bytes())?;
        }
        self.0.write_record(None::<&[u8]>)
    }

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
        assert_eq!(text(&[&["=cmd|'/c calc'!A1", "x"]]), "'=cmd|'/c calc'!A1,x\r\n");
        assert_eq!(text(&[&["a;=1", "b,=1"]]), "a;'=1,\"b,'=1\"\r\n");
    }

    #[test]
    fn separators_and_quotes_are_quoted() {
        assert_eq!(
            text(&[&["a,b", "say \"so\"", ""], &["two\nlines", "é", " x "]]),
            "\"a,b\",\"say \"\"so\"\"\",\r\n\"two\nlines\",é, x \r\n"
        );
    }

    #[test]
    fn rows_of_different_lengths_are_refused() {
        let mut text = CsvText::with_capacity(0);
        text.row(["a", "b"]).unwrap();
        assert!(text.row(["a"]).is_err());
    }
}
