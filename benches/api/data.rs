//! The rows of a run, beside the seeded ones.
//!
//! Their ids are a prefix and a number, which either side computes for itself: pgbench would
//! otherwise have to ask for each id first, and that statement's time would have to be taken off
//! again. A number has twelve decimal digits, which are hexadecimal ones too.
//!
//! A **lane** is one client's work in one turn. It has a group of its own, into which nothing of
//! ours is enrolled below workspace number [`Scale::span`], and which holds a live row of each
//! workspace from there on: pairs that are free to be enrolled, and rows to be read and removed.

use sqlx::PgPool;
use uuid::Uuid;

use crate::Result;
use crate::operations::Operation;

/// How many clients there are at once, on either side.
pub const CLIENTS: u64 = 8;
/// The smallest number of twelve digits, so that adding to it changes no id's length.
pub const FIRST: u64 = 100_000_000_000;
pub const DIGITS: usize = 12;
/// How many rows the largest page of a list has.
pub const PAGE_MAX: usize = 100;
/// Turns that come before the rounds.
pub const TURNS_BEFORE: u64 = 1;
/// One for each side.
pub const TURNS_A_ROUND: u64 = 2;
/// For how many writes a second a client has rows: several times what two processors get done. A
/// client that uses all of them up ends the run.
const WRITES_A_SECOND: u64 = 1_000;

#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// How many rounds count. One for warming up comes before them.
    pub rounds: u64,
    /// How long a side's part of a round is.
    pub seconds: u64,
    pub warm_up: u64,
    /// How long an encoding is asked for in a round.
    pub encoding: u64,
}

impl Scale {
    pub const FULL: Self = Self { rounds: 3, seconds: 10, warm_up: 3, encoding: 4 };
    /// To see that everything works; what it measures is not to be relied on.
    pub const QUICK: Self = Self { rounds: 1, seconds: 3, warm_up: 1, encoding: 1 };

    const fn lanes(self) -> u64 {
        (TURNS_BEFORE + (self.rounds + 1) * TURNS_A_ROUND) * CLIENTS
    }

    /// How many pairs and rows a lane has.
    pub const fn span(self) -> u64 {
        self.seconds * WRITES_A_SECOND
    }

    pub const fn rows(self) -> u64 {
        self.lanes() * self.span()
    }
}

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Group,
    Workspace,
    Enrollment,
}

impl Kind {
    /// All of an id but its number.
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

    /// The same in SQL.
    fn sql(self, number: &str) -> String {
        format!("('{}' || ({FIRST} + {number})::text)::uuid", self.prefix())
    }
}

/// What the seeded data has for us.
pub struct Seeded {
    /// The group that holds the most.
    pub group: String,
    /// Whose token it will be.
    pub email: String,
}

pub async fn prepare(pool: &PgPool, scale: Scale) -> Result<Seeded> {
    // A list asks for one row more than its page has, to see whether there is a next page.
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

/// Leaves no work of the past to be done while somebody measures, and statistics that are true.
pub async fn settle(pool: &PgPool) -> Result<()> {
    let tables = "VACUUM (ANALYZE) core_api.workspace_group_workspaces, core_api.workspace_groups, \
                  core_api.workspaces, core_api.peoples, groupdesk.enrollment_events";
    sqlx::raw_sql(tables).execute(pool).await?;
    Ok(())
}

pub async fn checkpoint(pool: &PgPool) -> Result<()> {
    sqlx::raw_sql("CHECKPOINT").execute(pool).await?;
    Ok(())
}

/// Did every request or transaction of the turn change one row, with one event? Removing what is
/// removed already is no error and costs less: a mistake in the numbering would pass for speed.
pub async fn check(pool: &PgPool, operation: Operation, turn: u64, done: u32) -> Result<()> {
    let (action, changed) = match operation {
        Operation::List | Operation::Retrieve => return Ok(()),
        Operation::Enroll => {
            let prefix = Kind::Enrollment.prefix();
            ("enrolled", format!("NOT starts_with(e.workspace_group_workspace_id::text, '{prefix}')"))
        }
        Operation::Remove => ("removed", "e.deleted_at IS NOT NULL".to_owned()),
    };
    let lanes = turn * CLIENTS..(turn + 1) * CLIENTS;
    let groups = lanes.map(|lane| format!("'{}'", Kind::Group.id(lane))).collect::<Vec<_>>().join(", ");
    let counts = format!(
        "WITH lane AS (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id IN ({groups}))
         SELECT (SELECT count(*) FROM core_api.workspace_group_workspaces e
                 JOIN lane ON lane.pk = e.workspace_group_pk WHERE {changed}),
                (SELECT count(*) FROM groupdesk.enrollment_events v
                 JOIN lane ON lane.pk = v.workspace_group_pk WHERE v.action = '{action}')"
    );
    let (rows, events): (i64, i64) = sqlx::query_as(&counts).fetch_one(pool).await?;
    if rows == i64::from(done) && events == rows {
        return Ok(());
    }
    let name = operation.name();
    Err(format!("{name} was done {done} times and left {rows} changed rows and {events} events").into())
}
