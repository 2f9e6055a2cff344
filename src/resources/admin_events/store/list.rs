//! Reading the log: one event, a page, a count. The table is `v`, and an event's actor is `p`.

use sqlx::PgConnection;

use super::super::model::{AdminAction, AdminEvent, AdminEventFilter, AdminEventWithActor};
use crate::kernel::id::AdminEventId;
use crate::kernel::page::{EventSortKey, Page, PageRequest, Sort};
use crate::kernel::problem::Problem;
use crate::platform::db::id_filters::IdFilters;
use crate::platform::db::keyset::{Branch, Source};
use crate::platform::failure::Outcome;
use crate::resources::people::model::{ByPerson, joined_person};
use crate::resources::rows::{
    Columns, Query, accepted, by_people, count_events, event_order, fetch_page, person_columns, person_name,
    push_event_filter, push_included, push_row_of_id, push_words, read_person,
};

const TABLE: &str = "groupdesk.admin_events";
const JOINS: &str = " v LEFT JOIN core_api.peoples p ON p.pk = v.actor_people_pk";

fn select(with_actor: bool) -> Query<'static> {
    let mut query = Query::new(concat!(
        "SELECT v.admin_event_id, v.action, v.occurred_at, v.source, p.people_id, ",
        person_name!("p"),
        ", v.actor_name, v.token_name, v.request_id, v.subject_id, v.subject_name"
    ));
    push_included(&mut query, [(with_actor, person_columns("p"))]);
    query.push(" FROM ");
    query
}

fn read(columns: &mut Columns<'_>, with_actor: bool) -> Outcome<AdminEventWithActor> {
    let event = AdminEvent {
        id: columns.take()?,
        action: columns.take()?,
        occurred_at: columns.take()?,
        source: columns.take()?,
        actor: joined_person(columns.take()?, columns.take()?),
        actor_name: columns.take()?,
        token_name: columns.take()?,
        request_id: columns.take()?,
        subject_id: columns.take()?,
        subject_name: columns.take()?,
    };
    Ok(AdminEventWithActor { event, actor: if with_actor { read_person(columns)? } else { None } })
}

/// An event, or `AdminEventNotFound`.
pub async fn admin_event_get(
    connection: &mut PgConnection,
    id: AdminEventId,
    with_actor: bool,
) -> Outcome<AdminEventWithActor> {
    let mut query = select(with_actor);
    push_row_of_id(&mut query, TABLE, "admin_event_id", id);
    query.push(JOINS);
    let row = query.build().fetch_optional(connection).await?.ok_or(Problem::AdminEventNotFound(id))?;
    read(&mut Columns::of(&row), with_actor)
}

/// One branch for each action, because the index on them begins with it.
fn branches(filter: &AdminEventFilter) -> Vec<Branch> {
    let leading_column = (filter.actor == Some(ByPerson::Nobody)).then_some("v.actor_people_pk");
    let branch = |condition: String| Branch { leading_column, ..Branch::of(condition) };
    if filter.actions.is_empty() {
        return vec![branch("true".to_owned())];
    }
    accepted(&filter.actions).map(|action| branch(format!("v.action = '{}'", action.into_str()))).collect()
}

pub async fn admin_event_list(
    connection: &mut PgConnection,
    filter: &AdminEventFilter,
    sort: &Sort<EventSortKey>,
    page: &PageRequest,
    with_actor: bool,
) -> Outcome<Page<AdminEventWithActor>> {
    let order = event_order(sort, "SELECT pk FROM groupdesk.admin_events WHERE admin_event_id =");
    let id_filters = id_filters(filter);
    let source = Source { table: TABLE, alias: "v", branches: &branches(filter), id_filters: &id_filters };
    let mut query = select(with_actor);
    order.push_page(&mut query, &source, page, |query, _| {
        push_event_filter(query, &id_filters, filter.actor.as_ref(), filter.occurred_at);
    });
    query.push(JOINS);
    order.push_order(&mut query, page);
    fetch_page(connection, query, false, page, |columns| read(columns, with_actor)).await
}

fn id_filters(filter: &AdminEventFilter) -> IdFilters {
    IdFilters::new([by_people("v.actor_people_pk", filter.actor.as_ref())])
}

/// The exact number; the cost grows with it.
pub async fn admin_event_count(connection: &mut PgConnection, filter: &AdminEventFilter) -> Outcome<i64> {
    let id_filters = id_filters(filter);
    let mut query = count_events(TABLE, &id_filters);
    push_event_filter(&mut query, &id_filters, filter.actor.as_ref(), filter.occurred_at);
    push_words(&mut query, "v.action", filter.actions.iter().map(AdminAction::into_str));
    Ok(query.build_query_scalar().fetch_one(connection).await?)
}
