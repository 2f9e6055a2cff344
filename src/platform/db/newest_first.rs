//! Lists with a single order: newest first.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::id_filters::IdFilters;
use super::keyset::{Branch, BranchKey, Last, Order, SortKey, Source};
use crate::kernel::page::{Page, PageRequest};
use crate::platform::failure::Outcome;

pub struct NewestFirst {
    /// `SELECT` with the columns.
    pub select: &'static str,
    pub table: &'static str,
    pub alias: &'static str,
    /// The tables that are joined to each row, beginning with a space.
    pub joins: &'static str,
    /// The condition of all rows, which is that of the index.
    pub condition: &'static str,
    /// The indexed time of a row.
    pub time: &'static str,
    pub last: Last,
}

impl NewestFirst {
    /// Reads a page. `filter` appends ` AND …` conditions.
    pub async fn page<T>(
        &self,
        connection: &mut PgConnection,
        request: &PageRequest,
        id_filters: &IdFilters,
        filter: impl Fn(&mut QueryBuilder<'_, Postgres>),
        read: impl Fn(&PgRow) -> Outcome<T>,
    ) -> Outcome<Page<T>> {
        let keys = vec![BranchKey::Indexed(self.time)];
        let branches = [Branch { condition: self.condition.into(), keys, leading_column: None }];
        let source = Source { table: self.table, alias: self.alias, branches: &branches, id_filters };
        let key = SortKey { expression: self.time, descending: true, case_insensitive: false };
        let order = Order { keys: vec![key], last: self.last };
        let mut query = QueryBuilder::new(self.select);
        query.push(" FROM ");
        order.push_page(&mut query, &source, request, |query, _| {
            id_filters.push_conditions(query);
            filter(query);
        });
        query.push(" ").push(self.alias).push(self.joins);
        order.push_order(&mut query, request);
        let rows = query.build().fetch_all(connection).await?;
        let items = rows.iter().map(read).collect::<Outcome<_>>()?;
        Ok(Page::from_lookahead(items, request))
    }

    /// The row with this public id, which is in `column`.
    pub async fn find<T>(
        &self,
        connection: &mut PgConnection,
        column: &str,
        id: Uuid,
        read: impl Fn(&PgRow) -> Outcome<T>,
    ) -> Outcome<Option<T>> {
        let mut query = self.query_where();
        query.push(column).push(" = ").push_bind(id);
        query.build().fetch_optional(connection).await?.as_ref().map(read).transpose()
    }

    /// A statement for single rows, to which the caller appends a condition.
    pub fn query_where(&self) -> QueryBuilder<'static, Postgres> {
        let Self { select, table, alias, joins, condition, .. } = self;
        QueryBuilder::new(format!("{select} FROM {table} {alias}{joins} WHERE {condition} AND "))
    }
}
