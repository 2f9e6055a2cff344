//! The columns: which are missing, of another type, or required although groupdesk does not fill them.

use sqlx::{FromRow, PgConnection};

use super::Inspection;
use super::expected::{Column, Kind, Table};

#[derive(FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "each is one property of a column in the catalog")]
pub(super) struct ActualColumn {
    pub(super) name: String,
    /// The name as an SQL identifier.
    pub(super) quoted: String,
    /// For example `int4`.
    pub(super) type_name: String,
    /// For example `character varying(50)`.
    sql_type: String,
    pub(super) max_chars: Option<i32>,
    pub(super) is_required: bool,
    pub(super) has_default: bool,
    is_generated: bool,
    /// Whether it is part of the primary key, which is always required.
    pub(super) is_in_key: bool,
    /// Whether something depends on its type, such as a view, so that the type cannot be changed.
    has_dependents: bool,
    /// A nondeterministic collation does not allow searches.
    is_searchable: bool,
    /// Whether a row that omits it gets no value or a unique one.
    pub(super) fills_itself: bool,
}

pub(super) async fn read(connection: &mut PgConnection, table: &Table) -> sqlx::Result<Vec<ActualColumn>> {
    sqlx::query_as(
        "SELECT a.attname::text AS name, quote_ident(a.attname) AS quoted, t.typname::text AS type_name,
                format_type(a.atttypid, a.atttypmod) AS sql_type,
                CASE WHEN t.typname = 'varchar' AND a.atttypmod > 4 THEN a.atttypmod - 4 END AS max_chars,
                a.attnotnull AS is_required, a.atthasdef OR a.attidentity <> '' AS has_default,
                a.attgenerated <> '' AS is_generated,
                EXISTS (SELECT FROM pg_index x
                        WHERE x.indrelid = a.attrelid AND x.indisprimary AND a.attnum = ANY (x.indkey)) AS is_in_key,
                EXISTS (SELECT FROM pg_depend d
                        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid
                          AND d.refobjsubid = a.attnum
                          AND (d.classid IN ('pg_rewrite'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass,
                                             'pg_proc'::regclass, 'pg_publication_rel'::regclass)
                               OR (d.classid = 'pg_class'::regclass AND d.objid = a.attrelid AND d.objsubid <> 0)
                               OR (d.classid = 'pg_attrdef'::regclass
                                   AND NOT EXISTS (SELECT FROM pg_attrdef f
                                                   WHERE f.oid = d.objid AND f.adnum = a.attnum)))) AS has_dependents,
                coalesce((SELECT l.collisdeterministic FROM pg_collation l WHERE l.oid = a.attcollation), true)
                    AS is_searchable,
                coalesce((SELECT pg_get_expr(f.adbin, f.adrelid) ~ '(nextval|uuid)' FROM pg_attrdef f
                          WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum), true) AS fills_itself
         FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
         WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
    )
    .bind(table.name)
    .fetch_all(connection)
    .await
}

impl ActualColumn {
    pub(super) fn is_integer(&self) -> bool {
        ["int2", "int4", "int8"].contains(&self.type_name.as_str())
    }
}

impl Inspection<'_> {
    /// The column of this name, if its values have the right type or can be cast to it.
    pub(super) fn comparable(&self, expected: &Column) -> Option<&ActualColumn> {
        let actual = self.columns.iter().find(|actual| actual.name == expected.name)?;
        let (kind, from) = (expected.kind, &actual.type_name);
        (kind.accepts(from) || kind.cast(from, expected.name).is_some()).then_some(actual)
    }

    pub(super) fn check_columns(&mut self) {
        let (table, columns) = (self.table, self.columns);
        for expected in table.columns {
            let mismatch = match columns.iter().find(|actual| actual.name == expected.name) {
                Some(actual) => mismatch(table, expected, actual),
                None => Some(("there is no such column".to_owned(), added(table, expected))),
            };
            if let Some((fault, remedy)) = mismatch {
                self.report.add(table.qualified(expected.name), fault, remedy);
            }
        }
        for extra in columns.iter().filter(|actual| table.column(&actual.name).is_none()) {
            // A part of the primary key needs a default instead, which `keys` checks.
            if extra.is_required && !extra.has_default && !extra.is_generated && !extra.is_in_key {
                let fault = "it is required and has no default, and groupdesk does not fill it";
                let remedy = format!("{} DROP NOT NULL", table.alter(&extra.quoted));
                self.report.add(table.qualified(&extra.name), fault, remedy);
            }
        }
    }
}

