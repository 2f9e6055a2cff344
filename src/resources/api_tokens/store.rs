//! Every statement that touches `groupdesk.api_tokens`.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, QueryBuilder};
use uuid::Uuid;

use super::model::{ApiToken, Holder, NewApiToken, Scope, TokenHolder, TokenRef, TokenSummary};
use crate::kernel::actor::PersonRef;
use crate::kernel::id::{PersonId, TokenId};
use crate::kernel::page::{Page, PageRequest};
use crate::platform::db::id_filters::IdFilters;
use crate::platform::db::keyset::{Arm, ArmKey, Last, Order, SortKey, Source};
use crate::platform::failure::Outcome;
use crate::platform::secret::NewToken;
use crate::resources::rows::Columns;

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
        now,
        new.valid_for.map(|time| now + time),
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
        SELECT t.api_token_id, t.name, t.scopes, t.last_used_at, p.people_id AS "person?",
               btrim(p.first_name || ' ' || p.last_name) AS person_name
        FROM groupdesk.api_tokens t
        LEFT JOIN core_api.peoples p ON p.pk = t.people_pk
        WHERE t.token_hash = $1 AND t.revoked_at IS NULL
          AND (t.expires_at IS NULL OR t.expires_at > $2)
          AND (t.is_system OR p.pk IS NOT NULL)
        "#,
        hash,
        now,
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

/// A token that somebody else changes at this moment is passed over rather than waited for: its next use is
/// noted again. What is kept of the future was told by a wrong clock, and is replaced.
pub(super) async fn set_last_used(
    connection: &mut PgConnection,
    uses: &[(TokenId, DateTime<Utc>)],
    now: DateTime<Utc>,
) -> Outcome<()> {
    let (tokens, moments): (Vec<Uuid>, Vec<DateTime<Utc>>) =
        uses.iter().map(|(token, at)| (token.uuid(), *at)).unzip();
    sqlx::query!(
        "WITH held AS (
             SELECT t.pk, u.at FROM groupdesk.api_tokens t
             JOIN unnest($1::uuid[], $2::timestamptz[]) AS u (token, at) ON u.token = t.api_token_id
             WHERE t.last_used_at IS NULL OR t.last_used_at < u.at OR t.last_used_at > $3
             FOR NO KEY UPDATE OF t SKIP LOCKED
         )
         UPDATE groupdesk.api_tokens t SET last_used_at = held.at FROM held WHERE held.pk = t.pk",
        &tokens,
        &moments,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn of_person(
    connection: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> Outcome<Vec<TokenRef>> {
    let rows = sqlx::query!(
        "SELECT api_token_id, name FROM groupdesk.api_tokens
         WHERE people_pk = (SELECT pk FROM core_api.peoples WHERE people_id = $1)
           AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
         ORDER BY lower(name), pk",
        person.uuid(),
        now,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| TokenRef { id: TokenId::new(row.api_token_id), name: row.name }).collect())
}

const COLUMNS: &str = "SELECT t.api_token_id, t.name, t.prefix, t.is_system, p.people_id, \
     btrim(p.first_name || ' ' || p.last_name), t.scopes, t.created_at, t.expires_at, t.last_used_at, t.revoked_at FROM ";

fn read(row: &PgRow) -> Outcome<TokenSummary> {
    let mut columns = Columns::of(row);
    let (id, name, prefix) = (TokenId::new(columns.take()?), columns.take()?, columns.take()?);
    let (is_system, person, person_name): (bool, Option<Uuid>, Option<String>) =
        (columns.take()?, columns.take()?, columns.take()?);
    let holder = match (is_system, person) {
        (true, _) => Holder::System,
        (false, Some(id)) => {
            Holder::Person(PersonRef { id: PersonId::new(id), name: person_name.unwrap_or_default() })
        }
        (false, None) => Holder::DeletedPerson,
    };
    let scopes: Vec<String> = columns.take()?;
    Ok(TokenSummary {
        id,
        name,
        prefix,
        holder,
        scopes: scopes.iter().filter_map(|word| Scope::from_word(word)).collect(),
        created_at: columns.take()?,
        expires_at: columns.take()?,
        last_used_at: columns.take()?,
        revoked_at: columns.take()?,
    })
}

const ORDER: [SortKey; 1] = [SortKey { expression: "t.created_at", descending: true, folded: false }];

pub(super) async fn list(connection: &mut PgConnection, page: &PageRequest) -> Outcome<Page<TokenSummary>> {
    let arms = [Arm { condition: "true".into(), keys: vec![ArmKey::Indexed("t.created_at")], lead: None }];
    let by_ids = IdFilters::new([]);
    let source = Source { table: "groupdesk.api_tokens", alias: "t", arms: &arms, by_ids: &by_ids };
    let order = Order { keys: ORDER.to_vec(), last: Last::Id("t.api_token_id") };
    let mut query = QueryBuilder::new(COLUMNS);
    order.push_page(&mut query, &source, page, |_, _| ());
    query.push(" t LEFT JOIN core_api.peoples p ON p.pk = t.people_pk");
    order.push_order(&mut query, page);
    let rows = query.build().fetch_all(connection).await?;
    let tokens = rows.iter().map(read).collect::<Outcome<_>>()?;
    Ok(Page::from_lookahead(tokens, page))
}

pub(super) async fn get(connection: &mut PgConnection, id: TokenId) -> Outcome<Option<TokenSummary>> {
    let mut query = QueryBuilder::new(COLUMNS);
    query.push(
        "groupdesk.api_tokens t LEFT JOIN core_api.peoples p ON p.pk = t.people_pk WHERE t.api_token_id = ",
    );
    query.push_bind(id.uuid());
    let row = query.build().fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

/// Did it still work, or could have?
pub(super) async fn revoke(connection: &mut PgConnection, id: TokenId, now: DateTime<Utc>) -> Outcome<bool> {
    let done = sqlx::query!(
        "UPDATE groupdesk.api_tokens SET revoked_at = $2 WHERE api_token_id = $1 AND revoked_at IS NULL",
        id.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
