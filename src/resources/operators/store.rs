//! Every statement on `groupdesk.operators`, `groupdesk.sign_in_links` and `groupdesk.operator_identities`. Those by which
//! admins list and change operators are in `store/manage.rs`.

pub mod manage;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::model::{LINK_VALID_HOURS, Operator, OperatorRef, SignedIn};
use crate::kernel::actor::Role;
use crate::kernel::id::{OperatorId, PersonId};
use crate::kernel::problem::Problem;
use crate::kernel::recency::MAX_CLOCK_SKEW;
use crate::kernel::text::Email;
use crate::platform::call::Call;
use crate::platform::db::statement::{execute, execute_counted};
use crate::platform::failure::Outcome;
use crate::platform::secret;
use crate::resources::people::model::joined_person;

struct AccountRow {
    operator_id: OperatorId,
    email: String,
    role: Role,
    password_hash: Option<String>,
    session_generation: i32,
    is_disabled: bool,
    people_id: Option<PersonId>,
    person_name: Option<String>,
}

impl AccountRow {
    /// `None` if the operator may not sign in: a disabled one, and one whose person was deleted.
    fn signed_in(self) -> Option<SignedIn> {
        let person = joined_person(self.people_id, self.person_name).filter(|_| !self.is_disabled)?;
        let operator = Operator { id: self.operator_id, email: self.email, role: self.role, person };
        Some(SignedIn { operator, generation: self.session_generation })
    }
}

/// Selects accounts; the literal goes on after `FROM`.
macro_rules! query_accounts {
    ($rest:literal, $($value:expr),+ $(,)?) => {
        sqlx::query_as!(
            AccountRow,
            r#"SELECT o.operator_id AS "operator_id!: OperatorId", o.email AS "email!", o.role AS "role!: Role",
                      o.password_hash, o.session_generation AS "session_generation!",
                      o.disabled_at IS NOT NULL AS "is_disabled!", p.people_id AS "people_id?: PersonId",
                      btrim(p.first_name || ' ' || p.last_name) AS person_name
               FROM groupdesk.operators o LEFT JOIN core_api.peoples p ON p.pk = o.people_pk "# + $rest,
            $($value),+
        )
    };
}

/// `None` if the e-mail address is taken, in either Unicode form. An operator whose person was deleted gives it up and is
/// set up again. The address is looked for first, because a row that the index refuses uses up a number of the serial key.
pub async fn insert(
    connection: &mut PgConnection,
    email: &Email,
    person: PersonId,
    role: Role,
    password_hash: Option<String>,
    now: DateTime<Utc>,
) -> Outcome<Option<OperatorId>> {
    let query = sqlx::query_scalar!(
        r#"INSERT INTO groupdesk.operators (people_pk, email, role, password_hash, created_at, updated_at)
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
         RETURNING operator_id AS "id: OperatorId""#,
        person.uuid(),
        email.as_str(),
        role.into_str(),
        password_hash,
        now,
    );
    Ok(query.fetch_optional(connection).await?)
}

/// `None` once the operator may not sign in any more, or the generation of their sessions was ended.
pub async fn operator_current(
    connection: &mut PgConnection,
    id: OperatorId,
    generation: i32,
) -> Outcome<Option<Operator>> {
    let query =
        query_accounts!("WHERE o.operator_id = $1 AND o.session_generation = $2", id.uuid(), generation);
    Ok(query.fetch_optional(connection).await?.and_then(|row| Some(row.signed_in()?.operator)))
}

/// The operator who may sign in with this e-mail address, and their password hash.
pub async fn find_for_sign_in(
    connection: &mut PgConnection,
    email: &str,
) -> Outcome<Option<(SignedIn, Option<String>)>> {
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
    let row = query.fetch_optional(connection).await?;
    Ok(row.and_then(|mut row| {
        let hash = row.password_hash.take();
        Some((row.signed_in()?, hash))
    }))
}

/// Ends the operator's other links.
pub async fn insert_link(
    connection: &mut PgConnection,
    id: OperatorId,
    hash: &[u8],
    now: DateTime<Utc>,
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
        now + TimeDelta::hours(LINK_VALID_HOURS),
    );
    execute(connection, statement).await
}

/// The operator of a valid sign-in link, which stays valid. A link from the future was created while a clock was wrong and
/// is not valid. Fails with `SignInLinkRefused`.
pub async fn operator_of_link(
    connection: &mut PgConnection,
    visitor: &Call<()>,
    link: &str,
) -> Outcome<Operator> {
    let query = query_accounts!(
        "JOIN groupdesk.sign_in_links l ON l.operator_pk = o.pk
         WHERE l.link_hash = $1 AND l.used_at IS NULL AND l.expires_at > $2 AND l.created_at <= $3",
        secret::hash(link),
        visitor.now,
        visitor.now + MAX_CLOCK_SKEW,
    );
    let row = query.fetch_optional(connection).await?;
    row.and_then(|row| Some(row.signed_in()?.operator)).ok_or_else(|| Problem::SignInLinkRefused.into())
}