fn mismatch(table: &Table, expected: &Column, actual: &ActualColumn) -> Option<(String, String)> {
    let alter = table.alter(expected.name);
    if !expected.kind.accepts(&actual.type_name) {
        let fault = format!("it is of the type {}, and has to be {}", actual.sql_type, expected.kind.sql());
        return Some((fault, converted(table, expected, actual)));
    }
    if actual.is_generated {
        let fault = "it is computed from other columns, and groupdesk writes it".to_owned();
        return Some((fault, format!("{alter} DROP EXPRESSION")));
    }
    // groupdesk always writes updated_at.
    if expected.is_nullable && actual.is_required && expected.name != "updated_at" {
        let fault = "it is required, and groupdesk leaves it without a value in some rows".to_owned();
        return Some((fault, format!("{alter} DROP NOT NULL")));
    }
    let Kind::Text(max) = expected.kind else { return None };
    if !actual.is_searchable {
        let fault = "its collation is not deterministic, so that it cannot be searched".to_owned();
        return Some((fault, format!("{alter} TYPE {} COLLATE \"default\"", actual.sql_type)));
    }
    // A migration extends a short column, unless something depends on its type.
    let is_short =
        actual.max_chars.is_some_and(|chars| usize::try_from(chars).is_ok_and(|chars| chars < max));
    (is_short && actual.has_dependents).then(|| {
        let fault = format!(
            "it is of the type {} and groupdesk accepts {max} characters, and something depends on the type, such as \
             a view, a trigger or a generated column",
            actual.sql_type
        );
        (fault, format!("Drop what depends on it, {alter} TYPE varchar({max}), and create that again."))
    })
}

fn added(table: &Table, column: &Column) -> String {
    let definition = match column.kind {
        Kind::Key => " GENERATED BY DEFAULT AS IDENTITY UNIQUE",
        Kind::Id => " NOT NULL DEFAULT gen_random_uuid() UNIQUE",
        Kind::Time if !column.is_nullable => " NOT NULL DEFAULT now()",
        Kind::Text(_) if !column.is_nullable => " NOT NULL DEFAULT ''",
        Kind::Text(_) if column.is_unique() => " UNIQUE",
        Kind::Time | Kind::Text(_) | Kind::Reference(_) => "",
    };
    let (name, kind) = (column.name, column.kind.sql());
    let add = format!("ALTER TABLE {} ADD COLUMN {name} {kind}{definition}", table.name);
    if matches!(column.kind, Kind::Reference(_)) && !column.is_nullable {
        return format!("{add}, give each row a value, and then {} SET NOT NULL", table.alter(name));
    }
    add
}

/// The statement that converts the column or, where no cast exists, adds another one.
fn converted(table: &Table, expected: &Column, actual: &ActualColumn) -> String {
    let (name, kind) = (expected.name, expected.kind.sql());
    let alter = table.alter(name);
    if let Some(cast) = expected.kind.cast(&actual.type_name, name) {
        // A default of the old type may have no cast; a migration sets the right default.
        let is_reset = actual.has_default && matches!(expected.kind, Kind::Id | Kind::Time);
        let reset = if is_reset { &format!("DROP DEFAULT, ALTER COLUMN {name} ") } else { "" };
        return format!("{alter} {reset}TYPE {kind} USING {cast}");
    }
    let is_unfilled = actual.is_required && !actual.has_default && !actual.is_in_key;
    let free = if is_unfilled { &format!("; {alter}_old DROP NOT NULL") } else { "" };
    format!("ALTER TABLE {} RENAME COLUMN {name} TO {name}_old{free}; {}", table.name, added(table, expected))
}
