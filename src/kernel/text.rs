//! Text that came from outside, cleaned and checked once at the door: inner code takes these types and never
//! checks a string again. Text that looks the same becomes the same, whether it is typed, pasted or imported.

mod cleaning;

use std::fmt;

use serde::{Deserialize, Serialize};

use self::cleaning::{breaks_lines, is_blank};
pub use self::cleaning::{cleaned, decomposed, is_no_password_character, isolated, opaque};

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextFault {
    /// Nothing of it can be seen.
    Blank,
    /// One of a person's names, where the other is blank too.
    Nameless,
    /// Shorter than `min` characters.
    TooShort { min: usize },
    /// Longer than `max` characters.
    TooLong { max: usize },
    /// Holds a control character (also NUL, which Postgres cannot store), or breaks a line where there is one.
    ControlCharacter,
    /// Not of the form `local@domain`.
    NotAnEmail,
}

/// The longest name of a group, a workspace, a person's first or last name, in characters.
pub const NAME_MAX: usize = 255;
/// The longest e-mail address, in characters (RFC 5321 section 4.5.3.1: 64 + 1 + 255).
pub const EMAIL_MAX: usize = 320;

/// The longest description, in characters.
pub const DESCRIPTION_MAX: usize = 500;
/// The longest external id and the longest color, in characters. The columns have no bound of their
/// own; an index entry and a page do.
pub const WORD_MAX: usize = 255;

fn check(text: &str, max: usize) -> Result<String, TextFault> {
    let text = cleaned(text);
    if text.is_empty() {
        return Err(TextFault::Blank);
    }
    if text.chars().any(breaks_lines) {
        return Err(TextFault::ControlCharacter);
    }
    bounded(text, max)
}

fn bounded(text: String, max: usize) -> Result<String, TextFault> {
    if text.chars().count() > max { Err(TextFault::TooLong { max }) } else { Ok(text) }
}

/// A name: 1 to 255 characters on one line, of which some can be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        check(text, NAME_MAX).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person's first or last name: as a [`Name`], or empty. One of the two is enough, which `people::model` decides.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NamePart(String);

impl NamePart {
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        match check(text, NAME_MAX) {
            Err(TextFault::Blank) => Ok(Self::default()),
            read => read.map(Self),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A single line other than a name: an external id, a color. 1 to 255 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShortText(String);

impl ShortText {
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        check(text, WORD_MAX).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Running text of up to 500 characters, which may have several lines and may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Description(String);

impl Description {
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let text = cleaned(text);
        if text.chars().any(|sign| sign.is_control() && !matches!(sign, '\n' | '\r' | '\t')) {
            return Err(TextFault::ControlCharacter);
        }
        bounded(text, DESCRIPTION_MAX).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address as it is compared, also one that was typed to sign in with and may be none: cleaned, and the
/// wide signs of an East Asian keyboard are the plain ones (the width mapping of RFC 8265 section 3.1).
pub fn address(text: &str) -> String {
    let narrow = |sign: char| match u32::from(sign) {
        code @ 0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(sign),
        _ => sign,
    };
    cleaned(&text.chars().map(narrow).collect::<String>())
}

/// An e-mail address. Deliberately loose (one `@`, something on both sides, no spaces): whether an
/// address exists only a mail can tell. Compared without case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let text = check(&address(text), EMAIL_MAX)?;
        match text.split_once('@') {
            Some((local, domain))
                if !local.is_empty()
                    && !domain.is_empty()
                    && !domain.contains('@')
                    && !text.contains(is_blank) =>
            {
                Ok(Self(text))
            }
            _ => Err(TextFault::NotAnEmail),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_never_blank() {
        assert_eq!(Name::parse("  Acme SAS ").unwrap().as_str(), "Acme SAS");
        assert_eq!(Name::parse(" \t "), Err(TextFault::Blank));
        assert_eq!(Name::parse("a\0b"), Err(TextFault::ControlCharacter));
    }

    #[test]
    fn a_name_is_counted_in_characters_not_bytes() {
        assert!(Name::parse(&"é".repeat(255)).is_ok());
        assert_eq!(Name::parse(&"é".repeat(256)), Err(TextFault::TooLong { max: 255 }));
    }

    #[test]
    fn a_name_that_cannot_be_seen_is_none() {
        for unseen in ["\u{200b}", "\u{2800}\u{3164}", "\u{feff}\u{200e}", "\u{202e}\u{202c}"] {
            assert_eq!(Name::parse(unseen), Err(TextFault::Blank), "{unseen:?}");
            assert_eq!(NamePart::parse(unseen), Ok(NamePart::default()), "{unseen:?}");
        }
        assert_eq!(Name::parse("a\u{2028}b"), Err(TextFault::ControlCharacter));
        assert_eq!(NamePart::parse("a\nb"), Err(TextFault::ControlCharacter));
    }

    #[test]
    fn an_address_is_the_same_from_any_keyboard() {
        for typed in [
            "kim@example.com",
            " \u{ff4b}im\u{ff20}example\u{ff0e}com",
            "kim@example.com\u{200b}",
            "k\u{ad}im@\u{2060}example.com",
        ] {
            assert_eq!(Email::parse(typed).unwrap().as_str(), "kim@example.com", "{typed:?}");
        }
        assert_eq!(Email::parse("kim\u{2800}lee@example.com"), Err(TextFault::NotAnEmail));
    }

    #[test]
    fn an_email_needs_both_sides() {
        assert!(Email::parse("ana.lima@example.com").is_ok());
        for bad in ["ana", "@example.com", "ana@", "a@b@c", "a b@c"] {
            assert_eq!(Email::parse(bad), Err(TextFault::NotAnEmail), "{bad}");
        }
    }
}
