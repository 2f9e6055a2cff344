//! What requests and rows use: processor time, write-ahead log, and index space.

use std::time::Duration;

use procfs::process::{Process, Stat, all_processes};
use sqlx::PgPool;

use crate::Result;
use crate::server::Server;

const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(500);
/// A Postgres that uses less in a pause is idle.
const IDLE: Duration = Duration::from_millis(20);

/// The time of this number of clock ticks, the unit of `/proc`.
pub fn time(ticks: u64) -> Duration {
    Duration::from_millis(ticks * 1000 / procfs::ticks_per_second())
}

/// Reads the counters of the server and of Postgres.
pub struct Meter {
    pool: PgPool,
    postmaster: Process,
}

/// The counters at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    server: Duration,
    postgres: Duration,
    /// The position in the write-ahead log, in bytes.
    wal: f64,
}

/// The average of the requests or transactions of one turn.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Milliseconds of processor time.
    pub server: f64,
    pub postgres: f64,
    pub wal_bytes: f64,
}

impl Meter {
    /// Finds the postmaster as the parent of a backend, because all processes of Postgres are its children.
    pub async fn new(pool: &PgPool) -> Result<Self> {
        let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(pool).await?;
        let postmaster = Process::new(Process::new(backend)?.stat()?.ppid)?;
        Ok(Self { pool: pool.clone(), postmaster })
    }

    /// Waits until the work of an earlier turn is done, and reads.
    pub async fn before(&self, server: &Server) -> Result<Reading> {
        for _ in 0..TRIES {
            let before = self.postgres()?;
            tokio::time::sleep(PAUSE).await;
            if self.postgres()?.saturating_sub(before) < IDLE {
                break;
            }
        }
        let wal = self.wal().await?;
        Ok(Reading { server: server.processor_time()?, postgres: self.postgres()?, wal })
    }

    /// Reads after a turn. The server publishes changes to pages some seconds later, and this is part of
    /// their cost.
    pub async fn after(&self, server: &Server) -> Result<Reading> {
        let is_published = "SELECT NOT EXISTS (SELECT FROM groupdesk.untold_news)";
        for _ in 0..TRIES {
            if sqlx::query_scalar(is_published).fetch_one(&self.pool).await? {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        let (server, postgres) = (server.processor_time()?, self.postgres()?);
        Ok(Reading { server, postgres, wal: self.wal().await? })
    }

    /// The processor time of all processes of Postgres. A backend that ends moves from the live processes to
    /// the ended children of the postmaster, so the sum is read again if that happens in between.
    fn postgres(&self) -> Result<Duration> {
        for _ in 0..TRIES {
            let ended = ended_children(&self.postmaster.stat()?);
            let children = all_processes()?.filter_map(|process| process.ok()?.stat().ok());
            let live: u64 =
                children.filter(|stat| stat.ppid == self.postmaster.pid()).map(|stat| own(&stat)).sum();
            let postmaster = self.postmaster.stat()?;
            if ended_children(&postmaster) == ended {
                return Ok(time(own(&postmaster) + ended + live));
            }
        }
        Err("the processes of Postgres do not stop ending".into())
    }

    async fn wal(&self) -> Result<f64> {
        let position = "SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::float8";
        Ok(sqlx::query_scalar(position).fetch_one(&self.pool).await?)
    }
}

/// The clock ticks of a process without its children. A process that has ended, and whose parent has not yet
/// noticed, still has them.
const fn own(stat: &Stat) -> u64 {
    stat.utime + stat.stime
}

const fn ended_children(stat: &Stat) -> u64 {
    stat.cutime.unsigned_abs() + stat.cstime.unsigned_abs()
}

impl Reading {
    /// The usage of each of the requests between two readings.
    pub fn usage_since(&self, before: &Self, done: u32) -> Usage {
        let done = f64::from(done);
        let milliseconds =
            |now: Duration, before: Duration| now.saturating_sub(before).as_secs_f64() * 1000.0 / done;
        Usage {
            server: milliseconds(self.server, before.server),
            postgres: milliseconds(self.postgres, before.postgres),
            wal_bytes: (self.wal - before.wal) / done,
        }
    }
}

/// The bytes of all indexes for each row.
#[derive(Debug, Clone, Copy)]
pub struct IndexBytes {
    pub enrollment: f64,
    pub event: f64,
    /// For an enrollment in the bare schema.
    pub bare: f64,
}

impl IndexBytes {
    pub async fn read(pool: &PgPool) -> Result<Self> {
        let of = async |table: &str| -> Result<f64> {
            let bytes =
                format!("SELECT pg_indexes_size('{table}')::float8 / greatest(count(*), 1) FROM {table}");
            Ok(sqlx::query_scalar(&bytes).fetch_one(pool).await?)
        };
        Ok(Self {
            enrollment: of("core_api.workspace_group_workspaces").await?,
            event: of("groupdesk.enrollment_events").await?,
            bare: of("bare.workspace_group_workspaces").await?,
        })
    }
}
