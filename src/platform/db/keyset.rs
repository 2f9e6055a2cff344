//! Keyset pagination: builds the statement that reads a page in index order, at the same cost for every page of a list.
//!
//! Live and removed rows have separate indexes, so a list of both is read as several *branches*. Each branch reads at
//! most a page in the order of one index, and only those few rows are sorted together. A condition with `OR` or `= ANY`
//! would read and sort all rows that match.

use std::borrow::Cow;

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::kernel::page::{KeyValue, Page, PageRequest, Position, Sort, Start};
use crate::platform::db::id_filters::IdFilters;
use crate::platform::failure::Outcome;

#[derive(Debug, Clone)]
pub struct Branch {
    pub condition: Cow<'static, str>,
    /// The expression of a sort key, and the one that the index has instead. `None`: null, which sorts after every value.
    pub replaced: Option<(&'static str, Option<&'static str>)>,
    /// The first column of the index, if the filter holds it at null: Postgres uses the order of the index only if the
    /// order begins with that column.
    pub leading_column: Option<&'static str>,
}

impl Branch {
    pub fn of(condition: impl Into<Cow<'static, str>>) -> Self {
        Self { condition: condition.into(), replaced: None, leading_column: None }
    }

    fn expression(&self, key: &'static str) -> Option<&'static str> {
        let replaced = self.replaced.filter(|(expression, _)| *expression == key);
        replaced.map_or(Some(key), |(_, indexed)| indexed)
    }
}

/// A total order: the keys, then `last` in the direction of the last key.
#[derive(Debug, Clone)]
pub struct Order {
    /// Expressions, which never come from a caller, and whether each is descending. `lower(…)` compares with the lower
    /// case of the text that a position holds.
    keys: Vec<(&'static str, bool)>,
    last: Last,
}

#[derive(Debug, Clone, Copy)]
pub enum Last {
    /// The column of the public id, which a position holds.
    Id(&'static str),
    /// The column of the internal key, which keeps rows of the same time in the order in which they were written. No caller
    /// may see it, so a position holds the public id; `by_id` is the beginning of a query for the key.
    ///
    /// `partitioned_by`: the first key of the order, without an alias, if the table may be partitioned by it. Postgres does
    /// not derive from a comparison of rows which partitions it needs, so the key is also compared by itself.
    Written { key: &'static str, by_id: &'static str, partitioned_by: Option<&'static str> },
}

pub struct Source<'a> {
    pub table: &'static str,
    pub alias: &'static str,
    pub branches: &'a [Branch],
    pub id_filters: &'a IdFilters,
}

type Query<'a> = QueryBuilder<'a, Postgres>;

/// The number of rows that are read in each branch, and the condition that each of them is tested for.
pub type Walk<'a> = (u16, &'a dyn Fn(&mut Query<'_>));

impl Order {
    pub fn of<K: Copy>(sort: &Sort<K>, expression: impl Fn(K) -> &'static str, last: Last) -> Self {
        let keys = sort.0.iter().map(|&(key, descending)| (expression(key), descending)).collect();
        Self { keys, last }
    }

    /// Appends a sub-select of the page and of one row more, which shows whether there is a next page.
    pub fn push_page(
        &self,
        query: &mut Query<'_>,
        source: &Source<'_>,
        request: &PageRequest,
        filter: impl Fn(&mut Query<'_>, &Branch),
    ) {
        self.push_walk(query, source, request, filter, None);
    }

    /// [`Self::push_page`] with a further condition that is too expensive for all rows.
    pub fn push_walk(
        &self,
        query: &mut Query<'_>,
        source: &Source<'_>,
        request: &PageRequest,
        filter: impl Fn(&mut Query<'_>, &Branch),
        walk: Option<Walk<'_>>,
    ) {
        let branches: Vec<(&Branch, Seek<'_>)> =
            source.branches.iter().filter_map(|branch| Some((branch, self.seek(branch, request)?))).collect();
        let &Source { table, alias, id_filters, .. } = source;
        if branches.is_empty() {
            query.push(format_args!("(SELECT {alias}.* FROM {table} {alias} WHERE false)"));
            return;
        }
        let (driving, is_merged) = (id_filters.driving(), branches.len() > 1);
        if let Some(driving) = driving {
            query.push(format_args!("(SELECT {alias}.* FROM "));
            driving.push_table(query);
            query.push(" CROSS JOIN LATERAL ");
        }
        if is_merged {
            query.push(format_args!("(SELECT {alias}.* FROM ("));
        }
        for (index, (branch, seek)) in branches.iter().enumerate() {
            let union = if index == 0 { "" } else { " UNION ALL " };
            let walked =
                if walk.is_some() { format!("(SELECT {alias}.* FROM {table}") } else { table.to_owned() };
            query.push(format_args!(
                "{union}(SELECT {alias}.* FROM {walked} {alias} WHERE {}",
                branch.condition
            ));
            filter(query, branch);
            seek.push(query);
            self.push_order_of(query, branch, request);
            if let Some((rows, test)) = walk {
                query.push(format_args!(" LIMIT {rows}) {alias} WHERE "));
                test(query);
                self.push_order_of(query, branch, request);
            }
            push_limit(query, request);
        }
        for closing in [is_merged.then_some(") "), driving.map(|_| " ")].into_iter().flatten() {
            query.push(closing).push(alias);
            self.push_order(query, request);
            push_limit(query, request);
        }
    }

    /// Appends a sub-select of the page of several lists, each of which `part` appends, and none of which has a row of
    /// another one.
    pub fn push_union(
        &self,
        query: &mut Query<'_>,
        alias: &str,
        request: &PageRequest,
        parts: usize,
        part: impl Fn(&mut Query<'_>, usize),
    ) {
        query.push(format_args!("(SELECT {alias}.* FROM ("));
        for index in 0..parts {
            query.push(if index == 0 { "SELECT * FROM " } else { " UNION ALL SELECT * FROM " });
            part(query, index);
            query.push(format_args!(" p{index}"));
        }
        query.push(") ").push(alias);
        self.push_order(query, request);
        push_limit(query, request);
    }

    pub fn push_order(&self, query: &mut Query<'_>, request: &PageRequest) {
        self.push_order_of(query, &Branch::of(""), request);
    }

    fn push_order_of(&self, query: &mut Query<'_>, branch: &Branch, request: &PageRequest) {
        let keys =
            self.keys.iter().filter_map(|&(key, descending)| Some((branch.expression(key)?, descending)));
        let mut parts: Vec<(&'static str, bool)> = keys.chain([self.last_part()]).collect();
        if let Some(lead) = branch.leading_column {
            parts.insert(0, (lead, parts[0].1));
        }
        let mut list = query.push(" ORDER BY ").separated(", ");
        for (expression, descending) in parts {
            let direction = if descending == is_backwards(request) { " ASC" } else { " DESC" };
            list.push(expression).push_unseparated(direction);
        }
    }

    fn last_part(&self) -> (&'static str, bool) {
        let (Last::Id(column) | Last::Written { key: column, .. }) = self.last;
        (column, self.keys.last().is_some_and(|(_, descending)| *descending))
    }

    /// The condition for rows of this branch beyond the position in reading order; `None` if there are none.
    fn seek<'a>(&'a self, branch: &Branch, request: &'a PageRequest) -> Option<Seek<'a>> {
        let (Start::After(position) | Start::Before(position)) = &request.start else {
            return Some(Seek { terms: Vec::new(), is_strict: false });
        };
        let backwards = is_backwards(request);
        let mut terms = Vec::with_capacity(self.keys.len() + 1);
        for (&(key, descending), value) in self.keys.iter().zip(&position.keys) {
            let ascending = descending == backwards;
            match branch.expression(key) {
                Some(expression) => terms.push(Term { expression, ascending, value: Value::Key(value) }),
                // Equal: the next key decides.
                None if *value == KeyValue::Time(None) => {}
                // Null is before every value, and no earlier key can be beyond.
                None if !ascending && terms.is_empty() => return None,
                // Null is beyond every value, or before it. So is each row that is equal in the keys before.
                None => return Some(Seek { terms, is_strict: !ascending }),
            }
        }
        let (expression, descending) = self.last_part();
        let value = Value::Id(position, self.last);
        terms.push(Term { expression, ascending: descending == backwards, value });
        Some(Seek { terms, is_strict: true })
    }
}

const fn is_backwards(request: &PageRequest) -> bool {
    matches!(request.start, Start::Before(_))
}

/// Ends a sub-select. With a parameter as the limit, a generic plan would expect a tenth of the table, and sort it.
fn push_limit(query: &mut Query<'_>, request: &PageRequest) {
    query.push(format_args!(" LIMIT {})", u32::from(request.size) + 1));
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Key(&'a KeyValue),
    Id(&'a Position, Last),
}

struct Term<'a> {
    expression: &'static str,
    ascending: bool,
    value: Value<'a>,
}

impl Term<'_> {
    fn push_value(&self, query: &mut Query<'_>) {
        match self.value {
            Value::Key(KeyValue::Time(Some(time))) => query.push_bind(*time),
            Value::Key(KeyValue::Time(None)) => query.push("'infinity'::timestamptz"),
            // The database converts it, as it does the column: another lower case may differ.
            Value::Key(KeyValue::Text(text)) if self.expression.starts_with("lower(") => {
                query.push("lower(").push_bind(text.clone()).push(")")
            }
            Value::Key(KeyValue::Text(text)) => query.push_bind(text.clone()),
            Value::Id(position, Last::Id(_)) => query.push_bind(position.id),
            Value::Id(position, Last::Written { by_id, partitioned_by, .. }) => {
                query.push(format_args!("({by_id} ")).push_bind(position.id);
                if let (Some(column), [KeyValue::Time(time), ..]) = (partitioned_by, &position.keys[..]) {
                    query.push(format_args!(" AND {column} = ")).push_bind(*time);
                }
                query.push(")")
            }
        };
    }

    /// `is_strict`: whether an equal value is left out.
    fn push(&self, query: &mut Query<'_>, is_strict: bool) {
        query.push(self.expression).push(self.operator(is_strict));
        self.push_value(query);
    }

    const fn is_partitioned(&self) -> bool {
        matches!(self.value, Value::Id(_, Last::Written { partitioned_by: Some(_), .. }))
    }

    const fn operator(&self, is_strict: bool) -> &'static str {
        match (self.ascending, is_strict) {
            (true, true) => " > ",
            (true, false) => " >= ",
            (false, true) => " < ",
            (false, false) => " <= ",
        }
    }
}

struct Seek<'a> {
    terms: Vec<Term<'a>>,
    is_strict: bool,
}

impl Seek<'_> {
    /// Terms of one direction are compared as a row, which an index answers by itself. Mixed directions are spelled
    /// out behind a bound on the first term, which an index can use too.
    fn push(&self, query: &mut Query<'_>) {
        let [first, rest @ ..] = &self.terms[..] else { return };
        query.push(" AND ");
        if rest.is_empty() {
            first.push(query, self.is_strict);
        } else if rest.iter().all(|term| term.ascending == first.ascending) {
            if rest.last().is_some_and(Term::is_partitioned) {
                first.push(query, false);
                query.push(" AND ");
            }
            let columns: Vec<&str> = self.terms.iter().map(|term| term.expression).collect();
            query.push(format_args!("({}){}", columns.join(", "), first.operator(self.is_strict)));
            for (index, term) in self.terms.iter().enumerate() {
                query.push(if index == 0 { "(" } else { ", " });
                term.push_value(query);
            }
            query.push(")");
        } else {
            first.push(query, false);
            query.push(" AND (");
            for (index, term) in self.terms.iter().enumerate() {
                let is_last = index == rest.len();
                term.push(query, self.is_strict || !is_last);
                if !is_last {
                    query.push(format_args!(" OR ({} = ", term.expression));
                    term.push_value(query);
                    query.push(" AND (");
                }
            }
            query.push("))".repeat(rest.len())).push(")");
        }
    }
}

/// A list with a single order: newest first.
pub struct NewestFirst {
    pub select: &'static str,
    pub table: &'static str,
    pub alias: &'static str,
    /// The tables that are joined to each row, beginning with a space.
    pub joins: &'static str,
    /// The condition of all rows, which is that of the index.
    pub condition: &'static str,
    pub time: &'static str,
    pub id: &'static str,
}

impl NewestFirst {
    pub async fn page<T>(
        &self,
        connection: &mut PgConnection,
        request: &PageRequest,
        filter: impl Fn(&mut Query<'_>),
        read: impl Fn(&PgRow) -> Outcome<T>,
    ) -> Outcome<Page<T>> {
        let (branches, id_filters) = ([Branch::of(self.condition)], &IdFilters::new([]));
        let source = Source { table: self.table, alias: self.alias, branches: &branches, id_filters };
        let order = Order { keys: vec![(self.time, true)], last: Last::Id(self.id) };
        let mut query = Query::new(format!("{} FROM ", self.select));
        order.push_page(&mut query, &source, request, |query, _| filter(query));
        query.push(format_args!(" {}{}", self.alias, self.joins));
        order.push_order(&mut query, request);
        let rows = query.build().fetch_all(connection).await?;
        let items = rows.iter().map(read).collect::<Outcome<_>>()?;
        Ok(Page::from_lookahead(items, request))
    }

    pub async fn find<T>(
        &self,
        connection: &mut PgConnection,
        id: Uuid,
        read: impl Fn(&PgRow) -> Outcome<T>,
    ) -> Outcome<Option<T>> {
        let mut query = self.query_where();
        query.push(self.id).push(" = ").push_bind(id);
        query.build().fetch_optional(connection).await?.as_ref().map(read).transpose()
    }

    pub fn query_where(&self) -> Query<'static> {
        let Self { select, table, alias, joins, condition, .. } = self;
        Query::new(format!("{select} FROM {table} {alias}{joins} WHERE {condition} AND "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::id_filters::IdFilter;
    use super::*;

    /// A branch in whose index the key `t.x` is another expression, or null.
    fn replaced(condition: &'static str, x: Option<&'static str>) -> Branch {
        Branch { replaced: Some(("t.x", x)), ..Branch::of(condition) }
    }

    fn sql(
        keys: &[(&'static str, bool)],
        branches: &[Branch],
        id_filters: &IdFilters,
        start: Start,
    ) -> String {
        sql_ending(Last::Id("t.id"), keys, branches, id_filters, start)
    }

    fn sql_ending(
        last: Last,
        keys: &[(&'static str, bool)],
        branches: &[Branch],
        id_filters: &IdFilters,
        start: Start,
    ) -> String {
        let order = Order { keys: keys.to_vec(), last };
        let mut query = QueryBuilder::new("");
        let source = Source { table: "things", alias: "t", branches, id_filters };
        order.push_page(&mut query, &source, &PageRequest { size: 20, start }, |_, _| ());
        query.into_sql()
    }

    fn none() -> IdFilters {
        IdFilters::new([])
    }

    fn position(keys: Vec<KeyValue>) -> Position {
        Position { keys, id: Uuid::nil() }
    }

    fn noon() -> KeyValue {
        KeyValue::Time(Some("2026-05-01T12:00:00Z".parse().unwrap()))
    }

    #[test]
    fn keys_of_one_direction_compare_as_a_row() {
        let one = [Branch::of("live")];
        assert_eq!(
            sql(&[("t.a", true)], &one, &none(), Start::After(position(vec![noon()]))),
            "(SELECT t.* FROM things t WHERE live AND (t.a, t.id) < ($1, $2) ORDER BY t.a DESC, t.id DESC LIMIT 21)"
        );
        assert_eq!(
            sql(&[("t.a", true)], &one, &none(), Start::Before(position(vec![noon()]))),
            "(SELECT t.* FROM things t WHERE live AND (t.a, t.id) > ($1, $2) ORDER BY t.a ASC, t.id ASC LIMIT 21)"
        );
    }

    #[test]
    fn rows_of_one_time_are_ordered_by_their_key() {
        let one = [Branch::of("live")];
        let by_id = "SELECT pk FROM things WHERE id =";
        let last = Last::Written { key: "t.pk", by_id, partitioned_by: None };
        assert_eq!(
            sql_ending(last, &[("t.a", true)], &one, &none(), Start::After(position(vec![noon()]))),
            "(SELECT t.* FROM things t WHERE live AND (t.a, t.pk) < ($1, (SELECT pk FROM things WHERE id = $2)) \
             ORDER BY t.a DESC, t.pk DESC LIMIT 21)"
        );
        let last = Last::Written { key: "t.pk", by_id, partitioned_by: Some("a") };
        assert_eq!(
            sql_ending(last, &[("t.a", true)], &one, &none(), Start::After(position(vec![noon()]))),
            "(SELECT t.* FROM things t WHERE live AND t.a <= $1 AND \
             (t.a, t.pk) < ($2, (SELECT pk FROM things WHERE id = $3 AND a = $4)) \
             ORDER BY t.a DESC, t.pk DESC LIMIT 21)"
        );
    }

    #[test]
    fn mixed_directions_are_spelled_out_behind_a_bound() {
        let one = [Branch::of("live")];
        let start = Start::After(position(vec![noon(), KeyValue::Text("x".into())]));
        assert_eq!(
            sql(&[("t.a", true), ("lower(t.n)", false)], &one, &none(), start),
            "(SELECT t.* FROM things t WHERE live AND t.a <= $1 AND (t.a < $2 OR (t.a = $3 AND (lower(t.n) > lower($4) OR \
             (lower(t.n) = lower($5) AND (t.id > $6))))) ORDER BY t.a DESC, lower(t.n) ASC, t.id ASC LIMIT 21)"
        );
    }

    #[test]
    fn arms_are_limited_to_the_page_before_they_are_merged() {
        let two = [replaced("live", None), replaced("gone", Some("t.d"))];
        assert_eq!(
            sql(&[("t.x", true)], &two, &none(), Start::Beginning),
            "(SELECT t.* FROM ((SELECT t.* FROM things t WHERE live ORDER BY t.id DESC LIMIT 21) UNION ALL \
             (SELECT t.* FROM things t WHERE gone ORDER BY t.d DESC, t.id DESC LIMIT 21)) t \
             ORDER BY t.x DESC, t.id DESC LIMIT 21)"
        );
    }

    #[test]
    fn null_sorts_after_every_value() {
        let live = [replaced("live", None)];
        let at = |value, descending| {
            sql(&[("t.x", descending)], &live, &none(), Start::After(position(vec![value])))
        };
        assert!(at(noon(), true).contains("WHERE false"), "descending, nulls came first");
        assert!(at(noon(), false).contains("WHERE live ORDER BY"), "ascending, all come later");
        assert!(at(KeyValue::Time(None), false).contains("WHERE live AND t.id > $1"), "among the nulls");
    }

    #[test]
    fn a_walk_tests_a_bounded_number_of_rows_in_order() {
        let mut query = Query::new("");
        let (branches, none) = ([Branch::of("live")], none());
        let source = Source { table: "things", alias: "t", branches: &branches, id_filters: &none };
        let order = Order { keys: vec![("t.a", false)], last: Last::Id("t.id") };
        let test = |query: &mut Query<'_>| {
            query.push("fits");
        };
        order.push_walk(&mut query, &source, &PageRequest::first(20), |_, _| {}, Some((500, &test)));
        let inner = "(SELECT t.* FROM things t WHERE live ORDER BY t.a ASC, t.id ASC LIMIT 500)";
        let outer = format!("(SELECT t.* FROM {inner} t WHERE fits ORDER BY t.a ASC, t.id ASC LIMIT 21)");
        assert_eq!(query.sql(), outer);
    }

    #[test]
    fn a_driving_filter_reads_a_page_for_each_of_its_ids() {
        let one = [Branch::of("t.g = s.pk")];
        let wanted = vec![Uuid::nil(), Uuid::max()];
        let by =
            IdFilter { column: "t.g", alias: "s", lookup: "groups WHERE id", is_selective: false, wanted };
        assert_eq!(
            sql(&[("t.a", false)], &one, &IdFilters::new([by]), Start::Beginning),
            "(SELECT t.* FROM (SELECT pk FROM groups WHERE id = ANY ($1)) s CROSS JOIN LATERAL \
             (SELECT t.* FROM things t WHERE t.g = s.pk ORDER BY t.a ASC, t.id ASC LIMIT 21) t \
             ORDER BY t.a ASC, t.id ASC LIMIT 21)"
        );
    }
}