/// The operator of a link that was used or replaced. It does not prove who the visitor is.
pub async fn operator_of_used_link(connection: &mut PgConnection, link: &str) -> Outcome<Option<OperatorId>> {
    let query = sqlx::query_scalar!(
        r#"SELECT o.operator_id AS "id: OperatorId"
         FROM groupdesk.sign_in_links l JOIN groupdesk.operators o ON o.pk = l.operator_pk
         WHERE l.link_hash = $1 AND l.used_at IS NOT NULL"#,
        secret::hash(link),
    );
    Ok(query.fetch_optional(connection).await?)
}

/// Marks a valid link as used. Returns whether there was one.
pub async fn use_link(connection: &mut PgConnection, hash: &[u8], now: DateTime<Utc>) -> Outcome<bool> {
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
pub async fn set_password(
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
    Ok(query.fetch_optional(connection).await?)
}

pub struct Rehash {
    pub old: String,
    pub new: String,
}

/// Does nothing if the password has changed. Sessions stay, because the password is the same.
pub async fn rehash(connection: &mut PgConnection, id: OperatorId, hashes: &Rehash) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.operators SET password_hash = $3 WHERE operator_id = $1 AND password_hash = $2",
        id.uuid(),
        hashes.old,
        hashes.new,
    );
    execute(connection, statement).await
}

pub async fn password_hash(connection: &mut PgConnection, id: OperatorId) -> Outcome<Option<String>> {
    let hash = sqlx::query_scalar!(
        "SELECT password_hash FROM groupdesk.operators WHERE operator_id = $1",
        id.uuid()
    );
    Ok(hash.fetch_optional(connection).await?.flatten())
}

pub async fn set_signed_in(connection: &mut PgConnection, id: OperatorId, now: DateTime<Utc>) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.operators SET last_signed_in_at = $2 WHERE operator_id = $1",
        id.uuid(),
        now,
    );
    execute(connection, statement).await
}

/// Begins a new generation of sessions, which makes all older sessions invalid.
pub async fn next_generation(connection: &mut PgConnection, id: OperatorId) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.operators SET session_generation = session_generation + 1 WHERE operator_id = $1",
        id.uuid(),
    );
    execute(connection, statement).await
}

/// Without the disabled ones.
pub async fn operator_accounts_of(
    connection: &mut PgConnection,
    person: PersonId,
) -> Outcome<Vec<OperatorRef>> {
    let accounts = sqlx::query_as!(
        OperatorRef,
        "SELECT operator_id AS id, email FROM groupdesk.operators
         WHERE people_pk = (SELECT pk FROM core_api.peoples WHERE people_id = $1) AND disabled_at IS NULL
         ORDER BY lower(email)",
        person.uuid(),
    );
    Ok(accounts.fetch_all(connection).await?)
}

/// The operator who is linked to this subject of the issuer; without the `SignedIn` if they may not sign in.
pub async fn find_linked(
    connection: &mut PgConnection,
    issuer: &str,
    subject: &str,
) -> Outcome<Option<(OperatorId, Option<SignedIn>)>> {
    let query = query_accounts!(
        "JOIN groupdesk.operator_identities i ON i.operator_pk = o.pk WHERE i.issuer = $1 AND i.subject = $2",
        issuer,
        subject,
    );
    let row = query.fetch_optional(connection).await?;
    Ok(row.map(|row| (row.operator_id, row.signed_in())))
}

/// Links the operator. Returns false if the subject is linked already, or the operator to another subject of this issuer.
/// Both are looked for first: anyone may try as often as they like, and a row that an index refuses uses up a number of
/// the serial key.
pub async fn link(
    connection: &mut PgConnection,
    id: OperatorId,
    issuer: &str,
    subject: &str,
    now: DateTime<Utc>,
) -> Outcome<bool> {
    let statement = sqlx::query!(
        "INSERT INTO groupdesk.operator_identities (operator_pk, issuer, subject, linked_at)
         SELECT o.pk, $2::text, $3::text, $4::timestamptz FROM groupdesk.operators o
         WHERE o.operator_id = $1
           AND NOT EXISTS (SELECT 1 FROM groupdesk.operator_identities i
                           WHERE i.issuer = $2 AND (i.subject = $3 OR i.operator_pk = o.pk))
         ON CONFLICT DO NOTHING",
        id.uuid(),
        issuer,
        subject,
        now,
    );
    Ok(execute_counted(connection, statement).await? == 1)
}

pub async fn operator_linked_at(
    connection: &mut PgConnection,
    operator: &Operator,
    issuer: &str,
) -> Outcome<Option<DateTime<Utc>>> {
    let query = sqlx::query_scalar!(
        "SELECT i.linked_at FROM groupdesk.operator_identities i
           JOIN groupdesk.operators o ON o.pk = i.operator_pk
           WHERE o.operator_id = $1 AND i.issuer = $2",
        operator.id.uuid(),
        issuer,
    );
    Ok(query.fetch_optional(connection).await?)
}
