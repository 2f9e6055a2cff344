//! Pages of a list by key: the statement that reads one page in the order of indexes, whatever its
//! depth.
//!
//! Rows of one noun are live or removed, and each kind has indexes of its own. A list over both, or
//! over several groups at once, has no single index in its order; so it is read as several *arms*,
//! each in the order of one index and no longer than the page, and only those few rows are sorted
//! together. (One statement with `OR` or `= ANY` would read and sort all rows that match.)

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use sqlx::{Postgres, QueryBuilder};

use crate::kernel::page::{KeyValue, PageRequest, Position, Start};
use crate::platform::db::id_filters::IdFilters;

/// One key of an order. The expression is ours, never a caller's text.
#[derive(Debug, Clone, Copy)]
pub struct SortKey {
    pub expression: &'static str,
    pub descending: bool,
    /// Compared without case: the expression is `lower(…)` of what a position holds.
    pub folded: bool,
}

/// A key on the rows of one arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArmKey {
    /// In the arm's index by this expression.
    Indexed(&'static str),
    /// Null on all its rows, which sorts after every value there is.
    Null,
}

/// Rows that share an index: which they are, and how the keys of the order are called in it.
#[derive(Debug, Clone)]
pub struct Arm {
    /// As in `e.deleted_at IS NULL`.
    pub condition: Cow<'static, str>,
    pub keys: Vec<ArmKey>,
    /// A column that the filter holds at null: Postgres takes an index on it for ordered only where the
    /// order begins with it.
    pub lead: Option<&'static str>,
}

/// An order that is total: `last` ends it, in the direction of the last key.
#[derive(Debug, Clone)]
pub struct Order {
    pub keys: Vec<SortKey>,
    pub last: Last,
}

/// What ends an order: no two rows have the same.
#[derive(Debug, Clone, Copy)]
pub enum Last {
    /// The column of the public id, which a position holds.
    Id(&'static str),
    /// The column of the internal key, which grows as rows are written: entries of a log that have one time keep
    /// the order in which things happened. A position holds the public id, and no caller ever sees a key.
    Written {
        key: &'static str,
        /// Selects the key of the row whose public id follows.
        by_id: &'static str,
    },
}

impl Last {
    const fn column(self) -> &'static str {
        match self {
            Self::Id(column) => column,
            Self::Written { key, by_id: _ } => key,
        }
    }

    const fn value(self, position: &Position) -> Value<'_> {
        match self {
            Self::Id(_) => Value::Id(position),
            Self::Written { key: _, by_id } => Value::KeyOf { by_id, position },
        }
    }
}

/// What a page is read from.
pub struct Source<'a> {
    /// As in `core_api.workspaces`.
    pub table: &'static str,
    pub alias: &'static str,
    pub arms: &'a [Arm],
    pub by_ids: &'a IdFilters,
}

type Query<'a> = QueryBuilder<'a, Postgres>;

impl Source<'_> {
    fn push_select(&self, query: &mut Query<'_>) {
        query.push("SELECT ").push(self.alias).push(".* FROM ").push(self.table).push(" ").push(self.alias);
    }
}

