//! What can be done with operators: here signing in and one's own password; signing in by an identity provider
//! is in `ops/identities.rs`, what admins do with others in `ops/manage.rs`.

mod identities;
mod manage;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{PgConnection, PgPool};

pub use self::identities::{operator_link_identity, operator_linked_at, operator_sign_in_by};
pub use self::manage::{
    Link, NewOperator, operator_add, operator_disable, operator_enable, operator_find, operator_get,
    operator_hold_for_person, operator_link, operator_list, operator_set_role, operator_unlink,
};
use super::model::{LINK_VALID_HOURS, Operator, OperatorRef, PASSWORD_MAX, PASSWORD_MIN, SignedIn};
use super::store;
use crate::kernel::actor::{Actor, Source};
use crate::kernel::id::{OperatorId, PersonId};
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::{TextFault, address, cleaned, decomposed, is_no_password_character, opaque};
use crate::platform::call::{Call, Own};
use crate::platform::failure::Outcome;
use crate::platform::secret;
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::admin_event_record;
use crate::resources::operator_sessions::ops::operator_sessions_delete;
use crate::resources::sign_in_attempts::ops::{Charged, sign_in_attempt_give_back};

/// A password that is long enough, not yet hashed, in the form in which it is the same on every keyboard.
pub struct Password(String);

