//! What admins do with operators.

use sqlx::PgConnection;

use super::super::model::{OperatorSummary, Standing};
use super::super::{rules, store};
use super::{Password, end_sessions, make_link};
use crate::kernel::actor::Role;
use crate::kernel::id::{OperatorId, PersonId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::problem::Problem;
use crate::kernel::text::{Email, Name};
use crate::platform::call::{Administer, Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::platform::secret;
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::admin_event_record;
use crate::resources::people::model::NewPerson;
use crate::resources::people::ops::person_ensure;

/// A page, last added first.
pub async fn operator_list<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    page: &PageRequest,
) -> Outcome<Page<OperatorSummary>> {
    store::list(connection, page, call.now).await
}

/// # Errors
/// `OperatorNotFound`.
pub async fn operator_get<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
) -> Outcome<OperatorSummary> {
    store::get(connection, id, call.now).await?.ok_or_else(|| Problem::OperatorNotFound(id).into())
}

/// Whose e-mail address it is, whatever the case.
///
/// # Errors
/// `OperatorEmailUnknown`.
pub async fn operator_find<P: Includes<Administer>>(
    connection: &mut PgConnection,
    _: &Call<P>,
    email: &Email,
) -> Outcome<OperatorId> {
    let found = store::find_by_email(connection, email).await?;
    found.ok_or_else(|| Problem::OperatorEmailUnknown(email.to_string()).into())
}

pub struct NewOperator {
    pub email: Email,
    pub name: Name,
    pub role: Role,
    /// Without one, a link is made to choose it with.
    pub password: Option<Password>,
}

/// Adds an operator, and the person behind them where no person has that e-mail address. The
/// answer is the secret of the one-time link, where no password was given.
///
/// # Errors
/// `OperatorExists`.
pub async fn operator_add<P: Includes<Administer> + Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: NewOperator,
) -> Outcome<Option<String>> {
    let person = NewPerson::from_full_name(new.name.as_str(), Some(new.email.clone()));
    let person = person_ensure(connection, call, &person, &new.email).await?;
    let hash = match new.password {
        Some(Password(password)) => Some(secret::password_hash(password).await?),
        None => None,
    };
    let needs_link = hash.is_none();
    let id = store::insert(connection, &new.email, person.id, new.role, hash, call.now)
        .await?
        .ok_or_else(|| Problem::OperatorExists(new.email.to_string()))?;
    // Of whoever had the address before, where it is invited anew.
    store::unlink(connection, id).await?;
    store::end_links(connection, id, call.now).await?;
    let subject = Subject { id: Some(id.uuid()), name: new.email.as_str() };
    admin_event_record(connection, call, AdminAction::OperatorCreated, subject).await?;
    if !needs_link {
        return Ok(None);
    }
    Ok(Some(make_link(connection, id, call.now).await?))
}

pub(super) fn actor<P>(call: &Call<P>) -> Option<PersonId> {
    call.actor.person.as_ref().map(|person| person.id)
}

pub(super) async fn tell<P: Sync>(
    connection: &mut PgConnection,
    call: &Call<P>,
    action: AdminAction,
    standing: &Standing,
) -> Outcome<()> {
    let subject = Subject { id: Some(standing.id.uuid()), name: &standing.email };
    admin_event_record(connection, call, action, subject).await
}

/// Gives a role, which ends the operator's sessions. The one they have already changes nothing. The
/// answer is the operator as they were.
///
/// # Errors
/// `OperatorNotFound`, `OwnOperator`, `LastAdmin`.
pub async fn operator_set_role<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
    role: Role,
) -> Outcome<Standing> {
    let held = store::hold(connection, id).await?;
    let standing = match role {
        Role::Admin => rules::may_change(actor(call), id, &held)?,
        Role::Support => rules::may_lose(actor(call), id, &held)?,
    };
    if standing.role != role {
        store::set_role(connection, id, role, call.now).await?;
        end_sessions(connection, id).await?;
        let action = match role {
            Role::Admin => AdminAction::MadeAdmin,
            Role::Support => AdminAction::MadeSupport,
        };
        tell(connection, call, action, standing).await?;
    }
    Ok(standing.clone())
}

/// Ends an operator's link to their identity provider, and their sessions. Twice is once.
///
/// # Errors
/// `OperatorNotFound`, `OwnOperator`, `LastAdmin`.
pub async fn operator_unlink<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
) -> Outcome<Standing> {
    let held = store::hold(connection, id).await?;
    let standing = rules::may_unlink(actor(call), id, &held)?;
    if store::unlink(connection, id).await? {
        end_sessions(connection, id).await?;
        tell(connection, call, AdminAction::OperatorUnlinked, standing).await?;
    }
    Ok(standing.clone())
}

/// Ends an operator's right to sign in, their sessions and their links.
///
/// # Errors
/// `OperatorNotFound`, `OwnOperator`, `LastAdmin`.
pub async fn operator_disable<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
) -> Outcome<Standing> {
    let held = store::hold(connection, id).await?;
    let standing = rules::may_lose(actor(call), id, &held)?;
    if !standing.is_disabled {
        store::set_disabled(connection, id, Some(call.now), call.now).await?;
        store::end_links(connection, id, call.now).await?;
        end_sessions(connection, id).await?;
        tell(connection, call, AdminAction::OperatorDisabled, standing).await?;
    }
    Ok(standing.clone())
}

/// Gives back the right to sign in, with the password that they had.
///
/// # Errors
/// `OperatorNotFound`.
pub async fn operator_enable<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
) -> Outcome<Standing> {
    let held = store::hold(connection, id).await?;
    let standing = rules::may_change(actor(call), id, &held)?;
    if standing.is_disabled {
        store::set_disabled(connection, id, None, call.now).await?;
        tell(connection, call, AdminAction::OperatorEnabled, standing).await?;
    }
    Ok(standing.clone())
}

/// Holds all who administer, so that somebody is left who does when this person is deleted, even if another
/// one is deleted at the same moment.
///
/// # Errors
/// `LastAdmin`.
pub async fn operator_hold_for_person(connection: &mut PgConnection, person: PersonId) -> Outcome<()> {
    for account in store::accounts_of(connection, person).await? {
        let held = store::hold(connection, account.id).await?;
        rules::may_leave(person, &held)?;
    }
    Ok(())
}

/// A link to choose a password with, and for whom it is.
pub struct Link {
    pub name: String,
    pub email: String,
    pub secret: String,
}

/// Makes a new link: the last one, the password and all sessions end.
///
/// # Errors
/// `OperatorNotFound`, `OwnOperator`, `LastAdmin`, `OperatorDisabled`, `OperatorWithoutPerson`.
pub async fn operator_link<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
) -> Outcome<Link> {
    let held = store::hold(connection, id).await?;
    let standing = rules::may_get_link(actor(call), id, &held)?;
    store::forget_password(connection, id, call.now).await?;
    end_sessions(connection, id).await?;
    let secret = make_link(connection, id, call.now).await?;
    tell(connection, call, AdminAction::SignInLinkCreated, standing).await?;
    Ok(Link { name: standing.name().to_owned(), email: standing.email.clone(), secret })
}
