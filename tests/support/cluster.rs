//! A Postgres that belongs to one test, which may kill it, and its standbys.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid, User, chown};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::processes::{children, is_running};
use super::program::wait_until;

pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
    max_connections: u32,
    /// More settings of this server.
    settings: Vec<String>,
    postmaster: Option<Child>,
}

/// Postgres refuses to run as root.
fn unprivileged() -> Option<User> {
    Uid::effective().is_root().then(|| User::from_name("postgres").unwrap().expect("a user postgres"))
}

fn process_tree(first: i32) -> Vec<i32> {
    [vec![first], children(first)].concat()
}

/// The programs that script/faults chooses, or those of the Postgres of the other tests.
async fn programs() -> PathBuf {
    if let Some(folder) = std::env::var_os("GROUPDESK_FAULTS_POSTGRES_BIN") {
        return folder.into();
    }
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL, of a superuser");
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let folder = sqlx::query_scalar("SELECT setting FROM pg_config WHERE name = 'BINDIR'");
    PathBuf::from(folder.fetch_one(&mut connection).await.map(|folder: String| folder).unwrap())
}

pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Cluster {
    /// Starts a cluster with a database `desk`, and with the settings that make commits durable.
    pub async fn start(max_connections: u32) -> Self {
        let mut cluster = Self::uninitialized(programs().await, max_connections);
        let mut initdb = cluster.program("initdb");
        initdb.arg("-D").arg(cluster.data());
        initdb.args(["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
        let initialized = initdb.output().await.unwrap();
        assert!(initialized.status.success(), "{initialized:?}");
        cluster.launch().await;
        let mut connection = cluster.connect_to("postgres").await.unwrap();
        sqlx::raw_sql("CREATE DATABASE desk").execute(&mut connection).await.unwrap();
        cluster
    }

    fn uninitialized(programs: PathBuf, max_connections: u32) -> Self {
        let folder = TempDir::with_prefix("faults").unwrap();
        if let Some(user) = unprivileged() {
            chown(folder.path(), Some(user.uid), Some(user.gid)).unwrap();
        }
        Self { folder, programs, port: free_port(), max_connections, settings: Vec::new(), postmaster: None }
    }

    /// A synchronous standby: from now on nothing is acknowledged without it.
    pub async fn standby(&self) -> Self {
        let standby = self.asynchronous_standby(&[]).await;
        self.configure("synchronous_standby_names = '*'").await;
        wait_until(20, "the standby follows", async || {
            self.holds("SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')").await
        })
        .await;
        standby
    }

    /// A standby with these settings, such as `log_statement=all`.
    pub async fn asynchronous_standby(&self, settings: &[&str]) -> Self {
        let mut standby = Self::uninitialized(self.programs.clone(), self.max_connections);
        let mut copy = standby.program("pg_basebackup");
        copy.arg("-D").arg(standby.data()).args(["-h", "127.0.0.1", "-p", &self.port.to_string()]);
        copy.args(["-U", "postgres", "--write-recovery-conf", "--checkpoint=fast", "--no-sync"]);
        let copied = copy.output().await.unwrap();
        assert!(copied.status.success(), "{copied:?}");
        standby.settings = settings.iter().map(ToString::to_string).collect();
        standby.launch().await;
        standby
    }

    /// Makes the primary read-only for all connections, and waits until the standby has everything.
    pub async fn demote(&self, standby: &Self) {
        self.configure("default_transaction_read_only = on").await;
        wait_until(20, "the last transaction has ended", async || {
            self.holds("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_xid IS NOT NULL)").await
        })
        .await;
        let mut connection = self.connect().await.unwrap();
        let last: String = sqlx::query_scalar("SELECT pg_current_wal_flush_lsn()::text")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        let has_all = format!("SELECT pg_last_wal_replay_lsn() >= '{last}'::pg_lsn");
        wait_until(20, "the standby has everything", async || standby.holds(&has_all).await).await;
    }

    pub async fn promote(&self) {
        assert!(self.holds("SELECT pg_promote(true, 30)").await);
    }

    pub async fn configure(&self, setting: &str) {
        let mut connection = self.connect_to("postgres").await.unwrap();
        for statement in [&*format!("ALTER SYSTEM SET {setting}"), "SELECT pg_reload_conf()"] {
            sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        }
    }

    async fn holds(&self, question: &str) -> bool {
        let mut connection = self.connect_to("postgres").await.unwrap();
        sqlx::query_scalar(question).fetch_one(&mut connection).await.unwrap()
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap()
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

    /// Starts Postgres, and waits until it accepts connections.
    pub async fn launch(&mut self) {
        let log = File::options().create(true).append(true).open(self.log_path()).unwrap();
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
        for setting in settings.iter().chain(&self.settings) {
            postgres.args(["-c", setting]);
        }
        let postgres = postgres.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        self.postmaster = Some(postgres);
        wait_until(60, "Postgres accepts connections", async || self.connect_to("postgres").await.is_ok())
            .await;
    }

    /// Kills all its processes at once.
    pub async fn kill(&mut self) {
        let mut postmaster = self.postmaster.take().expect("a running Postgres");
        let first = i32::try_from(postmaster.id().expect("a running Postgres")).unwrap();
        let all = process_tree(first);
        for pid in &all {
            // Some end by themselves once the first process is gone.
            kill(Pid::from_raw(*pid), Signal::SIGKILL).ok();
        }
        postmaster.wait().await.unwrap();
        wait_until(20, "every process has ended", async || !all.iter().any(|pid| is_running(*pid))).await;
    }

    /// The URL of the database through a local port.
    pub fn url_by(port: u16) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/desk?sslmode=disable")
    }

    /// A URL that names both servers.
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
        for id in id.filter(|id| is_running(*id)).map(process_tree).unwrap_or_default() {
            kill(Pid::from_raw(id), Signal::SIGKILL).ok();
        }
    }
}
