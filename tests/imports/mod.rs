//! Operations and worker of imports, for lists from any source.

mod concurrent;
mod interrupted;
mod lists;
mod modes;
mod outcomes;
mod planned;

use chrono::{DateTime, Utc};
use groupdesk::kernel::actor::{Actor, PersonRef, Source};
use groupdesk::kernel::id::{ImportId, PersonId};
use groupdesk::kernel::page::PageRequest;
use groupdesk::platform::call::{Call, Write};
use groupdesk::platform::clock;
use groupdesk::resources::imports::model::{Import, ImportCounts, ImportLine, ImportMode, LineKind};
use groupdesk::resources::imports::ops::{
    ListReceiver, NewList, import_get, import_lines, import_preview, import_start,
};
use groupdesk::resources::imports::rules::ListForm;
use groupdesk::resources::imports::rules::removals::RemovalCheck;
use groupdesk::resources::imports::worker::{BatchOutcome, run_batch};
use sqlx::PgPool;

/// A call by Ana, whose person has this id, or without a person.
fn call(person: Option<&str>) -> Call<Write> {
    call_at(person, clock::system().now())
}

fn call_at(person: Option<&str>, moment: DateTime<Utc>) -> Call<Write> {
    let person =
        person.map(|id| PersonRef { id: id.parse::<PersonId>().unwrap(), name: "Ana Lima".to_owned() });
    let actor = Actor { person, source: Source::Web, token_name: None };
    Call::granted(actor, moment, None)
}

/// A pasted list as a prepared import.
async fn prepared(pool: &PgPool, group: &str, person: Option<&str>, text: &str) -> ImportId {
    prepared_by(pool, group, &call(person), text).await
}

async fn prepared_by(pool: &PgPool, group: &str, call: &Call<Write>, text: &str) -> ImportId {
    prepared_in_mode(pool, group, call, ImportMode::Enroll, text).await
}

async fn prepared_in_mode(
    pool: &PgPool,
    group: &str,
    call: &Call<Write>,
    mode: ImportMode,
    text: &str,
) -> ImportId {
    let mut connection = pool.acquire().await.unwrap();
    let group = group.parse().unwrap();
    let new = NewList::new(ListForm::Pasted, mode, None);
    let mut list = ListReceiver::begin(&mut connection, call, group, new).await.unwrap();
    list.push(pool, text.as_bytes()).await.unwrap();
    list.end(pool).await.unwrap();
    list.prepare(&mut connection).await.unwrap();
    list.id
}

async fn start(pool: &PgPool, person: Option<&str>, id: ImportId) {
    import_start(&mut pool.acquire().await.unwrap(), &call(person), id, RemovalCheck::NONE).await.unwrap();
}

/// A prepared import that is started.
async fn started(pool: &PgPool, group: &str, person: Option<&str>, text: &str) -> ImportId {
    let id = prepared(pool, group, person, text).await;
    start(pool, person, id).await;
    id
}

/// Runs batches until no import waits.
async fn run(pool: &PgPool) {
    while run_batch(pool, &clock::system(), None).await.unwrap() != BatchOutcome::Idle {}
}

async fn get(pool: &PgPool, id: ImportId) -> Import {
    import_get(&mut pool.acquire().await.unwrap(), id).await.unwrap()
}

async fn lines(pool: &PgPool, id: ImportId) -> Vec<ImportLine> {
    let mut connection = pool.acquire().await.unwrap();
    import_lines(&mut connection, id, None, &PageRequest::first(500)).await.unwrap().items
}

/// Number, outcome and "duplicate of" of each stored line.
async fn outcomes(pool: &PgPool, id: ImportId) -> Vec<(i32, &'static str, Option<i32>)> {
    let outcome = |line: ImportLine| {
        (line.line_number, line.outcome.map_or("none", |outcome| outcome.into_str()), line.duplicate_of)
    };
    lines(pool, id).await.into_iter().map(outcome).collect()
}

async fn preview(pool: &PgPool, id: ImportId, kind: LineKind) -> (ImportCounts, Vec<ImportLine>) {
    let mut connection = pool.acquire().await.unwrap();
    let (counts, page) =
        import_preview(&mut connection, id, Some(kind), &PageRequest::first(500)).await.unwrap();
    (counts, page.items)
}

/// The external ids of [`workspaces`], one a line.
fn list(number: i32) -> String {
    list_of(1..=number)
}

fn list_of(numbers: impl Iterator<Item = i32>) -> String {
    numbers.map(|number| format!("w-{number}")).collect::<Vec<_>>().join("\n") + "\n"
}

/// Asserts that this many workspaces have one live row, one event and one line of the import each.
async fn assert_enrolled_once(pool: &PgPool, group: &str, number: i64) {
    let counted: (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT count(*), count(DISTINCT e.workspace_pk),
                count(*) FILTER (WHERE (SELECT count(*) FROM groupdesk.enrollment_events v
                                        WHERE v.workspace_group_workspace_pk = e.pk AND v.source = 'import') = 1),
                count(*) FILTER (WHERE (SELECT count(*) FROM groupdesk.import_lines l
                                        WHERE l.enrollment_pk = e.pk AND l.outcome = 'enrolled'
                                          AND l.workspace_pk = e.workspace_pk) = 1)
         FROM core_api.workspace_group_workspaces e JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
         WHERE g.workspace_group_id = $1::uuid",
    )
    .bind(group)
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(counted, (number, number, number, number));
}
