//! Appends one page's condition, order and limit to a list's statement.

use sqlx::{Postgres, QueryBuilder};

use crate::kernel::page::{KeyValue, PageRequest, Position, Start};

/// One key of an order. The expression is ours, never a caller's text; a nullable time stands as
/// `coalesce(x, 'infinity')`, so that it compares, and an index on that expression serves it.
#[derive(Debug, Clone, Copy)]
pub struct SortKey {
    pub expression: &'static str,
    pub descending: bool,
}

/// An order that is total: the public id ends it, in the direction of the last key.
#[derive(Debug, Clone)]
pub struct Order {
    pub keys: Vec<SortKey>,
    pub id: &'static str,
}

impl Order {
    fn all_keys(&self) -> Vec<SortKey> {
        let descending = self.keys.last().is_some_and(|key| key.descending);
        let mut all = self.keys.clone();
        all.push(SortKey { expression: self.id, descending });
        all
    }

    /// Appends to a statement that ends in a condition.
    pub fn push_page(&self, query: &mut QueryBuilder<'_, Postgres>, request: &PageRequest) {
        let keys = self.all_keys();
        let backwards = matches!(request.start, Start::Before(_));
        match &request.start {
            Start::Beginning => {}
            Start::After(position) | Start::Before(position) => {
                query.push(" AND ");
                push_beyond(query, &keys, position, backwards);
            }
        }
        self.push_order(query, request);
        // One row of lookahead tells whether there is a next page.
        query.push(" LIMIT ").push_bind(i64::from(request.size) + 1);
    }

    /// Appends `ORDER BY` in reading order: backwards for a page that is asked for by its end.
    pub fn push_order(&self, query: &mut QueryBuilder<'_, Postgres>, request: &PageRequest) {
        let backwards = matches!(request.start, Start::Before(_));
        query.push(" ORDER BY ");
        for (index, key) in self.all_keys().iter().enumerate() {
            let direction = if key.descending == backwards { " ASC" } else { " DESC" };
            query.push(if index == 0 { "" } else { ", " }).push(key.expression).push(direction);
        }
    }
}

/// "Beyond this place in reading order." Keys of one direction compare as one row, which an index
/// answers by itself; mixed ones are spelled out behind a bound on the first, which it can use too.
fn push_beyond(
    query: &mut QueryBuilder<'_, Postgres>,
    keys: &[SortKey],
    position: &Position,
    backwards: bool,
) {
    let operator = |key: &SortKey| if key.descending == backwards { " > " } else { " < " };
    let uniform = keys.windows(2).all(|pair| pair[0].descending == pair[1].descending);
    if uniform {
        query.push("(");
        for (index, key) in keys.iter().enumerate() {
            query.push(if index == 0 { "" } else { ", " }).push(key.expression);
        }
        query.push(")").push(operator(&keys[0])).push("(");
        for index in 0..keys.len() {
            query.push(if index == 0 { "" } else { ", " });
            push_value(query, position, index);
        }
        query.push(")");
        return;
    }
    query.push("(").push(keys[0].expression).push(operator(&keys[0]).replace(' ', "")).push("= ");
    push_value(query, position, 0);
    query.push(" AND (");
    for (index, key) in keys.iter().enumerate() {
        query.push(key.expression).push(operator(key));
        push_value(query, position, index);
        if index + 1 < keys.len() {
            query.push(" OR (").push(key.expression).push(" = ");
            push_value(query, position, index);
            query.push(" AND (");
        }
    }
    query.push("))".repeat(keys.len()));
}

fn push_value(query: &mut QueryBuilder<'_, Postgres>, position: &Position, index: usize) {
    match position.keys.get(index) {
        Some(KeyValue::Time(Some(time))) => query.push_bind(*time),
        Some(KeyValue::Time(None)) => query.push("'infinity'::timestamptz"),
        Some(KeyValue::Text(text)) => query.push_bind(text.clone()),
        None => query.push_bind(position.id),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn sql(keys: &[(&'static str, bool)], start: Start) -> String {
        let order = Order {
            keys: keys.iter().map(|&(expression, descending)| SortKey { expression, descending }).collect(),
            id: "id",
        };
        let mut query = QueryBuilder::new("WHERE true");
        order.push_page(&mut query, &PageRequest { size: 20, start });
        query.into_sql()
    }

    fn place(keys: usize) -> Position {
        Position { keys: vec![KeyValue::Text("x".into()); keys], id: Uuid::nil() }
    }

    #[test]
    fn keys_of_one_direction_compare_as_a_row() {
        assert_eq!(
            sql(&[("a", true)], Start::After(place(1))),
            "WHERE true AND (a, id) < ($1, $2) ORDER BY a DESC, id DESC LIMIT $3"
        );
    }

    #[test]
    fn a_page_before_a_place_is_read_backwards() {
        assert_eq!(
            sql(&[("a", true)], Start::Before(place(1))),
            "WHERE true AND (a, id) > ($1, $2) ORDER BY a ASC, id ASC LIMIT $3"
        );
    }

    #[test]
    fn mixed_directions_are_spelled_out_behind_a_bound() {
        assert_eq!(
            sql(&[("a", true), ("b", false)], Start::After(place(2))),
            "WHERE true AND (a<= $1 AND (a < $2 OR (a = $3 AND (b > $4 OR (b = $5 AND (id > $6)))))) \
             ORDER BY a DESC, b ASC, id ASC LIMIT $7"
        );
    }
}
