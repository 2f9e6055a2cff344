//! Operations on people. Deleting one is a flow: `flows/delete_person.rs`.

use sqlx::PgConnection;

use super::model::{NewPerson, Person, PersonChange, is_named};
pub use super::store::{
    person_count, person_find_by_email, person_get, person_list, person_lock_for_no_key_update,
    person_lock_for_update,
};
use super::{rules, store};
use crate::kernel::id::PersonId;
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::{Email, TextFault};
use crate::kernel::version::Version;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::admin_event_record;

/// Fails with `Invalid` if both names are empty, or `EmailTaken`.
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

pub async fn person_ensure<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: &NewPerson,
    email: &Email,
) -> Outcome<Person> {
    match person_find_by_email(connection, email).await? {
        Some(person) => Ok(person),
        None => person_create(connection, call, new).await,
    }
}

/// Applies the given changes; a change without an effect writes nothing. With `seen`, the version that a form showed,
/// changes that were made since are not overwritten. Fails with `PersonNotFound`, `EmailTaken`, `Invalid` if both names
/// would be empty, or `ChangedByOthers` if the version is no longer `seen`.
pub async fn person_update<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: PersonId,
    seen: Option<Version>,
    change: PersonChange,
) -> Outcome<Person> {
    let before = person_lock_for_no_key_update(connection, id).await?;
    let after = rules::changed(&before, change)?;
    if after == before {
        return Ok(before);
    }
    if let Some(seen) = seen {
        seen.ensure_unchanged(rules::version(&before))?;
    }
    let has_new_email = after.email != before.email;
    if let Some(email) = after.email.as_ref().filter(|_| has_new_email)
        && let Some(holder) = store::holder(connection, email, Some(id)).await?
    {
        return Err(Problem::EmailTaken { email: email.clone(), person: Some(holder) }.into());
    }
    let after = store::update(connection, &after, call.now).await?;
    if has_new_email {
        call.pending_metrics.add_made([id.uuid()]);
    }
    record(connection, call, AdminAction::PersonUpdated, &after).await?;
    Ok(after)
}

/// Deletes the row of a person whom the caller has locked with [`person_lock_for_update`].
pub async fn person_erase<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    person: &Person,
) -> Outcome<()> {
    store::delete(connection, person.id).await?;
    record(connection, call, AdminAction::PersonDeleted, person).await
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
