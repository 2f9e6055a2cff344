//! Operations on operators. This file has sign-in and the operator's own password, `ops/manage.rs` what admins do with
//! other operators.

mod manage;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

pub use self::manage::{
    NewOperator, operator_change, operator_check_person_may_go, operator_create, operator_link,
    operator_link_identity,
};
use super::model::{Identity, Operator, PASSWORD_MAX, PASSWORD_MIN, SignedIn};
pub use super::store::manage::{operator_find, operator_get, operator_list};
pub use super::store::{
    operator_accounts_of, operator_current, operator_linked_at, operator_of_link, operator_of_used_link,
};
use super::{rules, store};
use crate::kernel::actor::{Actor, Source};
use crate::kernel::id::OperatorId;
use crate::kernel::problem::{Field, Problem, ProviderFault};
use crate::kernel::text::{
    TextFault, cleaned, decomposed, is_forbidden_in_password, normalized_email, normalized_password,
};
use crate::platform::call::{Call, SelfService};
use crate::platform::failure::Outcome;
use crate::platform::secret;
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::admin_event_record;
use crate::resources::operator_sessions::ops::operator_sessions_delete;
use crate::resources::sign_in_attempts::ops::{Charged, sign_in_attempt_refund};

/// A password of a permitted length, not yet hashed, in the normalized form that every keyboard produces.
pub struct Password(String);

impl Password {
    /// Fails with `Invalid` for the field `Password`.
    pub fn parse(text: String) -> Result<Self, Problem> {
        let text = normalized_password(&text);
        let length = text.chars().count();
        let fault = if text.chars().any(is_forbidden_in_password) {
            TextFault::ControlCharacter
        } else if length < PASSWORD_MIN {
            TextFault::TooShort { min: PASSWORD_MIN }
        } else if length > PASSWORD_MAX {
            TextFault::TooLong { max: PASSWORD_MAX }
        } else {
            return Ok(Self(text));
        };
        Err(Problem::invalid(Field::Password, fault))
    }
}

/// The call of a visitor who is not signed in yet: only the time and the request are known.
pub type Visitor = Call<()>;

impl Operator {
    pub fn subject(&self) -> Subject<'_> {
        Subject { id: Some(self.id.uuid()), name: &self.email }
    }
}

async fn record_own(
    connection: &mut PgConnection,
    visitor: &Visitor,
    operator: &Operator,
    action: AdminAction,
) -> Outcome<()> {
    let actor = Actor { person: Some(operator.person.clone()), source: Source::Web, token_name: None };
    let call: Call<SelfService> = Call::granted(actor, visitor.now, visitor.request_id.clone());
    admin_event_record(connection, &call, action, operator.subject()).await
}

/// Takes the pool because no connection is held while the hash is computed. Fails with `SignInRefused`, whatever the reason.
pub async fn operator_sign_in(
    pool: &PgPool,
    visitor: &Visitor,
    charged: Charged,
    email: &str,
    password: String,
) -> Outcome<SignedIn> {
    let mut connection = pool.acquire().await?;
    let account = store::find_for_sign_in(&mut connection, &normalized_email(email)).await?;
    drop(connection);
    let (signed_in, hash) = account.unzip();
    let (is_right, rehash) = verify(password, hash.flatten()).await?;

    let mut connection = pool.acquire().await?;
    match signed_in {
        Some(signed_in) if is_right => {
            sign_in_attempt_refund(&mut connection, charged).await?;
            if let Some(rehash) = rehash {
                store::rehash(&mut connection, signed_in.operator.id, &rehash).await?;
            }
            begin_session(&mut connection, visitor, &signed_in.operator).await?;
            Ok(signed_in)
        }
        refused => {
            let id = refused.map(|signed_in| signed_in.operator.id);
            record_failure(&mut connection, visitor, id, email).await?;
            Err(Problem::SignInRefused.into())
        }
    }
}

/// In bytes: the longest password has four bytes a character, and its decomposed form at most four times that.
const TYPED_MAX: usize = PASSWORD_MAX * 16;

