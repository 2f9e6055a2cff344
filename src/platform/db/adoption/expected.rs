//! The tables as the product needs them: those of the first migration.

use crate::kernel::text::{DESCRIPTION_MAX, EMAIL_MAX, NAME_MAX, WORD_MAX};

pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [Column],
    pub(super) references: &'static [Reference],
    /// The names of the indexes that are made together with the table, where it is missing.
    pub(super) indexes: &'static [&'static str],
}

pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// May it be without a value?
    pub(super) is_optional: bool,
    /// Does a row have a value of its own?
    pub(super) is_unique: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The table's own key, which the database counts.
    Key,
    /// The key of a row elsewhere.
    Reference,
    Id,
    Time,
    /// Of so many characters.
    Text(usize),
}

/// A column whose values are keys of another table.
pub(super) struct Reference {
    pub(super) column: &'static str,
    pub(super) to: &'static str,
}

impl Kind {
    /// The types that will do, by the names that the catalog has for them.
    pub(super) const fn types(self) -> &'static [&'static str] {
        match self {
            Self::Key | Self::Reference => &["int4"],
            Self::Id => &["uuid"],
            Self::Time => &["timestamptz"],
            Self::Text(_) => &["text", "varchar", "citext"],
        }
    }

    /// How values of another type of column become values of the right one; `None`: by no cast.
    pub(super) fn cast(self, from: &str, column: &str) -> Option<String> {
        let is_text = ["text", "varchar", "citext", "bpchar"].contains(&from);
        let is_number = ["int2", "int4", "int8", "numeric", "float4", "float8"].contains(&from);
        match self {
            Self::Key | Self::Reference => (is_text || is_number).then(|| format!("{column}::integer")),
            Self::Id => is_text.then(|| format!("{column}::text::uuid")),
            Self::Time if from == "timestamp" => Some(format!("{column} AT TIME ZONE 'UTC'")),
            Self::Time if from == "date" => Some(format!("{column}::timestamp AT TIME ZONE 'UTC'")),
            Self::Time if is_number => Some(format!("to_timestamp({column})")),
            Self::Time => is_text.then(|| format!("{column}::text::timestamptz")),
            Self::Text(_) => Some(format!("{column}::text")),
        }
    }

    /// The type to make a column of.
    pub(super) fn sql(self) -> String {
        match self {
            Self::Key | Self::Reference => "integer".to_owned(),
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
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_optional: false, is_unique: false }
}

const fn optional(name: &'static str, kind: Kind) -> Column {
    Column { is_optional: true, ..column(name, kind) }
}

const fn unique(name: &'static str, kind: Kind) -> Column {
    Column { is_unique: true, ..column(name, kind) }
}

/// The constraint that the second migration takes away.
pub(super) const REPLACED: &str = "workspace_group_workspaces_workspace_group_pk_wor_3c190_unique";

const NAME: Kind = Kind::Text(NAME_MAX);
const WORD: Kind = Kind::Text(WORD_MAX);

pub(super) const TABLES: [Table; 4] = [
    Table {
        name: "core_api.peoples",
        columns: &[
            unique("pk", Kind::Key),
            unique("people_id", Kind::Id),
            column("first_name", NAME),
            column("last_name", NAME),
            optional("email", Kind::Text(EMAIL_MAX)),
            column("created_at", Kind::Time),
            optional("updated_at", Kind::Time),
        ],
        references: &[],
        indexes: &["peoples_pkey", "peoples_people_id_unique"],
    },
    Table {
        name: "core_api.workspaces",
        columns: &[
            unique("pk", Kind::Key),
            unique("workspace_id", Kind::Id),
            column("name", NAME),
            optional("description", Kind::Text(DESCRIPTION_MAX)),
            Column { is_unique: true, ..optional("external_workspace_id", WORD) },
            optional("avatar_color", WORD),
            column("created_at", Kind::Time),
            optional("updated_at", Kind::Time),
            optional("deleted_at", Kind::Time),
        ],
        references: &[],
        indexes: &[
            "workspaces_pkey",
            "workspaces_workspace_id_unique",
            "workspaces_external_workspace_id_unique",
        ],
    },
    Table {
        name: "core_api.workspace_groups",
        columns: &[
            unique("pk", Kind::Key),
            unique("workspace_group_id", Kind::Id),
            column("name", NAME),
            optional("created_by_pk", Kind::Reference),
            column("created_at", Kind::Time),
            optional("updated_at", Kind::Time),
            optional("deleted_at", Kind::Time),
        ],
        references: &[Reference { column: "created_by_pk", to: "core_api.peoples" }],
        indexes: &["workspace_groups_pkey", "workspace_groups_workspace_group_id_unique"],
    },
    Table {
        name: "core_api.workspace_group_workspaces",
        columns: &[
            unique("pk", Kind::Key),
            unique("workspace_group_workspace_id", Kind::Id),
            column("workspace_group_pk", Kind::Reference),
            column("workspace_pk", Kind::Reference),
            optional("created_by_pk", Kind::Reference),
            column("created_at", Kind::Time),
            optional("updated_at", Kind::Time),
            optional("deleted_at", Kind::Time),
        ],
        references: &[
            Reference { column: "workspace_group_pk", to: "core_api.workspace_groups" },
            Reference { column: "workspace_pk", to: "core_api.workspaces" },
            Reference { column: "created_by_pk", to: "core_api.peoples" },
        ],
        indexes: &[
            "workspace_group_workspaces_pkey",
            "workspace_group_workspaces_workspace_group_workspace_id_unique",
            REPLACED,
        ],
    },
];
