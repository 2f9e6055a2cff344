//! The limit for the removals of a change that is derived from a list.

use std::str::FromStr;

/// The largest number of enrollments that one change may remove from a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemovalLimit {
    Number(i64),
    /// Of the live enrollments of the group.
    Percent(i64),
}

impl RemovalLimit {
    /// A list that removes more is usually incomplete.
    pub const DEFAULT: Self = Self::Percent(10);

    /// The limit for a group with this number of live enrollments.
    pub const fn of(self, members: i64) -> i64 {
        match self {
            Self::Number(number) => number,
            Self::Percent(percent) => members * percent / 100,
        }
    }
}

/// What a number or percentage cannot be read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedLimit;

impl FromStr for RemovalLimit {
    type Err = MalformedLimit;

    fn from_str(text: &str) -> Result<Self, MalformedLimit> {
        let number = |text: &str| match text.parse::<u32>() {
            Ok(number) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(i64::from(number)),
            Ok(_) | Err(_) => Err(MalformedLimit),
        };
        let Some(percent) = text.strip_suffix('%') else { return number(text).map(Self::Number) };
        number(percent).ok().filter(|percent| *percent <= 100).map(Self::Percent).ok_or(MalformedLimit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_is_a_number_or_a_percentage() {
        let limit = |text: &str| text.parse::<RemovalLimit>();
        assert_eq!(limit("0"), Ok(RemovalLimit::Number(0)));
        assert_eq!(limit("250"), Ok(RemovalLimit::Number(250)));
        assert_eq!(limit("10%"), Ok(RemovalLimit::DEFAULT));
        assert_eq!(limit("100%"), Ok(RemovalLimit::Percent(100)));
        for text in ["", "%", "101%", "-1", "+1", "1.5%", "ten", "5 %", "99999999999"] {
            assert_eq!(limit(text), Err(MalformedLimit), "{text}");
        }
    }

    #[test]
    fn percentage_is_rounded_down() {
        for (members, most) in [(0, 0), (9, 0), (10, 1), (19, 1), (760, 76)] {
            assert_eq!(RemovalLimit::DEFAULT.of(members), most);
        }
        assert_eq!(RemovalLimit::Number(3).of(1), 3);
    }
}
