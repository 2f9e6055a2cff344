//! Writes a plan into the database.

use std::fmt::{Display, Write};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use fake::rand::RngExt;
use fake::rand::rngs::StdRng;
use sqlx::{Connection, PgConnection};
use uuid::{Builder, Uuid};

use super::super::output::progress_bar;
use super::names;
use super::plan::{Event, Plan, SeedRow};

type Result<T> = std::result::Result<T, sqlx::Error>;

/// From this number of enrollments it is faster to rebuild the indexes.
const REBUILD_FROM: u32 = 100_000;
/// How much is sent at once, in bytes.
const CHUNK: usize = 1 << 20;

const TABLES: &str = "core_api.peoples, core_api.workspaces, core_api.workspace_groups, \
                      core_api.workspace_group_workspaces, groupdesk.enrollment_events";

pub(super) struct Summary {
    pub(super) live: u64,
    pub(super) events: u64,
}

/// The first key of the new rows in each table.
struct Keys {
    people: i64,
    workspaces: i64,
    groups: i64,
    enrollments: i64,
}

struct SeedPerson {
    first_name: String,
    last_name: String,
    id: Uuid,
}

pub(super) async fn load(connection: &mut PgConnection, plan: &Plan) -> Result<Summary> {
    let mut transaction = connection.begin().await?;
    let begin = format!(
        "SET LOCAL statement_timeout = 0; SET LOCAL maintenance_work_mem = '512MB';
         SET LOCAL synchronous_commit = on; SET LOCAL timezone = 'UTC';
         LOCK TABLE {TABLES} IN SHARE ROW EXCLUSIVE MODE"
    );
    sqlx::raw_sql(&begin).execute(&mut *transaction).await?;
    let size = plan.size;
    let keys = Keys {
        people: reserve(&mut transaction, "core_api.peoples", size.people).await?,
        workspaces: reserve(&mut transaction, "core_api.workspaces", size.workspaces).await?,
        groups: reserve(&mut transaction, "core_api.workspace_groups", size.groups).await?,
        enrollments: reserve(&mut transaction, "core_api.workspace_group_workspaces", size.enrollments)
            .await?,
    };
    let people = people(plan);
    let rows = people_rows(plan, &keys, &people);
    copy(&mut transaction, PEOPLE, ("people", size.people), rows).await?;
    copy(&mut transaction, WORKSPACES, ("workspaces", size.workspaces), workspace_rows(plan, &keys)).await?;
    copy(&mut transaction, GROUPS, ("groups", size.groups), group_rows(plan, &keys)).await?;
    let dropped =
        if size.enrollments >= REBUILD_FROM { drop_indexes(&mut transaction).await? } else { Vec::new() };
    let rows = enrollment_rows(plan, &keys);
    let enrollments = copy(&mut transaction, ENROLLMENTS, ("enrollments", size.enrollments), rows).await?;
    let rows = event_rows(plan, &keys, &people);
    let events = copy(&mut transaction, EVENTS, ("events", size.enrollments), rows).await?;
    for statement in &dropped {
        sqlx::raw_sql(statement).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    let analyze = format!("ANALYZE {TABLES}, groupdesk.loose_workspaces");
    sqlx::raw_sql(&analyze).execute(connection).await?;
    // Every enrollment has one event, and every removal another.
    Ok(Summary { live: 2 * enrollments - events, events })
}

/// Takes keys from a table's sequence. The table lock keeps others from taking them.
async fn reserve(connection: &mut PgConnection, table: &str, count: u32) -> Result<i64> {
    sqlx::query_scalar(
        "SELECT setval(sequence, first + $2) - $2
         FROM (SELECT s.sequence, nextval(s.sequence) AS first
               FROM (SELECT pg_get_serial_sequence($1, 'pk')::regclass AS sequence) s) n",
    )
    .bind(table)
    .bind(i64::from(count))
    .fetch_one(connection)
    .await
}

/// Copies rows into `into`, a table with its columns. Returns the number of rows.
async fn copy(
    connection: &mut PgConnection,
    into: &str,
    (label, expected): (&'static str, u32),
    rows: impl Iterator<Item = String>,
) -> Result<u64> {
    let mut stream = connection.copy_in_raw(&format!("COPY {into} FROM STDIN")).await?;
    let progress = progress_bar(expected.into(), label);
    let mut buffer = String::with_capacity(CHUNK + 1024);
    let mut count = 0;
    for row in rows {
        buffer.push_str(&row);
        count += 1;
        progress.inc(1);
        if buffer.len() >= CHUNK {
            stream.send(buffer.as_bytes()).await?;
            buffer.clear();
        }
    }
    stream.send(buffer.as_bytes()).await?;
    stream.finish().await?;
    progress.finish_and_clear();
    Ok(count)
}

/// A row in the text format of `COPY`.
fn row(columns: &[&dyn Display]) -> String {
    let mut row = String::with_capacity(256);
    for (index, column) in columns.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(row, "{}{column}", if index == 0 { "" } else { "\t" });
    }
    row.push('\n');
    row
}

fn null_or(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "\\N".to_owned(), |value| value.to_string())
}

