//! Deletes a person, who disappears from everything that refers to them.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::kernel::actor::Source;
use crate::kernel::id::PersonId;
use crate::kernel::page::Status;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::admin_events::ops::admin_event_count_by;
use crate::resources::api_tokens::ops::api_tokens_of;
use crate::resources::enrollment_events::model::EventFilter;
use crate::resources::enrollment_events::ops::event_count;
use crate::resources::enrollments::model::{EnrollmentFilter, Liveness};
use crate::resources::enrollments::ops::{enrollment_count, enrollment_lock_by_creator_for_no_key_update};
use crate::resources::operators::ops::{operator_accounts_of, operator_check_person_may_go};
use crate::resources::people::model::{ByPerson, Person, PersonTraces};
use crate::resources::people::ops::{person_erase, person_lock_for_no_key_update, person_lock_for_update};
use crate::resources::people::rules;
use crate::resources::workspace_groups::model::GroupFilter;
use crate::resources::workspace_groups::ops::group_count;

/// Counts everything that refers to the person; all zero for an unknown id. Exact: the cost grows with the answer.
pub async fn person_traces(
    connection: &mut PgConnection,
    id: PersonId,
    now: DateTime<Utc>,
) -> Outcome<PersonTraces> {
    let by = || Some(ByPerson::OneOf(vec![id]));
    let enrolled = |status| EnrollmentFilter {
        created_by: by(),
        liveness: Liveness::Now(status),
        ..EnrollmentFilter::default()
    };
    let groups = GroupFilter { created_by: by(), status: Status::Any, ..GroupFilter::default() };
    let events = EventFilter { actor: by(), ..EventFilter::default() };
    Ok(PersonTraces {
        live: enrollment_count(connection, &enrolled(Status::Live)).await?,
        removed: enrollment_count(connection, &enrolled(Status::Removed)).await?,
        groups: group_count(connection, &groups).await?,
        events: event_count(connection, &events).await?,
        admin_events: admin_event_count_by(connection, id).await?,
        tokens: api_tokens_of(connection, id, now).await?,
        accounts: operator_accounts_of(connection, id).await?,
    })
}

/// [`person_delete`] for a user who typed the person's name to confirm it, or `NotConfirmed`. Returns the person and the
/// traces from before the deletion.
pub async fn person_delete_confirmed<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: PersonId,
    typed: &str,
) -> Outcome<(Person, PersonTraces)> {
    let person = person_lock_for_no_key_update(connection, id).await?;
    rules::deletable(&call.actor, id)?;
    rules::confirmed(&person, typed)?;
    let traces = person_traces(connection, id, call.now).await?;
    person_delete(connection, call, id).await?;
    Ok((person, traces))
}

/// Erases the person, or fails with `PersonNotFound`, `OwnPerson` or `LastAdmin`. Rows that they created or changed stay,
/// without a creator or actor.
pub async fn person_delete<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: PersonId,
) -> Outcome<()> {
    let person = person_lock_for_update(connection, id).await?;
    rules::deletable(&call.actor, id)?;
    // The platform decides which people exist, so its own systems are not stopped by who signs in here.
    if call.actor.source == Source::Web {
        operator_check_person_may_go(connection, id).await?;
    }
    // The deletion updates these rows in no fixed order; locking them in order first avoids deadlocks.
    enrollment_lock_by_creator_for_no_key_update(connection, id).await?;
    person_erase(connection, call, &person).await
}
