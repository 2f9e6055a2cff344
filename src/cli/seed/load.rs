//! Brings a plan into the database.

use std::fmt::Write;
use std::io::IsTerminal;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use fake::rand::RngExt;
use fake::rand::rngs::StdRng;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sqlx::{Connection, PgConnection};
use uuid::{Builder, Uuid};

use super::names;
use super::plan::{Deed, Plan, SeedRow};

type Result<T> = std::result::Result<T, sqlx::Error>;

/// From so many rows on it pays to make the indexes anew.
const MANY: u32 = 100_000;
/// How much is sent at once.
const CHUNK: usize = 1 << 20;

pub(super) struct Told {
    pub(super) live: u64,
    pub(super) events: u64,
}

/// The first number of each table's new rows.
struct Numbers {
    people: i64,
    workspaces: i64,
    groups: i64,
    enrollments: i64,
}

pub(super) async fn load(connection: &mut PgConnection, plan: &Plan) -> Result<Told> {
    let mut transaction = connection.begin().await?;
    let settings = "SET LOCAL statement_timeout = 0; SET LOCAL maintenance_work_mem = '512MB'; \
                    SET LOCAL synchronous_commit = on; SET LOCAL timezone = 'UTC'";
    sqlx::raw_sql(settings).execute(&mut *transaction).await?;
    sqlx::raw_sql(
        "LOCK TABLE core_api.peoples, core_api.workspaces, core_api.workspace_groups, \
         core_api.workspace_group_workspaces, groupdesk.enrollment_events IN SHARE ROW EXCLUSIVE MODE",
    )
    .execute(&mut *transaction)
    .await?;
    let numbers = Numbers {
        people: reserve(&mut transaction, "core_api.peoples", plan.size.people).await?,
        workspaces: reserve(&mut transaction, "core_api.workspaces", plan.size.workspaces).await?,
        groups: reserve(&mut transaction, "core_api.workspace_groups", plan.size.groups).await?,
        enrollments: reserve(&mut transaction, "core_api.workspace_group_workspaces", plan.size.enrollments)
            .await?,
    };
    let people = people(&mut transaction, plan, &numbers).await?;
    workspaces(&mut transaction, plan, &numbers).await?;
    groups(&mut transaction, plan, &numbers).await?;
    let bare = if plan.size.enrollments >= MANY { Some(strip(&mut transaction).await?) } else { None };
    enrollments(&mut transaction, plan, &numbers).await?;
    let told = events(&mut transaction, plan, &numbers, &people).await?;
    if let Some(bare) = bare {
        restore(&mut transaction, &bare).await?;
    }
    transaction.commit().await?;
    sqlx::raw_sql("ANALYZE core_api.peoples, core_api.workspaces, core_api.workspace_groups, core_api.workspace_group_workspaces, groupdesk.enrollment_events, groupdesk.loose_workspaces")
        .execute(connection)
        .await?;
    Ok(told)
}

/// Takes numbers from a table's sequence, under the lock that keeps others away from it.
async fn reserve(connection: &mut PgConnection, table: &str, count: u32) -> Result<i64> {
    let sequence: String = sqlx::query_scalar("SELECT pg_get_serial_sequence($1, 'pk')")
        .bind(table)
        .fetch_one(&mut *connection)
        .await?;
    let first: i64 = sqlx::query_scalar("SELECT nextval($1::regclass)")
        .bind(&sequence)
        .fetch_one(&mut *connection)
        .await?;
    sqlx::query("SELECT setval($1::regclass, $2)")
        .bind(&sequence)
        .bind(first + i64::from(count))
        .execute(connection)
        .await?;
    Ok(first)
}

/// A `COPY` in text form: columns with tabs between, rows with line ends, `\N` for null.
struct Copy<'a> {
    stream: sqlx::postgres::PgCopyIn<&'a mut PgConnection>,
    buffer: String,
    progress: ProgressBar,
}

