//! Every statement on `groupdesk.api_tokens`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::model::{ApiToken, Holder, NewApiToken, Scope, TokenRef, TokenSummary};
use crate::kernel::id::{PersonId, TokenId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::problem::Problem;
use crate::platform::call::{Administer, Call, Includes};
use crate::platform::db::keyset::NewestFirst;
use crate::platform::db::statement::{execute, execute_counted};
use crate::platform::failure::Outcome;
use crate::platform::secret::{self, NewToken};
use crate::resources::people::model::joined_person;
use crate::resources::rows::{Columns, person_name};

const TOKENS: NewestFirst = NewestFirst {
    select: concat!(
        "SELECT t.api_token_id, t.name, t.prefix, t.is_system, p.people_id, ",
        person_name!("p"),
        ", t.scopes, t.created_at, t.expires_at, t.last_used_at, t.revoked_at"
    ),
    table: "groupdesk.api_tokens",
    alias: "t",
    joins: " LEFT JOIN core_api.peoples p ON p.pk = t.people_pk",
    condition: "true",
    time: "t.created_at",
    id: "t.api_token_id",
};

fn read(row: &PgRow) -> Outcome<TokenSummary> {
    let mut columns = Columns::of(row);
    let (id, name, prefix) = (columns.take()?, columns.take()?, columns.take()?);
    let is_system: bool = columns.take()?;
    let holder = match joined_person(columns.take()?, columns.take()?) {
        _ if is_system => Holder::System,
        Some(person) => Holder::Person(person),
        None => Holder::DeletedPerson,
    };
    Ok(TokenSummary {
        id,
        name,
        prefix,
        holder,
        scopes: scopes(&columns.take::<Vec<String>>()?),
        created_at: columns.take()?,
        expires_at: columns.take()?,
        last_used_at: columns.take()?,
        revoked_at: columns.take()?,
    })
}

pub async fn api_token_list<P: Includes<Administer>>(
    connection: &mut PgConnection,
    _: &Call<P>,
    page: &PageRequest,
) -> Outcome<Page<TokenSummary>> {
    TOKENS.page(connection, page, |_| (), read).await
}

/// Fails with `TokenNotFound`.
pub async fn api_token_get<P: Includes<Administer>>(
    connection: &mut PgConnection,
    _: &Call<P>,
    id: TokenId,
) -> Outcome<TokenSummary> {
    TOKENS.find(connection, id.uuid(), read).await?.ok_or_else(|| Problem::TokenNotFound(id).into())
}

pub async fn insert(
    connection: &mut PgConnection,
    new: &NewApiToken,
    person: Option<PersonId>,
    token: &NewToken,
    now: DateTime<Utc>,
) -> Outcome<TokenId> {
    let scopes: Vec<&str> = new.scopes.iter().map(Scope::into_str).collect();
    let query = sqlx::query_scalar!(
        r#"INSERT INTO groupdesk.api_tokens
             (name, prefix, token_hash, is_system, people_pk, scopes, created_at, expires_at)
         VALUES ($1, $2, $3, $4, (SELECT pk FROM core_api.peoples WHERE people_id = $5), $6, $7, $8)
         RETURNING api_token_id AS "id: TokenId""#,
        new.name.as_str(),
        token.prefix(),
        token.hash(),
        person.is_none(),
        person.map(PersonId::uuid),
        &scopes as &[&str],
        now,
        new.valid_for.map(|time| now + time),
    );
    Ok(query.fetch_one(connection).await?)
}

/// The token with this text, if it is valid. The use is not written: see [`ApiToken::should_record_use`].
pub async fn api_token_find(
    connection: &mut PgConnection,
    text: &str,
    now: DateTime<Utc>,
) -> Outcome<Option<ApiToken>> {
    if !text.starts_with(secret::TOKEN_PREFIX) {
        return Ok(None);
    }
    let query = sqlx::query!(
        r#"
        SELECT t.api_token_id AS "id: TokenId", t.name, t.scopes, t.expires_at, t.last_used_at,
               p.people_id AS "person?: PersonId", btrim(p.first_name || ' ' || p.last_name) AS person_name
        FROM groupdesk.api_tokens t
        LEFT JOIN core_api.peoples p ON p.pk = t.people_pk
        WHERE t.token_hash = $1 AND t.revoked_at IS NULL
          AND (t.expires_at IS NULL OR t.expires_at > $2)
          AND (t.is_system OR p.pk IS NOT NULL)
        "#,
        secret::hash(text),
        now,
    );
    let row = query.fetch_optional(connection).await?;
    Ok(row.map(|row| ApiToken {
        id: row.id,
        name: row.name,
        person: joined_person(row.person, row.person_name),
        scopes: scopes(&row.scopes),
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    }))
}

fn scopes(words: &[String]) -> Vec<Scope> {
    words.iter().filter_map(|word| word.parse().ok()).collect()
}

/// Stores the time of last use of each token, if it is later than the stored one. Skips locked rows, because the next use
/// is noted again. A stored time in the future comes from a wrong clock and is replaced.
pub async fn api_tokens_set_last_used(
    connection: &mut PgConnection,
    uses: &[(TokenId, DateTime<Utc>)],
    now: DateTime<Utc>,
) -> Outcome<()> {
    let (tokens, moments): (Vec<Uuid>, Vec<DateTime<Utc>>) =
        uses.iter().map(|(token, at)| (token.uuid(), *at)).unzip();
    let statement = sqlx::query!(
        "WITH locked AS (
             SELECT t.pk, u.at FROM groupdesk.api_tokens t
             JOIN unnest($1::uuid[], $2::timestamptz[]) AS u (token, at) ON u.token = t.api_token_id
             WHERE t.last_used_at IS NULL OR t.last_used_at < u.at OR t.last_used_at > $3
             FOR NO KEY UPDATE OF t SKIP LOCKED
         )
         UPDATE groupdesk.api_tokens t SET last_used_at = locked.at FROM locked WHERE locked.pk = t.pk",
        &tokens,
        &moments,
        now,
    );
    execute(connection, statement).await
}

/// Without those that expired or were revoked.
pub async fn api_tokens_of(
    connection: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> Outcome<Vec<TokenRef>> {
    let tokens = sqlx::query_as!(
        TokenRef,
        "SELECT api_token_id AS id, name FROM groupdesk.api_tokens
         WHERE people_pk = (SELECT pk FROM core_api.peoples WHERE people_id = $1)
           AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
         ORDER BY lower(name), pk",
        person.uuid(),
        now,
    );
    Ok(tokens.fetch_all(connection).await?)
}

/// Returns whether the token was not revoked before.
pub async fn revoke(connection: &mut PgConnection, id: TokenId, now: DateTime<Utc>) -> Outcome<bool> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.api_tokens SET revoked_at = $2 WHERE api_token_id = $1 AND revoked_at IS NULL",
        id.uuid(),
        now,
    );
    Ok(execute_counted(connection, statement).await? == 1)
}
