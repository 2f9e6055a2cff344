//! Finding by what somebody typed: each word of it, in any order, without regard to accents and case. What is the
//! same in that sense the database says alone, in the functions of the migration `text_search`, since its indexes
//! are made by them.
//!
//! A statement that searches is planned for the text that was typed and for no other (`persistent(false)`): which
//! index is the right one depends on the text.

use std::fmt::Write as _;

use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::kernel::id::beginning_with;
use crate::kernel::text::cleaned;

/// More words are looked for as one: a condition for each of a hundred would help nobody.
const WORDS_MAX: usize = 16;

/// What somebody typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// All of it.
    pub text: String,
    words: Vec<String>,
    /// The first and the last of the public ids that begin so, where it may be the beginning of one.
    pub ids: Option<(Uuid, Uuid)>,
}

/// A part of a condition: text of a statement, or the place of a word by its number.
enum Part<'a> {
    Sql(&'a str),
    ShortText(usize),
}

impl Sought {
    /// Without what Postgres cannot take. `None`: there is nothing to look for.
    pub fn new(typed: &str) -> Option<Self> {
        let text = cleaned(&typed.replace('\0', ""));
        if text.is_empty() {
            return None;
        }
        let (mut words, mut rest) = (Vec::new(), text.trim_start_matches(is_between));
        while words.len() + 1 < WORDS_MAX
            && let Some((word, after)) = rest.split_once(is_between)
        {
            words.push(bare(word));
            rest = after.trim_start_matches(is_between);
        }
        if !rest.is_empty() {
            words.push(bare(rest));
        }
        // Nothing but signs that stand between words: then one of them is meant.
        if words.is_empty() {
            words.push(text.clone());
        }
        Some(Self { words, ids: beginning_with(&text), text })
    }

    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// Is all of it a single word?
    pub fn is_one_word(&self) -> bool {
        self.words.len() == 1 && self.words[0] == self.text
    }

    /// Appends "has all words" to the statement of a list. `searchable` is an expression of `groupdesk.searchable`
    /// that has an index of trigrams.
    pub fn push_holding(&self, query: &mut QueryBuilder<'_, Postgres>, searchable: &str) {
        self.write(searchable, self.is_one_word(), |part| match part {
            Part::Sql(sql) => {
                query.push(sql);
            }
            Part::ShortText(index) => {
                query.push_bind(self.words[index].clone());
            }
        });
    }

    /// The same for a statement whose parameters have numbers: the words are those from `first` on. A single letter
    /// is looked for where words begin, since such a statement looks into every table.
    pub fn holding(&self, searchable: &str, first: usize) -> String {
        let mut condition = String::new();
        self.write(searchable, false, |part| match part {
            Part::Sql(sql) => condition.push_str(sql),
            Part::ShortText(index) => {
                let _ = write!(condition, "${}", first + index);
            }
        });
        condition
    }

    fn write(&self, searchable: &str, is_all: bool, mut push: impl FnMut(Part<'_>)) {
        let last = self.words.len() - 1;
        for index in 0..=last {
            push(Part::Sql(if index == 0 { "" } else { " AND " }));
            push(Part::Sql(searchable));
            push(Part::Sql(" LIKE groupdesk.holding("));
            push(Part::ShortText(index));
            push(Part::Sql(&format!(", {}, {is_all})", index == last)));
        }
    }
}

/// Stands between two words and is no part of what is looked for: "Lima, Ana" is Ana Lima.
fn is_between(sign: char) -> bool {
    sign.is_whitespace()
        || matches!(sign, ',' | ';' | '\u{60c}' | '\u{61b}' | '\u{3001}' | '\u{ff0c}' | '\u{ff1b}')
}

/// The word without the quotation marks and brackets around it, and without a full stop behind it. It says the same
/// without them, and finds more. A sign that stands alone is what is looked for.
fn bare(word: &str) -> String {
    let is_around = |sign: char| {
        matches!(sign, '"' | '(' | ')' | '[' | ']' | '\u{ab}' | '\u{bb}' | '\u{201c}'..='\u{201f}')
    };
    let bare = word.trim_matches(is_around).trim_end_matches('.');
    if bare.is_empty() { word } else { bare }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(typed: &str) -> Vec<String> {
        Sought::new(typed).unwrap().words().map(str::to_owned).collect()
    }

    #[test]
    fn a_text_is_its_words() {
        assert_eq!(words(" Meier\u{a0}& \t Ja\u{308}ger\u{200b} "), ["Meier", "&", "J\u{e4}ger"]);
        assert_eq!(Sought::new(" \u{200b}\0"), None);
        let many = words(&"a ".repeat(100));
        assert_eq!((many.len(), many[15].len()), (16, 169));
    }

    #[test]
    fn signs_between_and_around_words_are_no_words() {
        for (typed, expected) in [
            ("Lima, Ana", vec!["Lima", "Ana"]),
            ("lima,ana;", vec!["lima", "ana"]),
            (", Lima", vec!["Lima"]),
            ("\u{201e}Acme\u{201c} (North)", vec!["Acme", "North"]),
            ("St. Gallen", vec!["St", "Gallen"]),
            ("a.b@example.com", vec!["a.b@example.com"]),
            (".", vec!["."]),
            ("() .", vec!["()", "."]),
            (",", vec![","]),
            ("jag%", vec!["jag%"]),
        ] {
            assert_eq!(words(typed), expected, "{typed:?}");
        }
    }

    #[test]
    fn parameters_have_their_numbers() {
        assert_eq!(
            Sought::new("a b").unwrap().holding("x", 5),
            "x LIKE groupdesk.holding($5, false, false) AND x LIKE groupdesk.holding($6, true, false)"
        );
    }

    #[test]
    fn a_single_letter_is_all_of_a_list_s_text() {
        let mut query = QueryBuilder::new("");
        Sought::new("a").unwrap().push_holding(&mut query, "x");
        assert_eq!(query.sql(), "x LIKE groupdesk.holding($1, true, true)");
    }
}
