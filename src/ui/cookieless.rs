//! Browsers that do not keep the desk's cookies. Nothing can wait for them in a session: the address of the page
//! says what happened, in a word.

/// The field by which a form says that its page set a cookie, and the parameter of the page that says why none
/// came back.
pub const FIELD: &str = "cookies";

/// Why a browser keeps no cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookieless {
    /// The desk's cookies travel by TLS alone, and the page was opened without it.
    Plain,
    /// It does not take any.
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
