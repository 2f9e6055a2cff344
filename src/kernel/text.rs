//! Text from outside, cleaned and checked where it enters. Texts that look the same become equal.

mod cleaning;

use std::fmt;

use serde::{Deserialize, Serialize};

use self::cleaning::{breaks_lines, is_blank};
pub use self::cleaning::{cleaned, decomposed, is_forbidden_in_password, isolated, normalized_password};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextFault {
    Blank,
    Nameless,
    TooShort {
        min: usize,
    },
    TooLong {
        max: usize,
    },
    /// The text contains a control character (such as NUL, which Postgres cannot store), or a line break in a field
    /// of one line.
    ControlCharacter,
    NotAnEmail,
    /// Not a whole number from 1 to `max`.
    NotANumber {
        max: i32,
    },
}

/// In characters: the name of a group or workspace, and the first or last name of a person.
pub const NAME_MAX: usize = 255;
/// RFC 5321 section 4.5.3.1: 64 + 1 + 255.
pub const EMAIL_MAX: usize = 320;
pub const DESCRIPTION_MAX: usize = 500;
/// An external id or a color. The columns have no limit, but an index entry and a page do.
pub const SHORT_TEXT_MAX: usize = 255;

/// Why something was changed.
pub const REASON_MAX: usize = 500;
/// The key or the URL of a ticket.
pub const REFERENCE_MAX: usize = 100;

macro_rules! texts {
    ($($(#[$meta:meta])* $name:ident = $check:expr;)*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub fn parse(text: &str) -> Result<Self, TextFault> {
                $check(text).map(Self)
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

texts! {
    /// One line with at least one visible character.
    Name = line::<NAME_MAX>;
    /// A [`Name`], or empty. `people::model` requires one of the two names of a person.
    #[derive(Default)]
    NamePart = optional_line::<NAME_MAX>;
    ShortText = line::<SHORT_TEXT_MAX>;
    Reason = line::<REASON_MAX>;
    Reference = line::<REFERENCE_MAX>;
    Description = lines::<DESCRIPTION_MAX>;
    /// Compared without case. The check is loose (one `@`, text on both sides, no spaces), because only a delivered
    /// message proves that an address exists.
    Email = email;
}

fn line<const MAX: usize>(text: &str) -> Result<String, TextFault> {
    let text = cleaned(text);
    if text.is_empty() {
        return Err(TextFault::Blank);
    }
    if text.chars().any(breaks_lines) {
        return Err(TextFault::ControlCharacter);
    }
    bounded::<MAX>(text)
}

fn optional_line<const MAX: usize>(text: &str) -> Result<String, TextFault> {
    match line::<MAX>(text) {
        Err(TextFault::Blank) => Ok(String::new()),
        checked => checked,
    }
}

fn lines<const MAX: usize>(text: &str) -> Result<String, TextFault> {
    let text = cleaned(text);
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(TextFault::ControlCharacter);
    }
    bounded::<MAX>(text)
}

fn email(text: &str) -> Result<String, TextFault> {
    let text = line::<EMAIL_MAX>(&normalized_email(text))?;
    let is_email = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !text.contains(is_blank)
    });
    if is_email { Ok(text) } else { Err(TextFault::NotAnEmail) }
}

fn bounded<const MAX: usize>(text: String) -> Result<String, TextFault> {
    if text.chars().count() > MAX { Err(TextFault::TooLong { max: MAX }) } else { Ok(text) }
}

/// The form in which e-mail addresses are compared, also for a text that may not be one. Full-width characters of East
/// Asian keyboards become plain ones (the width mapping of RFC 8265 section 3.1).
pub fn normalized_email(text: &str) -> String {
    let narrow = |c: char| match u32::from(c) {
        code @ 0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(c),
        _ => c,
    };
    cleaned(&text.chars().map(narrow).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_trimmed_and_not_blank() {
        assert_eq!(Name::parse("  Acme SAS ").unwrap().as_str(), "Acme SAS");
        assert_eq!(Name::parse(" \t "), Err(TextFault::Blank));
        assert_eq!(Name::parse("a\0b"), Err(TextFault::ControlCharacter));
    }

    #[test]
    fn name_length_counts_characters_not_bytes() {
        assert!(Name::parse(&"é".repeat(255)).is_ok());
        assert_eq!(Name::parse(&"é".repeat(256)), Err(TextFault::TooLong { max: 255 }));
    }

    #[test]
    fn invisible_name_is_blank() {
        for unseen in ["\u{200b}", "\u{2800}\u{3164}", "\u{feff}\u{200e}", "\u{202e}\u{202c}"] {
            assert_eq!(Name::parse(unseen), Err(TextFault::Blank), "{unseen:?}");
            assert_eq!(NamePart::parse(unseen), Ok(NamePart::default()), "{unseen:?}");
        }
        assert_eq!(Name::parse("a\u{2028}b"), Err(TextFault::ControlCharacter));
        assert_eq!(NamePart::parse("a\nb"), Err(TextFault::ControlCharacter));
    }

    #[test]
    fn email_is_the_same_from_any_keyboard() {
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
    fn email_needs_both_sides() {
        assert!(Email::parse("ana.lima@example.com").is_ok());
        for bad in ["ana", "@example.com", "ana@", "a@b@c", "a b@c"] {
            assert_eq!(Email::parse(bad), Err(TextFault::NotAnEmail), "{bad}");
        }
    }
}
