//! A list as people paste it: from a spreadsheet, a chat, a query result or source code.

use super::FormatReader;
use super::line::{LineCounter, is_line_end, line, unreadable};
use crate::kernel::id::WorkspaceId;
use crate::resources::imports::model::{LineFault, NewLine};

/// In bytes. A longer line is read in parts that are cut at separators.
const PART_MAX: usize = 64 * 1024;
/// How much of a part without separators is read, in bytes: more than an id can have.
const UNSEPARATED_MAX: usize = 2 * 1024;

const SEPARATORS: [char; 3] = [',', ';', '\t'];
const QUOTES: [(char, char); 6] = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’'), ('«', '»')];

pub(super) struct PasteReader {
    part: Vec<u8>,
    counter: LineCounter,
    /// The separator that the list names, in addition to `SEPARATORS`.
    separator: Option<char>,
}

impl PasteReader {
    pub(super) fn new(counter: LineCounter, separator: Option<u8>) -> Self {
        Self { part: Vec::new(), counter, separator: separator.map(char::from) }
    }

    /// Reads the first `length` bytes and keeps the others.
    fn end_part(&mut self, length: usize, lines: &mut Vec<NewLine>) {
        let rest = self.part.split_off(length);
        let part = std::mem::replace(&mut self.part, rest);
        let number = self.counter.current();
        match std::str::from_utf8(&part) {
            Ok(text) => {
                let fields = fields(text, self.separator);
                lines.extend(fields.into_iter().filter_map(|field| line(number, field)));
            }
            Err(_) => lines.push(unreadable(number, &part, LineFault::NotText)),
        }
    }
}

impl FormatReader for PasteReader {
    fn read(&mut self, bytes: &[u8], lines: &mut Vec<NewLine>) {
        for &byte in bytes {
            if is_line_end(byte) {
                self.end_part(self.part.len(), lines);
            } else {
                self.part.push(byte);
                if self.part.len() >= PART_MAX {
                    match self.part.iter().rposition(|byte| b",;\t ".contains(byte)) {
                        Some(at) => self.end_part(at + 1, lines),
                        None => self.part.truncate(UNSEPARATED_MAX),
                    }
                }
            }
            self.counter.count(byte);
        }
    }

    fn finish(&mut self, lines: &mut Vec<NewLine>) {
        self.end_part(self.part.len(), lines);
    }
}

/// The texts between separators, without quotes around them.
fn fields(text: &str, separator: Option<char>) -> Vec<&str> {
    let parts = split(text, separator, true);
    let parts = parts.unwrap_or_else(|| split(text, separator, false).unwrap_or_default());
    parts.into_iter().flat_map(split_ids).map(unquoted).collect()
}

/// Ignores separators within quotes. `None` if a quote is not closed, or not at the end of a field, and so is not a quote:
/// in `'+49-1, '+49-2` two ids have a guard against formulas.
fn split(text: &str, separator: Option<char>, heeds_quotes: bool) -> Option<Vec<&str>> {
    let separates = |char: char| SEPARATORS.contains(&char) || Some(char) == separator;
    let mut parts = Vec::new();
    let mut start = 0;
    let mut closing = None;
    let mut is_at_start = true;
    let mut has_separator = false;
    for (at, char) in text.char_indices() {
        if let Some(end) = closing {
            if char == end {
                let mut behind = text[at + char.len_utf8()..].chars();
                let next = behind.find(|char| separates(*char) || !char.is_whitespace());
                if has_separator && next.is_some_and(|char| !separates(char)) {
                    return None;
                }
                closing = None;
            } else {
                has_separator |= separates(char);
            }
        } else if separates(char) {
            parts.push(&text[start..at]);
            start = at + char.len_utf8();
            is_at_start = true;
        } else if is_at_start && !char.is_whitespace() {
            is_at_start = false;
            if heeds_quotes {
                has_separator = false;
                closing = QUOTES.iter().find(|(open, _)| *open == char).map(|(_, close)| *close);
            }
        }
    }
    parts.push(&text[start..]);
    closing.is_none().then_some(parts)
}

