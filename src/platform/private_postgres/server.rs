//! Starts, joins and stops the server.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::{Instant, sleep};

use super::home::{CLUSTER, Home};
use super::lock::{LockFile, Wait};
use super::socket::{BESIDE, Listener, Socket};
use super::{Explain as _, Result, cluster, processes};
use crate::platform::config::PrivateSettings;

pub(super) const RECOVERY_TIMEOUT: Duration = Duration::from_mins(10);
/// For processes of a killed server to end, or for a hanging server to answer.
const LEFTOVER_TIMEOUT: Duration = Duration::from_secs(30);
const LOCK_TIMEOUT: Duration = Duration::from_secs(20);
/// Shorter, because a person waits for the end of this process.
const LOCK_TIMEOUT_AT_END: Duration = Duration::from_secs(5);
/// How long to wait for the pid file of a server that was just started, which is needed to stop it.
const PID_FILE_TIMEOUT: Duration = Duration::from_secs(2);
const SOCKET_TIMEOUT: Duration = Duration::from_secs(2);
const STOP_TIMEOUT: Duration = Duration::from_mins(1);

const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// The limit of growing pauses before it is started again, and so of the outage after its cause is gone.
const MAX_PAUSE: Duration = Duration::from_secs(15);
/// A server that ran for this time did not fail at its start.
const STABLE_AFTER: Duration = Duration::from_mins(1);

pub(super) struct Server {
    pub(super) home: Home,
    pub(super) cluster: PathBuf,
    pub(super) socket: Socket,
    pub(super) postgres_bin: Option<PathBuf>,
    /// Whether this process has started the server, or begun to.
    has_launched: AtomicBool,
}

