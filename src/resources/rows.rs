//! Parts of statements that several stores use. Columns are read by position, because looking hundreds of them up by name
//! costs more than the query.

pub mod matches;

use chrono::{DateTime, Utc};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{
    PgArgumentBuffer, PgArguments, PgDatabaseError, PgHasArrayType, PgRow, PgTypeInfo, PgValueRef,
};
use sqlx::{Decode, Encode, PgConnection, Postgres, QueryBuilder, Row, Type};
use strum::VariantArray;
use uuid::Uuid;

use super::admin_events::model::AdminAction;
use super::change_sets::model::UndoVerdict;
use super::enrollment_events::model::EventAction;
use super::enrollment_events::model::origin::{ChangeKind, ChangeOrigin, GroupRef};
use super::enrollments::model::Enrollment;
use super::imports::model::{ImportMode, ImportState, LineAction, LineFault, LineOutcome};
use super::people::model::{ByPerson, Person};
use super::search::model::HitKind;
use super::workspace_groups::model::WorkspaceGroup;
use super::workspaces::model::Workspace;
use crate::kernel::actor::{ChangeNote, Role, Source};
use crate::kernel::id::{
    AdminEventId, ChangeSetId, EnrollmentId, EventId, GroupId, HistoryId, ImportId, OperatorId, PersonId,
    SessionId, TokenId, WorkspaceId,
};
use crate::kernel::page::{EventSortKey, Page, PageRequest, Sort, TimeRange};
use crate::kernel::problem::Problem;
use crate::platform::db::id_filters::{IdFilter, IdFilters};
use crate::platform::db::keyset::{Last, Order};
use crate::platform::db::push_range;
use crate::platform::db::search::{SearchTerms, fetch_rows};
use crate::platform::failure::{Failure, Outcome};

pub type Query<'q> = QueryBuilder<'q, Postgres>;

pub type Read<T> = Result<T, sqlx::Error>;

pub(crate) use crate::platform::db::soft_delete::{live, removed};

/// The display name of a person, as `Person::display_name` forms it; null if no person was joined.
macro_rules! person_name {
    ($table:literal) => {
        concat!("btrim(", $table, ".first_name || ' ' || ", $table, ".last_name)")
    };
}
pub(crate) use person_name;

/// Binds and reads public ids as UUIDs. The kernel, which defines them, is also compiled for browsers, without sqlx.
macro_rules! uuid_columns {
    ($($id:ty),*) => {$(
        impl Type<Postgres> for $id {
            fn type_info() -> PgTypeInfo {
                <Uuid as Type<Postgres>>::type_info()
            }
        }

        impl PgHasArrayType for $id {
            fn array_type_info() -> PgTypeInfo {
                <Uuid as PgHasArrayType>::array_type_info()
            }
        }

        impl<'r> Decode<'r, Postgres> for $id {
            fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
                <Uuid as Decode<'r, Postgres>>::decode(value).map(Self::new)
            }
        }

        impl<'q> Encode<'q, Postgres> for $id {
            fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                <Uuid as Encode<'q, Postgres>>::encode_by_ref(&self.uuid(), buffer)
            }
        }
    )*};
}

uuid_columns! {
    AdminEventId, ChangeSetId, EnrollmentId, EventId, GroupId, HistoryId, ImportId, OperatorId, PersonId,
    SessionId, TokenId, WorkspaceId
}

/// Reads enums by their words, to which a CHECK constraint or the statement itself restricts the column.
macro_rules! word_columns {
    ($($word:ty),*) => {$(
        impl Type<Postgres> for $word {
            fn type_info() -> PgTypeInfo {
                <str as Type<Postgres>>::type_info()
            }

            fn compatible(column: &PgTypeInfo) -> bool {
                <str as Type<Postgres>>::compatible(column)
            }
        }

        impl<'r> Decode<'r, Postgres> for $word {
            fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
                let word = <&str as Decode<'r, Postgres>>::decode(value)?;
                word.parse().map_err(|_| format!("unknown {} '{word}'", stringify!($word)).into())
            }
        }
    )*};
}

