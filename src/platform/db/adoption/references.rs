//! The foreign keys that are there already: those that lead elsewhere than the desk's own would.

use sqlx::PgConnection;

use super::Misfit;
use super::columns::place;
use super::expected::Table;

/// A migration keeps a foreign key that is there, whatever it refers to. One that refers to another table or another
/// column refuses the keys that the desk writes.
pub(super) async fn misfits(
    connection: &mut PgConnection,
    table: &Table,
    misfits: &mut Vec<Misfit>,
) -> Result<(), sqlx::Error> {
    for reference in table.references {
        let elsewhere: Vec<(String, String)> = sqlx::query_as(
            "SELECT quote_ident(c.conname), format('%s (%I)', c.confrelid::regclass, f.attname)
             FROM pg_constraint c
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
             JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1]
             WHERE c.contype = 'f' AND c.conrelid = to_regclass($1) AND a.attname = $2
               AND cardinality(c.conkey) = 1
               AND (c.confrelid IS DISTINCT FROM to_regclass($3)::oid OR f.attname <> 'pk')
             ORDER BY c.conname",
        )
        .bind(table.name)
        .bind(reference.column)
        .bind(reference.to)
        .fetch_all(&mut *connection)
        .await?;
        for (constraint, leads_to) in elsewhere {
            let fault = format!(
                "the foreign key {constraint} refers to {leads_to}, and the desk writes keys of {} (pk)",
                reference.to
            );
            let remedy = format!("ALTER TABLE {} DROP CONSTRAINT {constraint}", table.name);
            misfits.push(Misfit::new(place(table, reference.column), fault, remedy));
        }
    }
    Ok(())
}
