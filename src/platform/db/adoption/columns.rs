//! The columns: which are missing, of another type, or more than the product fills.

use sqlx::{FromRow, PgConnection};

use super::Misfit;
use super::expected::{Column, Kind, Table};

/// A column as it is.
#[derive(FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "what the catalog says of a column")]
pub(super) struct Found {
    pub(super) name: String,
    /// The name as it is written in a statement.
    pub(super) quoted: String,
    /// The type by its name in the catalog, as in `int4`.
    pub(super) type_name: String,
    /// The same as one writes it, as in `character varying(50)`.
    written: String,
    /// How many characters a `varchar` has room for; `None`: as many as one likes.
    pub(super) room: Option<i32>,
    pub(super) is_required: bool,
    pub(super) has_default: bool,
    is_generated: bool,
    /// Is it part of the primary key, which is always required?
    pub(super) is_in_key: bool,
    /// Does something depend on its type, such as a view, so that the type cannot be changed?
    is_pinned: bool,
    /// Can it be searched? A collation that is not deterministic does not allow that.
    is_searchable: bool,
    /// Does a row that leaves it out get no value, or one of its own?
    pub(super) fills_itself: bool,
}

pub(super) async fn read(connection: &mut PgConnection, table: &Table) -> Result<Vec<Found>, sqlx::Error> {
    sqlx::query_as(
        "SELECT a.attname::text AS name, quote_ident(a.attname) AS quoted, t.typname::text AS type_name,
                format_type(a.atttypid, a.atttypmod) AS written,
                CASE WHEN t.typname = 'varchar' AND a.atttypmod > 4 THEN a.atttypmod - 4 END AS room,
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
                                                   WHERE f.oid = d.objid AND f.adnum = a.attnum)))) AS is_pinned,
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

impl Found {
    fn has_type_of(&self, kind: Kind) -> bool {
        kind.types().contains(&self.type_name.as_str())
    }
}

/// The column by this name, if its values are of the right type or can be made so: then they can be looked at.
pub(super) fn found<'c>(column: &Column, columns: &'c [Found]) -> Option<&'c Found> {
    let found = columns.iter().find(|found| found.name == column.name)?;
    let can_be = found.has_type_of(column.kind) || column.kind.cast(&found.type_name, column.name).is_some();
    can_be.then_some(found)
}

pub(super) fn misfits(table: &Table, columns: &[Found], misfits: &mut Vec<Misfit>) {
    for wanted in table.columns {
        if let Some(found) = columns.iter().find(|found| found.name == wanted.name) {
            misfits.extend(misfit(table, wanted, found));
        } else {
            let remedy = added(table, wanted);
            misfits.push(Misfit::new(place(table, wanted.name), "there is no such column", remedy));
        }
    }
    for found in columns.iter().filter(|found| table.column(&found.name).is_none()) {
        // What is part of the primary key needs a default instead, which is seen to with the keys.
        if found.is_required && !found.has_default && !found.is_generated && !found.is_in_key {
            let fault = "it is required and has no default, and the desk does not fill it";
            let remedy = format!("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL", table.name, found.quoted);
            misfits.push(Misfit::new(place(table, &found.name), fault, remedy));
        }
    }
}

pub(super) fn place(table: &Table, column: &str) -> String {
    format!("{}.{column}", table.name)
}

/// The statement that adds the column.
fn added(table: &Table, column: &Column) -> String {
    let definition = match column.kind {
        Kind::Key => " GENERATED BY DEFAULT AS IDENTITY UNIQUE",
        Kind::Id => " NOT NULL DEFAULT gen_random_uuid() UNIQUE",
        Kind::Time if !column.is_optional => " NOT NULL DEFAULT now()",
        Kind::Text(_) if !column.is_optional => " NOT NULL DEFAULT ''",
        Kind::Text(_) if column.is_unique => " UNIQUE",
        Kind::Time | Kind::Text(_) | Kind::Reference => "",
    };
    let (name, kind) = (column.name, column.kind.sql());
    let add = format!("ALTER TABLE {} ADD COLUMN {name} {kind}{definition}", table.name);
    if column.kind == Kind::Reference && !column.is_optional {
        return format!("{add}, give each row a value, and then {}", required(table, name));
    }
    add
}

/// The statement that makes a column required.
pub(super) fn required(table: &Table, column: &str) -> String {
    format!("ALTER TABLE {} ALTER COLUMN {column} SET NOT NULL", table.name)
}

fn misfit(table: &Table, wanted: &Column, found: &Found) -> Option<Misfit> {
    let place = place(table, wanted.name);
    let alter = format!("ALTER TABLE {} ALTER COLUMN {}", table.name, wanted.name);
    if !found.has_type_of(wanted.kind) {
        let fault = format!("it is of the type {}, and has to be {}", found.written, wanted.kind.sql());
        return Some(Misfit::new(place, fault, converted(table, wanted, found)));
    }
    if found.is_generated {
        let fault = "it is computed from other columns, and the desk writes it";
        return Some(Misfit::new(place, fault, format!("{alter} DROP EXPRESSION")));
    }
    // The desk always writes updated_at.
    if wanted.is_optional && found.is_required && wanted.name != "updated_at" {
        let fault = "it is required, and the desk leaves it without a value in some rows";
        return Some(Misfit::new(place, fault, format!("{alter} DROP NOT NULL")));
    }
    let Kind::Text(max) = wanted.kind else { return None };
    if !found.is_searchable {
        let fault = "its collation is not deterministic, so that it cannot be searched";
        return Some(Misfit::new(
            place,
            fault,
            format!("{alter} TYPE {} COLLATE \"default\"", found.written),
        ));
    }
    // A short column is made longer by a migration, unless something depends on its type.
    let is_short = found.room.is_some_and(|room| usize::try_from(room).is_ok_and(|room| room < max));
    (is_short && found.is_pinned).then(|| {
        let fault = format!(
            "it is of the type {} and the desk accepts {max} characters, and something depends on the type, such as \
             a view, a trigger or a generated column",
            found.written
        );
        Misfit::new(place, fault, format!("Drop what depends on it, {alter} TYPE varchar({max}), and make that again."))
    })
}

/// The statement that gives the column the right type; or one column more, where no cast leads there.
fn converted(table: &Table, wanted: &Column, found: &Found) -> String {
    let (name, table_name) = (wanted.name, table.name);
    if let Some(cast) = wanted.kind.cast(&found.type_name, name) {
        let is_reset = found.has_default && matches!(wanted.kind, Kind::Id | Kind::Time);
        // A default of the old type may have no cast; the right default is set by a migration.
        let reset = if is_reset { format!("ALTER COLUMN {name} DROP DEFAULT, ") } else { String::new() };
        let kind = wanted.kind.sql();
        return format!("ALTER TABLE {table_name} {reset}ALTER COLUMN {name} TYPE {kind} USING {cast}");
    }
    let free = if found.is_required && !found.has_default && !found.is_in_key {
        format!("; ALTER TABLE {table_name} ALTER COLUMN {name}_old DROP NOT NULL")
    } else {
        String::new()
    };
    format!("ALTER TABLE {table_name} RENAME COLUMN {name} TO {name}_old{free}; {}", added(table, wanted))
}
