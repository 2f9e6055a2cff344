//! Settings that are a whole number or "off".

use std::num::NonZeroU32;
use std::str::FromStr;

use serde::Deserialize;

/// A number from 1 to `MAX`; `None`: off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "FileValue")]
pub struct NumberOrOff<const MAX: u32>(pub Option<NonZeroU32>);

/// The number of proxies that append their client to `X-Forwarded-For`. Off: the header may be forged and is ignored.
pub type Proxies = NumberOrOff<9>;
pub type RateLimit = NumberOrOff<1_000_000>;

impl RateLimit {
    pub const TOKEN: Self = Self(NonZeroU32::new(200));
    /// The default of an address, enough for an office behind one address in which everyone opens page after page.
    pub const ADDRESS: Self = Self(NonZeroU32::new(250));
}

impl<const MAX: u32> FromStr for NumberOrOff<MAX> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<NonZeroU32>() {
            Ok(number) if number.get() <= MAX => Ok(Self(Some(number))),
            Err(_) if text == "off" => Ok(Self(None)),
            Ok(_) | Err(_) => Err(format!("a whole number from 1 to {MAX}, or off")),
        }
    }
}

/// The value in a settings file. Flags and variables are text already.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a whole number, or a word in quotes")]
enum FileValue {
    Number(u32),
    Keyword(String),
}

impl<const MAX: u32> TryFrom<FileValue> for NumberOrOff<MAX> {
    type Error = String;

    fn try_from(value: FileValue) -> Result<Self, String> {
        match value {
            FileValue::Number(number) => number.to_string().parse(),
            FileValue::Keyword(keyword) => keyword.parse(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_is_a_number_or_off() {
        assert_eq!("off".parse(), Ok(NumberOrOff::<9>(None)));
        assert_eq!("2".parse(), Ok(NumberOrOff::<9>(NonZeroU32::new(2))));
        for text in ["0", "10", "-1", "on", ""] {
            assert!(text.parse::<NumberOrOff<9>>().is_err(), "{text}");
        }
    }
}
