//! Every statement on `groupdesk.operators`, `groupdesk.sign_in_links` and `groupdesk.operator_identities`. This file has
//! those of sign-in and passwords; the subfolder has those of lists, of admins and of identity providers.

mod identities;
mod list;
mod manage;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

pub use self::identities::linked_at;
pub(super) use self::identities::{find_linked, link, unlink};
pub(super) use self::list::{get, list};
pub(super) use self::manage::{
    clear_password, end_links, find_by_email, lock_with_admins, set_disabled, set_role,
};
use super::model::{Operator, OperatorRef, SignedIn};
use crate::kernel::actor::Role;
use crate::kernel::id::{OperatorId, PersonId};
use crate::kernel::recency::MAX_CLOCK_SKEW;
use crate::kernel::text::Email;
use crate::platform::db::statement::{execute, execute_counted};
use crate::platform::failure::Outcome;
use crate::resources::people::model::joined_person;
use crate::resources::rows::stored_word;

/// An account as sign-in sees it.
struct AccountRow {
    operator_id: Uuid,
    email: String,
    role: String,
    password_hash: Option<String>,
    session_generation: i32,
    is_disabled: bool,
    people_id: Option<Uuid>,
    person_name: Option<String>,
}

pub(super) struct ForSignIn {
    pub(super) signed_in: SignedIn,
    pub(super) password_hash: Option<String>,
}

impl AccountRow {
    /// `None` if the operator may not sign in: a disabled one, and one whose person was deleted.
    fn for_sign_in(self) -> Outcome<Option<ForSignIn>> {
        let Some(person) = joined_person(self.people_id, self.person_name).filter(|_| !self.is_disabled)
        else {
            return Ok(None);
        };
        let id = OperatorId::new(self.operator_id);
        let operator = Operator { id, email: self.email, role: stored_word(&self.role)?, person };
        let signed_in = SignedIn { operator, generation: self.session_generation };
        Ok(Some(ForSignIn { signed_in, password_hash: self.password_hash }))
    }

    fn operator(self) -> Outcome<Option<Operator>> {
        Ok(self.for_sign_in()?.map(|account| account.signed_in.operator))
    }
}

/// Selects accounts; the literal goes on after `FROM`.
macro_rules! query_accounts {
    ($rest:literal, $($value:expr),+ $(,)?) => {
        sqlx::query_as!(
            AccountRow,
            r#"SELECT o.operator_id AS "operator_id!", o.email AS "email!", o.role AS "role!", o.password_hash,
                      o.session_generation AS "session_generation!",
                      o.disabled_at IS NOT NULL AS "is_disabled!", p.people_id AS "people_id?",
                      btrim(p.first_name || ' ' || p.last_name) AS person_name
               FROM groupdesk.operators o LEFT JOIN core_api.peoples p ON p.pk = o.people_pk "# + $rest,
            $($value),+
        )
    };
}
use query_accounts;

/// `None` if the e-mail address is taken, in either Unicode form. An operator whose person was deleted gives it up and is
/// set up again. The address is looked for first, because a row that the index refuses uses up a number of the serial key.
pub(super) async fn insert(
    connection: &mut PgConnection,
    email: &Email,
    person: PersonId,
    role: Role,
    password_hash: Option<String>,
    now: DateTime<Utc>,
) -> Outcome<Option<OperatorId>> {
    let query = sqlx::query_scalar!(
        "INSERT INTO groupdesk.operators (people_pk, email, role, password_hash, created_at, updated_at)
         SELECT (SELECT pk FROM core_api.peoples WHERE people_id = $1), $2::text, $3::text, $4::text,
                $5::timestamptz, $5
         WHERE NOT EXISTS (SELECT 1 FROM groupdesk.operators
                           WHERE lower(email) IN (lower($2), lower(groupdesk.decomposed($2)))
                             AND people_pk IS NOT NULL)
         ON CONFLICT (lower(email)) DO UPDATE
             SET people_pk = excluded.people_pk, email = excluded.email, role = excluded.role,
                 password_hash = excluded.password_hash, updated_at = excluded.updated_at, disabled_at = NULL,
                 session_generation = operators.session_generation + 1
             WHERE operators.people_pk IS NULL
         RETURNING operator_id",
        person.uuid(),
        email.as_str(),
        role.into_str(),
        password_hash,
        now,
    );
    let id = query.fetch_optional(connection).await?;
    Ok(id.map(OperatorId::new))
}

/// The operator of a session that began in this generation. `None` once they may not sign in any more, or all their
/// sessions were ended.
pub async fn get_active(
    connection: &mut PgConnection,
    id: OperatorId,
    generation: i32,
) -> Outcome<Option<Operator>> {
    let query =
        query_accounts!("WHERE o.operator_id = $1 AND o.session_generation = $2", id.uuid(), generation);
    query.fetch_optional(connection).await?.map_or(Ok(None), AccountRow::operator)
}

pub(super) async fn find_for_sign_in(
    connection: &mut PgConnection,
    email: &str,
) -> Outcome<Option<ForSignIn>> {
    // Postgres refuses a NUL in a text; no address has one.
    if email.contains('\0') {
        return Ok(None);
    }
    let query = query_accounts!(
        "WHERE lower(o.email) IN (lower($1), lower(groupdesk.decomposed($1)))
           AND o.disabled_at IS NULL AND p.pk IS NOT NULL
         ORDER BY lower(o.email) = lower($1) DESC LIMIT 1",
        email,
    );
    query.fetch_optional(connection).await?.map_or(Ok(None), AccountRow::for_sign_in)
}

