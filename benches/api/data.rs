//! The rows of a run, in addition to the seeded ones.
//!
//! Their ids consist of a prefix and a number, which both sides compute. Otherwise pgbench would have to
//! query each id first, and the time of that statement would have to be subtracted. A number has twelve
//! decimal digits, which are hexadecimal digits, too.
//!
//! A **lane** is one client's work in one turn. It has its own group. Workspaces below number
//! [`Scale::span`] are not enrolled in it, so these pairs can be enrolled; from there on each workspace has
//! a live row that can be read and removed.

use std::time::Duration;

use sqlx::PgPool;
use uuid::Uuid;

use crate::Result;
use crate::compare::{Side, Turn};
use crate::operations::Operation;

/// The number of concurrent clients on either side.
pub const CLIENTS: u64 = 8;
/// The smallest number with twelve digits, so that adding to it does not change the length of an id.
pub const FIRST: u64 = 100_000_000_000;
pub const DIGITS: usize = 12;
/// The number of rows of the smaller and of the larger page.
pub const PAGE_DEFAULT: usize = 20;
pub const PAGE_MAX: usize = 100;
/// Turns before the rounds.
pub const TURNS_BEFORE: u64 = 1;
/// One turn for each side that changes the platform's tables. The bare side has tables of its own, in which
/// it uses the lanes of both turns, because it is faster.
pub const TURNS_PER_ROUND: u64 = 2;
/// The rounds that are not counted in [`Scale::rounds`]: one for warming up, and one for the write-ahead log.
const OTHER_ROUNDS: u64 = 2;
/// How often and when a setting of Postgres is looked at until it applies.
const TRIES: usize = 50;
const PAUSE: Duration = Duration::from_millis(100);
/// The number of writes a second for which a client has rows: several times what two processors achieve. A
/// client that runs out of rows aborts the run.
const WRITES_PER_SECOND: u64 = 1_000;

#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// The number of rounds that measure rates. One round for warming up comes before them.
    pub rounds: u64,
    /// The duration of a side's turn in a round.
    pub seconds: u64,
    pub warm_up: u64,
    /// The duration of the requests for one encoding in a round.
    pub encoding: u64,
}

impl Scale {
    pub const FULL: Self = Self { rounds: 3, seconds: 10, warm_up: 3, encoding: 4 };
    /// Checks that everything works; the measured numbers are not reliable.
    pub const QUICK: Self = Self { rounds: 1, seconds: 3, warm_up: 1, encoding: 1 };

    const fn lanes(self) -> u64 {
        (TURNS_BEFORE + (self.rounds + OTHER_ROUNDS) * TURNS_PER_ROUND) * CLIENTS
    }

    /// The number of pairs and rows of a lane.
    pub const fn span(self) -> u64 {
        self.seconds * WRITES_PER_SECOND
    }

    pub const fn rows(self) -> u64 {
        self.lanes() * self.span()
    }
}

/// The type of the row that an id belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Group,
    Workspace,
    Enrollment,
}

impl Kind {
    /// The part of an id before its number.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Group => "0be00001-0000-4000-8000-",
            Self::Workspace => "0be00002-0000-4000-8000-",
            Self::Enrollment => "0be00003-0000-4000-8000-",
        }
    }

    pub fn id(self, number: u64) -> String {
        format!("{}{}", self.prefix(), FIRST + number)
    }

    /// The id as a SQL expression.
    fn sql(self, number: &str) -> String {
        format!("('{}' || ({FIRST} + {number})::text)::uuid", self.prefix())
    }
}

/// Properties of the seeded data.
pub struct Seeded {
    /// The group with the most live enrollments.
    pub group: String,
    /// The e-mail address of the person for the token.
    pub email: String,
}

