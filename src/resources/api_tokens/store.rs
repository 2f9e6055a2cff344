//! Every statement that touches `groupdesk.api_tokens`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::{ApiToken, NewApiToken, Scope, TokenHolder};
use crate::kernel::actor::PersonRef;
use crate::kernel::id::{PersonId, TokenId};
use crate::platform::failure::Outcome;
use crate::platform::secret::NewToken;

pub(super) async fn insert(
    connection: &mut PgConnection,
    new: &NewApiToken,
    person: Option<PersonId>,
    token: &NewToken,
    now: DateTime<Utc>,
) -> Outcome<TokenId> {
    let scopes: Vec<String> = new.scopes.iter().map(|scope| scope.word().to_owned()).collect();
    let id = sqlx::query_scalar!(
        "INSERT INTO groupdesk.api_tokens
             (name, prefix, token_hash, is_system, people_pk, scopes, created_at, expires_at)
         VALUES ($1, $2, $3, $4, (SELECT pk FROM core_api.peoples WHERE people_id = $5), $6, $7, $8)
         RETURNING api_token_id",
        new.name.as_str(),
        token.prefix(),
        token.hash(),
        matches!(new.holder, TokenHolder::System),
        person.map(PersonId::uuid),
        &scopes,
        now as DateTime<Utc>,
        new.valid_for.map(|time| now + time) as Option<DateTime<Utc>>,
    )
    .fetch_one(connection)
    .await?;
    Ok(TokenId::new(id))
}

pub(super) async fn find(
    connection: &mut PgConnection,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Outcome<Option<ApiToken>> {
    let row = sqlx::query!(
        r#"
        SELECT t.api_token_id, t.name, t.scopes, t.last_used_at AS "last_used_at: DateTime<Utc>", p.people_id AS "person?",
               btrim(p.first_name || ' ' || p.last_name) AS person_name
        FROM groupdesk.api_tokens t
        LEFT JOIN core_api.peoples p ON p.pk = t.people_pk
        WHERE t.token_hash = $1 AND t.revoked_at IS NULL
          AND (t.expires_at IS NULL OR t.expires_at > $2)
          AND (t.is_system OR p.pk IS NOT NULL)
        "#,
        hash,
        now as DateTime<Utc>,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| ApiToken {
        id: TokenId::new(row.api_token_id),
        name: row.name,
        person: row
            .person
            .map(|id| PersonRef { id: PersonId::new(id), name: row.person_name.unwrap_or_default() }),
        scopes: row.scopes.iter().filter_map(|word| Scope::from_word(word)).collect(),
        last_used_at: row.last_used_at,
    }))
}

/// Of many requests at once, one writes.
pub(super) async fn set_last_used(
    connection: &mut PgConnection,
    id: TokenId,
    now: DateTime<Utc>,
    older_than: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE groupdesk.api_tokens SET last_used_at = $2
         WHERE api_token_id = $1 AND (last_used_at IS NULL OR last_used_at < $3)",
        id.uuid(),
        now as DateTime<Utc>,
        older_than as DateTime<Utc>,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn names_of(
    connection: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> Outcome<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "SELECT name FROM groupdesk.api_tokens
         WHERE people_pk = (SELECT pk FROM core_api.peoples WHERE people_id = $1)
           AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
         ORDER BY lower(name), pk",
        person.uuid(),
        now as DateTime<Utc>,
    )
    .fetch_all(connection)
    .await?)
}