impl Password {
    /// # Errors
    /// `Invalid`, of the password.
    pub fn parse(text: String) -> Result<Self, Problem> {
        let text = opaque(&text);
        if text.chars().any(is_no_password_character) {
            return Err(Problem::invalid(Field::Password, TextFault::ControlCharacter));
        }
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

/// The operator of a session that was begun in this generation; `None` once they may not sign in any
/// more, or all sessions of theirs were ended since.
pub async fn operator_current(
    connection: &mut PgConnection,
    id: OperatorId,
    generation: i32,
) -> Outcome<Option<Operator>> {
    store::get_active(connection, id, generation).await
}

/// The e-mail addresses with which this person may sign in.
pub async fn operator_accounts_of(
    connection: &mut PgConnection,
    person: PersonId,
) -> Outcome<Vec<OperatorRef>> {
    store::accounts_of(connection, person).await
}

/// What a door knows of somebody who is not signed in yet: the time and the request.
pub type Stranger = Call<()>;

fn as_operator(stranger: &Stranger, operator: &Operator) -> Call<Own> {
    let actor = Actor { person: Some(operator.person.clone()), source: Source::Web, token_name: None };
    Call::granted(actor, stranger.now, stranger.request_id.clone())
}

fn subject(operator: &Operator) -> Subject<'_> {
    Subject { id: Some(operator.id.uuid()), name: &operator.email }
}

/// Checks a password. Takes the pool and not a connection: none is held while the hash is computed.
///
/// # Errors
/// `SignInRefused`, whatever the reason.
pub async fn operator_sign_in(
    pool: &PgPool,
    stranger: &Stranger,
    charged: Charged,
    email: &str,
    password: String,
) -> Outcome<SignedIn> {
    let mut connection = pool.acquire().await?;
    let found = store::find_for_sign_in(&mut connection, &address(email)).await?;
    drop(connection);
    let (found, hash) = found.map_or((None, None), |found| (Some(found.signed_in), found.password_hash));
    let verified = verify(password, hash).await?;

    let mut connection = pool.acquire().await?;
    match found {
        Some(signed_in) if verified.is_right => {
            sign_in_attempt_give_back(&mut connection, charged).await?;
            if let Some(renewal) = verified.renewal {
                store::renew_hash(&mut connection, signed_in.operator.id, &renewal).await?;
            }
            begin(&mut connection, stranger, &signed_in.operator).await?;
            Ok(signed_in)
        }
        found => {
            let id = found.map(|found| found.operator.id);
            failed(&mut connection, stranger, id, email).await?;
            Err(Problem::SignInRefused.into())
        }
    }
}

/// The longest password is four bytes a character, and its decomposed form at most four times that.
const TYPED_MAX: usize = PASSWORD_MAX * 16;

/// What looking at a password came to.
struct Verified {
    is_right: bool,
    renewal: Option<store::Renewal>,
}

/// Hashes made before passwords were normalized are of what a machine sent then: as it is typed now, or composed
/// the other way. All forms are tried, whoever it is and whichever is right, so that the time tells nothing of the
/// account; a password in plain ASCII has one form. A hash of an old form is replaced by one of today's.
async fn verify(password: String, hash: Option<String>) -> Outcome<Verified> {
    let wrong = Verified { is_right: false, renewal: None };
    if password.len() > TYPED_MAX {
        return Ok(wrong);
    }
    let normalized = opaque(&password);
    let mut forms = vec![normalized.clone()];
    for form in [decomposed(&normalized).into_owned(), password] {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    let mut right = None;
    for (index, form) in forms.into_iter().enumerate() {
        if secret::password_verify(form, hash.clone()).await? {
            right = right.or(Some(index));
        }
    }
    let renewal = match (right, hash) {
        (Some(1..), Some(old)) => Some(store::Renewal { old, new: secret::password_hash(normalized).await? }),
        (Some(_) | None, _) => None,
    };
    Ok(Verified { is_right: right.is_some(), renewal })
}

/// Tells that somebody who called themselves so was not signed in.
async fn failed(
    connection: &mut PgConnection,
    stranger: &Stranger,
    id: Option<OperatorId>,
    name: &str,
) -> Outcome<()> {
    let shown: String = cleaned(name).chars().filter(|sign| !sign.is_control()).take(320).collect();
    let subject = Subject { id: id.map(OperatorId::uuid), name: &shown };
    admin_event_record(connection, stranger, AdminAction::SignInFailed, subject).await
}

/// Tells that a session begins.
async fn begin(connection: &mut PgConnection, stranger: &Stranger, operator: &Operator) -> Outcome<()> {
    store::set_signed_in(connection, operator.id, stranger.now).await?;
    let call = as_operator(stranger, operator);
    admin_event_record(connection, &call, AdminAction::SignedIn, subject(operator)).await
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

/// Whose link this was, if it does not work any more. This does not prove who asks.
pub async fn operator_of_used_link(connection: &mut PgConnection, link: &str) -> Outcome<Option<OperatorId>> {
    store::find_by_used_link(connection, &secret::hash(link)).await
}

/// Who signs in with this e-mail address. This does not prove who asks.
pub async fn operator_of_address(connection: &mut PgConnection, email: &str) -> Outcome<Option<OperatorId>> {
    let found = store::find_for_sign_in(connection, &address(email)).await?;
    Ok(found.map(|found| found.signed_in.operator.id))
}

/// Hashes the password of somebody who has a link, which is to be done without a connection at hand.
///
/// # Errors
/// `SignInLinkRefused`.
pub async fn operator_prepare_by_link(
    pool: &PgPool,
    stranger: &Stranger,
    link: &str,
    Password(password): Password,
) -> Outcome<NewPassword> {
    let mut connection = pool.acquire().await?;
    let operator = operator_of_link(&mut connection, stranger, link).await?;
    drop(connection);
    Ok(NewPassword { operator, hash: secret::password_hash(password).await?, generation: None })
}

/// Uses up a link: sets the password and signs in.
///
/// # Errors
/// `SignInLinkRefused`.
pub async fn operator_use_link(
    connection: &mut PgConnection,
    stranger: &Stranger,
    link: &str,
    new: NewPassword,
) -> Outcome<SignedIn> {
    // Decided here and not when the password was hashed: of two who use the link at once, one is refused.
    if !store::use_link(connection, &secret::hash(link), stranger.now).await? {
        return Err(Problem::SignInLinkRefused.into());
    }
    let set = put_password(connection, &new, stranger).await?;
    let generation = set.ok_or(Problem::SignInLinkRefused)?;
    let operator = new.operator;
    let call = as_operator(stranger, &operator);
    admin_event_record(connection, &call, AdminAction::PasswordSet, subject(&operator)).await?;
    begin(connection, stranger, &operator).await?;
    Ok(SignedIn { operator, generation })
}

/// A new password ends all sessions; the answer is the generation of the next one. `None`: it is not to be
/// set any more.
async fn put_password(
    connection: &mut PgConnection,
    new: &NewPassword,
    stranger: &Stranger,
) -> Outcome<Option<i32>> {
    let id = new.operator.id;
    let generation = store::set_password(connection, id, &new.hash, new.generation, stranger.now).await?;
    if generation.is_some() {
        operator_sessions_delete(connection, id).await?;
    }
    Ok(generation)
}

/// A new password, hashed.
pub struct NewPassword {
    operator: Operator,
    hash: String,
    /// Of the sessions of whoever has given the old one. What ended those while this was hashed (a new link, for
    /// a password that got into wrong hands) is not undone by it.
    generation: Option<i32>,
}

/// Checks the old password and hashes the new one, which is to be done without a connection at hand. For
/// somebody in a session of this generation.
///
/// # Errors
/// `PasswordWrong`.
pub async fn operator_prepare_password(
    pool: &PgPool,
    charged: Charged,
    SignedIn { operator, generation }: SignedIn,
    old: String,
    Password(new): Password,
) -> Outcome<NewPassword> {
    let mut connection = pool.acquire().await?;
    let hash = store::password_hash(&mut connection, operator.id).await?;
    drop(connection);
    if !verify(old, hash).await?.is_right {
        return Err(Problem::PasswordWrong.into());
    }
    let hash = secret::password_hash(new).await?;
    let mut connection = pool.acquire().await?;
    sign_in_attempt_give_back(&mut connection, charged).await?;
    Ok(NewPassword { operator, hash, generation: Some(generation) })
}

/// Sets one's own password. All sessions end; the answer is for the one that goes on.
///
/// # Errors
/// `SignedOut`, where that session was ended meanwhile.
pub async fn operator_change_password(
    connection: &mut PgConnection,
    stranger: &Stranger,
    new: NewPassword,
) -> Outcome<SignedIn> {
    let set = put_password(connection, &new, stranger).await?;
    let generation = set.ok_or(Problem::SignedOut)?;
    let operator = new.operator;
    let call = as_operator(stranger, &operator);
    admin_event_record(connection, &call, AdminAction::PasswordChanged, subject(&operator)).await?;
    Ok(SignedIn { operator, generation })
}

pub async fn operator_signed_out(
    connection: &mut PgConnection,
    stranger: &Stranger,
    operator: &Operator,
) -> Outcome<()> {
    let call = as_operator(stranger, operator);
    admin_event_record(connection, &call, AdminAction::SignedOut, subject(operator)).await
}

/// Ends all of one's own sessions, also the one that asks.
pub async fn operator_sign_out_everywhere(
    connection: &mut PgConnection,
    call: &Call<Own>,
    operator: &Operator,
) -> Outcome<()> {
    end_sessions(connection, operator.id).await?;
    admin_event_record(connection, call, AdminAction::SessionsEnded, subject(operator)).await
}

/// For good: also those that are being made at this moment.
async fn end_sessions(connection: &mut PgConnection, id: OperatorId) -> Outcome<()> {
    store::next_generation(connection, id).await?;
    operator_sessions_delete(connection, id).await
}

/// Makes a link the operator's only one; the answer is its secret.
async fn make_link(connection: &mut PgConnection, id: OperatorId, now: DateTime<Utc>) -> Outcome<String> {
    let link = secret::random_text();
    let expires = now + TimeDelta::hours(LINK_VALID_HOURS);
    store::insert_link(connection, id, &secret::hash(&link), now, expires).await?;
    Ok(link)
}
