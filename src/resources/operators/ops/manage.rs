//! Operations of admins on operators. Those that change one return the operator as it was before the change; a repeated
//! change has no effect.

use sqlx::PgConnection;

use super::super::model::{LockedOperator, OperatorSummary};
use super::super::rules::{self, Rule};
use super::super::store;
use super::{Password, create_link, end_sessions};
use crate::kernel::actor::Role;
use crate::kernel::id::{OperatorId, PersonId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::problem::Problem;
use crate::kernel::text::{Email, Name};
use crate::platform::call::{Administer, Call, Includes};
use crate::platform::failure::Outcome;
use crate::platform::secret;
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::admin_event_record;

/// A page, newest first.
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

/// Finds an operator by e-mail address, regardless of case.
///
/// # Errors
/// `OperatorEmailUnknown`.
pub async fn operator_find<P: Includes<Administer>>(
    connection: &mut PgConnection,
    _: &Call<P>,
    email: &Email,
) -> Outcome<OperatorId> {
    let id = store::find_by_email(connection, email).await?;
    id.ok_or_else(|| Problem::OperatorEmailUnknown(email.to_string()).into())
}

pub struct NewOperator {
    pub email: Email,
    pub name: Name,
    pub role: Role,
    /// `None`: a sign-in link is created.
    pub password: Option<Password>,
}

/// Creates the operator of a person. Returns the secret of the sign-in link if no password was given.
///
/// # Errors
/// `OperatorExists`.
pub async fn operator_create<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: NewOperator,
    person: PersonId,
) -> Outcome<Option<String>> {
    let hash = match new.password {
        Some(Password(password)) => Some(secret::password_hash(password).await?),
        None => None,
    };
    let needs_link = hash.is_none();
    let id = store::insert(connection, &new.email, person, new.role, hash, call.now)
        .await?
        .ok_or_else(|| Problem::OperatorExists(new.email.to_string()))?;
    // If the address belonged to an operator whose person was deleted, their links end.
    store::unlink(connection, id).await?;
    store::end_links(connection, id, call.now).await?;
    let subject = Subject { id: Some(id.uuid()), name: new.email.as_str() };
    admin_event_record(connection, call, AdminAction::OperatorCreated, subject).await?;
    Ok(if needs_link { Some(create_link(connection, id, call.now).await?) } else { None })
}

/// Logs a change of an operator.
pub(super) async fn record_change<P: Sync>(
    connection: &mut PgConnection,
    call: &Call<P>,
    action: AdminAction,
    operator: &LockedOperator,
) -> Outcome<()> {
    let subject = Subject { id: Some(operator.id.uuid()), name: &operator.email };
    admin_event_record(connection, call, action, subject).await
}

/// Locks the operator and all admins, and checks whether the caller may change the operator.
pub(super) async fn lock_for_change<P>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
    rule: Rule,
) -> Outcome<LockedOperator> {
    let locked = store::lock_with_admins(connection, id).await?;
    let actor = call.actor.person.as_ref().map(|person| person.id);
    Ok(rule(actor, id, &locked)?.clone())
}

/// Gives another role, and ends the operator's sessions.
///
/// # Errors
/// `OperatorNotFound`, `OwnOperator`, `LastAdmin`.
pub async fn operator_set_role<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
    role: Role,
) -> Outcome<LockedOperator> {
    let (check, action): (Rule, _) = match role {
        Role::Admin => (rules::may_change, AdminAction::MadeAdmin),
        Role::Support => (rules::may_lose, AdminAction::MadeSupport),
    };
    let operator = lock_for_change(connection, call, id, check).await?;
    if operator.role != role {
        store::set_role(connection, id, role, call.now).await?;
        end_sessions(connection, id).await?;
        record_change(connection, call, action, &operator).await?;
    }
    Ok(operator)
}

/// Removes the operator's link to an identity provider, and ends their sessions.
///
/// # Errors
/// `OperatorNotFound`, `OwnOperator`, `LastAdmin`.
pub async fn operator_unlink<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
) -> Outcome<LockedOperator> {
    let operator = lock_for_change(connection, call, id, rules::may_unlink).await?;
    if store::unlink(connection, id).await? {
        end_sessions(connection, id).await?;
        record_change(connection, call, AdminAction::OperatorUnlinked, &operator).await?;
    }
    Ok(operator)
}

/// Ends the operator's right to sign in, their sessions and their sign-in links.
///
/// # Errors
/// `OperatorNotFound`, `OwnOperator`, `LastAdmin`.
pub async fn operator_disable<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
) -> Outcome<LockedOperator> {
    let operator = lock_for_change(connection, call, id, rules::may_lose).await?;
    if !operator.is_disabled {
        store::set_disabled(connection, id, Some(call.now), call.now).await?;
        store::end_links(connection, id, call.now).await?;
        end_sessions(connection, id).await?;
        record_change(connection, call, AdminAction::OperatorDisabled, &operator).await?;
    }
    Ok(operator)
}

/// Restores the right to sign in, with the password from before.
///
/// # Errors
/// `OperatorNotFound`, `OwnOperator`.
pub async fn operator_enable<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
) -> Outcome<LockedOperator> {
    let operator = lock_for_change(connection, call, id, rules::may_change).await?;
    if operator.is_disabled {
        store::set_disabled(connection, id, None, call.now).await?;
        record_change(connection, call, AdminAction::OperatorEnabled, &operator).await?;
    }
    Ok(operator)
}

/// Checks that an admin remains if this person is deleted. Locks all admins, so that concurrent deletions cannot both
/// pass.
///
/// # Errors
/// `LastAdmin`.
pub async fn operator_check_person_may_go(connection: &mut PgConnection, person: PersonId) -> Outcome<()> {
    for account in store::accounts_of(connection, person).await? {
        rules::may_leave(person, &store::lock_with_admins(connection, account.id).await?)?;
    }
    Ok(())
}

/// A sign-in link, and the operator whom it is for.
pub struct Link {
    pub name: String,
    pub email: String,
    pub secret: String,
}

/// Creates a new link, and ends the previous link, the password and all sessions.
///
/// # Errors
/// `OperatorNotFound`, `OwnOperator`, `LastAdmin`, `OperatorDisabled`, `OperatorWithoutPerson`.
pub async fn operator_link<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
) -> Outcome<Link> {
    let operator = lock_for_change(connection, call, id, rules::may_get_link).await?;
    store::clear_password(connection, id, call.now).await?;
    end_sessions(connection, id).await?;
    let secret = create_link(connection, id, call.now).await?;
    record_change(connection, call, AdminAction::SignInLinkCreated, &operator).await?;
    Ok(Link { name: operator.name().to_owned(), email: operator.email, secret })
}