word_columns!(
    AdminAction,
    ChangeKind,
    EventAction,
    HitKind,
    ImportMode,
    ImportState,
    LineAction,
    LineFault,
    LineOutcome,
    Role,
    Source,
    UndoVerdict
);

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
}

/// Runs the statement of a list, which may be a search, and reads its page.
pub async fn fetch_page<T, E: Into<Failure>>(
    connection: &mut PgConnection,
    mut query: Query<'_>,
    is_search: bool,
    request: &PageRequest,
    read: impl Fn(&mut Columns<'_>) -> Result<T, E>,
) -> Outcome<Page<T>> {
    let rows = fetch_rows(connection, query.build(), is_search).await?;
    let rows = rows.iter().map(|row| read(&mut Columns::of(row)));
    Ok(Page::from_lookahead(rows.collect::<Result<_, E>>().map_err(Into::into)?, request))
}

/// Runs a statement that counts rows, which may be a search.
pub async fn fetch_count(
    connection: &mut PgConnection,
    mut query: Query<'_>,
    is_search: bool,
) -> Outcome<i64> {
    let rows = fetch_rows(connection, query.build(), is_search).await?;
    let count = rows.first().ok_or(sqlx::Error::RowNotFound).and_then(|row| row.try_get(0));
    Ok(count?)
}

pub fn push_included<const N: usize>(query: &mut Query<'_>, related: [(bool, String); N]) {
    for (_, columns) in related.into_iter().filter(|(is_included, _)| *is_included) {
        query.push(", ").push(columns);
    }
}

/// One kind of rows that the search covers. Each way to match is a separate `SELECT` (an arm) that uses one index and
/// returns at most as many rows as are shown: an ordered index for beginnings, and for words the trigram index or the
/// index of ids, depending on the number of matches. A single condition with `OR` would read and sort all rows. The
/// parameters are those of [`bind_search`].
pub struct Searched {
    /// The selected columns, followed by the rank.
    pub columns: &'static str,
    pub from: &'static str,
    pub id: &'static str,
}

impl Searched {
    pub fn arm(&self, rank: &str, condition: &str) -> String {
        let Self { columns, from, .. } = self;
        format!("(SELECT {columns}, {rank} AS rank FROM {from} WHERE {condition})")
    }

    /// Rows whose public id is the text or begins with it.
    pub fn by_id(&self, rank: &str, condition: &str) -> String {
        self.arm(rank, &format!("{condition} AND {} BETWEEN $2 AND $3 LIMIT $4", self.id))
    }

    /// Rows in which `column` begins with the text.
    pub fn by_beginning(&self, rank: &str, condition: &str, column: &str) -> String {
        let (id, folded) = (self.id, format!("groupdesk.folded({column}) COLLATE \"C\""));
        let matches = format!("{folded} LIKE groupdesk.beginning($1) ORDER BY {folded}, {id} LIMIT $4");
        self.arm(rank, &format!("{condition} AND {matches}"))
    }

    /// Rows that contain all words. They are ordered by their random ids, because in the order of names all matches may
    /// be at the end.
    pub fn by_words(&self, rank: &str, condition: &str, words: &str) -> String {
        self.arm(rank, &format!("{condition} AND {words} ORDER BY {} LIMIT $4", self.id))
    }
}

/// The number of the parameter with the first word.
pub const SEARCH_WORDS: usize = 5;

type Statement<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

/// Binds $1 the text, $2 and $3 the first and the last id that begin with it, $4 the limit of each arm, and the words
/// from [`SEARCH_WORDS`] on.
pub fn bind_search<'q>(statement: &'q str, terms: &'q SearchTerms, limit: i64) -> Statement<'q> {
    let (first, last) = terms.ids.unzip();
    let query = sqlx::query(statement).bind(&terms.text).bind(first).bind(last).bind(limit);
    terms.words().fold(query, Statement::bind)
}

/// Appends ` AND …`: a row matches by all words in `searchable`, or by the beginning of its public id.
pub fn push_search(query: &mut Query<'_>, typed: Option<&str>, searchable: &str, id: &str) {
    let Some(terms) = typed.and_then(SearchTerms::new) else { return };
    query.push(" AND ((");
    terms.push_contains_words(query, searchable);
    query.push(")");
    if let Some((first, last)) = terms.ids {
        query.push(" OR ").push(id).push(" BETWEEN ").push_bind(first).push(" AND ").push_bind(last);
    }
    query.push(")");
}

/// A filter by groups, whose keys are in `column`. A group may have any number of rows.
pub fn by_groups(column: &'static str, groups: &[GroupId]) -> IdFilter {
    let wanted = groups.iter().map(|id| id.uuid()).collect();
    let lookup = "core_api.workspace_groups WHERE workspace_group_id";
    IdFilter { column, alias: "sg", lookup, is_selective: false, wanted }
}

/// A filter by workspaces, which have few rows.
pub fn by_workspaces(column: &'static str, workspaces: &[WorkspaceId]) -> IdFilter {
    let wanted = workspaces.iter().map(|id| id.uuid()).collect();
    let lookup = "core_api.workspaces WHERE workspace_id";
    IdFilter { column, alias: "sw", lookup, is_selective: true, wanted }
}

/// A filter by people, who may have any number of rows.
pub fn by_people(column: &'static str, by: Option<&ByPerson>) -> IdFilter {
    let wanted = by.map_or(&[][..], ByPerson::people).iter().map(|id| id.uuid()).collect();
    IdFilter { column, alias: "sp", lookup: "core_api.peoples WHERE people_id", is_selective: false, wanted }
}

/// The text in which people are searched. It has a trigram index (migration `text_search`).
pub fn person_searchable(table: &str) -> String {
    format!(
        "groupdesk.searchable({table}.first_name || ' ' || {table}.last_name || ' ' || coalesce({table}.email, ''))"
    )
}

/// The text in which workspaces are searched, with a trigram index like that of [`person_searchable`].
pub fn workspace_searchable(table: &str) -> String {
    format!("groupdesk.searchable({table}.name || ' ' || coalesce({table}.external_workspace_id, ''))")
}

/// Defines the columns of a noun in the tables with the given aliases, and the function that reads them.
macro_rules! columns {
    ($columns:ident($($table:ident),+), $read:ident -> $row:ident { $($field:ident: $column:literal,)+ }) => {
        pub fn $columns($($table: &str),+) -> String {
            [$(format!($column)),+].join(", ")
        }

        pub fn $read(columns: &mut Columns<'_>) -> Read<$row> {
            Ok($row { $($field: columns.take()?),+ })
        }
    };
}

columns!(person_columns(t), read_present_person -> Person {
    id: "{t}.people_id",
    first_name: "{t}.first_name",
    last_name: "{t}.last_name",
    email: "{t}.email",
    created_at: "{t}.created_at",
    updated_at: "{t}.updated_at",
});

/// Reads the columns of a person; all are null if none was joined.
pub fn read_person(columns: &mut Columns<'_>) -> Read<Option<Person>> {
    if columns.row.try_get::<Option<PersonId>, _>(columns.next)?.is_some() {
        return read_present_person(columns).map(Some);
    }
    columns.next += 6;
    Ok(None)
}

columns!(group_columns(t, creator), read_group -> WorkspaceGroup {
    id: "{t}.workspace_group_id",
    name: "{t}.name",
    created_by: "{creator}.people_id",
    created_at: "{t}.created_at",
    updated_at: "{t}.updated_at",
    deleted_at: "{t}.deleted_at",
});

columns!(workspace_columns(t), read_workspace -> Workspace {
    id: "{t}.workspace_id",
    name: "{t}.name",
    description: "{t}.description",
    external_workspace_id: "{t}.external_workspace_id",
    avatar_color: "{t}.avatar_color",
    created_at: "{t}.created_at",
    updated_at: "{t}.updated_at",
    deleted_at: "{t}.deleted_at",
});

/// Reads a reason and a reference, which were checked when they were stored.
pub fn read_note(columns: &mut Columns<'_>) -> Outcome<ChangeNote> {
    let (reason, reference): (Option<String>, Option<String>) = (columns.take()?, columns.take()?);
    stored_note(reason.as_deref(), reference.as_deref())
}

pub fn stored_note(reason: Option<&str>, reference: Option<&str>) -> Outcome<ChangeNote> {
    ChangeNote::parse(reason.unwrap_or_default(), reference.unwrap_or_default())
        .map_err(|_| Failure::fault("a stored reason or reference is not valid"))
}

/// Reads a row of `groupdesk.change_sets`: the kind, the undone change set, the id and the name of either group, and the
/// moment; all are null if none was joined.
pub fn read_origin(columns: &mut Columns<'_>) -> Outcome<Option<ChangeOrigin>> {
    let (kind, undone) = (columns.take()?, columns.take()?);
    let from = stored_group(columns.take()?, columns.take()?);
    let to = stored_group(columns.take()?, columns.take()?);
    Ok(stored_origin(kind, undone, from.zip(to), columns.take()?))
}

pub fn stored_group(id: Option<GroupId>, name: Option<String>) -> Option<GroupRef> {
    id.zip(name).map(|(id, name)| GroupRef { id, name })
}

pub fn stored_origin(
    kind: Option<ChangeKind>,
    undone: Option<ChangeSetId>,
    groups: Option<(GroupRef, GroupRef)>,
    as_of: Option<DateTime<Utc>>,
) -> Option<ChangeOrigin> {
    match (kind?, groups) {
        (ChangeKind::Undo, _) => undone.map(ChangeOrigin::Undo),
        (ChangeKind::Move, groups) => groups.map(|(from, to)| ChangeOrigin::Move { from, to }),
        (ChangeKind::Copy, groups) => groups.map(|(from, to)| ChangeOrigin::Copy { from, to }),
        (ChangeKind::Restore, _) => as_of.map(ChangeOrigin::Restore),
    }
}

columns!(enrollment_columns(t, group, workspace, creator), read_enrollment -> Enrollment {
    id: "{t}.workspace_group_workspace_id",
    group: "{group}.workspace_group_id",
    workspace: "{workspace}.workspace_id",
    created_by: "{creator}.people_id",
    created_at: "{t}.created_at",
    updated_at: "{t}.updated_at",
    deleted_at: "{t}.deleted_at",
});

/// The values that a filter of a log by words accepts, each once; all of them if it has none.
pub fn accepted<T: VariantArray + PartialEq>(wanted: &[T]) -> impl Iterator<Item = &'static T> {
    T::VARIANTS.iter().filter(move |value| wanted.is_empty() || wanted.contains(value))
}

