//! Making the cluster, starting the server and stopping it.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::process::Command;

use super::conf::server_settings;
use super::error::{Explain as _, Result, failed};
use super::home::{CLUSTER, Home};
use super::lock::LockFile;
use super::socket::{BESIDE, Found, SUPERUSER, Socket};
use super::wait::Wait;
use super::{DATABASE, log, processes, programs};
use crate::platform::config::PrivateSettings;

/// How long a crash recovery may take.
const RECOVERY: Duration = Duration::from_mins(10);
/// How long processes of a server that was killed may take to end, or a server that hangs to answer.
const LEFT_BEHIND: Duration = Duration::from_secs(30);
/// How long another command may take to start, join or stop the server.
const ANOTHERS_TURN: Duration = Duration::from_secs(20);
/// The same at our own end, where somebody waits for it.
const ANOTHERS_TURN_AT_THE_END: Duration = Duration::from_secs(5);
/// How long a server that was started a moment ago may take until it can be told to stop.
const FIRST_SIGN: Duration = Duration::from_secs(2);
/// How long one may take until it has made its socket.
const FIRST_SOCKET: Duration = Duration::from_secs(2);
/// How long a server may take to stop.
const STOPPING: Duration = Duration::from_mins(1);
/// The first number of a database that initdb did not make (`FirstNormalObjectId` in Postgres's
/// `access/transam.h`).
const FIRST_DATABASE: u32 = 16384;

/// The paths and the users that everything here works with.
pub(super) struct Layout {
    home: Home,
    cluster: PathBuf,
    pub(super) socket: Socket,
    postgres_bin: Option<PathBuf>,
    /// Has this process started the server, or begun to?
    has_launched: AtomicBool,
}

impl Layout {
    pub(super) fn open(settings: &PrivateSettings) -> Result<Self> {
        if !Path::new("/proc/self/fd").exists() {
            return Err(failed("the private Postgres needs the file system /proc, which is not mounted"));
        }
        // First, because it is what a machine without Postgres has to be told. Where there is a cluster, its server
        // may be running already.
        if !settings.data_dir.join(CLUSTER).exists() {
            programs::candidates(settings.postgres_bin.as_deref())?;
        }
        let home = Home::find(settings)?;
        home.cluster_folder()?;
        let socket = Socket::in_folder(home.socket_folder()?, home.socket(), home.postgres.clone());
        Ok(Self {
            cluster: home.cluster(),
            socket,
            postgres_bin: settings.postgres_bin.clone(),
            has_launched: AtomicBool::new(false),
            home,
        })
    }

    /// Uses the server that runs, or starts one. The shared lock says that it is in use.
    pub(super) async fn join(&self) -> Result<LockFile> {
        let turnstile = self.turnstile(ANOTHERS_TURN).await?;
        let users = self.lock_file("users.lock")?;
        users.lock_shared(ANOTHERS_TURN).await?;
        if !self.is_running().await? {
            self.initialize(&turnstile).await?;
            self.launch().await?;
        }
        Ok(users)
    }

    /// After a start that did not succeed or was given up: stops what it started.
    pub(super) async fn undo_launch(&self) -> Result<()> {
        if self.has_launched() { self.stop_unused(&self.lock_file("users.lock")?).await } else { Ok(()) }
    }

    /// Starts the server again, unless somebody else did.
    pub(super) async fn revive(&self) -> Result<()> {
        let _turnstile = self.turnstile(ANOTHERS_TURN).await?;
        // The folder may have been moved or made again since it was opened.
        self.socket.follow(&self.home.socket_folder()?).explain("enter", &self.home.socket())?;
        if self.is_running().await? { Ok(()) } else { self.launch().await }
    }

    /// Stops the server, unless it is in use. Nobody starts or joins between the question and the stop.
    pub(super) async fn stop_unused(&self, users: &LockFile) -> Result<()> {
        users.unlock()?;
        if !users.is_locked_now() {
            // It is in use: there is nothing to stop, and nothing to wait for.
            return Ok(());
        }
        users.unlock()?;
        let _turnstile = self.turnstile(ANOTHERS_TURN_AT_THE_END).await?;
        if users.is_locked_now() { self.shut_down().await } else { Ok(()) }
    }

