//! `groupdesk seed`: realistic demo data, the same for the same seed. One transaction writes everything by `COPY`. For
//! many rows, indexes and foreign keys are rebuilt at the end, which for ten million takes minutes instead of an hour.

mod plan;

use std::io;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use csv::WriterBuilder;
use fake::Fake;
use fake::faker::address::raw::CountryName;
use fake::faker::company::raw::{CatchPhrase, CompanyName, Industry};
use fake::faker::name::raw::{FirstName, LastName};
use fake::locales::{DE_DE, Data, EN, FR_FR, IT_IT, PT_BR};
use fake::rand::RngExt;
use fake::rand::rngs::StdRng;
use serde::Serialize;
use sqlx::{ConnectOptions, Connection, PgConnection, Result};
use uuid::{Builder, Uuid};

use self::plan::Plan;
use super::database::with_open_database;
use super::output::{print, progress_bar};
use super::{CommandError, CommandResult, settings};
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs};
use crate::platform::db::migrate;
use crate::platform::db::soft_delete::live;

#[derive(Args)]
pub(super) struct SeedCommand {
    #[command(flatten)]
    size: Size,
    /// The same seed generates the same data
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The time of the last events, two years after the first (RFC 3339)
    #[arg(long, value_name = "TIME", default_value = "2026-11-01T00:00:00Z")]
    until: DateTime<Utc>,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Clone, Copy, Args)]
struct Size {
    /// The number of groups
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    groups: u32,
    /// The number of workspaces
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    workspaces: u32,
    /// The number of people
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    people: u32,
    /// The number of enrollments, live and removed
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100_000_000))]
    enrollments: u32,
}

pub(super) async fn run(common: CommonArgs, command: SeedCommand) -> CommandResult {
    let plan = Plan::new(command.size, command.seed, command.until).map_err(CommandError::Usage)?;
    let settings = settings(common, command.database, ServingArgs::default())?;
    with_open_database(&settings, async |options| {
        migrate::run(&options).await?;
        // Not from the pool, which limits the duration of statements.
        let mut connection = options.disable_statement_logging().connect().await?;
        let (live, events) = load(&mut connection, &plan).await.map_err(explain)?;
        let Size { groups, workspaces, people, enrollments } = plan.size;
        print(format_args!(
            "{people} people, {workspaces} workspaces, {groups} groups, {enrollments} enrollments ({live} of them live), \
             {events} events"
        ));
        Ok(())
    })
    .await
}

fn explain(error: sqlx::Error) -> CommandError {
    if error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation) {
        CommandError::Failed("some data of this seed exists already: choose another --seed".to_owned())
    } else {
        error.into()
    }
}

/// From this number of enrollments it is faster to rebuild the indexes.
const REBUILD_FROM: u32 = 100_000;
/// The number of rows that are sent at once, about a megabyte.
const CHUNK: usize = 4096;

const TABLES: &str = "core_api.peoples, core_api.workspaces, core_api.workspace_groups, \
    core_api.workspace_group_workspaces, groupdesk.enrollment_events";
const PEOPLE: &str = "core_api.peoples (pk, people_id, first_name, last_name, email, created_at, updated_at)";
const WORKSPACES: &str = "core_api.workspaces \
    (pk, workspace_id, name, description, external_workspace_id, avatar_color, created_at, updated_at)";
const GROUPS: &str =
    "core_api.workspace_groups (pk, workspace_group_id, name, created_by_pk, created_at, updated_at)";
const ENROLLMENTS: &str = "core_api.workspace_group_workspaces (pk, workspace_group_workspace_id, \
    workspace_group_pk, workspace_pk, created_by_pk, created_at, updated_at, deleted_at)";
const EVENTS: &str = "groupdesk.enrollment_events (enrollment_event_id, action, occurred_at, source, \
    actor_people_pk, actor_name, token_name, request_id, workspace_group_workspace_pk, workspace_group_pk, \
    workspace_pk)";

/// The first key of the new rows in each table.
#[derive(Clone, Copy)]
struct Keys {
    people: i64,
    workspaces: i64,
    groups: i64,
    enrollments: i64,
}