/// Text as `COPY` reads it.
fn text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A version 4 UUID of these random bits.
fn uuid(random: u128) -> Uuid {
    Builder::from_random_bytes(random.to_be_bytes()).into_uuid()
}

fn people(plan: &Plan) -> Vec<SeedPerson> {
    let mut rng = plan.rng(1);
    let person = |_| {
        let (first_name, last_name) = names::person(&mut rng);
        SeedPerson { first_name, last_name, id: uuid(rng.random()) }
    };
    (0..plan.size.people).map(person).collect()
}

const PEOPLE: &str = "core_api.peoples (pk, people_id, first_name, last_name, email, created_at, updated_at)";

fn people_rows(plan: &Plan, keys: &Keys, people: &[SeedPerson]) -> impl Iterator<Item = String> {
    let created_at = time(plan.begin());
    people.iter().enumerate().zip(keys.people..).map(move |((number, person), pk)| {
        let SeedPerson { first_name, last_name, id } = person;
        let local = format!("{first_name}.{last_name}");
        let local: String =
            local.chars().filter(|char| char.is_ascii_alphanumeric() || *char == '.').collect();
        let email = format!("{}.{}.{number}@example.com", local.to_lowercase(), plan.seed);
        row(&[&pk, id, &text(first_name), &text(last_name), &email, &created_at, &created_at])
    })
}

const WORKSPACES: &str = "core_api.workspaces \
    (pk, workspace_id, name, description, external_workspace_id, avatar_color, created_at, updated_at)";

fn workspace_rows(plan: &Plan, keys: &Keys) -> impl Iterator<Item = String> {
    let mut rng = plan.rng(2);
    (0..plan.size.workspaces).zip(keys.workspaces..).map(move |(number, pk)| {
        let name = names::workspace(&mut rng);
        let description = rng.random_ratio(1, 2).then(|| text(&names::description(&mut rng)));
        let external = rng.random_ratio(4, 5).then(|| format!("ws-{}-{:06}", plan.seed, number + 1));
        let color = names::color(&mut rng);
        let at = time(time_before(plan, &mut rng));
        let id = uuid(rng.random());
        row(&[&pk, &id, &text(&name), &null_or(description), &null_or(external), &color, &at, &at])
    })
}

const GROUPS: &str =
    "core_api.workspace_groups (pk, workspace_group_id, name, created_by_pk, created_at, updated_at)";

fn group_rows(plan: &Plan, keys: &Keys) -> impl Iterator<Item = String> {
    let mut rng = plan.rng(3);
    let people = keys.people;
    (keys.groups..).take(plan.size.groups as usize).map(move |pk| {
        let name = names::group(&mut rng);
        let creator = people + i64::from(rng.random_range(0..plan.size.people));
        let at = time(time_before(plan, &mut rng));
        row(&[&pk, &uuid(rng.random()), &text(&name), &creator, &at, &at])
    })
}

/// Groups and workspaces are older than the first enrollment.
fn time_before(plan: &Plan, rng: &mut StdRng) -> DateTime<Utc> {
    plan.begin() - TimeDelta::minutes(rng.random_range(0..60 * 24 * 365))
}

const ENROLLMENTS: &str = "core_api.workspace_group_workspaces (pk, workspace_group_workspace_id, \
    workspace_group_pk, workspace_pk, created_by_pk, created_at, updated_at, deleted_at)";