    /// Held while the server is being started, joined or stopped.
    async fn turnstile(&self, patience: Duration) -> Result<LockFile> {
        let file = self.lock_file("start.lock")?;
        file.lock(patience).await?;
        Ok(file)
    }

    fn lock_file(&self, name: &str) -> Result<LockFile> {
        LockFile::open(&self.home.owner, self.home.path.join(name))
    }

    fn has_launched(&self) -> bool {
        self.has_launched.load(Ordering::Relaxed)
    }

    /// Keeps the log short, unless another process does just now.
    pub(super) fn bound_log(&self) {
        let postgres = &self.home.postgres;
        if !postgres.act(|| log::is_long(&self.cluster)).unwrap_or(false) {
            return;
        }
        let Ok(turnstile) = self.lock_file("start.lock") else { return };
        if turnstile.is_locked_now()
            && let Err(error) = postgres.act(|| log::bound(&self.cluster))
        {
            tracing::warn!(%error, "the log of the private Postgres could not be shortened");
        }
    }

    /// Is there a server that answers? Waits for one that is about to, and for what is left of one that was
    /// killed. When there is none, nobody works in the cluster's folder any more as far as this process may see.
    async fn is_running(&self) -> Result<bool> {
        let (mut recovery, mut left_behind) = (Wait::of(RECOVERY), Wait::of(LEFT_BEHIND));
        let folder = self.cluster.display();
        let mut is_told_to_stop = false;
        loop {
            match self.socket.look().await {
                Found::Server => return Ok(true),
                Found::Unusable(why) => return Err(failed(why)),
                Found::Busy => {
                    recovery.on(|| format!("the Postgres in {folder} is starting or stopping")).await?;
                }
                Found::Mute => {
                    left_behind.on(|| format!("the Postgres in {folder} does not answer")).await?;
                }
                Found::Nobody => match self.process_at_work() {
                    Some(pid) => {
                        if !is_told_to_stop && left_behind.has_lasted(FIRST_SOCKET) && self.is_out_of_reach()
                        {
                            self.shut_down().await?;
                            (is_told_to_stop, left_behind) = (true, Wait::of(LEFT_BEHIND));
                        }
                        let why =
                            || format!("process {pid} (postgres) works in {folder} and does not answer");
                        left_behind.on(why).await?;
                    }
                    None => break,
                },
            }
        }
        for lock_file in [self.pid_file(), self.socket.lock_file()] {
            // Where that fails, Postgres says why it does not start.
            let user = &self.home.postgres;
            let _ = user.act(|| processes::correct(&lock_file, &self.cluster, user));
        }
        Ok(false)
    }

    /// Has somebody removed the socket of a running server? It does not make it again.
    fn is_out_of_reach(&self) -> bool {
        let text = self.home.postgres.act(|| std::fs::read_to_string(self.pid_file()));
        !self.socket.is_there() && text.is_ok_and(|text| self.socket.is_named_in(&text))
    }

    fn process_at_work(&self) -> Option<i32> {
        self.home.postgres.act(|| Ok(processes::working_in(&self.cluster))).ok().flatten()
    }

    /// The file in which a server names its first process.
    fn pid_file(&self) -> PathBuf {
        self.cluster.join("postmaster.pid")
    }

    fn first_process(&self) -> Option<i32> {
        let text = self.home.postgres.act(|| std::fs::read_to_string(self.pid_file())).ok()?;
        let pid = processes::named_in(&text).filter(|pid| processes::exists(*pid))?;
        let user = &self.home.postgres;
        let is_anothers = user.act(|| Ok(processes::is_anothers(pid, &self.cluster, user)));
        is_anothers.is_ok_and(|is_anothers| !is_anothers).then_some(pid)
    }

