//! A setting that is a number, or a word such as `off`.

use serde::Deserialize;

/// As a file has it. Flags and variables are text already, and read by the same `FromStr`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a whole number, or a word in quotes")]
pub enum NumberOrKeyword {
    Number(u32),
    Word(String),
}

impl NumberOrKeyword {
    pub fn text(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Word(word) => word,
        }
    }
}
