//! How the columns of each noun are selected and read, wherever its table is joined: so that a page
//! comes with what it relates to in one statement, and each noun's columns are listed once.
//!
//! Columns are read in their order and not by name: a page has hundreds of them.

use sqlx::postgres::PgRow;
use sqlx::{Decode, Postgres, Row, Type};
use uuid::Uuid;

use super::people::model::Person;
use super::workspace_groups::model::WorkspaceGroup;
use super::workspaces::model::Workspace;
use crate::kernel::id::{GroupId, PersonId, WorkspaceId};

type Read<T> = Result<T, sqlx::Error>;

/// Reads the columns of a row from the first to the last.
pub struct Columns<'r> {
    row: &'r PgRow,
    next: usize,
}

impl<'r> Columns<'r> {
    pub const fn of(row: &'r PgRow) -> Self {
        Self { row, next: 0 }
    }

    pub fn take<T: Decode<'r, Postgres> + Type<Postgres>>(&mut self) -> Read<T> {
        let value = self.row.try_get(self.next)?;
        self.next += 1;
        Ok(value)
    }

    const fn skip(&mut self, columns: usize) {
        self.next += columns;
    }
}

/// The columns of a person; all null where none was joined.
pub fn person_columns(alias: &str) -> String {
    format!(
        "{alias}.people_id, {alias}.first_name, {alias}.last_name, {alias}.email, {alias}.created_at, {alias}.updated_at"
    )
}

pub fn read_person(columns: &mut Columns<'_>) -> Read<Option<Person>> {
    let Some(id) = columns.take::<Option<Uuid>>()? else {
        columns.skip(5);
        return Ok(None);
    };
    Ok(Some(Person {
        id: PersonId::new(id),
        first_name: columns.take()?,
        last_name: columns.take()?,
        email: columns.take()?,
        created_at: columns.take()?,
        updated_at: columns.take()?,
    }))
}

/// What a person is searched by, which has an index of trigrams (the migration `text_search`).
pub fn person_searchable(alias: &str) -> String {
    format!(
        "groupdesk.searchable({alias}.first_name || ' ' || {alias}.last_name || ' ' || coalesce({alias}.email, ''))"
    )
}

/// The columns of a group, and of the person who created it the public id.
pub fn group_columns(alias: &str, creator: &str) -> String {
    format!(
        "{alias}.workspace_group_id, {creator}.people_id, {alias}.name, {alias}.created_at, {alias}.updated_at, {alias}.deleted_at"
    )
}

pub fn read_group(columns: &mut Columns<'_>) -> Read<WorkspaceGroup> {
    Ok(WorkspaceGroup {
        id: GroupId::new(columns.take()?),
        created_by: columns.take::<Option<Uuid>>()?.map(PersonId::new),
        name: columns.take()?,
        created_at: columns.take()?,
        updated_at: columns.take()?,
        deleted_at: columns.take()?,
    })
}

/// What a workspace is searched by, as [`person_searchable`].
pub fn workspace_searchable(alias: &str) -> String {
    format!("groupdesk.searchable({alias}.name || ' ' || coalesce({alias}.external_workspace_id, ''))")
}

pub fn workspace_columns(alias: &str) -> String {
    format!(
        "{alias}.workspace_id, {alias}.name, {alias}.description, {alias}.external_workspace_id, {alias}.avatar_color, \
         {alias}.created_at, {alias}.updated_at, {alias}.deleted_at"
    )
}

pub fn read_workspace(columns: &mut Columns<'_>) -> Read<Workspace> {
    Ok(Workspace {
        id: WorkspaceId::new(columns.take()?),
        name: columns.take()?,
        description: columns.take()?,
        external_workspace_id: columns.take()?,
        avatar_color: columns.take()?,
        created_at: columns.take()?,
        updated_at: columns.take()?,
        deleted_at: columns.take()?,
    })
}
