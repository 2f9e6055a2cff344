//! Operations of admins on operators.

use sqlx::PgConnection;

use super::super::model::{LockedOperator, OperatorChange};
use super::super::rules::{self, Rule};
use super::super::store::{self, manage};
use super::{Password, create_link, end_sessions};
use crate::kernel::actor::Role;
use crate::kernel::id::{OperatorId, PersonId};
use crate::kernel::problem::Problem;
use crate::kernel::text::{Email, Name, ShortText};
use crate::platform::call::{Administer, Call, Includes};
use crate::platform::failure::Outcome;
use crate::platform::secret;
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::admin_event_record;

pub struct NewOperator {
    pub email: Email,
    pub name: Name,
    pub role: Role,
    /// `None`: a sign-in link is created.
    pub password: Option<Password>,
}

/// Returns the secret of the sign-in link if no password was given. Fails with `OperatorExists`.
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
    let id = store::insert(connection, &new.email, person, new.role, hash, call.now).await?;
    let id = id.ok_or_else(|| Problem::OperatorExists(new.email.to_string()))?;
    // If the address belonged to an operator whose person was deleted, their links end.
    manage::change(connection, id, OperatorChange::Unlink, call.now).await?;
    manage::end_links(connection, id, call.now).await?;
    let subject = Subject { id: Some(id.uuid()), name: new.email.as_str() };
    admin_event_record(connection, call, AdminAction::OperatorCreated, subject).await?;
    Ok(if needs_link { Some(create_link(connection, id, call.now).await?) } else { None })
}

impl LockedOperator {
    fn subject(&self) -> Subject<'_> {
        Subject { id: Some(self.id.uuid()), name: &self.email }
    }
}

async fn lock_for_change<P>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
    rule: Rule,
) -> Outcome<LockedOperator> {
    let locked = manage::lock_with_admins(connection, id).await?;
    let actor = call.actor.person.as_ref().map(|person| person.id);
    Ok(rule(actor, id, &locked)?.clone())
}

/// Changes an operator and, unless they are enabled, ends their sessions. A repeated change has no effect. Returns the
/// operator as before the change. Fails as `rules.rs` states.
pub async fn operator_change<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
    change: OperatorChange,
) -> Outcome<LockedOperator> {
    let (rule, action): (Rule, _) = match change {
        OperatorChange::Role(Role::Admin) => (rules::may_change, AdminAction::MadeAdmin),
        OperatorChange::Role(Role::Support) => (rules::may_lose, AdminAction::MadeSupport),
        OperatorChange::Disable => (rules::may_lose, AdminAction::OperatorDisabled),
        OperatorChange::Enable => (rules::may_change, AdminAction::OperatorEnabled),
        OperatorChange::Unlink => (rules::may_unlink, AdminAction::OperatorUnlinked),
        OperatorChange::ClearPassword => (rules::may_get_link, AdminAction::SignInLinkCreated),
    };
    let operator = lock_for_change(connection, call, id, rule).await?;
    if manage::change(connection, id, change, call.now).await? {
        if change == OperatorChange::Disable {
            manage::end_links(connection, id, call.now).await?;
        }
        if change != OperatorChange::Enable {
            end_sessions(connection, id).await?;
        }
        admin_event_record(connection, call, action, operator.subject()).await?;
    }
    Ok(operator)
}

/// Fails with `LastAdmin`. Locks all admins, so that two concurrent deletions of people cannot both pass.
pub async fn operator_check_person_may_go(connection: &mut PgConnection, person: PersonId) -> Outcome<()> {
    for account in store::operator_accounts_of(connection, person).await? {
        rules::may_leave(person, &manage::lock_with_admins(connection, account.id).await?)?;
    }
    Ok(())
}

/// Creates a new sign-in link, whose secret is returned, and ends the previous link, the password and all sessions.
pub async fn operator_link<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
) -> Outcome<(LockedOperator, String)> {
    let operator = operator_change(connection, call, id, OperatorChange::ClearPassword).await?;
    Ok((operator, create_link(connection, id, call.now).await?))
}

/// Links an operator to a subject of the issuer, whatever the provider says about the e-mail address. Linking again has no
/// effect. Fails with `OperatorNotFound`, `OwnOperator`, `OperatorLinked` or `IdentityTaken`.
pub async fn operator_link_identity<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
    issuer: &str,
    subject: &ShortText,
) -> Outcome<LockedOperator> {
    let operator = lock_for_change(connection, call, id, rules::may_change).await?;
    if store::link(connection, id, issuer, subject.as_str(), call.now).await? {
        admin_event_record(connection, call, AdminAction::OperatorLinked, operator.subject()).await?;
        return Ok(operator);
    }
    match store::find_linked(connection, issuer, subject.as_str()).await? {
        Some((linked, _)) if linked == id => Ok(operator),
        Some(_) => Err(Problem::IdentityTaken.into()),
        None => Err(Problem::OperatorLinked(operator.name().to_owned()).into()),
    }
}