fn enrollment_rows(plan: &Plan, keys: &Keys) -> impl Iterator<Item = String> {
    plan.rows().zip(keys.enrollments..).map(move |(seed, pk)| {
        let removed_at = seed.removed.map(|removed| time(removed.at));
        let enrolled_at = time(seed.enrolled.at);
        row(&[
            &pk,
            &uuid(seed.id),
            &(keys.groups + i64::from(seed.group)),
            &(keys.workspaces + i64::from(seed.workspace)),
            &null_or(seed.enrolled.person.map(|person| keys.people + i64::from(person))),
            &enrolled_at,
            removed_at.as_ref().unwrap_or(&enrolled_at),
            &null_or(removed_at.as_ref()),
        ])
    })
}

const EVENTS: &str = "groupdesk.enrollment_events (enrollment_event_id, action, occurred_at, source, \
    actor_people_pk, actor_name, token_name, request_id, workspace_group_workspace_pk, workspace_group_pk, \
    workspace_pk)";

fn event_rows(plan: &Plan, keys: &Keys, people: &[SeedPerson]) -> impl Iterator<Item = String> {
    plan.rows().zip(keys.enrollments..).flat_map(move |(seed, pk)| {
        let event = |action, event| event_row(action, event, &seed, pk, keys, people);
        let enrolled = event("enrolled", &seed.enrolled);
        [Some(enrolled), seed.removed.as_ref().map(|removed| event("removed", removed))].into_iter().flatten()
    })
}

fn event_row(
    action: &str,
    event: &Event,
    seed: &SeedRow,
    enrollment: i64,
    keys: &Keys,
    people: &[SeedPerson],
) -> String {
    let actor = event.person.and_then(|person| people.get(person as usize));
    row(&[
        &uuid(event.id),
        &action,
        &time(event.at),
        &event.source,
        &null_or(event.person.map(|person| keys.people + i64::from(person))),
        &null_or(actor.map(|person| text(&format!("{} {}", person.first_name, person.last_name)))),
        &null_or((event.source == "api").then_some("provisioning")),
        &format_args!("{:032x}", event.request),
        &enrollment,
        &(keys.groups + i64::from(seed.group)),
        &(keys.workspaces + i64::from(seed.workspace)),
    ])
}

/// Drops the foreign keys of the two large tables and all their indexes that belong to no constraint. Among them is the
/// unique one of live pairs; rebuilding it proves that the data keeps the rule. Disables the triggers that look for the
/// previous row (the plan keeps the order, and the trigger's index is missing), list workspaces without a group, and
/// collect change notifications. Returns the statements that restore everything, indexes first, because checking a foreign
/// key can use them.
async fn drop_indexes(connection: &mut PgConnection) -> Result<Vec<String>> {
    let (drops, mut restores): (Vec<String>, Vec<String>) = sqlx::query_as::<_, (String, String)>(
        "WITH tables (oid) AS (VALUES ('core_api.workspace_group_workspaces'::regclass),
                                      ('groupdesk.enrollment_events'::regclass))
         SELECT format('DROP INDEX %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
         FROM pg_index i JOIN tables ON tables.oid = i.indrelid
         WHERE NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
         UNION ALL
         SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', tables.oid, conname),
                format('ALTER TABLE %s ADD CONSTRAINT %I %s', tables.oid, conname, pg_get_constraintdef(c.oid))
         FROM pg_constraint c JOIN tables ON tables.oid = c.conrelid WHERE contype = 'f'
         UNION ALL
         SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tables.oid, tgname),
                format('ALTER TABLE %s ENABLE TRIGGER %I', tables.oid, tgname)
         FROM pg_trigger JOIN tables ON tables.oid = tgrelid
         WHERE tgname IN ('workspace_group_workspaces_follows', 'workspace_group_workspaces_loose_no_more',
                          'enrollment_events_told')",
    )
    .fetch_all(&mut *connection)
    .await?
    .into_iter()
    .unzip();
    for statement in &drops {
        sqlx::raw_sql(statement).execute(&mut *connection).await?;
    }
    restores.sort_by_key(|statement| !statement.starts_with("CREATE"));
    // The disabled trigger would have done this for each row.
    restores.push(
        "DELETE FROM groupdesk.loose_workspaces l
         WHERE EXISTS (SELECT 1 FROM core_api.workspace_group_workspaces e
                       WHERE e.workspace_pk = l.workspace_pk AND e.deleted_at IS NULL)"
            .to_owned(),
    );
    Ok(restores)
}
