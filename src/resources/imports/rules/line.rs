//! The smallest parts of reading a list: one entry that should name a workspace, and line numbers.

use crate::kernel::text::{SHORT_TEXT_MAX, ShortText, TextFault};
use crate::resources::imports::model::{LineFault, NewLine};

/// `None` if the text is blank.
pub(super) fn line(line_number: i32, text: &str) -> Option<NewLine> {
    let fault = match ShortText::parse(text) {
        Ok(word) => {
            let text = word.as_str().to_owned();
            return Some(NewLine { line_number, workspace: text.parse().ok(), text, fault: None });
        }
        Err(TextFault::Blank) => return None,
        Err(TextFault::ControlCharacter) => LineFault::ControlCharacter,
        // The last four are faults of other kinds of text.
        Err(
            TextFault::TooLong { .. }
            | TextFault::Nameless
            | TextFault::TooShort { .. }
            | TextFault::NotAnEmail
            | TextFault::NotANumber { .. },
        ) => LineFault::TooLong,
    };
    Some(unreadable(line_number, text.as_bytes(), fault))
}

pub(super) fn unreadable(line_number: i32, text: &[u8], fault: LineFault) -> NewLine {
    NewLine { line_number, text: shown(&String::from_utf8_lossy(text)), workspace: None, fault: Some(fault) }
}

/// The text without control characters, and no longer than an id can be.
fn shown(text: &str) -> String {
    let plain = |char: char| if char.is_control() { char::REPLACEMENT_CHARACTER } else { char };
    let mut shown: String = text.trim().chars().take(SHORT_TEXT_MAX + 1).map(plain).collect();
    if let Some((cut, _)) = shown.char_indices().nth(SHORT_TEXT_MAX) {
        shown.truncate(cut);
        shown.pop();
        shown.push('…');
    }
    shown
}

pub(super) const fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Counts lines that end with `\n`, `\r\n` or `\r`.
#[derive(Default)]
pub(super) struct LineCounter {
    ended: i32,
    last_was_return: bool,
}

impl LineCounter {
    pub(super) fn after(text: &[u8]) -> Self {
        let mut counter = Self::default();
        for byte in text {
            counter.count(*byte);
        }
        counter
    }

    pub(super) const fn count(&mut self, byte: u8) {
        if byte == b'\r' || (byte == b'\n' && !self.last_was_return) {
            self.ended += 1;
        }
        self.last_was_return = byte == b'\r';
    }

    pub(super) const fn current(&self) -> i32 {
        self.ended + 1
    }
}