/// Spaces separate words only if all of them are ids, because an external id may contain spaces.
fn split_ids(part: &str) -> Vec<&str> {
    let words: Vec<&str> = part.split_whitespace().collect();
    let is_id = |word: &&str| unquoted(word).parse::<WorkspaceId>().is_ok();
    if words.len() > 1 && words.iter().all(is_id) { words } else { vec![part] }
}

/// Removes quotes around the text, also if only one of them is there.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let text = text.strip_prefix(QUOTES.map(|(open, _)| open)).unwrap_or(text);
    text.strip_suffix(QUOTES.map(|(_, close)| close)).unwrap_or(text).trim()
}

#[cfg(test)]
mod tests {
    use super::super::pasted;
    use super::*;
    use crate::kernel::problem::ImportFault;

    const ACME: &str = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
    const BETA: &str = "00000000-0000-4000-8000-000000000001";

    fn read(text: &str) -> Vec<(i32, String)> {
        pasted(text).unwrap().into_iter().map(|line| (line.line_number, line.text)).collect()
    }

    fn lines(expected: &[(i32, &str)]) -> Vec<(i32, String)> {
        expected.iter().map(|(number, text)| (*number, (*text).to_owned())).collect()
    }

    #[test]
    fn separators_quotes_and_blanks_are_removed() {
        let text = format!("\u{feff}  {ACME} ,\r\n\r\n\"ws-2\";\t'ws-3',\r`ws-4`\n\n  ,;\n“ws 5”\n");
        assert_eq!(read(&text), lines(&[(1, ACME), (3, "ws-2"), (3, "ws-3"), (4, "ws-4"), (7, "ws 5")]));
    }

    #[test]
    fn spaces_separate_ids_but_not_external_ids() {
        assert_eq!(read(&format!("{ACME}  '{BETA}'\nws 1 b")), lines(&[(1, ACME), (1, BETA), (2, "ws 1 b")]));
    }

    #[test]
    fn separators_within_closed_quotes_are_text() {
        assert_eq!(
            read("\"ws, 1\", ws-2\n\"ws-3, ws-4\nO'Neill, x"),
            lines(&[(1, "ws, 1"), (1, "ws-2"), (2, "ws-3"), (2, "ws-4"), (3, "O'Neill"), (3, "x"),])
        );
    }

    #[test]
    fn guard_against_formulas_is_not_a_quote() {
        for text in ["'+49-1, '+49-2", "'+49-1\t'+49-2", "'+49-1 ; '+49-2\t", "'+49-1\n'+49-2"] {
            let found: Vec<_> = read(text).into_iter().map(|(_, text)| text).collect();
            assert_eq!(found, ["+49-1", "+49-2"], "{text:?}");
        }
        // Quotes at the end of a field are quotes with any separator.
        for text in ["'ws, 1'\t'ws-2'", "'ws, 1' , 'ws-2'", "'ws, 1' ;'ws-2' x", "sep=|\n'ws, 1' | ws-2"] {
            assert_eq!(read(text)[0].1, "ws, 1", "{text:?}");
        }
    }

    #[test]
    fn unreadable_entries_are_reported_with_their_line() {
        let long = "x".repeat(256);
        let mut reader = super::super::ListReader::new(super::super::ListForm::Pasted);
        let mut found = reader.push(format!("ok\na\u{7}b\n{long}\n").as_bytes()).unwrap();
        found.extend(reader.push(b"caf\xe9, ws-9\nlast").unwrap());
        found.extend(reader.finish().unwrap());
        let seen: Vec<_> = found.iter().map(|line| (line.line_number, line.fault)).collect();
        assert_eq!(
            seen,
            [
                (1, None),
                (2, Some(LineFault::ControlCharacter)),
                (3, Some(LineFault::TooLong)),
                (4, Some(LineFault::NotText)),
                (5, None)
            ]
        );
        assert_eq!(found[1].text, "a\u{fffd}b");
        assert_eq!(found[2].text, format!("{}…", "x".repeat(254)));
        assert_eq!(found[3].text, "caf\u{fffd}, ws-9");
        assert_eq!(pasted(&"x".repeat(255)).unwrap()[0].fault, None);
    }

