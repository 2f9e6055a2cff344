//! One thing that should name a workspace.

use crate::kernel::problem::ImportFault;
use crate::kernel::text::{TextFault, WORD_MAX, Word};
use crate::resources::imports::model::{LineFault, NewLine};

/// What a spreadsheet puts before UTF-8.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// How a file begins that is no text, or not in UTF-8: a spreadsheet's own format (a ZIP archive), UTF-16.
const NOT_TEXT: [&[u8]; 3] = [b"PK\x03\x04", b"\xFF\xFE", b"\xFE\xFF"];

/// The beginning of a list without what stands before its text.
pub(super) fn beginning(bytes: &[u8]) -> Result<&[u8], ImportFault> {
    // No text holds a zero; every second byte of plain text in UTF-16 is one.
    if NOT_TEXT.iter().any(|start| bytes.starts_with(start)) || bytes.contains(&0) {
        return Err(ImportFault::NotText);
    }
    Ok(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes))
}

/// `None` where there is nothing but blanks.
pub(super) fn line(line_number: i32, text: &str) -> Option<NewLine> {
    let fault = match Word::parse(text) {
        Ok(_) => None,
        Err(TextFault::Blank) => return None,
        Err(TextFault::ControlCharacter) => Some(LineFault::ControlCharacter),
        Err(
            TextFault::TooLong { .. }
            // Of other texts alone.
            | TextFault::TooShort { .. }
            | TextFault::NotAnEmail,
        ) => Some(LineFault::TooLong),
    };
    let workspace = fault.is_none().then(|| text.trim().parse().ok()).flatten();
    Some(NewLine { line_number, text: shown(text), workspace, fault })
}

pub(super) fn unreadable(line_number: i32, text: &str, fault: LineFault) -> NewLine {
    NewLine { line_number, text: shown(text), workspace: None, fault: Some(fault) }
}

/// As it can be kept and shown: without control characters, and not longer than an id can be.
fn shown(text: &str) -> String {
    let plain = |sign: char| if sign.is_control() { char::REPLACEMENT_CHARACTER } else { sign };
    let mut shown: String = text.trim().chars().take(WORD_MAX + 1).map(plain).collect();
    if let Some((cut, _)) = shown.char_indices().nth(WORD_MAX) {
        shown.truncate(cut);
        shown.pop();
        shown.push('…');
    }
    shown
}

/// Counts lines as they end, by `\n`, `\r\n` or `\r`.
#[derive(Default)]
pub(super) struct LineCounter {
    ended: i32,
    last_was_return: bool,
}

impl LineCounter {
    pub(super) const fn count(&mut self, byte: u8) {
        if byte == b'\r' || (byte == b'\n' && !self.last_was_return) {
            self.ended += 1;
        }
        self.last_was_return = byte == b'\r';
    }

    /// The number of the line that is being read.
    pub(super) const fn current(&self) -> i32 {
        self.ended + 1
    }
}