impl Order {
    /// Appends a sub-select of the page's rows, all columns of the table, up to one more than asked
    /// for: whether there is a next page is read off that one. `filter` appends ` AND …` conditions.
    pub fn push_page(
        &self,
        query: &mut Query<'_>,
        source: &Source<'_>,
        request: &PageRequest,
        filter: impl Fn(&mut Query<'_>, &Arm),
    ) {
        let arms: Vec<(&Arm, Beyond<'_>)> =
            source.arms.iter().filter_map(|arm| Some((arm, self.beyond(arm, request)?))).collect();
        if arms.is_empty() {
            query.push("(");
            source.push_select(query);
            query.push(" WHERE false)");
            return;
        }
        let each = source.by_ids.each();
        if let Some(each) = each {
            query.push("(SELECT ").push(source.alias).push(".* FROM ");
            each.push_table(query);
            query.push(" CROSS JOIN LATERAL ");
        }
        let several = arms.len() > 1;
        if several {
            query.push("(SELECT ").push(source.alias).push(".* FROM (");
        }
        for (index, (arm, beyond)) in arms.iter().enumerate() {
            query.push(if index == 0 { "(" } else { " UNION ALL (" });
            source.push_select(query);
            query.push(" WHERE ").push(&*arm.condition);
            filter(query, arm);
            beyond.push(query);
            self.push_arm_order(query, arm, request);
            push_limit(query, request);
            query.push(")");
        }
        if several {
            query.push(") ").push(source.alias);
            self.push_order(query, request);
            push_limit(query, request);
            query.push(")");
        }
        if each.is_some() {
            query.push(" ").push(source.alias);
            self.push_order(query, request);
            push_limit(query, request);
            query.push(")");
        }
    }

    /// Appends `ORDER BY` in reading order: backwards for a page that is asked for by its end.
    pub fn push_order(&self, query: &mut Query<'_>, request: &PageRequest) {
        let parts = self.keys.iter().map(|key| (key.expression, key.descending));
        push_order_by(query, parts.chain([(self.last.column(), self.last_descends())]), request);
    }

    fn push_arm_order(&self, query: &mut Query<'_>, arm: &Arm, request: &PageRequest) {
        let keys: Vec<(&'static str, bool)> = self
            .keys
            .iter()
            .zip(&arm.keys)
            .filter_map(|(key, arm_key)| match arm_key {
                ArmKey::Indexed(expression) => Some((*expression, key.descending)),
                ArmKey::Null => None,
            })
            .collect();
        let first_descends = keys.first().map_or(self.last_descends(), |(_, descending)| *descending);
        let lead = arm.lead.map(|lead| (lead, first_descends));
        let parts = lead.into_iter().chain(keys).chain([(self.last.column(), self.last_descends())]);
        push_order_by(query, parts, request);
    }

    fn last_descends(&self) -> bool {
        self.keys.last().is_some_and(|key| key.descending)
    }

    /// "Beyond the place in reading order", on this arm; `None` where none of its rows is.
    fn beyond<'a>(&'a self, arm: &Arm, request: &'a PageRequest) -> Option<Beyond<'a>> {
        let backwards = matches!(request.start, Start::Before(_));
        let (Start::After(position) | Start::Before(position)) = &request.start else {
            return Some(Beyond { terms: Vec::new(), strict: false });
        };
        let mut terms = Vec::with_capacity(self.keys.len() + 1);
        for ((key, arm_key), value) in self.keys.iter().zip(&arm.keys).zip(&position.keys) {
            let grows = key.descending == backwards;
            match arm_key {
                ArmKey::Indexed(expression) => {
                    terms.push(Term { expression, grows, value: Value::Key(value), folded: key.folded });
                }
                // Equal: the next key decides.
                ArmKey::Null if *value == KeyValue::Time(None) => {}
                // Null is beyond every value: so is each row that is level up to here.
                ArmKey::Null if grows => return Some(Beyond { terms, strict: false }),
                // And before every value: a row has to be beyond by an earlier key.
                ArmKey::Null if terms.is_empty() => return None,
                ArmKey::Null => return Some(Beyond { terms, strict: true }),
            }
        }
        let grows = self.last_descends() == backwards;
        let value = self.last.value(position);
        terms.push(Term { expression: self.last.column(), grows, value, folded: false });
        Some(Beyond { terms, strict: true })
    }
}

fn push_order_by(
    query: &mut Query<'_>,
    parts: impl Iterator<Item = (&'static str, bool)>,
    request: &PageRequest,
) {
    let backwards = matches!(request.start, Start::Before(_));
    query.push(" ORDER BY ");
    for (index, (expression, descending)) in parts.enumerate() {
        let direction = if descending == backwards { " ASC" } else { " DESC" };
        query.push(if index == 0 { "" } else { ", " }).push(expression).push(direction);
    }
}

/// A literal and no parameter: a plan that is made once for all values would take an unknown limit for
/// a tenth of the table, and sort it.
fn push_limit(query: &mut Query<'_>, request: &PageRequest) {
    query.push(" LIMIT ").push(u32::from(request.size) + 1);
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Key(&'a KeyValue),
    Id(&'a Position),
    KeyOf { by_id: &'static str, position: &'a Position },
}

struct Term<'a> {
    expression: &'static str,
    /// Do values grow in reading order?
    grows: bool,
    value: Value<'a>,
    folded: bool,
}

impl Term<'_> {
    fn push_value(&self, query: &mut Query<'_>) {
        match self.value {
            Value::Key(KeyValue::Time(Some(time))) => {
                let time: DateTime<Utc> = *time;
                query.push_bind(time);
            }
            Value::Key(KeyValue::Time(None)) => {
                query.push("'infinity'::timestamptz");
            }
            // Folded by the database, as the column is: no other lower case is sure to be the same.
            Value::Key(KeyValue::Text(text)) if self.folded => {
                query.push("lower(").push_bind(text.clone()).push(")");
            }
            Value::Key(KeyValue::Text(text)) => {
                query.push_bind(text.clone());
            }
            Value::Id(position) => {
                query.push_bind(position.id);
            }
            Value::KeyOf { by_id, position } => {
                query.push("(").push(by_id).push(" ").push_bind(position.id).push(")");
            }
        }
    }

    fn operator(&self, strict: bool) -> &'static str {
        match (self.grows, strict) {
            (true, true) => " > ",
            (true, false) => " >= ",
            (false, true) => " < ",
            (false, false) => " <= ",
        }
    }
}

struct Beyond<'a> {
    terms: Vec<Term<'a>>,
    /// Is a row that is level in all terms left out?
    strict: bool,
}

impl Beyond<'_> {
    /// Terms of one direction compare as one row, which an index answers by itself; mixed ones are
    /// spelled out behind a bound on the first, which it can use too.
    fn push(&self, query: &mut Query<'_>) {
        let [first, rest @ ..] = &self.terms[..] else { return };
        query.push(" AND ");
        if rest.is_empty() {
            query.push(first.expression).push(first.operator(self.strict));
            first.push_value(query);
        } else if rest.iter().all(|term| term.grows == first.grows) {
            query.push("(");
            for (index, term) in self.terms.iter().enumerate() {
                query.push(if index == 0 { "" } else { ", " }).push(term.expression);
            }
            query.push(")").push(first.operator(self.strict)).push("(");
            for (index, term) in self.terms.iter().enumerate() {
                query.push(if index == 0 { "" } else { ", " });
                term.push_value(query);
            }
            query.push(")");
        } else {
            query.push(first.expression).push(first.operator(false));
            first.push_value(query);
            query.push(" AND (");
            self.push_spelled_out(query);
            query.push(")");
        }
    }

    fn push_spelled_out(&self, query: &mut Query<'_>) {
        for (index, term) in self.terms.iter().enumerate() {
            let is_last = index + 1 == self.terms.len();
            query.push(term.expression).push(term.operator(self.strict || !is_last));
            term.push_value(query);
            if !is_last {
                query.push(" OR (").push(term.expression).push(" = ");
                term.push_value(query);
                query.push(" AND (");
            }
        }
        query.push("))".repeat(self.terms.len() - 1));
    }
}

#[cfg(test)]
mod tests {
    use super::super::id_filters::ByIds;
    use super::*;
    use uuid::Uuid;