impl Server {
    pub(super) fn open(settings: &PrivateSettings) -> Result<Self> {
        if !Path::new("/proc/self/fd").exists() {
            return Err("the private Postgres needs the file system /proc, which is not mounted".to_owned());
        }
        // This is checked first, because it is the error to report on a machine without Postgres. If there is data, the
        // server may already run and need no programs.
        if !settings.data_dir.join(CLUSTER).exists() {
            cluster::candidate_programs(settings.postgres_bin.as_deref())?;
        }
        let home = Home::find(&settings.data_dir, settings.data_dir_is_default)?;
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

    /// Uses the running server, or starts one. The shared lock marks it as used.
    pub(super) async fn join(&self) -> Result<LockFile> {
        let start_lock = self.start_lock(LOCK_TIMEOUT).await?;
        let users = self.lock_file("users.lock")?;
        users.lock(LOCK_TIMEOUT, File::try_lock_shared).await?;
        if !self.is_running().await? {
            self.initialize(&start_lock).await?;
            self.launch().await?;
        }
        Ok(users)
    }

    /// Stops the server after a start that failed or was cancelled.
    pub(super) async fn undo_launch(&self) -> Result<()> {
        if !self.has_launched.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.stop_if_unused(&self.lock_file("users.lock")?).await
    }

    pub(super) async fn restart(&self) -> Result<()> {
        let _start_lock = self.start_lock(LOCK_TIMEOUT).await?;
        // The folder may have been moved or created again since it was opened.
        self.socket.follow(&self.home.socket_folder()?).explain("enter", &self.home.socket())?;
        self.launch().await
    }

    /// Stops the server, unless it is used. Nobody can start or join it between the check and the stop.
    pub(super) async fn stop_if_unused(&self, users: &LockFile) -> Result<()> {
        users.unlock()?;
        // Without this look a used server would make the process wait for the start lock.
        if !users.try_lock() {
            return Ok(());
        }
        users.unlock()?;
        let _start_lock = self.start_lock(LOCK_TIMEOUT_AT_END).await?;
        if users.try_lock() { self.shut_down().await } else { Ok(()) }
    }

    async fn start_lock(&self, limit: Duration) -> Result<LockFile> {
        let file = self.lock_file("start.lock")?;
        file.lock(limit, File::try_lock).await?;
        Ok(file)
    }

    fn lock_file(&self, name: &str) -> Result<LockFile> {
        LockFile::open(&self.home.owner, self.home.path.join(name))
    }

    /// Truncates a long log, unless another process holds the start lock.
    pub(super) fn truncate_log(&self) {
        let postgres = &self.home.postgres;
        if postgres.act(|| cluster::log_is_long(&self.cluster)).unwrap_or(false)
            && let Ok(start_lock) = self.lock_file("start.lock")
            && start_lock.try_lock()
            && let Err(error) = postgres.act(|| cluster::truncate_log(&self.cluster))
        {
            tracing::warn!(%error, "the log of the private Postgres could not be shortened");
        }
    }

    /// Whether a server answers. Waits for one that starts, and until no visible process of a killed one is left.
    async fn is_running(&self) -> Result<bool> {
        let (mut recovery, mut leftover) = (Wait::up_to(RECOVERY_TIMEOUT), Wait::up_to(LEFTOVER_TIMEOUT));
        let folder = self.cluster.display();
        let mut is_stopping = false;
        loop {
            match self.socket.probe().await {
                Listener::Server => return Ok(true),
                Listener::Unusable(why) => return Err(why),
                Listener::Busy => {
                    recovery.next(|| format!("the Postgres in {folder} is starting or stopping")).await?;
                }
                Listener::Unresponsive => {
                    leftover.next(|| format!("the Postgres in {folder} does not answer")).await?;
                }
                Listener::Nobody => {
                    let working = || Ok(processes::working_in(&self.cluster));
                    let Some(pid) = self.home.postgres.act(working).ok().flatten() else { break };
                    if !is_stopping && leftover.has_lasted(SOCKET_TIMEOUT) && self.has_lost_socket() {
                        self.shut_down().await?;
                        (is_stopping, leftover) = (true, Wait::up_to(LEFTOVER_TIMEOUT));
                    }
                    let reason = || format!("process {pid} (postgres) works in {folder} and does not answer");
                    leftover.next(reason).await?;
                }
            }
        }
        for lock_file in [self.pid_file(), self.socket.lock_file()] {
            // If this fails, Postgres reports why it does not start.
            let user = &self.home.postgres;
            let _ = user.act(|| processes::correct(&lock_file, &self.cluster, user));
        }
        Ok(false)
    }

    /// Whether the socket of a running server was removed. The server does not create it again.
    fn has_lost_socket(&self) -> bool {
        let text = self.home.postgres.act(|| std::fs::read_to_string(self.pid_file()));
        !self.socket.exists() && text.is_ok_and(|text| self.socket.is_named_in(&text))
    }

    fn pid_file(&self) -> PathBuf {
        self.cluster.join("postmaster.pid")
    }

    fn postmaster(&self) -> Option<i32> {
        let user = &self.home.postgres;
        let is_ours = |&pid: &i32| processes::exists(pid) && !processes::is_foreign(pid, &self.cluster, user);
        let named = || Ok(processes::named_in(&std::fs::read_to_string(self.pid_file())?).filter(is_ours));
        user.act(named).ok().flatten()
    }

    pub(super) async fn launch(&self) -> Result<()> {
        if self.is_running().await? {
            return Ok(());
        }
        let mut pg_ctl = self.program("pg_ctl").await?;
        self.check_socket_path()?;
        let postgres = &self.home.postgres;
        postgres.act(|| self.write_settings()).explain("write the settings in", &self.cluster)?;
        let log = cluster::log_path(&self.cluster);
        postgres.act(|| cluster::truncate_log(&self.cluster)).explain("shorten", &log)?;
        pg_ctl.arg("start").arg("--pgdata").arg(&self.cluster).arg("--log").arg(log);
        // A crash recovery may take long and must not be reported as a failure.
        pg_ctl.args(["--silent", "--wait"]).arg(format!("--timeout={}", RECOVERY_TIMEOUT.as_secs()));
        // The daemon inherits these: a pipe would never end.
        pg_ctl.stdout(Stdio::null()).stderr(Stdio::null());
        self.has_launched.store(true, Ordering::Relaxed);
        let reason = || format!("the Postgres in {} is starting", self.cluster.display());
        match Wait::up_to(RECOVERY_TIMEOUT).during(pg_ctl.status(), reason).await {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => {
                self.has_launched.store(false, Ordering::Relaxed);
                let tail = postgres.act(|| cluster::log_tail(&self.cluster)).unwrap_or_default();
                Err(format!("the private Postgres did not start; its log ends with:\n{tail}"))
            }
            Err(error) => Err(format!("cannot run pg_ctl: {error}")),
        }
    }

    /// The server gets a long path relative to its working folder, which is the target of a link if there is one.
    fn check_socket_path(&self) -> Result<()> {
        let is_beside = || {
            let (cluster, home) = (self.cluster.canonicalize()?, self.home.path.canonicalize()?);
            Ok(cluster.parent() == Some(home.as_path()))
        };
        if self.socket.directories() != BESIDE
            || self.home.postgres.act(is_beside).explain("look at", &self.cluster)?
        {
            return Ok(());
        }
        Err(format!(
            "{} is too long for a socket, or not UTF-8, while {} is a link: name another --data-dir",
            self.home.socket().display(),
            self.cluster.display()
        ))
    }

    async fn shut_down(&self) -> Result<()> {
        // A server is stopped by its pid file, which may not exist yet.
        let started = Instant::now();
        while self.has_launched.load(Ordering::Relaxed)
            && self.postmaster().is_none()
            && started.elapsed() < PID_FILE_TIMEOUT
        {
            sleep(Duration::from_millis(20)).await;
        }
        let stopped = self.stop_postmaster().await;
        // A server that has ended already needs no stop.
        if self.socket.probe().await == Listener::Nobody { Ok(()) } else { stopped }
    }

    /// Performs a "fast shutdown" without Postgres's programs, which may be of another version by now.
    async fn stop_postmaster(&self) -> Result<()> {
        let Some(pid) = self.postmaster() else {
            return Err(format!("{} names no process that could be stopped", self.pid_file().display()));
        };
        kill(Pid::from_raw(pid), Signal::SIGINT)
            .map_err(|error| format!("cannot stop process {pid} (postgres): {error}"))?;
        let mut wait = Wait::up_to(STOP_TIMEOUT);
        while self.postmaster() == Some(pid) {
            wait.next(|| format!("the Postgres in {} is stopping", self.cluster.display())).await?;
        }
        Ok(())
    }

    /// Starts the server again if it was killed, or stopped on a full disk. Runs until it is aborted.
    pub(super) async fn keep_running(self: Arc<Self>) {
        let (mut pause, mut up_since) = (Duration::ZERO, Instant::now());
        loop {
            sleep(CHECK_INTERVAL).await;
            let log = Arc::clone(&self);
            // An error means that it was aborted.
            let _ = tokio::task::spawn_blocking(move || log.truncate_log()).await;
            if self.socket.has_listener().await {
                continue;
            }
            if up_since.elapsed() > STABLE_AFTER {
                pause = Duration::ZERO;
            }
            tracing::error!("the private Postgres has ended; it is started again");
            loop {
                sleep(pause).await;
                pause = longer(pause);
                match self.restart().await {
                    Ok(()) => break,
                    Err(error) => tracing::error!(%error, "the private Postgres could not be started again"),
                }
            }
            tracing::info!("the private Postgres runs again");
            up_since = Instant::now();
        }
    }
}

fn longer(pause: Duration) -> Duration {
    (pause * 2).clamp(Duration::from_secs(1), MAX_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_limit() {
        let pauses = std::iter::successors(Some(Duration::ZERO), |pause| Some(longer(*pause)));
        let seconds: Vec<u64> = pauses.take(7).map(|pause| pause.as_secs()).collect();
        assert_eq!(seconds, [0, 1, 2, 4, 8, 15, 15]);
    }
}