impl<'a> Copy<'a> {
    async fn start(
        connection: &'a mut PgConnection,
        into: &str,
        rows: u32,
        what: &'static str,
    ) -> Result<Self> {
        let stream = connection.copy_in_raw(&format!("COPY {into} FROM STDIN")).await?;
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let style = ProgressStyle::with_template("{msg:12} {wide_bar} {human_pos}/{human_len} {eta}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let progress =
            ProgressBar::with_draw_target(Some(u64::from(rows)), target).with_style(style).with_message(what);
        Ok(Self { stream, buffer: String::with_capacity(CHUNK + 1024), progress })
    }

    async fn row(&mut self, columns: &[Column<'_>]) -> Result<()> {
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                self.buffer.push('\t');
            }
            column.write(&mut self.buffer);
        }
        self.buffer.push('\n');
        self.progress.inc(1);
        if self.buffer.len() >= CHUNK {
            self.stream.send(self.buffer.as_bytes()).await?;
            self.buffer.clear();
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<()> {
        self.stream.send(self.buffer.as_bytes()).await?;
        self.stream.finish().await?;
        self.progress.finish_and_clear();
        Ok(())
    }
}

enum Column<'a> {
    Null,
    Number(i64),
    Text(&'a str),
    Id(u128),
    /// 32 hexadecimal digits.
    Hex(u128),
    Time(DateTime<Utc>),
}

impl Column<'_> {
    /// Writing to a String cannot fail.
    fn write(&self, to: &mut String) {
        let _ = match self {
            Self::Null => write!(to, "\\N"),
            Self::Number(number) => write!(to, "{number}"),
            Self::Text(text) => {
                for sign in text.chars() {
                    match sign {
                        '\\' => to.push_str("\\\\"),
                        '\t' => to.push_str("\\t"),
                        '\n' => to.push_str("\\n"),
                        '\r' => to.push_str("\\r"),
                        sign => to.push(sign),
                    }
                }
                Ok(())
            }
            Self::Id(random) => write!(to, "{}", random_uuid(*random)),
            Self::Hex(random) => write!(to, "{random:032x}"),
            Self::Time(time) => write!(to, "{}", time.to_rfc3339_opts(SecondsFormat::Millis, true)),
        };
    }

    fn maybe(number: Option<i64>) -> Self {
        number.map_or(Self::Null, Self::Number)
    }
}

/// A version 4 UUID of these random bits.
fn random_uuid(random: u128) -> Uuid {
    Builder::from_random_bytes(random.to_be_bytes()).into_uuid()
}

async fn people(connection: &mut PgConnection, plan: &Plan, numbers: &Numbers) -> Result<Vec<String>> {
    let mut chance = plan.chance(1);
    let into = "core_api.peoples (pk, people_id, first_name, last_name, email, created_at, updated_at)";
    let mut copy = Copy::start(connection, into, plan.size.people, "people").await?;
    let mut full = Vec::with_capacity(plan.size.people as usize);
    for number in 0..plan.size.people {
        let (first, last) = names::person(&mut chance);
        let ascii: String = format!("{first}.{last}")
            .chars()
            .filter(|sign| sign.is_ascii_alphanumeric() || *sign == '.')
            .collect();
        let email = format!("{}.{}.{number}@example.com", ascii.to_lowercase(), plan.seed);
        let at = Column::Time(plan.begin());
        let row = [
            Column::Number(numbers.people + i64::from(number)),
            Column::Id(chance.random()),
            Column::Text(&first),
            Column::Text(&last),
            Column::Text(&email),
            at,
            Column::Time(plan.begin()),
        ];
        copy.row(&row).await?;
        full.push(format!("{first} {last}"));
    }
    copy.finish().await?;
    Ok(full)
}

async fn workspaces(connection: &mut PgConnection, plan: &Plan, numbers: &Numbers) -> Result<()> {
    let mut chance = plan.chance(2);
    let into = "core_api.workspaces (pk, workspace_id, name, description, external_workspace_id, avatar_color, created_at, updated_at)";
    let mut copy = Copy::start(connection, into, plan.size.workspaces, "workspaces").await?;
    for number in 0..plan.size.workspaces {
        let name = names::workspace(&mut chance);
        let description = chance.random_ratio(1, 2).then(|| names::description(&mut chance));
        let external = chance.random_ratio(4, 5).then(|| format!("ws-{}-{:06}", plan.seed, number + 1));
        let color = names::color(&mut chance);
        let at = moment_before(plan, &mut chance);
        let row = [
            Column::Number(numbers.workspaces + i64::from(number)),
            Column::Id(chance.random()),
            Column::Text(&name),
            description.as_deref().map_or(Column::Null, Column::Text),
            external.as_deref().map_or(Column::Null, Column::Text),
            Column::Text(&color),
            Column::Time(at),
            Column::Time(at),
        ];
        copy.row(&row).await?;
    }
    copy.finish().await
}

async fn groups(connection: &mut PgConnection, plan: &Plan, numbers: &Numbers) -> Result<()> {
    let mut chance = plan.chance(3);
    let into =
        "core_api.workspace_groups (pk, workspace_group_id, name, created_by_pk, created_at, updated_at)";
    let mut copy = Copy::start(connection, into, plan.size.groups, "groups").await?;
    for number in 0..plan.size.groups {
        let name = names::group(&mut chance);
        let creator = numbers.people + i64::from(chance.random_range(0..plan.size.people));
        let at = moment_before(plan, &mut chance);
        let row = [
            Column::Number(numbers.groups + i64::from(number)),
            Column::Id(chance.random()),
            Column::Text(&name),
            Column::Number(creator),
            Column::Time(at),
            Column::Time(at),
        ];
        copy.row(&row).await?;
    }
    copy.finish().await
}

/// Before anything is enrolled: groups and workspaces are older than what happens to them.
fn moment_before(plan: &Plan, chance: &mut StdRng) -> DateTime<Utc> {
    plan.begin() - TimeDelta::minutes(chance.random_range(0..60 * 24 * 365))
}

async fn enrollments(connection: &mut PgConnection, plan: &Plan, numbers: &Numbers) -> Result<()> {
    let into = "core_api.workspace_group_workspaces (pk, workspace_group_workspace_id, workspace_group_pk, \
                workspace_pk, created_by_pk, created_at, updated_at, deleted_at)";
    let mut copy = Copy::start(connection, into, plan.size.enrollments, "enrollments").await?;
    for (row, number) in plan.rows().zip(0_i64..) {
        let removed_at = row.removed.map(|removed| removed.at);
        let columns = [
            Column::Number(numbers.enrollments + number),
            Column::Id(row.id),
            Column::Number(numbers.groups + i64::from(row.group)),
            Column::Number(numbers.workspaces + i64::from(row.workspace)),
            Column::maybe(row.enrolled.person.map(|person| numbers.people + i64::from(person))),
            Column::Time(row.enrolled.at),
            Column::Time(removed_at.unwrap_or(row.enrolled.at)),
            removed_at.map_or(Column::Null, Column::Time),
        ];
        copy.row(&columns).await?;
    }
    copy.finish().await
}

async fn events(
    connection: &mut PgConnection,
    plan: &Plan,
    numbers: &Numbers,
    people: &[String],
) -> Result<Told> {
    let into = "groupdesk.enrollment_events (enrollment_event_id, action, occurred_at, source, actor_people_pk, \
                actor_name, token_name, request_id, workspace_group_workspace_pk, workspace_group_pk, workspace_pk)";
    let mut copy = Copy::start(connection, into, plan.size.enrollments, "events").await?;
    let mut told = Told { live: 0, events: 0 };
    for (row, number) in plan.rows().zip(0_i64..) {
        let enrollment = numbers.enrollments + number;
        copy.row(&event_columns("enrolled", &row.enrolled, &row, enrollment, numbers, people)).await?;
        told.events += 1;
        match row.removed {
            None => told.live += 1,
            Some(removed) => {
                copy.row(&event_columns("removed", &removed, &row, enrollment, numbers, people)).await?;
                told.events += 1;
            }
        }
    }
    copy.finish().await?;
    Ok(told)
}

fn event_columns<'a>(
    action: &'a str,
    deed: &Deed,
    row: &SeedRow,
    enrollment: i64,
    numbers: &Numbers,
    people: &'a [String],
) -> [Column<'a>; 11] {
    [
        Column::Id(deed.event),
        Column::Text(action),
        Column::Time(deed.at),
        Column::Text(deed.source),
        Column::maybe(deed.person.map(|person| numbers.people + i64::from(person))),
        deed.person
            .and_then(|person| people.get(person as usize))
            .map_or(Column::Null, |name| Column::Text(name)),
        if deed.source == "api" { Column::Text("provisioning") } else { Column::Null },
        Column::Hex(deed.request),
        Column::Number(enrollment),
        Column::Number(numbers.groups + i64::from(row.group)),
        Column::Number(numbers.workspaces + i64::from(row.workspace)),
    ]
}