    #[test]
    fn line_that_names_the_separator_is_not_an_id() {
        assert_eq!(read("\u{feff}sep=;\r\nws-1;ws-2\r\n"), lines(&[(2, "ws-1"), (2, "ws-2")]));
        assert_eq!(read("sep=|\nws-1|ws-2, ws-3"), lines(&[(2, "ws-1"), (2, "ws-2"), (2, "ws-3")]));
        assert_eq!(read("sep= \nws-1 ws-2"), lines(&[(2, "ws-1"), (2, "ws-2")]));
        assert_eq!(read("sep=;"), lines(&[]));
    }

    #[test]
    fn pasted_table_with_names_is_read_as_a_table() {
        let table = format!("line\ttext\tworkspace_id\toutcome\n1\tx\t{ACME}\tenrolled\n2\tws-2\t\tunknown");
        assert_eq!(read(&table), lines(&[(2, ACME), (3, "ws-2")]));
        assert_eq!(read("external_workspace_id\nws-1\n"), lines(&[(2, "ws-1")]));
        assert_eq!(read("\u{feff}sep=;\r\nid;name\r\nws-1;Acme\r\n"), lines(&[(3, "ws-1")]));
        let cell_of_two_lines = "\"Name\n(legal)\";workspace_id\n\"Acme\nInc.\";ws-1";
        assert_eq!(read(cell_of_two_lines), lines(&[(3, "ws-1")]));
        assert_eq!(read("{\"workspace_id\":\"ws-1\"}\n"), lines(&[(1, "ws-1")]));
    }

    #[test]
    fn ids_are_recognized_in_either_case() {
        let lines = pasted(&format!("{}\nws-1", ACME.to_uppercase())).unwrap();
        assert_eq!(lines[0].workspace.unwrap().to_string(), ACME);
        assert_eq!(lines[1].workspace, None);
    }

    #[test]
    fn result_is_independent_of_the_piece_size() {
        let text = format!("\u{feff}\"{ACME}\",é-1\r\nws-2\r\n\r\n«ws, 3»\n");
        let whole = pasted(&text).unwrap();
        for size in 1..text.len() {
            let mut reader = super::super::ListReader::new(super::super::ListForm::Pasted);
            let mut found = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                found.extend(reader.push(piece).unwrap());
            }
            found.extend(reader.finish().unwrap());
            assert_eq!(found, whole, "{size}");
        }
        assert_eq!(whole.len(), 4);
    }

    #[test]
    fn one_line_may_hold_a_hundred_thousand_ids() {
        let text = vec![ACME; 90_000].join(", ");
        let found = pasted(&text).unwrap();
        assert_eq!(found.len(), 90_000);
        assert!(found.iter().all(|line| line.line_number == 1 && line.workspace.is_some()));
        // An id without an end is too long.
        let endless = pasted(&format!("{}\nws-2", "y".repeat(1_000_000))).unwrap();
        assert_eq!(endless.len(), 2);
        assert_eq!(endless[0].fault, Some(LineFault::TooLong));
    }

    #[test]
    fn binary_data_is_refused() {
        for bytes in [b"\xFF\xFEw\0s\0".as_slice(), b"PK\x03\x04rest", b"w\0s\0"] {
            let mut reader = super::super::ListReader::new(super::super::ListForm::Pasted);
            let pushed = reader.push(bytes).and_then(|_| reader.finish());
            assert_eq!(pushed, Err(ImportFault::NotText));
        }
    }
}
