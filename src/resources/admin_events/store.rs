//! Every statement on `groupdesk.admin_events`; the one that reads the list is in `store/list.rs`.

pub(super) mod list;

use sqlx::PgConnection;

use super::model::{AdminAction, Subject};
use crate::kernel::id::PersonId;
use crate::platform::call::Call;
use crate::platform::db::statement::execute;
use crate::platform::failure::Outcome;

pub(super) async fn append<P: Sync>(
    connection: &mut PgConnection,
    call: &Call<P>,
    action: AdminAction,
    subject: Subject<'_>,
) -> Outcome<()> {
    let person = call.actor.person.as_ref();
    let statement = sqlx::query!(
        "WITH person AS (SELECT pk FROM core_api.peoples WHERE people_id = $4 FOR KEY SHARE)
         INSERT INTO groupdesk.admin_events
             (action, occurred_at, source, actor_people_pk, actor_name, token_name, request_id,
              subject_type, subject_id, subject_name)
         VALUES ($1, $2, $3, (SELECT pk FROM person), $5, $6, $7, $8, $9, $10)",
        action.into_str(),
        call.now,
        call.actor.source.into_str(),
        person.map(|person| person.id.uuid()),
        person.map(|person| person.name.as_str()),
        call.actor.token_name.as_deref(),
        call.request_id_text(),
        action.subject_type().into_str(),
        subject.id,
        subject.name,
    );
    execute(connection, statement).await
}

/// The number of events with this person as the actor.
pub async fn count_by(connection: &mut PgConnection, person: PersonId) -> Outcome<i64> {
    let query = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM groupdesk.admin_events
           WHERE actor_people_pk = (SELECT pk FROM core_api.peoples WHERE people_id = $1)"#,
        person.uuid(),
    );
    Ok(query.fetch_one(connection).await?)
}
