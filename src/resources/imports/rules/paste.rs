//! A list as people paste it: out of a spreadsheet, a chat, a query's result, a program's source.

use super::line::{LineCounter, line, unreadable};
use crate::kernel::id::WorkspaceId;
use crate::resources::imports::model::{LineFault, NewLine};

/// A line that is longer is read in pieces, cut where a separator is.
const PIECE_MAX: usize = 64 * 1024;
/// What is kept of a piece of that length without any separator: more than an id can have.
const KEPT: usize = 2 * 1024;

pub(super) struct PasteReader {
    piece: Vec<u8>,
    counter: LineCounter,
    /// What the list itself says that separates ids, beside the usual separators.
    separator: Option<char>,
}

const SEPARATORS: [char; 3] = [',', ';', '\t'];
/// Each with the one that ends it.
const QUOTES: [(char, char); 6] = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’'), ('«', '»')];

impl PasteReader {
    /// `counter` has counted what stands before the first id.
    pub(super) fn new(counter: LineCounter, separator: Option<u8>) -> Self {
        Self { piece: Vec::new(), counter, separator: separator.map(char::from) }
    }

    pub(super) fn read(&mut self, bytes: &[u8], found: &mut Vec<NewLine>) {
        for &byte in bytes {
            if byte == b'\n' || byte == b'\r' {
                self.end_piece(self.piece.len(), found);
            } else {
                self.piece.push(byte);
                if self.piece.len() >= PIECE_MAX {
                    self.cut(found);
                }
            }
            self.counter.count(byte);
        }
    }

    pub(super) fn finish(&mut self, found: &mut Vec<NewLine>) {
        self.end_piece(self.piece.len(), found);
    }

    fn cut(&mut self, found: &mut Vec<NewLine>) {
        match self.piece.iter().rposition(|byte| b",;\t ".contains(byte)) {
            Some(at) => self.end_piece(at + 1, found),
            None => self.piece.truncate(KEPT),
        }
    }

    /// Reads the first so many bytes and keeps the others.
    fn end_piece(&mut self, length: usize, found: &mut Vec<NewLine>) {
        let rest = self.piece.split_off(length);
        let piece = std::mem::replace(&mut self.piece, rest);
        let number = self.counter.current();
        match std::str::from_utf8(&piece) {
            Ok(text) => {
                let fields = fields(text, self.separator);
                found.extend(fields.into_iter().filter_map(|field| line(number, field)));
            }
            Err(_) => found.push(unreadable(number, &String::from_utf8_lossy(&piece), LineFault::NotText)),
        }
    }
}

/// What stands between separators, without quotes around it.
fn fields(text: &str, separator: Option<char>) -> Vec<&str> {
    let parts = split(text, separator, true);
    let parts = parts.unwrap_or_else(|| split(text, separator, false).unwrap_or_default());
    parts.into_iter().flat_map(between_spaces).map(bare).collect()
}

/// Separators within quotes do not count. `None`: a quote is not closed, or not at the end of a field, so it is none:
/// in `'+49-1, '+49-2` two ids have a guard against formulas.
fn split(text: &str, separator: Option<char>, heeds_quotes: bool) -> Option<Vec<&str>> {
    let separates = |sign: char| SEPARATORS.contains(&sign) || Some(sign) == separator;
    let mut parts = Vec::new();
    let mut start = 0;
    let mut closing = None;
    let mut is_at_start = true;
    let mut holds_separator = false;
    for (at, sign) in text.char_indices() {
        if let Some(end) = closing {
            if sign == end {
                let mut behind = text[at + sign.len_utf8()..].chars();
                let next = behind.find(|sign| separates(*sign) || !sign.is_whitespace());
                if holds_separator && next.is_some_and(|sign| !separates(sign)) {
                    return None;
                }
                closing = None;
            } else {
                holds_separator |= separates(sign);
            }
        } else if separates(sign) {
            parts.push(&text[start..at]);
            start = at + sign.len_utf8();
            is_at_start = true;
        } else if is_at_start && !sign.is_whitespace() {
            is_at_start = false;
            if heeds_quotes {
                holds_separator = false;
                closing = QUOTES.iter().find(|(open, _)| *open == sign).map(|(_, close)| *close);
            }
        }
    }
    parts.push(&text[start..]);
    closing.is_none().then_some(parts)
}

/// An external id may hold spaces, an id holds none: spaces separate where only ids stand between them.
fn between_spaces(part: &str) -> Vec<&str> {
    let words: Vec<&str> = part.split_whitespace().collect();
    let is_id = |word: &&str| bare(word).parse::<WorkspaceId>().is_ok();
    if words.len() > 1 && words.iter().all(is_id) { words } else { vec![part] }
}

