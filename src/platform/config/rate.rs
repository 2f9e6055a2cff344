//! Rate limits in requests per second.

use std::num::NonZeroU32;
use std::str::FromStr;

use serde::Deserialize;

use crate::platform::number_or_keyword::NumberOrKeyword;

/// Requests per second; `None`: no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "NumberOrKeyword")]
pub struct RateLimit(pub Option<NonZeroU32>);

impl RateLimit {
    /// The default of a token.
    pub const TOKEN: Self = Self(NonZeroU32::new(200));
    /// The default of an address, enough for an office behind one address in which everyone opens page after page.
    pub const ADDRESS: Self = Self(NonZeroU32::new(250));
}

impl FromStr for RateLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<NonZeroU32>() {
            Ok(per_second) if per_second.get() <= 1_000_000 => Ok(Self(Some(per_second))),
            Err(_) if text == "off" => Ok(Self(None)),
            Ok(_) | Err(_) => Err("a whole number from 1 to 1000000, or off".to_owned()),
        }
    }
}

impl TryFrom<NumberOrKeyword> for RateLimit {
    type Error = String;

    fn try_from(written: NumberOrKeyword) -> Result<Self, String> {
        written.text().parse()
    }
}
