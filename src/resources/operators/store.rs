//! Every statement that touches `groupdesk.operators`, `groupdesk.sign_in_links` and
//! `groupdesk.operator_identities`: here those of signing in; those of admins are in `store/manage.rs`, those of
//! identity providers in `store/identities.rs`.

mod identities;
mod manage;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) use self::identities::{Linked, find_linked, link, linked_at, unlink};
pub(super) use self::manage::{
    end_links, find_by_email, forget_password, get, hold, list, set_disabled, set_role,
};
use super::model::{Operator, OperatorRef, SignedIn};
use crate::kernel::actor::{PersonRef, Role};
use crate::kernel::id::{OperatorId, PersonId};
use crate::kernel::recency::CLOCKS_DIFFER;
use crate::kernel::text::Email;
use crate::platform::failure::{Failure, Outcome};

/// An operator who may sign in: not disabled, and with a person.
struct OperatorRow {
    operator_id: Uuid,
    email: String,
    role: String,
    people_id: Uuid,
    person_name: String,
}

impl TryFrom<OperatorRow> for Operator {
    type Error = Failure;

    fn try_from(row: OperatorRow) -> Outcome<Self> {
        Ok(Self {
            id: OperatorId::new(row.operator_id),
            email: row.email,
            role: Role::from_word(&row.role)
                .ok_or_else(|| Failure::fault(format!("unknown role '{}'", row.role)))?,
            person: PersonRef { id: PersonId::new(row.people_id), name: row.person_name },
        })
    }
}