    fn arm(condition: &'static str, keys: &[ArmKey]) -> Arm {
        Arm { condition: condition.into(), keys: keys.to_vec(), lead: None }
    }

    fn sql(keys: &[(&'static str, bool)], arms: &[Arm], by_ids: &IdFilters, start: Start) -> String {
        sql_ending(Last::Id("t.id"), keys, arms, by_ids, start)
    }

    fn sql_ending(
        last: Last,
        keys: &[(&'static str, bool)],
        arms: &[Arm],
        by_ids: &IdFilters,
        start: Start,
    ) -> String {
        let order = Order {
            keys: keys
                .iter()
                .map(|&(expression, descending)| SortKey {
                    expression,
                    descending,
                    folded: expression == "t.n",
                })
                .collect(),
            last,
        };
        let mut query = QueryBuilder::new("");
        let source = Source { table: "things", alias: "t", arms, by_ids };
        order.push_page(&mut query, &source, &PageRequest { size: 20, start }, |_, _| ());
        query.into_sql()
    }

    fn none() -> IdFilters {
        IdFilters::new([])
    }

    fn place(keys: Vec<KeyValue>) -> Position {
        Position { keys, id: Uuid::nil() }
    }

    fn noon() -> KeyValue {
        KeyValue::Time(Some("2026-05-01T12:00:00Z".parse().unwrap()))
    }

    #[test]
    fn keys_of_one_direction_compare_as_a_row() {
        let one = [arm("live", &[ArmKey::Indexed("t.a")])];
        assert_eq!(
            sql(&[("t.a", true)], &one, &none(), Start::After(place(vec![noon()]))),
            "(SELECT t.* FROM things t WHERE live AND (t.a, t.id) < ($1, $2) ORDER BY t.a DESC, t.id DESC LIMIT 21)"
        );
        assert_eq!(
            sql(&[("t.a", true)], &one, &none(), Start::Before(place(vec![noon()]))),
            "(SELECT t.* FROM things t WHERE live AND (t.a, t.id) > ($1, $2) ORDER BY t.a ASC, t.id ASC LIMIT 21)"
        );
    }

    #[test]
    fn rows_of_one_moment_are_told_apart_by_when_they_were_written() {
        let one = [arm("live", &[ArmKey::Indexed("t.a")])];
        let last = Last::Written { key: "t.pk", by_id: "SELECT pk FROM things WHERE id =" };
        assert_eq!(
            sql_ending(last, &[("t.a", true)], &one, &none(), Start::After(place(vec![noon()]))),
            "(SELECT t.* FROM things t WHERE live AND (t.a, t.pk) < ($1, (SELECT pk FROM things WHERE id = $2)) \
             ORDER BY t.a DESC, t.pk DESC LIMIT 21)"
        );
    }

    #[test]
    fn mixed_directions_are_spelled_out_behind_a_bound() {
        let one = [arm("live", &[ArmKey::Indexed("t.a"), ArmKey::Indexed("t.n")])];
        let start = Start::After(place(vec![noon(), KeyValue::Text("x".into())]));
        assert_eq!(
            sql(&[("t.a", true), ("t.n", false)], &one, &none(), start),
            "(SELECT t.* FROM things t WHERE live AND t.a <= $1 AND (t.a < $2 OR (t.a = $3 AND (t.n > lower($4) OR \
             (t.n = lower($5) AND (t.id > $6))))) ORDER BY t.a DESC, t.n ASC, t.id ASC LIMIT 21)"
        );
    }

    #[test]
    fn arms_are_cut_to_the_page_before_they_are_merged() {
        let two = [arm("live", &[ArmKey::Null]), arm("gone", &[ArmKey::Indexed("t.d")])];
        assert_eq!(
            sql(&[("t.x", true)], &two, &none(), Start::Beginning),
            "(SELECT t.* FROM ((SELECT t.* FROM things t WHERE live ORDER BY t.id DESC LIMIT 21) UNION ALL \
             (SELECT t.* FROM things t WHERE gone ORDER BY t.d DESC, t.id DESC LIMIT 21)) t \
             ORDER BY t.x DESC, t.id DESC LIMIT 21)"
        );
    }

    #[test]
    fn a_null_key_is_beyond_every_value() {
        let live = [arm("live", &[ArmKey::Null])];
        let at =
            |value, descending| sql(&[("t.x", descending)], &live, &none(), Start::After(place(vec![value])));
        assert!(at(noon(), true).contains("WHERE false"), "descending, nulls came first");
        assert!(at(noon(), false).contains("WHERE live ORDER BY"), "ascending, all are still to come");
        assert!(at(KeyValue::Time(None), false).contains("WHERE live AND t.id > $1"), "among the nulls");
    }

    #[test]
    fn a_scope_reads_a_page_for_each_of_its_rows() {
        let one = [arm("t.g = s.pk", &[ArmKey::Indexed("t.a")])];
        let wanted = vec![Uuid::nil(), Uuid::max()];
        let by = ByIds { column: "t.g", alias: "s", lookup: "groups WHERE id", is_narrow: false, wanted };
        assert_eq!(
            sql(&[("t.a", false)], &one, &IdFilters::new([by]), Start::Beginning),
            "(SELECT t.* FROM (SELECT pk FROM groups WHERE id = ANY ($1)) s CROSS JOIN LATERAL \
             (SELECT t.* FROM things t WHERE t.g = s.pk ORDER BY t.a ASC, t.id ASC LIMIT 21) t \
             ORDER BY t.a ASC, t.id ASC LIMIT 21)"
        );
    }
}