/// Hashes from before passwords were normalized are hashes of the text that the device sent then: the text as typed now,
/// or in the other Unicode form. All forms are tried for every account, even after one matched, so that the time reveals
/// nothing about the account; a password in ASCII has one form. Returns whether one matched, and the hash that replaces
/// one of an old form.
async fn verify(password: String, hash: Option<String>) -> Outcome<(bool, Option<store::Rehash>)> {
    if password.len() > TYPED_MAX {
        return Ok((false, None));
    }
    let normalized = normalized_password(&password);
    let forms = BTreeSet::from([normalized.clone(), decomposed(&normalized).into_owned(), password]);
    let (mut is_right, mut is_old_form) = (false, false);
    for form in forms {
        let is_old = form != normalized;
        if secret::password_verify(form, hash.clone()).await? {
            (is_right, is_old_form) = (true, is_old);
        }
    }
    let rehash = match hash.filter(|_| is_old_form) {
        Some(old) => Some(store::Rehash { old, new: secret::password_hash(normalized).await? }),
        None => None,
    };
    Ok((is_right, rehash))
}

async fn record_failure(
    connection: &mut PgConnection,
    visitor: &Visitor,
    id: Option<OperatorId>,
    name: &str,
) -> Outcome<()> {
    let shown: String = cleaned(name).chars().filter(|character| !character.is_control()).take(320).collect();
    let subject = Subject { id: id.map(OperatorId::uuid), name: &shown };
    admin_event_record(connection, visitor, AdminAction::SignInFailed, subject).await
}

async fn begin_session(connection: &mut PgConnection, visitor: &Visitor, operator: &Operator) -> Outcome<()> {
    store::set_signed_in(connection, operator.id, visitor.now).await?;
    record_own(connection, visitor, operator, AdminAction::SignedIn).await
}

/// Links the operator at their first sign-in. The caller commits in either case, because a refusal is logged.
pub async fn operator_sign_in_by(
    connection: &mut PgConnection,
    visitor: &Visitor,
    identity: &Identity,
) -> Outcome<Result<SignedIn, Problem>> {
    match authenticate(connection, visitor, identity).await? {
        Ok(signed_in) => {
            begin_session(connection, visitor, &signed_in.operator).await?;
            Ok(Ok(signed_in))
        }
        Err((id, fault)) => {
            let name = identity.email.as_deref().unwrap_or(&identity.subject);
            record_failure(connection, visitor, id, name).await?;
            Ok(Err(Problem::NotSignedInBy { provider: identity.provider.clone(), fault }))
        }
    }
}

/// A refusal has the operator, if the identity belongs to one. Its reason is the same whether or not an operator exists.
async fn authenticate(
    connection: &mut PgConnection,
    visitor: &Visitor,
    identity: &Identity,
) -> Outcome<Result<SignedIn, (Option<OperatorId>, ProviderFault)>> {
    let Identity { issuer, subject, .. } = identity;
    let address = rules::address_to_link_by(identity);
    let fault = match &address {
        Ok(address) => ProviderFault::NoOperator((*address).to_owned()),
        Err(fault) => fault.clone(),
    };
    if let Some((id, signed_in)) = store::find_linked(connection, issuer, subject).await? {
        return Ok(signed_in.ok_or((Some(id), fault)));
    }
    let account = match address {
        Ok(address) => store::find_for_sign_in(connection, &normalized_email(address)).await?,
        Err(_) => None,
    };
    let Some((signed_in, _)) = account else { return Ok(Err((None, fault))) };
    let id = signed_in.operator.id;
    if store::link(connection, id, issuer, subject, visitor.now).await? {
        record_own(connection, visitor, &signed_in.operator, AdminAction::OperatorLinked).await?;
        return Ok(Ok(signed_in));
    }
    // Either a concurrent sign-in of the same person linked them, or the operator is linked to another subject.
    let (id, signed_in) = store::find_linked(connection, issuer, subject).await?.unwrap_or((id, None));
    Ok(signed_in.ok_or((Some(id), fault)))
}

/// The operator with this e-mail address. It does not prove who the visitor is.
pub async fn operator_of_address(connection: &mut PgConnection, email: &str) -> Outcome<Option<OperatorId>> {
    let account = store::find_for_sign_in(connection, &normalized_email(email)).await?;
    Ok(account.map(|(signed_in, _)| signed_in.operator.id))
}

