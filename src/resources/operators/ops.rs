//! What can be done with operators.

use chrono::TimeDelta;
use sqlx::{PgConnection, PgPool};

use super::model::{LINK_VALID_HOURS, Operator, PASSWORD_MAX, PASSWORD_MIN};
use super::store;
use crate::kernel::actor::{Actor, Role, Source};
use crate::kernel::id::{OperatorId, PersonId};
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::{Email, Name, TextFault};
use crate::platform::call::{Administer, Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::platform::secret;
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::admin_event_record;
use crate::resources::people::model::NewPerson;
use crate::resources::people::ops::person_ensure;

pub struct NewOperator {
    pub email: Email,
    pub name: Name,
    pub role: Role,
    /// Without one, a link is made to choose it with.
    pub password: Option<Password>,
}

/// A password that is long enough, not yet hashed.
pub struct Password(String);

impl Password {
    /// # Errors
    /// `Invalid`, of the password.
    pub fn parse(text: String) -> Result<Self, Problem> {
        let length = text.chars().count();
        if length < PASSWORD_MIN {
            return Err(Problem::invalid(Field::Password, TextFault::TooShort { min: PASSWORD_MIN }));
        }
        if length > PASSWORD_MAX {
            return Err(Problem::invalid(Field::Password, TextFault::TooLong { max: PASSWORD_MAX }));
        }
        Ok(Self(text))
    }
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
    let subject = Subject { id: Some(id.uuid()), name: new.email.as_str() };
    admin_event_record(connection, call, AdminAction::OperatorCreated, subject).await?;
    if !needs_link {
        return Ok(None);
    }
    let link = secret::random_text();
    let expires = call.now + TimeDelta::hours(LINK_VALID_HOURS);
    store::insert_link(connection, id, &secret::hash(&link), call.now, expires).await?;
    Ok(Some(link))
}

/// The operator of a session; `None` once they may not sign in any more.
pub async fn operator_current(connection: &mut PgConnection, id: OperatorId) -> Outcome<Option<Operator>> {
    store::get_active(connection, id).await
}

/// The e-mail addresses with which this person may sign in.
pub async fn operator_accounts_of(connection: &mut PgConnection, person: PersonId) -> Outcome<Vec<String>> {
    store::accounts_of(connection, person).await
}

/// What a door knows of somebody who is not signed in yet: the time and the request.
pub type Stranger = Call<()>;

fn as_operator(stranger: &Stranger, operator: &Operator) -> Call<()> {
    let actor = Actor { person: Some(operator.person.clone()), source: Source::Web, token_name: None };
    Call::granted(actor, stranger.now, stranger.request_id.clone())
}

/// Checks a password. Takes the pool and not a connection: none is held while the hash is computed.
///
/// # Errors
/// `SignInRefused`, whatever the reason.
pub async fn operator_sign_in(
    pool: &PgPool,
    stranger: &Stranger,
    email: &str,
    password: String,
) -> Outcome<Operator> {
    let mut connection = pool.acquire().await?;
    let found = store::find_for_sign_in(&mut connection, email).await?;
    drop(connection);
    let (operator, hash) = found.map_or((None, None), |found| (Some(found.operator), found.password_hash));
    let too_long = password.len() > PASSWORD_MAX * 4;
    let right = !too_long && secret::password_verify(password, hash).await?;

    let mut connection = pool.acquire().await?;
    match operator {
        Some(operator) if right => {
            let call = as_operator(stranger, &operator);
            let subject = Subject { id: Some(operator.id.uuid()), name: &operator.email };
            admin_event_record(&mut connection, &call, AdminAction::SignedIn, subject).await?;
            Ok(operator)
        }
        operator => {
            let shown: String = email.chars().filter(|sign| !sign.is_control()).take(320).collect();
            let subject = Subject { id: operator.map(|operator| operator.id.uuid()), name: &shown };
            admin_event_record(&mut connection, stranger, AdminAction::SignInFailed, subject).await?;
            Err(Problem::SignInRefused.into())
        }
    }
}

/// Whose link this is, without using it up.
///
/// # Errors
/// `SignInLinkRefused`.
pub async fn operator_of_link(
    connection: &mut PgConnection,
    stranger: &Stranger,
    link: &str,
) -> Outcome<Operator> {
    store::find_by_link(connection, &secret::hash(link), stranger.now)
        .await?
        .ok_or_else(|| Problem::SignInLinkRefused.into())
}

/// Uses up a link: sets the password and signs in.
///
/// # Errors
/// `SignInLinkRefused`.
pub async fn operator_use_link(
    connection: &mut PgConnection,
    stranger: &Stranger,
    link: &str,
    Password(password): Password,
) -> Outcome<Operator> {
    let operator = operator_of_link(connection, stranger, link).await?;
    let hash = secret::password_hash(password).await?;
    // Decided here and not by the look above: of two who use the link at once, one is refused.
    if !store::use_link(connection, &secret::hash(link), stranger.now).await? {
        return Err(Problem::SignInLinkRefused.into());
    }
    store::set_password(connection, operator.id, &hash, stranger.now).await?;
    let call = as_operator(stranger, &operator);
    let subject = Subject { id: Some(operator.id.uuid()), name: &operator.email };
    admin_event_record(connection, &call, AdminAction::PasswordSet, subject).await?;
    admin_event_record(connection, &call, AdminAction::SignedIn, subject).await?;
    Ok(operator)
}

pub async fn operator_signed_out(
    connection: &mut PgConnection,
    stranger: &Stranger,
    operator: &Operator,
) -> Outcome<()> {
    let call = as_operator(stranger, operator);
    let subject = Subject { id: Some(operator.id.uuid()), name: &operator.email };
    admin_event_record(connection, &call, AdminAction::SignedOut, subject).await
}
