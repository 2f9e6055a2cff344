//! The statements that read tokens as lists show them.

use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use super::super::model::{Holder, TokenSummary};
use super::scopes;
use crate::kernel::id::TokenId;
use crate::kernel::page::{Page, PageRequest};
use crate::platform::db::keyset::NewestFirst;
use crate::platform::failure::Outcome;
use crate::resources::people::model::joined_person;
use crate::resources::rows::Columns;

const TOKENS: NewestFirst = NewestFirst {
    select: "SELECT t.api_token_id, t.name, t.prefix, t.is_system, p.people_id, \
     btrim(p.first_name || ' ' || p.last_name), t.scopes, t.created_at, t.expires_at, t.last_used_at, t.revoked_at",
    table: "groupdesk.api_tokens",
    alias: "t",
    joins: " LEFT JOIN core_api.peoples p ON p.pk = t.people_pk",
    condition: "true",
    time: "t.created_at",
    id: "t.api_token_id",
};

fn read(row: &PgRow) -> Outcome<TokenSummary> {
    let mut columns = Columns::of(row);
    let (id, name, prefix) = (TokenId::new(columns.take()?), columns.take()?, columns.take()?);
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

pub async fn list(connection: &mut PgConnection, page: &PageRequest) -> Outcome<Page<TokenSummary>> {
    TOKENS.page(connection, page, |_| (), read).await
}

pub async fn get(connection: &mut PgConnection, id: TokenId) -> Outcome<Option<TokenSummary>> {
    let mut query = TOKENS.query_where();
    query.push("t.api_token_id = ").push_bind(id.uuid());
    query.build().fetch_optional(connection).await?.as_ref().map(read).transpose()
}
