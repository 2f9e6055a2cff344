//! The tables that the product needs, as the first migration creates them, and their columns: which are missing, of another
//! type, or required although groupdesk does not fill them.

use sqlx::{FromRow, PgConnection};

use super::Inspection;
use crate::kernel::text::{DESCRIPTION_MAX, EMAIL_MAX, NAME_MAX, SHORT_TEXT_MAX};

pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [Column],
}

pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) is_nullable: bool,
}

impl Column {
    pub(super) fn is_unique(&self) -> bool {
        matches!(self.kind, Kind::Key | Kind::Id) || self.name == "external_workspace_id"
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Key,
    Reference(&'static str),
    Id,
    Time,
    Text(usize),
}

impl Kind {
    pub(super) fn accepts(self, type_name: &str) -> bool {
        match self {
            Self::Key | Self::Reference(_) => type_name == "int4",
            Self::Id => type_name == "uuid",
            Self::Time => type_name == "timestamptz",
            Self::Text(_) => ["text", "varchar", "citext"].contains(&type_name),
        }
    }

    /// The expression that converts values of another column type, or `None` if no cast exists.
    pub(super) fn cast(self, from: &str, column: &str) -> Option<String> {
        let is_text = ["text", "varchar", "citext", "bpchar"].contains(&from);
        let is_number = ["int2", "int4", "int8", "numeric", "float4", "float8"].contains(&from);
        match self {
            Self::Key | Self::Reference(_) => (is_text || is_number).then(|| format!("{column}::integer")),
            Self::Id => is_text.then(|| format!("{column}::text::uuid")),
            Self::Time if from == "timestamp" => Some(format!("{column} AT TIME ZONE 'UTC'")),
            Self::Time if from == "date" => Some(format!("{column}::timestamp AT TIME ZONE 'UTC'")),
            Self::Time if is_number => Some(format!("to_timestamp({column})")),
            Self::Time => is_text.then(|| format!("{column}::text::timestamptz")),
            Self::Text(_) => Some(format!("{column}::text")),
        }
    }

    pub(super) fn sql(self) -> String {
        match self {
            Self::Key | Self::Reference(_) => "integer".to_owned(),
            Self::Id => "uuid".to_owned(),
            Self::Time => "timestamptz".to_owned(),
            Self::Text(max) => format!("varchar({max})"),
        }
    }
}

impl Table {
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    pub(super) fn references(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.columns.iter().filter_map(|column| {
            let Kind::Reference(to) = column.kind else { return None };
            Some((column.name, to))
        })
    }

    pub(super) fn indexes(&self) -> impl Iterator<Item = String> {
        let table = self.name.trim_start_matches("core_api.");
        let replaced = (self.name == ENROLLMENTS).then(|| REPLACED.to_owned());
        let unique = self.columns.iter().filter(|column| column.is_unique());
        let name = move |column: &Column| match column.name {
            "pk" => format!("{table}_pkey"),
            name => format!("{table}_{name}_unique"),
        };
        unique.map(name).chain(replaced)
    }

    pub(super) fn qualified(&self, column: &str) -> String {
        format!("{}.{column}", self.name)
    }

    pub(super) fn alter(&self, column: &str) -> String {
        format!("ALTER TABLE {} ALTER COLUMN {column}", self.name)
    }
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_nullable: false }
}

const fn nullable(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_nullable: true }
}

/// The constraint that the second migration drops.
pub(super) const REPLACED: &str = "workspace_group_workspaces_workspace_group_pk_wor_3c190_unique";

pub(super) const PEOPLE: &str = "core_api.peoples";
pub(super) const ENROLLMENTS: &str = "core_api.workspace_group_workspaces";
const WORKSPACES: &str = "core_api.workspaces";
const GROUPS: &str = "core_api.workspace_groups";

const NAME: Kind = Kind::Text(NAME_MAX);
const WORD: Kind = Kind::Text(SHORT_TEXT_MAX);

pub(super) const TABLES: [Table; 4] = [
    Table {
        name: PEOPLE,
        columns: &[
            column("pk", Kind::Key),
            column("people_id", Kind::Id),
            column("first_name", NAME),
            column("last_name", NAME),
            nullable("email", Kind::Text(EMAIL_MAX)),
            column("created_at", Kind::Time),
            nullable("updated_at", Kind::Time),
        ],
    },
    Table {
        name: WORKSPACES,
        columns: &[
            column("pk", Kind::Key),
            column("workspace_id", Kind::Id),
            column("name", NAME),
            nullable("description", Kind::Text(DESCRIPTION_MAX)),
            nullable("external_workspace_id", WORD),
            nullable("avatar_color", WORD),
            column("created_at", Kind::Time),
            nullable("updated_at", Kind::Time),
            nullable("deleted_at", Kind::Time),
        ],
    },
    Table {
        name: GROUPS,
        columns: &[
            column("pk", Kind::Key),
            column("workspace_group_id", Kind::Id),
            column("name", NAME),
            nullable("created_by_pk", Kind::Reference(PEOPLE)),
            column("created_at", Kind::Time),
            nullable("updated_at", Kind::Time),
            nullable("deleted_at", Kind::Time),
        ],
    },
    Table {
        name: ENROLLMENTS,
        columns: &[
            column("pk", Kind::Key),
            column("workspace_group_workspace_id", Kind::Id),
            column("workspace_group_pk", Kind::Reference(GROUPS)),
            column("workspace_pk", Kind::Reference(WORKSPACES)),
            nullable("created_by_pk", Kind::Reference(PEOPLE)),
            column("created_at", Kind::Time),
            nullable("updated_at", Kind::Time),
            nullable("deleted_at", Kind::Time),
        ],
    },
];

#[derive(FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "each is one property of a column in the catalog")]
pub(super) struct ActualColumn {
    pub(super) name: String,
    pub(super) quoted: String,
    pub(super) type_name: String,
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
            // A part of the primary key needs a default instead, which `rows` checks.
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
