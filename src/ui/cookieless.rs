//! Browsers that do not store the cookies of this site. Without a session, the reason is a parameter of the page.

/// The field of a form whose page set a cookie, and the parameter with the reason why it did not come back.
pub const FIELD: &str = "cookies";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookieless {
    /// The page was opened without TLS, which the cookies need.
    Plain,
    /// The browser blocks cookies.
    Blocked,
}

impl Cookieless {
    const ALL: [Self; 2] = [Self::Plain, Self::Blocked];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Blocked => "blocked",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.word() == word)
    }
}