/// Without quotes around it, also where only one is there.
fn bare(text: &str) -> &str {
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
    fn ids_come_with_all_kinds_of_noise() {
        let text = format!("\u{feff}  {ACME} ,\r\n\r\n\"ws-2\";\t'ws-3',\r`ws-4`\n\n  ,;\n“ws 5”\n");
        assert_eq!(read(&text), lines(&[(1, ACME), (3, "ws-2"), (3, "ws-3"), (4, "ws-4"), (7, "ws 5")]));
    }

    #[test]
    fn spaces_separate_ids_and_are_part_of_external_ids() {
        assert_eq!(read(&format!("{ACME}  '{BETA}'\nws 1 b")), lines(&[(1, ACME), (1, BETA), (2, "ws 1 b")]));
    }

    #[test]
    fn a_quote_keeps_separators_and_one_that_is_not_closed_does_not() {
        assert_eq!(
            read("\"ws, 1\", ws-2\n\"ws-3, ws-4\nO'Neill, x"),
            lines(&[(1, "ws, 1"), (1, "ws-2"), (2, "ws-3"), (2, "ws-4"), (3, "O'Neill"), (3, "x"),])
        );
    }

    #[test]
    fn a_guard_against_formulas_is_no_quote() {
        for text in ["'+49-1, '+49-2", "'+49-1\t'+49-2", "'+49-1 ; '+49-2\t", "'+49-1\n'+49-2"] {
            let found: Vec<_> = read(text).into_iter().map(|(_, text)| text).collect();
            assert_eq!(found, ["+49-1", "+49-2"], "{text:?}");
        }
        // Quotes that end a field are quotes, whatever separates the fields.
        for text in ["'ws, 1'\t'ws-2'", "'ws, 1' , 'ws-2'", "'ws, 1' ;'ws-2' x", "sep=|\n'ws, 1' | ws-2"] {
            assert_eq!(read(text)[0].1, "ws, 1", "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        let long = "x".repeat(256);
        let mut reader = super::super::ListReader::new(super::super::ListForm::Pasted);
        let mut found = reader.push(format!("ok\na\u{7}b\n{long}\n").as_bytes()).unwrap();
        found.extend(reader.push(b"caf\xe9, ws-9\nlast").unwrap());
        found.extend(reader.finish().unwrap());
        let told: Vec<_> = found.iter().map(|line| (line.line_number, line.fault)).collect();
        assert_eq!(
            told,
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
    fn a_line_that_names_the_separator_is_heeded_and_is_no_id() {
        assert_eq!(read("\u{feff}sep=;\r\nws-1;ws-2\r\n"), lines(&[(2, "ws-1"), (2, "ws-2")]));
        assert_eq!(read("sep=|\nws-1|ws-2, ws-3"), lines(&[(2, "ws-1"), (2, "ws-2"), (2, "ws-3")]));
        assert_eq!(read("sep= \nws-1 ws-2"), lines(&[(2, "ws-1"), (2, "ws-2")]));
        assert_eq!(read("sep=;"), lines(&[]));
    }

    #[test]
    fn a_table_with_names_is_read_as_the_file_that_it_was_copied_from() {
        let table = format!("line\ttext\tworkspace_id\toutcome\n1\tx\t{ACME}\tenrolled\n2\tws-2\t\tunknown");
        assert_eq!(read(&table), lines(&[(2, ACME), (3, "ws-2")]));
        assert_eq!(read("external_workspace_id\nws-1\n"), lines(&[(2, "ws-1")]));
        assert_eq!(read("\u{feff}sep=;\r\nid;name\r\nws-1;Acme\r\n"), lines(&[(3, "ws-1")]));
        let cell_of_two_lines = "\"Name\n(legal)\";workspace_id\n\"Acme\nInc.\";ws-1";
        assert_eq!(read(cell_of_two_lines), lines(&[(3, "ws-1")]));
        assert_eq!(read("{\"workspace_id\":\"ws-1\"}\n"), lines(&[(1, "ws-1")]));
    }

    #[test]
    fn an_id_is_known_as_one_in_either_case() {
        let lines = pasted(&format!("{}\nws-1", ACME.to_uppercase())).unwrap();
        assert_eq!(lines[0].workspace.unwrap().to_string(), ACME);
        assert_eq!(lines[1].workspace, None);
    }

    #[test]
    fn it_does_not_matter_where_the_pieces_are_cut() {
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
    fn a_hundred_thousand_ids_may_stand_on_one_line() {
        let text = vec![ACME; 90_000].join(", ");
        let found = pasted(&text).unwrap();
        assert_eq!(found.len(), 90_000);
        assert!(found.iter().all(|line| line.line_number == 1 && line.workspace.is_some()));
        // One that never ends is one that is too long.
        let endless = pasted(&format!("{}\nws-2", "y".repeat(1_000_000))).unwrap();
        assert_eq!(endless.len(), 2);
        assert_eq!(endless[0].fault, Some(LineFault::TooLong));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for bytes in [b"\xFF\xFEw\0s\0".as_slice(), b"PK\x03\x04rest", b"w\0s\0"] {
            let mut reader = super::super::ListReader::new(super::super::ListForm::Pasted);
            let pushed = reader.push(bytes).and_then(|_| reader.finish());
            assert_eq!(pushed, Err(ImportFault::NotText));
        }
    }
}
