//! What can be done with people.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::{
    ByPerson, NewPerson, Person, PersonChange, PersonFilter, PersonSortKey, PersonTraces, is_named,
};
use super::{rules, store};
use crate::kernel::actor::Source;
use crate::kernel::id::PersonId;
use crate::kernel::page::{Page, PageRequest, Sort, Status};
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::{Email, TextFault};
use crate::kernel::version::Version;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::{admin_event_count_by, admin_event_record};
use crate::resources::api_tokens::ops::api_tokens_of;
use crate::resources::enrollment_events::model::EventFilter;
use crate::resources::enrollment_events::ops::event_count;
use crate::resources::enrollments::model::{EnrollmentFilter, Liveness};
use crate::resources::enrollments::ops::{enrollment_count, enrollment_hold_of_person};
use crate::resources::operators::ops::{operator_accounts_of, operator_hold_for_person};
use crate::resources::workspace_groups::model::GroupFilter;
use crate::resources::workspace_groups::ops::group_count;

/// # Errors
/// `PersonNotFound`.
pub async fn person_get(connection: &mut PgConnection, id: PersonId) -> Outcome<Person> {
    store::get(connection, id).await?.ok_or_else(|| Problem::PersonNotFound(id).into())
}

pub async fn person_find_by_email(connection: &mut PgConnection, email: &Email) -> Outcome<Option<Person>> {
    store::find_by_email(connection, email).await
}

pub async fn person_list(
    connection: &mut PgConnection,
    filter: &PersonFilter,
    sort: &Sort<PersonSortKey>,
    page: &PageRequest,
) -> Outcome<Page<Person>> {
    store::list(connection, filter, sort, page).await
}

/// How many, exactly; the cost grows with the answer.
pub async fn person_count(connection: &mut PgConnection, filter: &PersonFilter) -> Outcome<i64> {
    store::count(connection, filter).await
}

/// # Errors
/// `Invalid` where neither name says anything; `EmailTaken`.
pub async fn person_create<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: &NewPerson,
) -> Outcome<Person> {
    if !is_named(&new.first_name, &new.last_name) {
        return Err(Problem::invalid(Field::FirstName, TextFault::Nameless).into());
    }
    let person = store::insert(connection, new, call.now).await?;
    record(connection, call, AdminAction::PersonCreated, &person).await?;
    Ok(person)
}

/// Reads it, and keeps everybody else from changing it until the transaction ends.
///
/// # Errors
/// `PersonNotFound`.
pub async fn person_lock(connection: &mut PgConnection, id: PersonId) -> Outcome<Person> {
    store::hold(connection, id).await?.ok_or_else(|| Problem::PersonNotFound(id).into())
}

/// Changes what is said; a change to what it is already writes nothing.
///
/// # Errors
/// `PersonNotFound`, `EmailTaken`; `Invalid` where neither name would say anything.
pub async fn person_update<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: PersonId,
    change: PersonChange,
) -> Outcome<Person> {
    update(connection, call, id, None, change).await
}

/// [`person_update`] by somebody who saw them before. What another made of it since is not overwritten; that
/// it is already as they want it is no reason to refuse.
///
/// # Errors
/// `ChangedMeanwhile`, and those of [`person_update`].
pub async fn person_update_as_seen<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: PersonId,
    seen: Version,
    change: PersonChange,
) -> Outcome<Person> {
    update(connection, call, id, Some(seen), change).await
}

async fn update<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: PersonId,
    seen: Option<Version>,
    change: PersonChange,
) -> Outcome<Person> {
    let before = person_lock(connection, id).await?;
    let mut after = before.clone();
    let mut said = None;
    if let Some(name) = change.first_name {
        name.as_str().clone_into(&mut after.first_name);
        said = Some(Field::FirstName);
    }
    if let Some(name) = change.last_name {
        name.as_str().clone_into(&mut after.last_name);
        said = said.or(Some(Field::LastName));
    }
    after.email = change.email.map(|email| email.to_string()).over(after.email);
    if after == before {
        return Ok(before);
    }
    // Somebody whom an older system left without a name may still get an address.
    let is_renamed = (&after.first_name, &after.last_name) != (&before.first_name, &before.last_name);
    if let Some(field) = said
        && is_renamed
        && !is_named(&after.first_name, &after.last_name)
    {
        return Err(Problem::invalid(field, TextFault::Nameless).into());
    }
    if let Some(seen) = seen {
        seen.still(rules::version(&before))?;
    }
    if let Some(email) = &after.email
        && after.email != before.email
        && let Some(holder) = store::holder(connection, email, Some(id)).await?
    {
        return Err(Problem::EmailTaken { email: email.clone(), person: Some(holder) }.into());
    }
    let after = store::update(connection, &after, call.now).await?;
    if after.email != before.email {
        call.tally.add_made([id.uuid()]);
    }
    record(connection, call, AdminAction::PersonUpdated, &after).await?;
    Ok(after)
}

async fn record<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    action: AdminAction,
    person: &Person,
) -> Outcome<()> {
    let name = person.display_name();
    let subject = Subject { id: Some(person.id.uuid()), name: &name };
    admin_event_record(connection, call, action, subject).await
}

/// The person with this e-mail address, made if there is none.
pub async fn person_ensure<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: &NewPerson,
    email: &Email,
) -> Outcome<Person> {
    if let Some(person) = store::find_by_email(connection, email).await? {
        return Ok(person);
    }
    person_create(connection, call, new).await
}

/// What stands in the person's name; of nobody's, nothing does. Exact: the cost grows with the answer.
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

/// [`person_delete`] by somebody who typed whom: the person as they were, and what stood in their name.
///
/// # Errors
/// `NotConfirmed`, and those of [`person_delete`].
pub async fn person_delete_confirmed<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: PersonId,
    typed: &str,
) -> Outcome<(Person, PersonTraces)> {
    let person = person_lock(connection, id).await?;
    rules::deletable(&call.actor, id)?;
    rules::confirmed(&person, typed)?;
    let traces = person_traces(connection, id, call.now).await?;
    person_delete(connection, call, id).await?;
    Ok((person, traces))
}

/// Deletes for good. What stood in the person's name stands in nobody's from now on.
///
/// # Errors
/// `PersonNotFound`, `OwnPerson`, `LastAdmin`.
pub async fn person_delete<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: PersonId,
) -> Outcome<()> {
    let person = store::lock(connection, id).await?.ok_or(Problem::PersonNotFound(id))?;
    rules::deletable(&call.actor, id)?;
    // Who is a person is for the platform to say, whose machines are not held up by who signs in here.
    if call.actor.source == Source::Web {
        operator_hold_for_person(connection, id).await?;
    }
    // What the deletion will change, it would come by in any order.
    enrollment_hold_of_person(connection, id).await?;
    store::delete(connection, id).await?;
    record(connection, call, AdminAction::PersonDeleted, &person).await
}
