//! One page of a list, as pages show it (`ui/server/lists.rs` reads it), and the addresses of its other pages.

use std::fmt;

use crate::kernel::text::cleaned;
use crate::ui::paths::encode;

/// The parameter that asks for the length of a list, which a large table has to be read for.
pub const COUNT: &str = "count";

/// Rows on a page of a list.
pub const ROWS: u16 = 50;

/// Items with the sealed cursors of the pages before and after them.
pub struct ListPage<T> {
    pub items: Vec<T>,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The cleaned text of a search field; `None` if it has no visible character.
pub fn searched(text: &str) -> Option<String> {
    let text = cleaned(&text.replace('\0', ""));
    (!text.is_empty()).then_some(text)
}

/// Cursors, and the number of rows before the page. They are invalid with another filter or order.
const CURSORS: [&str; 3] = ["after", "before", "row"];

/// The path and query of a page, of which links to other pages of the list change a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    path: String,
    query: Vec<(String, String)>,
}

impl Address {
    pub fn of(here: &str) -> Self {
        let (path, query) = here.split_once('?').unwrap_or((here, ""));
        let pairs = form_urlencoded::parse(query.as_bytes());
        // Forms send empty fields, which mean no filter.
        let query = pairs.into_owned().filter(|(_, value)| !value.is_empty()).collect();
        Self { path: path.to_owned(), query }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Sets a parameter and leads to the first page.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut changed = self.without(name);
        if !value.is_empty() {
            changed.query.push((name.to_owned(), value.to_owned()));
        }
        changed
    }

    /// Sets a parameter and stays on the same page.
    #[must_use]
    pub fn with_kept(&self, name: &str, value: &str) -> Self {
        let mut changed = self.clone();
        changed.query.retain(|(known, _)| known != name);
        changed.query.push((name.to_owned(), value.to_owned()));
        changed
    }

    /// Leads to the page behind or before a cursor, which begins after this number of rows.
    #[must_use]
    pub fn with_cursor(&self, name: &str, cursor: &str, row: Option<i64>) -> Self {
        let mut changed = self.with(name, cursor);
        changed.query.extend(row.map(|row| ("row".to_owned(), row.to_string())));
        changed
    }

    /// Adds the parameters of another address that have these names.
    #[must_use]
    pub fn with_those(self, other: &Self, names: impl Iterator<Item = &'static str>) -> Self {
        let given = names.filter_map(|name| Some((name, other.get(name)?)));
        given.fold(self, |address, (name, value)| address.with(name, value))
    }

    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        Self { path: self.path.clone(), query: self.others(&[name]) }
    }

    #[must_use]
    pub fn first_page(&self) -> Self {
        self.without("")
    }

    /// All parameters except for cursors and `named`, which a form has fields for. The others become hidden fields.
    pub fn others(&self, named: &[&str]) -> Vec<(String, String)> {
        let is_other = |name: &str| !named.contains(&name) && !CURSORS.contains(&name);
        self.query.iter().filter(|(name, _)| is_other(name)).cloned().collect()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        for (number, (name, value)) in self.query.iter().enumerate() {
            let sign = if number == 0 { '?' } else { '&' };
            write!(f, "{sign}{}={}", encode(name), encode(value))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_parameter_changes_and_the_others_stay() {
        let here = Address::of("/groups?q=a+b&sort=name&after=xyz&status=");
        assert_eq!(here.get("q"), Some("a b"));
        assert_eq!(here.with("sort", "-name").to_string(), "/groups?q=a%20b&sort=-name");
        assert_eq!(here.with("q", "").to_string(), "/groups?sort=name");
        assert_eq!(here.first_page().to_string(), "/groups?q=a%20b&sort=name");
        assert_eq!(here.others(&["q"]), [("sort".to_owned(), "name".to_owned())]);
        assert_eq!(Address::of("/groups").to_string(), "/groups");
    }
}
