//! Full-text search: each word of a text, in any order, without regard to accents and case (migration `text_search`).
//! The right index depends on the text, so each search is planned separately ([`fetch_rows`]).

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Connection as _, Executor as _, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::kernel::id::beginning_with;
use crate::kernel::text::cleaned;

/// Runs a query, which is a search or not. A search has no use for the generic plan that the session demands
/// (`SESSION_SETTINGS` in `connect.rs`).
pub async fn fetch_rows(
    connection: &mut PgConnection,
    query: Query<'_, Postgres, PgArguments>,
    is_search: bool,
) -> sqlx::Result<Vec<PgRow>> {
    if !is_search {
        return query.fetch_all(connection).await;
    }
    let mut transaction = connection.begin().await?;
    transaction.execute("SET LOCAL plan_cache_mode = force_custom_plan").await?;
    let rows = query.persistent(false).fetch_all(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(rows)
}

/// Runs a search that ends with the first matches that it finds, in any order. It uses the trigram index, which leads to a
/// match with each row, also if the planner expects to find one in any row of the table soon. A single letter has no trigram,
/// and nearly every row has the letter.
pub async fn fetch_matches(
    connection: &mut PgConnection,
    query: Query<'_, Postgres, PgArguments>,
    terms: &SearchTerms,
) -> sqlx::Result<Vec<PgRow>> {
    let mut transaction = connection.begin().await?;
    transaction.execute("SET LOCAL plan_cache_mode = force_custom_plan").await?;
    if terms.text.chars().nth(1).is_some() {
        transaction.execute("SET LOCAL enable_seqscan = off").await?;
    }
    let rows = query.persistent(false).fetch_all(&mut *transaction).await?;
    // A surrounding transaction must not keep the settings.
    transaction.rollback().await?;
    Ok(rows)
}

/// The rest of a longer text is one word, because a condition for each of a hundred words would help nobody.
const WORDS_MAX: usize = 16;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerms {
    pub text: String,
    words: Vec<String>,
    /// The range of the public ids that begin with the text, if it may be the beginning of one.
    pub ids: Option<(Uuid, Uuid)>,
}

impl SearchTerms {
    pub fn new(typed: &str) -> Option<Self> {
        let text = cleaned(&typed.replace('\0', ""));
        if text.is_empty() {
            return None;
        }
        let (mut words, mut rest) = (Vec::new(), text.trim_start_matches(is_separator));
        while words.len() + 1 < WORDS_MAX
            && let Some((word, after)) = rest.split_once(is_separator)
        {
            words.push(bare(word));
            rest = after.trim_start_matches(is_separator);
        }
        if !rest.is_empty() {
            words.push(bare(rest));
        }
        // A text of separators only searches for them.
        if words.is_empty() {
            words.push(text.clone());
        }
        Some(Self { words, ids: beginning_with(&text), text })
    }

    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// Appends to the statement of a list the condition that `searchable`, which has a trigram index, contains all words.
    pub fn push_contains_words(&self, query: &mut QueryBuilder<'_, Postgres>, searchable: &str) {
        let is_one_word = self.words == [self.text.as_str()];
        for (index, word) in self.words.iter().enumerate() {
            let and = if index == 0 { "" } else { " AND " };
            query.push(format!("{and}{searchable} LIKE groupdesk.holding(")).push_bind(word.clone());
            query.push(format_args!(", {}, {is_one_word})", self.is_last(index)));
        }
    }

    /// The same condition for a statement that searches every table. Its words are the parameters from `first`, and a
    /// single letter is searched at the beginning of words only.
    pub fn contains_words(&self, searchable: &str, first: usize) -> String {
        let condition = |index: usize| {
            let (number, is_last) = (first + index, self.is_last(index));
            format!("{searchable} LIKE groupdesk.holding(${number}, {is_last}, false)")
        };
        (0..self.words.len()).map(condition).collect::<Vec<_>>().join(" AND ")
    }

    fn is_last(&self, index: usize) -> bool {
        index + 1 == self.words.len()
    }
}

/// Whether the character separates words and belongs to none: "Lima, Ana" is Ana Lima.
fn is_separator(sign: char) -> bool {
    sign.is_whitespace()
        || matches!(sign, ',' | ';' | '\u{60c}' | '\u{61b}' | '\u{3001}' | '\u{ff0c}' | '\u{ff1b}')
}

/// The word without enclosing quotation marks and brackets and a final full stop, unless nothing is left, to find more.
fn bare(word: &str) -> String {
    let is_enclosing = |sign: char| {
        matches!(sign, '"' | '(' | ')' | '[' | ']' | '\u{ab}' | '\u{bb}' | '\u{201c}'..='\u{201f}')
    };
    let bare = word.trim_matches(is_enclosing).trim_end_matches('.');
    if bare.is_empty() { word } else { bare }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(typed: &str) -> Vec<String> {
        SearchTerms::new(typed).unwrap().words().map(str::to_owned).collect()
    }

    #[test]
    fn a_text_is_split_into_words() {
        assert_eq!(words(" Meier\u{a0}& \t Ja\u{308}ger\u{200b} "), ["Meier", "&", "J\u{e4}ger"]);
        assert_eq!(SearchTerms::new(" \u{200b}\0"), None);
        let many = words(&"a ".repeat(100));
        assert_eq!((many.len(), many[15].len()), (16, 169));
    }

    #[test]
    fn punctuation_around_words_is_dropped() {
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
    fn parameters_are_numbered_from_the_first() {
        assert_eq!(
            SearchTerms::new("a b").unwrap().contains_words("x", 5),
            "x LIKE groupdesk.holding($5, false, false) AND x LIKE groupdesk.holding($6, true, false)"
        );
    }

    #[test]
    fn one_word_is_the_whole_text_of_a_list() {
        let mut query = QueryBuilder::new("");
        SearchTerms::new("a").unwrap().push_contains_words(&mut query, "x");
        assert_eq!(query.sql(), "x LIKE groupdesk.holding($1, true, true)");
    }
}
