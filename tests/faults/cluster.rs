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
        let folder = TempDir::with_prefix("faults").unwrap();
        if let Some(user) = unprivileged() {
            chown(folder.path(), Some(user.uid), Some(user.gid)).unwrap();
        }
        let mut cluster =
            Self { folder, programs: programs.into(), port: free_port(), max_connections, postmaster: None };
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
