//! The statements that read lists of people.

use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::super::model::{Person, PersonFilter, PersonSortKey};
use crate::kernel::page::{Page, PageRequest, Sort};
use crate::kernel::text::normalized_email;
use crate::platform::db::id_filters::IdFilters;
use crate::platform::db::keyset::{Branch, Last, Order, SortKey, Source};
use crate::platform::db::search::SearchTerms;
use crate::platform::failure::Outcome;
use crate::resources::rows::{Columns, person_columns, person_searchable, read_person};

fn push_filter(query: &mut QueryBuilder<'_, Postgres>, filter: &PersonFilter) {
    if let Some(sought) = filter.search.as_deref().and_then(SearchTerms::new) {
        query.push(" AND ((");
        sought.push_contains_words(query, &person_searchable("p"));
        query.push(")");
        if let Some((first, last)) = sought.ids {
            query.push(" OR p.people_id BETWEEN ").push_bind(first).push(" AND ").push_bind(last);
        }
        query.push(")");
    }
    if let Some(email) = &filter.email {
        let email = normalized_email(email);
        query.push(" AND lower(p.email) IN (lower(").push_bind(email.clone());
        query.push("), lower(groupdesk.decomposed(").push_bind(email).push(")))");
    }
}

pub async fn person_list(
    connection: &mut PgConnection,
    filter: &PersonFilter,
    sort: &Sort<PersonSortKey>,
    page: &PageRequest,
) -> Outcome<Page<Person>> {
    let expression = |key| match key {
        PersonSortKey::CreatedAt => "p.created_at",
        PersonSortKey::UpdatedAt => "coalesce(p.updated_at, 'infinity'::timestamptz)",
        PersonSortKey::LastName => "lower(p.last_name)",
    };
    let keys = sort.0.iter().map(|&(key, descending)| SortKey {
        expression: expression(key),
        descending,
        case_insensitive: key == PersonSortKey::LastName,
    });
    let order = Order { keys: keys.collect(), last: Last::Id("p.people_id") };
    let (branches, id_filters) = ([Branch::of("true")], IdFilters::new([]));
    let source =
        Source { table: "core_api.peoples", alias: "p", branches: &branches, id_filters: &id_filters };
    let mut query = QueryBuilder::new("SELECT ");
    query.push(person_columns("p")).push(" FROM ");
    order.push_page(&mut query, &source, page, |query, _| push_filter(query, filter));
    query.push(" p");
    order.push_order(&mut query, page);
    let rows = query.build().persistent(filter.search.is_none()).fetch_all(connection).await?;
    let people = rows.iter().map(|row| read_person(&mut Columns::of(row)));
    let people: Vec<Option<Person>> = people.collect::<Result<_, _>>()?;
    Ok(Page::from_lookahead(people.into_iter().flatten().collect(), page))
}

/// Exact: the cost grows with the answer.
pub async fn person_count(connection: &mut PgConnection, filter: &PersonFilter) -> Outcome<i64> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM core_api.peoples p WHERE true");
    push_filter(&mut query, filter);
    Ok(query.build_query_scalar().persistent(filter.search.is_none()).fetch_one(connection).await?)
}
