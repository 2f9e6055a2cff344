//! A setting that is a number or a keyword such as `off`.

use serde::Deserialize;

/// The value in a settings file. Flags and variables are text already; the same `FromStr` reads both.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a whole number, or a word in quotes")]
pub enum NumberOrKeyword {
    Number(u32),
    Keyword(String),
}

impl NumberOrKeyword {
    pub fn text(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Keyword(keyword) => keyword,
        }
    }
}
