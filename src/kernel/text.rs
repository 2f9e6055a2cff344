//! Text that came from outside, checked once at the door: inner code takes these types and never
//! checks a string again.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextFault {
    Blank,
    /// Shorter than `min` characters.
    TooShort {
        min: usize,
    },
    /// Longer than `max` characters.
    TooLong {
        max: usize,
    },
    /// Holds a control character (also NUL, which Postgres cannot store).
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

fn check(text: &str, max: usize) -> Result<&str, TextFault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TextFault::Blank);
    }
    if text.chars().any(char::is_control) {
        return Err(TextFault::ControlCharacter);
    }
    bounded(text, max)
}

fn bounded(text: &str, max: usize) -> Result<&str, TextFault> {
    if text.chars().count() > max { Err(TextFault::TooLong { max }) } else { Ok(text) }
}

/// A name: 1 to 255 characters, not blank, without control characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        check(text, NAME_MAX).map(|text| Self(text.to_owned()))
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

/// A single line other than a name: an external id, a color. 1 to 255 characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Word(String);

impl Word {
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        check(text, WORD_MAX).map(|text| Self(text.to_owned()))
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
        let text = text.trim();
        if text.chars().any(|sign| sign.is_control() && !matches!(sign, '\n' | '\r' | '\t')) {
            return Err(TextFault::ControlCharacter);
        }
        bounded(text, DESCRIPTION_MAX).map(|text| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address. Deliberately loose (one `@`, something on both sides, no spaces): whether an
/// address exists only a mail can tell. Compared without case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let text = check(text, EMAIL_MAX)?;
        match text.split_once('@') {
            Some((local, domain))
                if !local.is_empty()
                    && !domain.is_empty()
                    && !domain.contains('@')
                    && !text.contains(char::is_whitespace) =>
            {
                Ok(Self(text.to_owned()))
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
    fn an_email_needs_both_sides() {
        assert!(Email::parse("ana.lima@example.com").is_ok());
        for bad in ["ana", "@example.com", "ana@", "a@b@c", "a b@c"] {
            assert_eq!(Email::parse(bad), Err(TextFault::NotAnEmail), "{bad}");
        }
    }
}
