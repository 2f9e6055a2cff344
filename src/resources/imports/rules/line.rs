//! One thing that should name a workspace.

use crate::kernel::text::{ShortText, TextFault, WORD_MAX};
use crate::resources::imports::model::{LineFault, NewLine};

/// `None` where there is nothing but blanks.
pub(super) fn line(line_number: i32, text: &str) -> Option<NewLine> {
    let fault = match ShortText::parse(text) {
        Ok(word) => {
            let text = word.as_str().to_owned();
            return Some(NewLine { line_number, workspace: text.parse().ok(), text, fault: None });
        }
        Err(TextFault::Blank) => return None,
        Err(TextFault::ControlCharacter) => LineFault::ControlCharacter,
        Err(
            TextFault::TooLong { .. }
            // Of other texts alone.
            | TextFault::Nameless
            | TextFault::TooShort { .. }
            | TextFault::NotAnEmail,
        ) => LineFault::TooLong,
    };
    Some(unreadable(line_number, text, fault))
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
    /// One that has counted this text.
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

    /// The number of the line that is being read.
    pub(super) const fn current(&self) -> i32 {
        self.ended + 1
    }
}