/// A first name, a last name and the public id.
type Person = (String, String, Uuid);

/// Returns the number of live enrollments and of events.
async fn load(connection: &mut PgConnection, plan: &Plan) -> Result<(u64, u64)> {
    let mut transaction = connection.begin().await?;
    let begin = format!(
        "SET LOCAL statement_timeout = 0; SET LOCAL maintenance_work_mem = '512MB';
         SET LOCAL synchronous_commit = on; SET LOCAL timezone = 'UTC';
         LOCK TABLE {TABLES} IN SHARE ROW EXCLUSIVE MODE"
    );
    sqlx::raw_sql(&begin).execute(&mut *transaction).await?;
    let Size { people, workspaces, groups, enrollments } = plan.size;
    let keys = Keys {
        people: reserve(&mut transaction, PEOPLE, people).await?,
        workspaces: reserve(&mut transaction, WORKSPACES, workspaces).await?,
        groups: reserve(&mut transaction, GROUPS, groups).await?,
        enrollments: reserve(&mut transaction, ENROLLMENTS, enrollments).await?,
    };
    let persons = persons(plan);
    copy(&mut transaction, PEOPLE, ("people", people), people_rows(plan, keys, &persons)).await?;
    copy(&mut transaction, WORKSPACES, ("workspaces", workspaces), workspace_rows(plan, keys)).await?;
    copy(&mut transaction, GROUPS, ("groups", groups), group_rows(plan, keys)).await?;
    let is_large = enrollments >= REBUILD_FROM;
    let dropped = if is_large { drop_indexes(&mut transaction).await? } else { Vec::new() };
    let rows = enrollment_rows(plan, keys);
    let enrolled = copy(&mut transaction, ENROLLMENTS, ("enrollments", enrollments), rows).await?;
    let rows = event_rows(plan, keys, &persons);
    let events = copy(&mut transaction, EVENTS, ("events", enrollments), rows).await?;
    for statement in &dropped {
        sqlx::raw_sql(statement).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    let analyze = format!("ANALYZE {TABLES}, groupdesk.loose_workspaces");
    sqlx::raw_sql(&analyze).execute(connection).await?;
    // Every enrollment has one event, and every removal another.
    Ok((2 * enrolled - events, events))
}

/// Takes keys from a table's sequence. The table lock keeps others from taking them.
async fn reserve(connection: &mut PgConnection, table: &str, count: u32) -> Result<i64> {
    sqlx::query_scalar(
        "SELECT setval(sequence, first + $2) - $2
         FROM (SELECT s.sequence, nextval(s.sequence) AS first
               FROM (SELECT pg_get_serial_sequence($1, 'pk')::regclass AS sequence) s) n",
    )
    .bind(table.split_once(' ').map(|(name, _)| name))
    .bind(i64::from(count))
    .fetch_one(connection)
    .await
}

/// Copies rows, tuples with a value for each column. Returns the number of rows.
async fn copy(
    connection: &mut PgConnection,
    table: &str,
    (label, expected): (&'static str, u32),
    mut rows: impl Iterator<Item = impl Serialize>,
) -> Result<u64> {
    let mut stream = connection.copy_in_raw(&format!("COPY {table} FROM STDIN (FORMAT csv)")).await?;
    let progress = progress_bar(expected.into(), label);
    loop {
        let mut chunk = WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        for row in rows.by_ref().take(CHUNK) {
            chunk.serialize(row).map_err(io::Error::from)?;
            progress.inc(1);
        }
        let chunk = chunk.into_inner().map_err(csv::IntoInnerError::into_error)?;
        if chunk.is_empty() {
            break;
        }
        stream.send(chunk).await?;
    }
    let count = stream.finish().await?;
    progress.finish_and_clear();
    Ok(count)
}

fn uuid(random: u128) -> Uuid {
    Builder::from_random_bytes(random.to_be_bytes()).into_uuid()
}

fn person_name(rng: &mut StdRng) -> (String, String) {
    fn names(locale: impl Data + Copy, rng: &mut StdRng) -> (String, String) {
        (FirstName(locale).fake_with_rng(rng), LastName(locale).fake_with_rng(rng))
    }
    match rng.random_range(0..5_u8) {
        0 => names(FR_FR, rng),
        1 => names(DE_DE, rng),
        2 => names(PT_BR, rng),
        3 => names(IT_IT, rng),
        _ => names(EN, rng),
    }
}

fn workspace_name(rng: &mut StdRng) -> String {
    match rng.random_range(0..6_u8) {
        0 => CompanyName(FR_FR).fake_with_rng(rng),
        1 => CompanyName(DE_DE).fake_with_rng(rng),
        2 => CompanyName(PT_BR).fake_with_rng(rng),
        3 => CompanyName(IT_IT).fake_with_rng(rng),
        _ => CompanyName(EN).fake_with_rng(rng),
    }
}

fn persons(plan: &Plan) -> Vec<Person> {
    let mut rng = plan.rng(1);
    let person = |_| {
        let (first_name, last_name) = person_name(&mut rng);
        (first_name, last_name, uuid(rng.random()))
    };
    (0..plan.size.people).map(person).collect()
}

fn people_rows(plan: &Plan, keys: Keys, persons: &[Person]) -> impl Iterator<Item = impl Serialize> {
    let created_at = plan.begin();
    persons.iter().enumerate().zip(keys.people..).map(move |((number, (first_name, last_name, id)), pk)| {
        let mut local = format!("{first_name}.{last_name}");
        local.retain(|char| char.is_ascii_alphanumeric() || char == '.');
        let email = format!("{}.{}.{number}@example.com", local.to_lowercase(), plan.seed);
        (pk, id, first_name, last_name, email, created_at, created_at)
    })
}

fn workspace_rows(plan: &Plan, keys: Keys) -> impl Iterator<Item = impl Serialize> {
    let mut rng = plan.rng(2);
    (0..plan.size.workspaces).zip(keys.workspaces..).map(move |(number, pk)| {
        let name = workspace_name(&mut rng);
        let description =
            rng.random_ratio(1, 2).then(|| CatchPhrase(EN).fake_with_rng::<String, _>(&mut rng));
        let external_id = rng.random_ratio(4, 5).then(|| format!("ws-{}-{:06}", plan.seed, number + 1));
        let color = format!("#{:06x}", rng.random_range(0..0x0100_0000_u32));
        let at = time_before(plan, &mut rng);
        (pk, uuid(rng.random()), name, description, external_id, color, at, at)
    })
}

fn group_rows(plan: &Plan, keys: Keys) -> impl Iterator<Item = impl Serialize> {
    let mut rng = plan.rng(3);
    (keys.groups..).take(plan.size.groups as usize).map(move |pk| {
        let country: String = CountryName(EN).fake_with_rng(&mut rng);
        let name = format!("{country} · {}", Industry(EN).fake_with_rng::<String, _>(&mut rng));
        let creator = keys.people + i64::from(rng.random_range(0..plan.size.people));
        let at = time_before(plan, &mut rng);
        (pk, uuid(rng.random()), name, creator, at, at)
    })
}

/// Groups and workspaces are older than the first enrollment.
fn time_before(plan: &Plan, rng: &mut StdRng) -> DateTime<Utc> {
    plan.begin() - TimeDelta::minutes(rng.random_range(0..60 * 24 * 365))
}

fn enrollment_rows(plan: &Plan, keys: Keys) -> impl Iterator<Item = impl Serialize> {
    plan.rows().zip(keys.enrollments..).map(move |(row, pk)| {
        let group = keys.groups + i64::from(row.group);
        let workspace = keys.workspaces + i64::from(row.workspace);
        let creator = row.enrolled.person.map(|person| keys.people + i64::from(person));
        let (enrolled_at, removed_at) = (row.enrolled.at, row.removed.map(|removed| removed.at));
        let updated_at = removed_at.unwrap_or(enrolled_at);
        (pk, uuid(row.id), group, workspace, creator, enrolled_at, updated_at, removed_at)
    })
}

fn event_rows(plan: &Plan, keys: Keys, persons: &[Person]) -> impl Iterator<Item = impl Serialize> {
    plan.rows().zip(keys.enrollments..).flat_map(move |(row, pk)| {
        let events = [("enrolled", Some(row.enrolled)), ("removed", row.removed)];
        events.into_iter().filter_map(move |(action, event)| {
            let event = event?;
            let actor = event.person.map(|person| keys.people + i64::from(person));
            let person = event.person.and_then(|person| persons.get(person as usize));
            let name = person.map(|(first_name, last_name, _)| format!("{first_name} {last_name}"));
            let token = (event.source == "api").then_some("provisioning");
            let request = format!("{:032x}", event.request);
            let group = keys.groups + i64::from(row.group);
            let workspace = keys.workspaces + i64::from(row.workspace);
            let (id, at, source) = (uuid(event.id), event.at, event.source);
            Some((id, action, at, source, actor, name, token, request, pk, group, workspace))
        })
    })
}

/// Copies the names of the workspaces to their enrollments, as the migration `names_in_groups` does.
const NAMES: &str = concat!(
    "INSERT INTO groupdesk.enrollment_names (enrollment_pk, workspace_group_pk, is_live, name_key)
     SELECT e.pk, e.workspace_group_pk, ",
    live!("e"),
    ", w.key FROM core_api.workspace_group_workspaces e
     JOIN (SELECT pk, groupdesk.name_key(name) AS key FROM core_api.workspaces OFFSET 0) w ON w.pk = e.workspace_pk
     ON CONFLICT DO NOTHING"
);

/// Drops the foreign keys of the large tables and all their indexes but that of the primary key. Among them is the
/// unique one of live pairs; rebuilding it proves that the data keeps the rule. Disables the triggers that look for the
/// previous row (whose index is missing), list workspaces without a group, copy names, and collect change notifications. Returns
/// the statements that restore everything, indexes first, because checking a foreign key can use them. In a log that is
/// partitioned, an index is dropped with its parts, and created again in all partitions: not only (`ON ONLY`) in the whole.
async fn drop_indexes(connection: &mut PgConnection) -> Result<Vec<String>> {
    let (drops, mut restores): (Vec<String>, Vec<String>) = sqlx::query_as::<_, (String, String)>(
        "WITH tables (oid) AS (VALUES ('core_api.workspace_group_workspaces'::regclass),
                                      ('groupdesk.enrollment_events'::regclass),
                                      ('groupdesk.enrollment_names'::regclass))
         SELECT format('DROP INDEX %s', i.indexrelid::regclass),
                replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')
         FROM pg_index i JOIN tables ON tables.oid = i.indrelid
         WHERE NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
         UNION ALL
         SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', tables.oid, conname),
                format('ALTER TABLE %s ADD CONSTRAINT %I %s', tables.oid, conname, pg_get_constraintdef(c.oid))
         FROM pg_constraint c JOIN tables ON tables.oid = c.conrelid WHERE contype IN ('f', 'u')
         UNION ALL
         SELECT format('ALTER TABLE ONLY %s DISABLE TRIGGER %I', tables.oid, tgname),
                format('ALTER TABLE ONLY %s ENABLE TRIGGER %I', tables.oid, tgname)
         FROM pg_trigger JOIN tables ON tables.oid = tgrelid
         WHERE tgname IN ('workspace_group_workspaces_follows', 'workspace_group_workspaces_loose_no_more',
                          'workspace_group_workspaces_name', 'enrollment_events_told')",
    )
    .fetch_all(&mut *connection)
    .await?
    .into_iter()
    .unzip();
    for statement in &drops {
        sqlx::raw_sql(statement).execute(&mut *connection).await?;
    }
    restores.sort_by_key(|statement| !statement.starts_with("CREATE"));
    // The disabled triggers would have done this for each row.
    restores.insert(0, NAMES.to_owned());
    restores.push(
        concat!(
            "DELETE FROM groupdesk.loose_workspaces l
         WHERE EXISTS (SELECT 1 FROM core_api.workspace_group_workspaces e
                       WHERE e.workspace_pk = l.workspace_pk AND ",
            live!("e"),
            ")"
        )
        .to_owned(),
    );
    Ok(restores)
}