pub struct NewPassword {
    operator: Operator,
    hash: String,
    /// The generation of the session in which the old password was confirmed. If the sessions are ended while the hash
    /// is computed (by a new link for a stolen password), the new password is not set.
    generation: Option<i32>,
}

/// Hashes the password of the holder of a sign-in link. Fails with `SignInLinkRefused`.
pub async fn operator_prepare_by_link(
    pool: &PgPool,
    visitor: &Visitor,
    link: &str,
    Password(password): Password,
) -> Outcome<NewPassword> {
    let mut connection = pool.acquire().await?;
    let operator = operator_of_link(&mut connection, visitor, link).await?;
    drop(connection);
    Ok(NewPassword { operator, hash: secret::password_hash(password).await?, generation: None })
}

/// Uses up a link: sets the password and signs in. Fails with `SignInLinkRefused`.
pub async fn operator_use_link(
    connection: &mut PgConnection,
    visitor: &Visitor,
    link: &str,
    new: NewPassword,
) -> Outcome<SignedIn> {
    // Checked here and not only when the password was hashed: of two concurrent uses one is refused.
    if !store::use_link(connection, &secret::hash(link), visitor.now).await? {
        return Err(Problem::SignInLinkRefused.into());
    }
    let signed_in = set_password(connection, visitor, new, AdminAction::PasswordSet).await?;
    let signed_in = signed_in.ok_or(Problem::SignInLinkRefused)?;
    begin_session(connection, visitor, &signed_in.operator).await?;
    Ok(signed_in)
}

/// Sets the password and ends all sessions. Returns what the next session begins with, or `None` if the operator was
/// disabled or the sessions were ended in the meantime.
async fn set_password(
    connection: &mut PgConnection,
    visitor: &Visitor,
    NewPassword { operator, hash, generation }: NewPassword,
    action: AdminAction,
) -> Outcome<Option<SignedIn>> {
    let generation = store::set_password(connection, operator.id, &hash, generation, visitor.now).await?;
    let Some(generation) = generation else { return Ok(None) };
    operator_sessions_delete(connection, operator.id).await?;
    record_own(connection, visitor, &operator, action).await?;
    Ok(Some(SignedIn { operator, generation }))
}

/// Checks the old password and hashes the new one. Fails with `PasswordWrong`.
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
    let (is_right, _) = verify(old, hash).await?;
    if !is_right {
        return Err(Problem::PasswordWrong.into());
    }
    let hash = secret::password_hash(new).await?;
    let mut connection = pool.acquire().await?;
    sign_in_attempt_refund(&mut connection, charged).await?;
    Ok(NewPassword { operator, hash, generation: Some(generation) })
}

/// The result is for the session that replaces the current one. Fails with `SignedOut` if that was ended in the meantime.
pub async fn operator_change_password(
    connection: &mut PgConnection,
    visitor: &Visitor,
    new: NewPassword,
) -> Outcome<SignedIn> {
    let signed_in = set_password(connection, visitor, new, AdminAction::PasswordChanged).await?;
    signed_in.ok_or_else(|| Problem::SignedOut.into())
}

pub async fn operator_signed_out(
    connection: &mut PgConnection,
    visitor: &Visitor,
    operator: &Operator,
) -> Outcome<()> {
    record_own(connection, visitor, operator, AdminAction::SignedOut).await
}

/// Ends all sessions of the operator, including the current one.
pub async fn operator_sign_out_everywhere(
    connection: &mut PgConnection,
    call: &Call<SelfService>,
    operator: &Operator,
) -> Outcome<()> {
    end_sessions(connection, operator.id).await?;
    admin_event_record(connection, call, AdminAction::SessionsEnded, operator.subject()).await
}

/// The new generation also ends sessions that are being created concurrently.
async fn end_sessions(connection: &mut PgConnection, id: OperatorId) -> Outcome<()> {
    store::next_generation(connection, id).await?;
    operator_sessions_delete(connection, id).await
}

/// Creates a sign-in link, which replaces the operator's other links. Returns its secret.
async fn create_link(connection: &mut PgConnection, id: OperatorId, now: DateTime<Utc>) -> Outcome<String> {
    let link = secret::random_text();
    store::insert_link(connection, id, &secret::hash(&link), now).await?;
    Ok(link)
}