/// Appends the condition that `column` is one of `words`; without words it appends nothing.
pub fn push_words(query: &mut Query<'_>, column: &str, words: impl Iterator<Item = &'static str>) {
    let words: Vec<&str> = words.collect();
    if !words.is_empty() {
        query.push(" AND ").push(column).push(" = ANY (").push_bind(words).push(")");
    }
}

/// Appends the conditions that both logs have. The table of the events is `v`.
pub fn push_event_filter(
    query: &mut Query<'_>,
    id_filters: &IdFilters,
    actor: Option<&ByPerson>,
    occurred_at: TimeRange,
) {
    id_filters.push_conditions(query);
    if actor == Some(&ByPerson::Nobody) {
        query.push(" AND v.actor_people_pk IS NULL");
    }
    push_range(query, "v.occurred_at", occurred_at);
}

/// Appends a sub-select of the event with this id, for `v`. Postgres knows by the limit that there is at most one, also in a
/// partitioned log, where it expects one in each partition and would read the tables that are joined completely.
pub fn push_row_of_id<'q, I>(query: &mut Query<'q>, table: &str, column: &str, id: I)
where
    I: Encode<'q, Postgres> + Type<Postgres> + 'q,
{
    query.push(format_args!("(SELECT * FROM {table} WHERE {column} = ")).push_bind(id).push(" LIMIT 1)");
}

