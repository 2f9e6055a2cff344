//! The statement that reads the log.

use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use super::super::model::{AdminEvent, AdminEventFilter};
use crate::kernel::page::{Page, PageRequest};
use crate::platform::db::id_filters::{IdFilter, IdFilters};
use crate::platform::db::keyset::Last;
use crate::platform::db::newest_first::NewestFirst;
use crate::platform::failure::Outcome;
use crate::resources::people::model::joined_person;
use crate::resources::rows::Columns;

const EVENTS: NewestFirst = NewestFirst {
    select: "SELECT v.admin_event_id, v.action, v.occurred_at, v.source, p.people_id, \
         btrim(p.first_name || ' ' || p.last_name), v.actor_name, v.token_name, v.subject_id, v.subject_name",
    table: "groupdesk.admin_events",
    alias: "v",
    joins: " LEFT JOIN core_api.peoples p ON p.pk = v.actor_people_pk",
    condition: "true",
    time: "v.occurred_at",
    // All events of one request have the same time, so the order of writing decides between them.
    last: Last::Written {
        key: "v.pk",
        by_id: "SELECT pk FROM groupdesk.admin_events WHERE admin_event_id =",
    },
};

pub async fn list(
    connection: &mut PgConnection,
    filter: AdminEventFilter,
    page: &PageRequest,
) -> Outcome<Page<AdminEvent>> {
    let id_filters = IdFilters::new([IdFilter {
        column: "v.actor_people_pk",
        alias: "sp",
        lookup: "core_api.peoples WHERE people_id",
        is_selective: false,
        wanted: filter.actor.iter().map(|id| id.uuid()).collect(),
    }]);
    let by_action = |query: &mut sqlx::QueryBuilder<'_, sqlx::Postgres>| {
        if let Some(action) = filter.action {
            query.push(" AND v.action = ").push_bind(action.into_str());
        }
    };
    EVENTS.page(connection, page, &id_filters, by_action, read).await
}

fn read(row: &PgRow) -> Outcome<AdminEvent> {
    let mut columns = Columns::of(row);
    Ok(AdminEvent {
        id: columns.take()?,
        action: columns.take()?,
        occurred_at: columns.take()?,
        source: columns.take()?,
        actor: joined_person(columns.take()?, columns.take()?),
        actor_name: columns.take()?,
        token_name: columns.take()?,
        subject_id: columns.take()?,
        subject_name: columns.take()?,
    })
}
