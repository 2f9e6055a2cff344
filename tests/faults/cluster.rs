//! A Postgres that belongs to one test, which may kill it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid, User, chown};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::processes::{children, lives};
use crate::program::within;

pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
    max_connections: u32,
    postmaster: Option<Child>,
}

/// Postgres refuses to run as root.
fn unprivileged() -> Option<User> {
    Uid::effective().is_root().then(|| User::from_name("postgres").unwrap().expect("a user postgres"))
}

fn family(first: i32) -> Vec<i32> {
    [vec![first], children(first)].concat()
}

pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Cluster {
    /// With a database `desk` in it, and with everything that keeps what was acknowledged.
    pub async fn start(max_connections: u32) -> Self {
        let programs = std::env::var_os("GROUPDESK_FAULTS_POSTGRES_BIN").expect("run me by script/faults");
        let mut cluster = Self::in_no_state(programs.into(), max_connections);
        let mut initdb = cluster.program("initdb");
        initdb.arg("-D").arg(cluster.data());
        initdb.args(["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
        let made = initdb.output().await.unwrap();
        assert!(made.status.success(), "{made:?}");
        cluster.launch().await;
        let mut connection = cluster.connect_to("postgres").await.unwrap();
        sqlx::raw_sql("CREATE DATABASE desk").execute(&mut connection).await.unwrap();
        cluster
    }

    fn in_no_state(programs: PathBuf, max_connections: u32) -> Self {
        let folder = TempDir::with_prefix("faults").unwrap();
        if let Some(user) = unprivileged() {
            chown(folder.path(), Some(user.uid), Some(user.gid)).unwrap();
        }
        Self { folder, programs, port: free_port(), max_connections, postmaster: None }
    }

    /// A copy that follows this one, and without which nothing is acknowledged from now on.
    pub async fn standby(&self) -> Self {
        let mut standby = Self::in_no_state(self.programs.clone(), self.max_connections);
        let mut copy = standby.program("pg_basebackup");
        copy.arg("-D").arg(standby.data()).args(["-h", "127.0.0.1", "-p", &self.port.to_string()]);
        copy.args(["-U", "postgres", "--write-recovery-conf", "--checkpoint=fast", "--no-sync"]);
        let copied = copy.output().await.unwrap();
        assert!(copied.status.success(), "{copied:?}");
        standby.launch().await;
        self.configure("synchronous_standby_names = '*'").await;
        within(20, "the standby follows", async || {
            self.asks("SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')").await
        })
        .await;
        standby
    }

    /// Makes it read-only for all who are connected, and waits until its standby has everything.
    pub async fn demote(&self, standby: &Self) {
        self.configure("default_transaction_read_only = on").await;
        within(20, "the last change has ended", async || {
            self.asks("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_xid IS NOT NULL)").await
        })
        .await;
        let mut connection = self.connect().await.unwrap();
        let last: String = sqlx::query_scalar("SELECT pg_current_wal_flush_lsn()::text")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        let has_all = format!("SELECT pg_last_wal_replay_lsn() >= '{last}'::pg_lsn");
        within(20, "the standby has everything", async || standby.asks(&has_all).await).await;
    }

    pub async fn promote(&self) {
        assert!(self.asks("SELECT pg_promote(true, 30)").await);
    }

    async fn configure(&self, setting: &str) {
        let mut connection = self.connect_to("postgres").await.unwrap();
        for statement in [&*format!("ALTER SYSTEM SET {setting}"), "SELECT pg_reload_conf()"] {
            sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        }
    }

    async fn asks(&self, question: &str) -> bool {
        let mut connection = self.connect_to("postgres").await.unwrap();
        sqlx::query_scalar(question).fetch_one(&mut connection).await.unwrap()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(Path::new(&self.programs).join(name));
        command.stdin(Stdio::null()).current_dir("/").env("LC_ALL", "C.UTF-8").kill_on_drop(true);
        if let Some(user) = unprivileged() {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }

    /// Starts it, and waits until it lets somebody in.
    pub async fn launch(&mut self) {
        let log = self.folder.path().join("log");
        let log = File::options().create(true).append(true).open(log).unwrap();
        let mut postgres = self.program("postgres");
        postgres.arg("-D").arg(self.data());
        let settings = [
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            format!("port={}", self.port),
            format!("max_connections={}", self.max_connections),
            "shared_buffers=64MB".to_owned(),
            "timezone=UTC".to_owned(),
        ];
        for setting in settings {
            postgres.args(["-c", &setting]);
        }
        let postgres = postgres.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        self.postmaster = Some(postgres);
        within(60, "Postgres lets somebody in", async || self.connect_to("postgres").await.is_ok()).await;
    }

    /// Kills every process of it at once.
    pub async fn kill(&mut self) {
        let mut postmaster = self.postmaster.take().expect("a running Postgres");
        let first = i32::try_from(postmaster.id().expect("a running Postgres")).unwrap();
        let all = family(first);
        for pid in &all {
            // Some end by themselves once the first is gone.
            kill(Pid::from_raw(*pid), Signal::SIGKILL).ok();
        }
        postmaster.wait().await.unwrap();
        within(20, "every process is gone", async || !all.iter().any(|pid| lives(*pid))).await;
    }

    /// Its address, as seen by way of a port of this machine.
    pub fn url_by(port: u16) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/desk?sslmode=disable")
    }

    /// One address that names both.
    pub fn url_of_both(one: &Self, other: &Self) -> String {
        let hosts = format!("127.0.0.1:{},127.0.0.1:{}", one.port, other.port);
        format!("postgres://postgres@{hosts}/desk?sslmode=disable&target_session_attrs=read-write")
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self) -> String {
        Self::url_by(self.port)
    }

    pub async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        self.connect_to("desk").await
    }

    async fn connect_to(&self, database: &str) -> Result<PgConnection, sqlx::Error> {
        PgConnection::connect(&self.url().replace("/desk?", &format!("/{database}?"))).await
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let id = self.postmaster.as_ref().and_then(Child::id).and_then(|id| i32::try_from(id).ok());
        for id in id.filter(|id| lives(*id)).map(family).unwrap_or_default() {
            kill(Pid::from_raw(id), Signal::SIGKILL).ok();
        }
    }
}