pub async fn prepare(pool: &PgPool, scale: Scale) -> Result<Seeded> {
    // A list reads one row more than its page has, to know whether there is a next page.
    let largest = format!(
        "SELECT g.workspace_group_id
         FROM core_api.workspace_groups g
         JOIN core_api.workspace_group_workspaces e ON e.workspace_group_pk = g.pk AND e.deleted_at IS NULL
         GROUP BY g.workspace_group_id
         HAVING count(*) > {PAGE_MAX}
         ORDER BY count(*) DESC
         LIMIT 1"
    );
    let group: Option<Uuid> = sqlx::query_scalar(&largest).fetch_optional(pool).await?;
    let group = group.ok_or("no group holds more than a page: seed the database first")?;
    let (person, email): (i32, String) = sqlx::query_as(
        "SELECT pk, email::text FROM core_api.peoples WHERE email IS NOT NULL ORDER BY pk LIMIT 1",
    )
    .fetch_one(pool)
    .await?;

    let (lanes, span) = (scale.lanes(), scale.span());
    let workspaces = 2 * span;
    let statements = [
        format!(
            "INSERT INTO core_api.workspace_groups (workspace_group_id, name)
             SELECT {}, 'Lane ' || n::text FROM generate_series(0, {lanes} - 1) AS n",
            Kind::Group.sql("n"),
        ),
        format!(
            "INSERT INTO core_api.workspaces (workspace_id, name)
             SELECT {}, 'Workspace ' || n::text FROM generate_series(0, {workspaces} - 1) AS n",
            Kind::Workspace.sql("n"),
        ),
        format!(
            "INSERT INTO core_api.workspace_group_workspaces
                 (workspace_group_workspace_id, workspace_group_pk, workspace_pk, created_by_pk)
             SELECT {}, g.pk, w.pk, {person}
             FROM generate_series(0, {lanes} - 1) AS lane
             JOIN core_api.workspace_groups g ON g.workspace_group_id = {}
             CROSS JOIN generate_series(0, {span} - 1) AS step
             JOIN core_api.workspaces w ON w.workspace_id = {}",
            Kind::Enrollment.sql(&format!("lane * {span} + step")),
            Kind::Group.sql("lane"),
            Kind::Workspace.sql(&format!("{span} + step")),
        ),
    ];
    for statement in &statements {
        sqlx::raw_sql(statement).execute(pool).await?;
    }
    Ok(Seeded { group: group.to_string(), email })
}

/// Finishes pending maintenance and updates the statistics, so that neither disturbs the measurement.
pub async fn settle(pool: &PgPool) -> Result<()> {
    let tables = "VACUUM (ANALYZE) core_api.workspace_group_workspaces, core_api.workspace_groups, \
                  core_api.workspaces, core_api.peoples, groupdesk.enrollment_events, groupdesk.untold_news, \
                  bare.workspace_group_workspaces, bare.workspace_groups, bare.workspaces, bare.peoples";
    sqlx::raw_sql(tables).execute(pool).await?;
    Ok(())
}

pub async fn checkpoint(pool: &PgPool) -> Result<()> {
    sqlx::raw_sql("CHECKPOINT").execute(pool).await?;
    Ok(())
}

/// Turns the images of whole pages in the write-ahead log on or off. Postgres writes one for the first change
/// of a page after a checkpoint, so without them the log is what it is long after a checkpoint.
pub async fn set_page_images(pool: &PgPool, is_on: bool) -> Result<()> {
    let value = if is_on { "on" } else { "off" };
    sqlx::raw_sql(&format!("ALTER SYSTEM SET full_page_writes = {value}")).execute(pool).await?;
    sqlx::raw_sql("SELECT pg_reload_conf()").execute(pool).await?;
    // The checkpointer applies the setting, and each checkpoint records which one it found.
    for _ in 0..TRIES {
        checkpoint(pool).await?;
        let applied = "SELECT full_page_writes FROM pg_control_checkpoint()";
        if sqlx::query_scalar::<_, bool>(applied).fetch_one(pool).await? == is_on {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(format!("Postgres does not turn full_page_writes {value}").into())
}

/// Checks that every request or transaction of the turn changed one row, and wrote one event except on the
/// bare side, which has no log. Removing a removed row is no error and is cheaper, so a mistake in the
/// numbering would look like speed.
pub async fn check(pool: &PgPool, operation: Operation, turn: Turn, done: u32) -> Result<()> {
    let (action, changed) = match operation {
        Operation::List20 | Operation::List100 | Operation::Retrieve => return Ok(()),
        Operation::Enroll => {
            let prefix = Kind::Enrollment.prefix();
            ("enrolled", format!("NOT starts_with(e.workspace_group_workspace_id::text, '{prefix}')"))
        }
        Operation::Remove => ("removed", "e.deleted_at IS NOT NULL".to_owned()),
    };
    let groups =
        turn.lanes().map(|lane| format!("'{}'", Kind::Group.id(lane))).collect::<Vec<_>>().join(", ");
    let count = |rows: &str, schema: &str, condition: &str| {
        format!(
            "SELECT count(*) FROM {rows} JOIN {schema}.workspace_groups g ON g.pk = e.workspace_group_pk
             WHERE g.workspace_group_id IN ({groups}) AND {condition}"
        )
    };
    let schema = turn.side.schema();
    let rows = count(&format!("{schema}.workspace_group_workspaces e"), schema, &changed);
    let rows: i64 = sqlx::query_scalar(&rows).fetch_one(pool).await?;
    let events = if turn.side == Side::Bare {
        rows
    } else {
        let events = count("groupdesk.enrollment_events e", schema, &format!("e.action = '{action}'"));
        sqlx::query_scalar(&events).fetch_one(pool).await?
    };
    if rows == i64::from(done) && events == rows {
        return Ok(());
    }
    let name = operation.name();
    Err(format!("{name} was done {done} times and left {rows} changed rows and {events} events").into())
}