    /// Makes the cluster and the database in it, unless that was done before. A cluster that was brought here as a
    /// whole is used as it is.
    async fn initialize(&self, turnstile: &LockFile) -> Result<()> {
        let finished = self.home.path.join("initialized");
        if self.home.owner.act(|| finished.try_exists()).explain("look for", &finished)? {
            return Ok(());
        }
        if !self.has_databases()? {
            self.make_cluster(turnstile).await?;
        }
        self.launch().await?;
        self.create_database().await?;
        let create = || File::create(&finished).and_then(|file| file.sync_all());
        self.home.owner.act(create).explain("create", &finished)
    }

    /// Is there a database that initdb did not make?
    fn has_databases(&self) -> Result<bool> {
        let folder = self.cluster.join("base");
        let names = self.home.postgres.act(|| {
            let entries = std::fs::read_dir(&folder)?;
            entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<Vec<_>>>()
        });
        match names {
            Ok(names) => {
                let mut numbers = names.iter().filter_map(|name| name.to_str()?.parse::<u32>().ok());
                Ok(numbers.any(|number| number >= FIRST_DATABASE))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error).explain("look into", &folder),
        }
    }

    /// Runs initdb. What it left when it was cut short holds nothing that was ever acknowledged.
    async fn make_cluster(&self, turnstile: &LockFile) -> Result<()> {
        // The first folder that it makes, and the first file.
        for name in ["pg_wal", "PG_VERSION"] {
            let leftover = self.cluster.join(name);
            if self.home.postgres.act(|| leftover.try_exists()).explain("look for", &leftover)? {
                tracing::warn!("a first start that was cut short is done again");
                self.home.postgres.act(|| empty(&self.cluster)).explain("clear", &self.cluster)?;
            }
        }
        tracing::info!(folder = %self.cluster.display(), "making a private Postgres");
        let mut initdb = self.program("initdb").await?;
        initdb.arg("--pgdata").arg(&self.cluster).args([
            "--username",
            SUPERUSER,
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--data-checksums",
            "--no-instructions",
        ]);
        // It ends when this process is told to stop. Where this process is killed, it keeps the lock until it has
        // ended.
        initdb.kill_on_drop(true).stdin(turnstile.for_child()?).stdout(Stdio::null());
        let mut wait = Wait::of(RECOVERY);
        let made = wait.during(initdb.output(), || "initdb makes the cluster".to_owned());
        succeed("initdb", made.await)
    }

