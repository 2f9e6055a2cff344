//! Browsers that do not store the cookies of this site. Without a session, the reason is a parameter of the page.

use strum::{EnumString, IntoStaticStr};

/// The field of a form whose page set a cookie, and the parameter with the reason why it did not come back.
pub const FIELD: &str = "cookies";

#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Cookieless {
    /// The page was opened without TLS, which the cookies need.
    Plain,
    /// The browser blocks cookies.
    Blocked,
}