/// The order of both logs. All events of a request have one time, so their keys keep the order in which they were written.
/// `by_id` is the statement that finds the key of a public id. The logs may be partitioned by time (migration
/// `log_partitions`).
pub fn event_order(sort: &Sort<EventSortKey>, by_id: &'static str) -> Order {
    let last = Last::Written { key: "v.pk", by_id, partitioned_by: Some("occurred_at") };
    Order::of(sort, |EventSortKey::OccurredAt| "v.occurred_at", last)
}

/// A statement that counts the events of a log, to which the caller appends ` AND …` conditions.
pub fn count_events(table: &str, id_filters: &IdFilters) -> Query<'static> {
    let mut query = Query::new(format!("SELECT count(*) FROM {table} v"));
    if let Some(each) = id_filters.driving() {
        query.push(", ");
        each.push_table(&mut query);
    }
    query.push(" WHERE true");
    query
}

/// A statement that changes enrollments and records an event for each change, in one round trip. The caller has checked the
/// privilege.
///
/// `$changes` are common table expressions with the parameters from `$9` on. The last one is `changed`: a row for each
/// changed enrollment, with `pk`, `workspace_group_pk`, `workspace_pk`, and the time `at`. The times differ from the time of
/// the request where the database has moved that of the enrollment. `$order` continues the query of `changed`, such that
/// the events are written in the order of the request. `$people` are the parameters with ids of people, whose rows are locked
/// as `person`: `$2` is the actor. `$more` and `$values` are further columns of the event and their values.
macro_rules! change_and_record {
    (
        $call:ident, $action:tt, people: $people:tt, changes: [$($changes:tt)+], order: $order:tt, columns: $more:tt,
        values: $values:tt, select: [$($select:tt)+], $($argument:expr),+ $(,)?
    ) => {
        sqlx::query!(
            "WITH person AS MATERIALIZED (
                 SELECT pk, people_id, btrim(first_name || ' ' || last_name) AS name
                 FROM core_api.peoples WHERE people_id = ANY (ARRAY["
                + $people
                + "]::uuid[]) FOR KEY SHARE
             ), "
                + $($changes)+
                + ", recorded AS (
                 INSERT INTO groupdesk.enrollment_events
                     (action, occurred_at, source, actor_people_pk, actor_name, token_name, request_id,
                      change_set_id, reason, reference, "
                + $more
                + "workspace_group_workspace_pk, workspace_group_pk, workspace_pk)
                 SELECT '"
                + $action
                + "', at, $1, (SELECT pk FROM person WHERE people_id = $2), $3, $4, $5, $6, $7, $8, "
                + $values
                + "changed.pk, workspace_group_pk, workspace_pk
                 FROM changed "
                + $order
                + ") "
                + $($select)+,
            $call.actor.source.into_str(),
            $call.actor.person.as_ref().map(|person| person.id.uuid()),
            $call.actor.person.as_ref().map(|person| person.name.as_str()),
            $call.actor.token_name.as_deref(),
            $call.request_id_text(),
            $call.change_set.uuid(),
            $call.note.reason(),
            $call.note.reference(),
            $($argument),+
        )
    };
}
pub(super) use change_and_record;

/// The failure of [`change_and_record`]: `ReasonRequired` if the group requires a reason and the change has none (migration
/// `change_sets`).
pub fn record_failure(error: sqlx::Error) -> Failure {
    required_reason(&error).map_or_else(|| error.into(), Failure::from)
}

fn required_reason(error: &sqlx::Error) -> Option<Problem> {
    let error = error.as_database_error().filter(|error| error.constraint() == Some("reason_required"))?;
    let detail = error.try_downcast_ref::<PgDatabaseError>()?.detail()?;
    let (group, above) = match detail.split_once(' ') {
        Some((group, above)) => (group, above.parse().ok()),
        None => (detail, None),
    };
    Some(Problem::ReasonRequired { group: group.parse().ok()?, above })
}
