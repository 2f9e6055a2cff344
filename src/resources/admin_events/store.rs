//! Every statement that touches `groupdesk.admin_events`.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, QueryBuilder};
use uuid::Uuid;

use super::model::{AdminAction, AdminEvent, AdminEventFilter, Subject};
use crate::kernel::actor::{PersonRef, Source as Origin};
use crate::kernel::id::{AdminEventId, PersonId};
use crate::kernel::page::{Page, PageRequest};
use crate::platform::call::Call;
use crate::platform::db::id_filters::{ByIds, IdFilters};
use crate::platform::db::keyset::{Arm, ArmKey, Last, Order, SortKey, Source};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::rows::Columns;

pub(super) async fn append<P: Sync>(
    connection: &mut PgConnection,
    call: &Call<P>,
    action: AdminAction,
    subject: Subject<'_>,
) -> Outcome<()> {
    let person = call.actor.person.as_ref();
    sqlx::query!(
        "WITH person AS (SELECT pk FROM core_api.peoples WHERE people_id = $4 FOR KEY SHARE)
         INSERT INTO groupdesk.admin_events
             (action, occurred_at, source, actor_people_pk, actor_name, token_name, request_id,
              subject_type, subject_id, subject_name)
         VALUES ($1, $2, $3, (SELECT pk FROM person), $5, $6, $7, $8, $9, $10)",
        action.word(),
        call.now,
        call.actor.source.word(),
        person.map(|person| person.id.uuid()),
        person.map(|person| person.name.as_str()),
        call.actor.token_name.as_deref(),
        call.request_id_text(),
        action.subject_type().word(),
        subject.id,
        subject.name,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn count_by(connection: &mut PgConnection, person: PersonId) -> Outcome<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM groupdesk.admin_events
           WHERE actor_people_pk = (SELECT pk FROM core_api.peoples WHERE people_id = $1)"#,
        person.uuid(),
    )
    .fetch_one(connection)
    .await?)
}

/// All that one request does has one time: its entries stand in the order in which they were written.
const LAST: Last =
    Last::Written { key: "v.pk", by_id: "SELECT pk FROM groupdesk.admin_events WHERE admin_event_id =" };

const ORDER: [SortKey; 1] = [SortKey { expression: "v.occurred_at", descending: true, folded: false }];

pub(super) async fn list(
    connection: &mut PgConnection,
    filter: AdminEventFilter,
    page: &PageRequest,
) -> Outcome<Page<AdminEvent>> {
    let by_ids = IdFilters::new([ByIds {
        column: "v.actor_people_pk",
        alias: "sp",
        lookup: "core_api.peoples WHERE people_id",
        is_narrow: false,
        wanted: filter.actor.iter().map(|id| id.uuid()).collect(),
    }]);
    let arms = [Arm { condition: "true".into(), keys: vec![ArmKey::Indexed("v.occurred_at")], lead: None }];
    let source = Source { table: "groupdesk.admin_events", alias: "v", arms: &arms, by_ids: &by_ids };
    let order = Order { keys: ORDER.to_vec(), last: LAST };
    let mut query = QueryBuilder::new(
        "SELECT v.admin_event_id, v.action, v.occurred_at, v.source, p.people_id, \
         btrim(p.first_name || ' ' || p.last_name), v.actor_name, v.token_name, v.subject_id, v.subject_name FROM ",
    );
    order.push_page(&mut query, &source, page, |query, _| {
        by_ids.push_conditions(query);
        if let Some(action) = filter.action {
            query.push(" AND v.action = ").push_bind(action.word());
        }
    });
    query.push(" v LEFT JOIN core_api.peoples p ON p.pk = v.actor_people_pk");
    order.push_order(&mut query, page);
    let rows = query.build().fetch_all(connection).await?;
    let events = rows.iter().map(read).collect::<Outcome<_>>()?;
    Ok(Page::from_lookahead(events, page))
}

fn read(row: &PgRow) -> Outcome<AdminEvent> {
    let mut columns = Columns::of(row);
    let id = AdminEventId::new(columns.take()?);
    let action: &str = columns.take()?;
    let action =
        AdminAction::from_word(action).ok_or_else(|| Failure::fault(format!("unknown action '{action}'")))?;
    let occurred_at = columns.take()?;
    let source: &str = columns.take()?;
    let source =
        Origin::from_word(source).ok_or_else(|| Failure::fault(format!("unknown source '{source}'")))?;
    let (person, name): (Option<Uuid>, Option<String>) = (columns.take()?, columns.take()?);
    Ok(AdminEvent {
        id,
        action,
        occurred_at,
        source,
        actor: person.map(|id| PersonRef { id: PersonId::new(id), name: name.unwrap_or_default() }),
        actor_name: columns.take()?,
        token_name: columns.take()?,
        subject_id: columns.take()?,
        subject_name: columns.take()?,
    })
}