    async fn create_database(&self) -> Result<()> {
        let explain = |error: sqlx::Error| failed(format!("cannot create the database: {error}"));
        let mut connection = self.socket.options().database("postgres").connect().await.map_err(explain)?;
        let is_there: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)")
                .bind(DATABASE)
                .fetch_one(&mut connection)
                .await
                .map_err(explain)?;
        if !is_there {
            sqlx::raw_sql("CREATE DATABASE groupdesk").execute(&mut connection).await.map_err(explain)?;
        }
        connection.close().await.map_err(explain)
    }

    /// Starts the server, which does not run.
    async fn launch(&self) -> Result<()> {
        if self.is_running().await? {
            return Ok(());
        }
        let mut pg_ctl = self.program("pg_ctl").await?;
        self.check_socket_path()?;
        self.home.postgres.act(|| self.write_settings()).explain("write the settings in", &self.cluster)?;
        let bounded = self.home.postgres.act(|| log::bound(&self.cluster));
        bounded.explain("shorten", &log::path(&self.cluster))?;
        pg_ctl.arg("start").arg("--pgdata").arg(&self.cluster).arg("--log").arg(log::path(&self.cluster));
        // A crash recovery may take long; it must not be taken for a failure.
        pg_ctl.args(["--silent", "--wait"]).arg(format!("--timeout={}", RECOVERY.as_secs()));
        // The daemon inherits these: a pipe would never end.
        pg_ctl.stdout(Stdio::null()).stderr(Stdio::null());
        self.has_launched.store(true, Ordering::Relaxed);
        let why = || format!("the Postgres in {} is starting", self.cluster.display());
        let status = Wait::of(RECOVERY).during(pg_ctl.status(), why).await;
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => {
                self.has_launched.store(false, Ordering::Relaxed);
                let tail = self.home.postgres.act(|| log::tail(&self.cluster)).unwrap_or_default();
                Err(failed(format!("the private Postgres did not start; its log ends with:\n{tail}")))
            }
            Err(error) => Err(failed(format!("cannot run pg_ctl: {error}"))),
        }
    }

    /// A long path is given to the server from its working folder, which is at the end of a link if there is one.
    fn check_socket_path(&self) -> Result<()> {
        if self.socket.directories() != BESIDE {
            return Ok(());
        }
        let is_beside = self.home.postgres.act(|| {
            let (cluster, home) = (self.cluster.canonicalize()?, self.home.path.canonicalize()?);
            Ok(cluster.parent() == Some(home.as_path()))
        });
        if is_beside.explain("look at", &self.cluster)? {
            return Ok(());
        }
        Err(failed(format!(
            "{} is too long for a socket, or not UTF-8, while {} is a link: name another --data-dir",
            self.home.socket().display(),
            self.cluster.display()
        )))
    }

    fn write_settings(&self) -> io::Result<()> {
        replace(&self.cluster.join("groupdesk.conf"), &server_settings(&self.socket.directories()))?;
        let main = self.cluster.join("postgresql.conf");
        let text = std::fs::read_to_string(&main)?;
        let include = "include 'groupdesk.conf'";
        if text.contains(include) { Ok(()) } else { replace(&main, &format!("{text}\n{include}\n")) }
    }

    async fn shut_down(&self) -> Result<()> {
        if self.has_launched() {
            // It may be too early: a server is stopped by way of the file that it writes first.
            let _ = tokio::time::timeout(FIRST_SIGN, self.first_sign()).await;
        }
        let stopped = self.end_first_process().await;
        // Who finds it gone has nothing left to stop.
        match self.socket.look().await {
            Found::Nobody => Ok(()),
            Found::Server | Found::Busy | Found::Mute | Found::Unusable(_) => stopped,
        }
    }

    /// A "fast shutdown" in Postgres's words. It needs none of its programs, which may be those of another version
    /// by now.
    async fn end_first_process(&self) -> Result<()> {
        let Some(pid) = self.first_process() else {
            return Err(failed(format!(
                "{} names no process that could be stopped",
                self.pid_file().display()
            )));
        };
        kill(Pid::from_raw(pid), Signal::SIGINT)
            .map_err(|error| failed(format!("cannot stop process {pid} (postgres): {error}")))?;
        let mut wait = Wait::of(STOPPING);
        while self.first_process() == Some(pid) {
            wait.on(|| format!("the Postgres in {} is stopping", self.cluster.display())).await?;
        }
        Ok(())
    }

    async fn first_sign(&self) {
        while self.first_process().is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The version of Postgres to which the data belongs, if there is any.
    fn data_version(&self) -> Result<Option<u32>> {
        let file = self.cluster.join("PG_VERSION");
        match self.home.postgres.act(|| std::fs::read_to_string(&file)) {
            Ok(text) => programs::data_version(&text)
                .map(Some)
                .ok_or_else(|| failed(format!("{} does not hold a version of Postgres", file.display()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).explain("read", &file),
        }
    }

    /// One of the programs that fit the data, as the user who runs Postgres.
    async fn program(&self, name: &str) -> Result<Command> {
        let bin = programs::find(self.postgres_bin.as_deref(), self.data_version()?, &self.cluster).await?;
        let mut command = Command::new(bin.join(name));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            // They are about other servers.
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).current_dir("/").env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        // A Ctrl-C in the terminal is for us; the server ends when we have drained.
        command.process_group(0);
        let user = &self.home.postgres;
        if nix::unistd::Uid::effective().is_root() {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        Ok(command)
    }
}

/// Removes what is in the folder.
fn empty(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Writes the file as a whole or not at all; on a full disk the old one stays.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    let new = path.with_extension("new");
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, path)
}

fn succeed(what: &str, output: io::Result<Output>) -> Result<()> {
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            Err(failed(format!("{what} failed: {}", String::from_utf8_lossy(&output.stderr).trim())))
        }
        Err(error) => Err(failed(format!("cannot run {what}: {error}"))),
    }
}
