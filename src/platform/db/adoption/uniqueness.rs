//! What is unique: what has to be, and what must not be.

use sqlx::{FromRow, PgConnection};

use super::Misfit;
use super::columns::{Found, found};
use super::expected::{REPLACED, Table};
use super::names;

/// In which an address is unique, whatever the form of the index.
const EMAIL: &str = "email";
const PAIR: [&str; 2] = ["workspace_group_pk", "workspace_pk"];
const ADDRESSES: &str = "peoples_email_unique";
const LIVE_PAIRS: &str = "workspace_group_workspaces_group_workspace_active_unique";

#[derive(FromRow)]
struct Index {
    name: String,
    /// With its schema, as it is written in a statement.
    written: String,
    /// The constraint that it belongs to, as it is written in a statement.
    held_by: Option<String>,
    /// Or expressions.
    columns: Vec<String>,
    /// Of a partial index.
    condition: Option<String>,
    is_immediate: bool,
}

impl Index {
    /// Does it keep two rows from having the same value? Rows without a value are never the same.
    fn keeps_apart(&self, column: &str) -> bool {
        let is_whole = self.condition.as_ref().is_none_or(|it| *it == format!("({column} IS NOT NULL)"));
        self.is_immediate && is_whole && self.columns == [column]
    }

    fn is_of_live_pairs(&self) -> bool {
        let is_live = |it: &String| it.contains("deleted_at IS NULL") && !it.contains(" OR ");
        self.columns == PAIR && self.condition.as_ref().is_some_and(is_live)
    }

    fn dropped(&self, table: &Table) -> String {
        match &self.held_by {
            Some(constraint) => format!("ALTER TABLE {} DROP CONSTRAINT {constraint}", table.name),
            None => format!("DROP INDEX {}", self.written),
        }
    }
}

async fn unique_indexes(connection: &mut PgConnection, table: &Table) -> Result<Vec<Index>, sqlx::Error> {
    sqlx::query_as(
        "SELECT i.relname::text AS name, x.indexrelid::regclass::text AS written,
                (SELECT quote_ident(c.conname) FROM pg_constraint c
                 WHERE c.conindid = x.indexrelid AND c.conrelid = x.indrelid AND c.contype IN ('p', 'u')) AS held_by,
                pg_get_expr(x.indpred, x.indrelid) AS condition, x.indimmediate AS is_immediate,
                ARRAY(SELECT pg_get_indexdef(x.indexrelid, n::int, true) FROM generate_series(1, x.indnkeyatts) n) AS columns
         FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
         WHERE x.indrelid = to_regclass($1) AND x.indisunique AND x.indisvalid ORDER BY i.relname",
    )
    .bind(table.name)
    .fetch_all(connection)
    .await
}

/// Returns the columns in which two rows may have the same value and must not.
pub(super) async fn misfits(
    connection: &mut PgConnection,
    table: &Table,
    columns: &[Found],
    misfits: &mut Vec<Misfit>,
) -> Result<Vec<&'static str>, sqlx::Error> {
    let indexes = unique_indexes(connection, table).await?;
    let (refusing, others): (Vec<Index>, Vec<Index>) =
        indexes.into_iter().partition(|index| refuses_more(table, columns, index));
    for index in &refusing {
        let fault = format!(
            "the unique index {} of ({}) refuses what the desk allows",
            index.name,
            index.columns.join(", ")
        );
        misfits.push(Misfit::new(table.name, fault, index.dropped(table)));
    }
    if let Some(name) = made_by_name(table)
        && !others.iter().any(|index| index.name == name && is_as_made(index))
        && !refusing.iter().any(|index| index.name == name)
    {
        for taken in names::taken(connection, &[name]).await? {
            let fault = "it has the name of an index that the desk needs, and is another one";
            misfits.push(Misfit::new(taken.place(), fault, taken.renamed()));
        }
    }
    let is_repeatable = |name: &str| !others.iter().any(|index| index.keeps_apart(name));
    Ok(table
        .columns
        .iter()
        .filter(|column| column.is_unique && found(column, columns).is_some() && is_repeatable(column.name))
        .map(|column| column.name)
        .collect())
}

/// The index that a migration makes for this table, unless there is one of its name.
fn made_by_name(table: &Table) -> Option<&'static str> {
    match table.name {
        "core_api.peoples" => Some(ADDRESSES),
        "core_api.workspace_group_workspaces" => Some(LIVE_PAIRS),
        _ => None,
    }
}

/// Is it what that migration would make?
fn is_as_made(index: &Index) -> bool {
    let condition = index.condition.as_deref();
    let is_of_addresses = index.columns == ["lower(email::text)"] || index.columns == ["lower(email)"];
    match index.name.as_str() {
        ADDRESSES => is_of_addresses && [None, Some("(email IS NOT NULL)")].contains(&condition),
        LIVE_PAIRS => index.columns == PAIR && condition == Some("(deleted_at IS NULL)"),
        _ => false,
    }
}

/// Is something unique that need not be? With a unique column in it, the index says no more than that. With a column
/// that is not the desk's, and in which the desk's rows have no value or one of their own, it refuses nothing.
fn refuses_more(table: &Table, columns: &[Found], index: &Index) -> bool {
    let is_foreign = |word: &str| {
        table.column(word).is_none() && columns.iter().any(|found| found.name == word && found.fills_itself)
    };
    let refuses_nothing = |text: &String| {
        table.column(text).is_some_and(|column| column.is_unique)
            || words(text).any(|word| word == EMAIL || is_foreign(word))
    };
    let is_replaced = index.name == REPLACED && index.held_by.is_some();
    !is_replaced && !index.is_of_live_pairs() && !index.columns.iter().any(refuses_nothing)
}

/// The names in an expression.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|sign: char| !sign.is_alphanumeric() && sign != '_').filter(|word| !word.is_empty())
}
