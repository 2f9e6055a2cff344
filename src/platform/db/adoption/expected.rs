//! The tables that the product needs, as the first migration creates them.

use crate::kernel::text::{DESCRIPTION_MAX, EMAIL_MAX, NAME_MAX, SHORT_TEXT_MAX};

pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [Column],
}

pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) is_nullable: bool,
    pub(super) is_unique: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The primary key, which the database generates.
    Key,
    /// A key of the named table.
    Reference(&'static str),
    Id,
    Time,
    /// Text with at most this number of characters.
    Text(usize),
}

impl Kind {
    /// The accepted types, by their names in the catalog.
    pub(super) const fn types(self) -> &'static [&'static str] {
        match self {
            Self::Key | Self::Reference(_) => &["int4"],
            Self::Id => &["uuid"],
            Self::Time => &["timestamptz"],
            Self::Text(_) => &["text", "varchar", "citext"],
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

    /// The columns that hold keys of another table, with the name of that table.
    pub(super) fn references(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.columns.iter().filter_map(|column| match column.kind {
            Kind::Reference(to) => Some((column.name, to)),
            Kind::Key | Kind::Id | Kind::Time | Kind::Text(_) => None,
        })
    }

    /// The names of the indexes that are created together with the table.
    pub(super) fn indexes(&self) -> impl Iterator<Item = String> {
        let table = self.name.trim_start_matches("core_api.");
        let replaced = (self.name == ENROLLMENTS).then(|| REPLACED.to_owned());
        let unique = self.columns.iter().filter(|column| column.is_unique);
        let name = move |column: &Column| match column.kind {
            Kind::Key => format!("{table}_pkey"),
            Kind::Reference(_) | Kind::Id | Kind::Time | Kind::Text(_) => {
                format!("{table}_{}_unique", column.name)
            }
        };
        unique.map(name).chain(replaced)
    }

    pub(super) fn qualified(&self, column: &str) -> String {
        format!("{}.{column}", self.name)
    }

    /// The beginning of a statement about a column.
    pub(super) fn alter(&self, column: &str) -> String {
        format!("ALTER TABLE {} ALTER COLUMN {column}", self.name)
    }
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_nullable: false, is_unique: false }
}

const fn nullable(name: &'static str, kind: Kind) -> Column {
    Column { is_nullable: true, ..column(name, kind) }
}

const fn unique(name: &'static str, kind: Kind) -> Column {
    Column { is_unique: true, ..column(name, kind) }
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
            unique("pk", Kind::Key),
            unique("people_id", Kind::Id),
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
            unique("pk", Kind::Key),
            unique("workspace_id", Kind::Id),
            column("name", NAME),
            nullable("description", Kind::Text(DESCRIPTION_MAX)),
            Column { is_unique: true, ..nullable("external_workspace_id", WORD) },
            nullable("avatar_color", WORD),
            column("created_at", Kind::Time),
            nullable("updated_at", Kind::Time),
            nullable("deleted_at", Kind::Time),
        ],
    },
    Table {
        name: GROUPS,
        columns: &[
            unique("pk", Kind::Key),
            unique("workspace_group_id", Kind::Id),
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
            unique("pk", Kind::Key),
            unique("workspace_group_workspace_id", Kind::Id),
            column("workspace_group_pk", Kind::Reference(GROUPS)),
            column("workspace_pk", Kind::Reference(WORKSPACES)),
            nullable("created_by_pk", Kind::Reference(PEOPLE)),
            column("created_at", Kind::Time),
            nullable("updated_at", Kind::Time),
            nullable("deleted_at", Kind::Time),
        ],
    },
];
