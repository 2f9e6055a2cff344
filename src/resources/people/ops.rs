//! What can be done with people.

use sqlx::PgConnection;

use super::model::{NewPerson, Person};
use super::store;
use crate::kernel::id::PersonId;
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::problem::Problem;
use crate::kernel::text::Email;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::admin_event_record;

/// # Errors
/// `PersonNotFound`.
pub async fn person_get(connection: &mut PgConnection, id: PersonId) -> Outcome<Person> {
    store::get(connection, id).await?.ok_or_else(|| Problem::PersonNotFound(id).into())
}

pub async fn person_find_by_email(connection: &mut PgConnection, email: &Email) -> Outcome<Option<Person>> {
    store::find_by_email(connection, email).await
}

/// Newest first.
pub async fn person_list(connection: &mut PgConnection, page: &PageRequest) -> Outcome<Page<Person>> {
    store::list(connection, page).await
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
    let person = store::insert(connection, new, call.now).await?;
    let name = person.display_name();
    let subject = Subject { id: Some(person.id.uuid()), name: &name };
    admin_event_record(connection, call, AdminAction::PersonCreated, subject).await?;
    Ok(person)
}

/// Deletes for good. What stood in the person's name stands in nobody's from now on.
///
/// # Errors
/// `PersonNotFound`.
pub async fn person_delete<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: PersonId,
) -> Outcome<()> {
    let person = person_get(connection, id).await?;
    let name = person.display_name();
    let subject = Subject { id: Some(id.uuid()), name: &name };
    if !store::delete(connection, id).await? {
        return Err(Problem::PersonNotFound(id).into());
    }
    admin_event_record(connection, call, AdminAction::PersonDeleted, subject).await
}