const LOOSE_NO_MORE: &str = "DELETE FROM groupdesk.loose_workspaces l
    WHERE EXISTS (SELECT 1 FROM core_api.workspace_group_workspaces e
                  WHERE e.workspace_pk = l.workspace_pk AND e.deleted_at IS NULL)";

/// What was taken off the two large tables, as statements that make it anew.
struct Bare {
    statements: Vec<String>,
}

/// Takes off every foreign key, and every index that no constraint stands on but the unique one of
/// live pairs: the data keeps that rule by itself, and making the index anew proves it. The trigger that
/// looks for a row's predecessor has no index to look in meanwhile, and no need to: the plan keeps the order.
/// The one that gathers news would gather millions.
async fn strip(connection: &mut PgConnection) -> Result<Bare> {
    let taken: Vec<(String, String)> = sqlx::query_as(
        "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
                format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
         FROM pg_constraint
         WHERE contype = 'f'
           AND conrelid IN ('core_api.workspace_group_workspaces'::regclass, 'groupdesk.enrollment_events'::regclass)
         UNION ALL
         SELECT format('DROP INDEX %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
         FROM pg_index i
         WHERE i.indrelid IN ('core_api.workspace_group_workspaces'::regclass, 'groupdesk.enrollment_events'::regclass)
           AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
         UNION ALL
         SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname),
                format('ALTER TABLE %s ENABLE TRIGGER %I', tgrelid::regclass, tgname)
         FROM pg_trigger
         WHERE (tgrelid, tgname) IN (
             ('core_api.workspace_group_workspaces'::regclass, 'workspace_group_workspaces_follows'),
             ('core_api.workspace_group_workspaces'::regclass, 'workspace_group_workspaces_loose_no_more'),
             ('groupdesk.enrollment_events'::regclass, 'enrollment_events_told'))",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut statements = Vec::with_capacity(taken.len());
    for (take_off, make_anew) in taken {
        sqlx::raw_sql(&take_off).execute(&mut *connection).await?;
        statements.push(make_anew);
    }
    // What the second trigger would have done row by row.
    statements.push(LOOSE_NO_MORE.to_owned());
    Ok(Bare { statements })
}

/// Indexes first: the foreign keys' check may use them.
async fn restore(connection: &mut PgConnection, bare: &Bare) -> Result<()> {
    let (indexes, keys): (Vec<_>, Vec<_>) =
        bare.statements.iter().partition(|statement| statement.starts_with("CREATE"));
    for statement in indexes.into_iter().chain(keys) {
        sqlx::raw_sql(statement).execute(&mut *connection).await?;
    }
    Ok(())
}