/// Inserts a link and ends the operator's other links.
pub(super) async fn insert_link(
    connection: &mut PgConnection,
    id: OperatorId,
    hash: &[u8],
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
) -> Outcome<()> {
    let statement = sqlx::query!(
        "WITH operator AS (SELECT pk FROM groupdesk.operators WHERE operator_id = $1),
              older AS (UPDATE groupdesk.sign_in_links SET used_at = $3
                        WHERE operator_pk = (SELECT pk FROM operator) AND used_at IS NULL)
         INSERT INTO groupdesk.sign_in_links (operator_pk, link_hash, created_at, expires_at)
         SELECT pk, $2, $3, $4 FROM operator",
        id.uuid(),
        hash,
        now,
        expires,
    );
    execute(connection, statement).await
}

/// The operator of a valid link. A link from the future was created while a clock was wrong and is not valid.
pub(super) async fn find_by_link(
    connection: &mut PgConnection,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Outcome<Option<Operator>> {
    let query = query_accounts!(
        "JOIN groupdesk.sign_in_links l ON l.operator_pk = o.pk
         WHERE l.link_hash = $1 AND l.used_at IS NULL AND l.expires_at > $2 AND l.created_at <= $3",
        hash,
        now,
        now + MAX_CLOCK_SKEW,
    );
    query.fetch_optional(connection).await?.map_or(Ok(None), AccountRow::operator)
}

/// The operator of a link that was used or replaced by a newer one.
pub(super) async fn find_by_used_link(
    connection: &mut PgConnection,
    hash: &[u8],
) -> Outcome<Option<OperatorId>> {
    let query = sqlx::query_scalar!(
        "SELECT o.operator_id FROM groupdesk.sign_in_links l JOIN groupdesk.operators o ON o.pk = l.operator_pk
         WHERE l.link_hash = $1 AND l.used_at IS NOT NULL",
        hash,
    );
    let id = query.fetch_optional(connection).await?;
    Ok(id.map(OperatorId::new))
}

/// Marks a valid link as used. Returns whether there was one.
pub(super) async fn use_link(
    connection: &mut PgConnection,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Outcome<bool> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.sign_in_links SET used_at = $2
         WHERE link_hash = $1 AND used_at IS NULL AND expires_at > $2 AND created_at <= $3",
        hash,
        now,
        now + MAX_CLOCK_SKEW,
    );
    Ok(execute_counted(connection, statement).await? == 1)
}

/// Sets the password and begins a new generation of sessions, which is returned. `None` if the operator is disabled, or
/// if a generation is given and is not the current one.
pub(super) async fn set_password(
    connection: &mut PgConnection,
    id: OperatorId,
    hash: &str,
    generation: Option<i32>,
    now: DateTime<Utc>,
) -> Outcome<Option<i32>> {
    let query = sqlx::query_scalar!(
        "UPDATE groupdesk.operators
         SET password_hash = $2, updated_at = $3, session_generation = session_generation + 1
         WHERE operator_id = $1 AND disabled_at IS NULL AND session_generation = coalesce($4, session_generation)
         RETURNING session_generation",
        id.uuid(),
        hash,
        now,
        generation,
    );
    let generation = query.fetch_optional(connection).await?;
    Ok(generation)
}

/// A new hash of an unchanged password.
pub(super) struct Rehash {
    pub(super) old: String,
    pub(super) new: String,
}

/// Does nothing if the password has changed. Sessions stay, because the password is the same.
pub(super) async fn rehash(connection: &mut PgConnection, id: OperatorId, hashes: &Rehash) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.operators SET password_hash = $3 WHERE operator_id = $1 AND password_hash = $2",
        id.uuid(),
        hashes.old,
        hashes.new,
    );
    execute(connection, statement).await
}

pub(super) async fn password_hash(connection: &mut PgConnection, id: OperatorId) -> Outcome<Option<String>> {
    let hash = sqlx::query_scalar!(
        "SELECT password_hash FROM groupdesk.operators WHERE operator_id = $1",
        id.uuid()
    );
    Ok(hash.fetch_optional(connection).await?.flatten())
}

pub(super) async fn set_signed_in(
    connection: &mut PgConnection,
    id: OperatorId,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.operators SET last_signed_in_at = $2 WHERE operator_id = $1",
        id.uuid(),
        now,
    );
    execute(connection, statement).await
}

/// Begins a new generation of sessions, which makes all older sessions invalid.
pub(super) async fn next_generation(connection: &mut PgConnection, id: OperatorId) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.operators SET session_generation = session_generation + 1 WHERE operator_id = $1",
        id.uuid(),
    );
    execute(connection, statement).await
}

/// The enabled accounts of this person.
pub async fn accounts_of(connection: &mut PgConnection, person: PersonId) -> Outcome<Vec<OperatorRef>> {
    let accounts = sqlx::query_as!(
        OperatorRef,
        "SELECT operator_id AS id, email FROM groupdesk.operators
         WHERE people_pk = (SELECT pk FROM core_api.peoples WHERE people_id = $1) AND disabled_at IS NULL
         ORDER BY lower(email)",
        person.uuid(),
    );
    Ok(accounts.fetch_all(connection).await?)
}