/// `None` if the e-mail address is taken, also in the decomposed form that an older version left. Not by an operator
/// whose person was deleted: that one is made again. It is looked for first, because a row that the index refuses
/// uses up a number of the serial key.
pub(super) async fn insert(
    connection: &mut PgConnection,
    email: &Email,
    person: PersonId,
    role: Role,
    password_hash: Option<String>,
    now: DateTime<Utc>,
) -> Outcome<Option<OperatorId>> {
    let id = sqlx::query_scalar!(
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
        role.word(),
        password_hash,
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(id.map(OperatorId::new))
}

pub(super) async fn get_active(
    connection: &mut PgConnection,
    id: OperatorId,
    generation: i32,
) -> Outcome<Option<Operator>> {
    sqlx::query_as!(
        OperatorRow,
        r#"SELECT o.operator_id, o.email, o.role, p.people_id,
                  btrim(p.first_name || ' ' || p.last_name) AS "person_name!"
           FROM groupdesk.operators o JOIN core_api.peoples p ON p.pk = o.people_pk
           WHERE o.operator_id = $1 AND o.disabled_at IS NULL AND o.session_generation = $2"#,
        id.uuid(),
        generation,
    )
    .fetch_optional(connection)
    .await?
    .map(Operator::try_from)
    .transpose()
}

pub(super) struct ForSignIn {
    pub(super) signed_in: SignedIn,
    pub(super) password_hash: Option<String>,
}

pub(super) async fn find_for_sign_in(
    connection: &mut PgConnection,
    email: &str,
) -> Outcome<Option<ForSignIn>> {
    // Postgres cannot take a NUL in a text; no address has one.
    if email.contains('\0') {
        return Ok(None);
    }
    let row = sqlx::query!(
        r#"SELECT o.operator_id, o.email, o.role, o.password_hash, o.session_generation, p.people_id,
                  btrim(p.first_name || ' ' || p.last_name) AS "person_name!"
           FROM groupdesk.operators o JOIN core_api.peoples p ON p.pk = o.people_pk
           WHERE lower(o.email) IN (lower($1), lower(groupdesk.decomposed($1))) AND o.disabled_at IS NULL
           ORDER BY lower(o.email) = lower($1) DESC LIMIT 1"#,
        email,
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (password_hash, generation) = (row.password_hash, row.session_generation);
    let operator = OperatorRow {
        operator_id: row.operator_id,
        email: row.email,
        role: row.role,
        people_id: row.people_id,
        person_name: row.person_name,
    };
    let signed_in = SignedIn { operator: operator.try_into()?, generation };
    Ok(Some(ForSignIn { signed_in, password_hash }))
}

/// Makes a link the operator's only one.
pub(super) async fn insert_link(
    connection: &mut PgConnection,
    id: OperatorId,
    hash: &[u8],
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "WITH operator AS (SELECT pk FROM groupdesk.operators WHERE operator_id = $1),
              older AS (UPDATE groupdesk.sign_in_links SET used_at = $3
                        WHERE operator_pk = (SELECT pk FROM operator) AND used_at IS NULL)
         INSERT INTO groupdesk.sign_in_links (operator_pk, link_hash, created_at, expires_at)
         SELECT pk, $2, $3, $4 FROM operator",
        id.uuid(),
        hash,
        now,
        expires,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// One that was made in the future was made while a clock was wrong, and is none.
pub(super) async fn find_by_link(
    connection: &mut PgConnection,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Outcome<Option<Operator>> {
    sqlx::query_as!(
        OperatorRow,
        r#"SELECT o.operator_id, o.email, o.role, p.people_id,
                  btrim(p.first_name || ' ' || p.last_name) AS "person_name!"
           FROM groupdesk.sign_in_links l
           JOIN groupdesk.operators o ON o.pk = l.operator_pk
           JOIN core_api.peoples p ON p.pk = o.people_pk
           WHERE l.link_hash = $1 AND l.used_at IS NULL AND l.expires_at > $2 AND l.created_at <= $3
             AND o.disabled_at IS NULL"#,
        hash,
        now,
        now + CLOCKS_DIFFER,
    )
    .fetch_optional(connection)
    .await?
    .map(Operator::try_from)
    .transpose()
}

/// Whose link this was, if it was used, or another one took its place.
pub(super) async fn find_by_used_link(
    connection: &mut PgConnection,
    hash: &[u8],
) -> Outcome<Option<OperatorId>> {
    let id = sqlx::query_scalar!(
        "SELECT o.operator_id FROM groupdesk.sign_in_links l JOIN groupdesk.operators o ON o.pk = l.operator_pk
         WHERE l.link_hash = $1 AND l.used_at IS NOT NULL",
        hash,
    )
    .fetch_optional(connection)
    .await?;
    Ok(id.map(OperatorId::new))
}

/// Was it there to be used?
pub(super) async fn use_link(
    connection: &mut PgConnection,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Outcome<bool> {
    let done = sqlx::query!(
        "UPDATE groupdesk.sign_in_links SET used_at = $2
         WHERE link_hash = $1 AND used_at IS NULL AND expires_at > $2 AND created_at <= $3",
        hash,
        now,
        now + CLOCKS_DIFFER,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A new password begins a new generation of sessions: this one. `None`: the operator is disabled, or the
/// generation is not this one any more, where one is named.
pub(super) async fn set_password(
    connection: &mut PgConnection,
    id: OperatorId,
    hash: &str,
    generation: Option<i32>,
    now: DateTime<Utc>,
) -> Outcome<Option<i32>> {
    let generation = sqlx::query_scalar!(
        "UPDATE groupdesk.operators
         SET password_hash = $2, updated_at = $3, session_generation = session_generation + 1
         WHERE operator_id = $1 AND disabled_at IS NULL AND session_generation = coalesce($4, session_generation)
         RETURNING session_generation",
        id.uuid(),
        hash,
        now,
        generation,
    )
    .fetch_optional(connection)
    .await?;
    Ok(generation)
}

/// A hash in place of an older one of the same password.
pub(super) struct Renewal {
    pub(super) old: String,
    pub(super) new: String,
}

/// Of a password that was changed meanwhile nothing is renewed. The sessions stay: the password is the same.
pub(super) async fn renew_hash(
    connection: &mut PgConnection,
    id: OperatorId,
    renewal: &Renewal,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE groupdesk.operators SET password_hash = $3 WHERE operator_id = $1 AND password_hash = $2",
        id.uuid(),
        renewal.old,
        renewal.new,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn password_hash(connection: &mut PgConnection, id: OperatorId) -> Outcome<Option<String>> {
    let hash = sqlx::query_scalar!(
        "SELECT password_hash FROM groupdesk.operators WHERE operator_id = $1",
        id.uuid()
    )
    .fetch_optional(connection)
    .await?;
    Ok(hash.flatten())
}

pub(super) async fn set_signed_in(
    connection: &mut PgConnection,
    id: OperatorId,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE groupdesk.operators SET last_signed_in_at = $2 WHERE operator_id = $1",
        id.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Begins a new generation of sessions; those of the last one are worth nothing from now on.
pub(super) async fn next_generation(connection: &mut PgConnection, id: OperatorId) -> Outcome<()> {
    sqlx::query!(
        "UPDATE groupdesk.operators SET session_generation = session_generation + 1 WHERE operator_id = $1",
        id.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn accounts_of(
    connection: &mut PgConnection,
    person: PersonId,
) -> Outcome<Vec<OperatorRef>> {
    let rows = sqlx::query!(
        "SELECT operator_id, email FROM groupdesk.operators
         WHERE people_pk = (SELECT pk FROM core_api.peoples WHERE people_id = $1) AND disabled_at IS NULL
         ORDER BY lower(email)",
        person.uuid(),
    )
    .fetch_all(connection)
    .await?;
    let read =
        rows.into_iter().map(|row| OperatorRef { id: OperatorId::new(row.operator_id), email: row.email });
    Ok(read.collect())
}
