//! A Postgres of our own, for those who have none to hand: made in the data folder, reached through
//! a Unix socket in a folder that nobody else may enter, stopped by whoever used it last.
//!
//! The server is an ordinary daemon, so it outlives a killed process of ours; the next one finds it
//! by its socket and uses it. Its users (a serving process, a command beside it) each hold a shared
//! lock on a file, which the kernel takes back however they end: who can turn theirs into an
//! exclusive one was the last.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nix::unistd::{Gid, Uid, User};
use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tokio::process::Command;

use super::config::PrivateSettings;

/// Where the data goes when we run as root and the default folder is out of a plain user's reach.
const ROOTS_DATA_DIR: &str = "/var/lib/groupdesk";
/// A Unix socket's path has 107 bytes at most, of which `/.s.PGSQL.5432` takes 14.
const SOCKET_DIR_MAX: usize = 90;
/// How long a crash recovery may take.
const PATIENCE: Duration = Duration::from_mins(10);
const SUPERUSER: &str = "groupdesk";
const DATABASE: &str = "groupdesk";

#[derive(Debug)]
pub struct PrivatePostgresError(String);

impl std::fmt::Display for PrivatePostgresError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PrivatePostgresError {}

type Result<T> = std::result::Result<T, PrivatePostgresError>;

fn failed(what: impl Into<String>) -> PrivatePostgresError {
    PrivatePostgresError(what.into())
}

trait Explain<T> {
    fn explain(self, what: &str, path: &Path) -> Result<T>;
}

impl<T> Explain<T> for io::Result<T> {
    fn explain(self, what: &str, path: &Path) -> Result<T> {
        self.map_err(|error| failed(format!("cannot {what} {}: {error}", path.display())))
    }
}

/// A running server that this process uses.
pub struct PrivatePostgres {
    layout: Layout,
    users: File,
}

/// The paths and the identity that everything below works with.
struct Layout {
    home: PathBuf,
    cluster: PathBuf,
    socket_dir: PathBuf,
    bin: PathBuf,
    /// Postgres refuses to run as root: then this user runs it.
    runs_as: Option<User>,
}

impl PrivatePostgres {
    /// Uses the running server of this data folder, or starts one.
    pub async fn start(settings: &PrivateSettings) -> Result<Self> {
        let layout = Layout::prepare(settings)?;
        let turnstile = layout.turnstile()?;
        if !layout.answers().await {
            layout.initialize().await?;
            layout.launch().await?;
        }
        let users = layout.lock_file("users.lock")?;
        users.lock_shared().explain("lock", &layout.home)?;
        drop(turnstile);
        Ok(Self { layout, users })
    }

    pub fn options(&self) -> PgConnectOptions {
        self.layout.options().database(DATABASE)
    }

    /// Stops the server, unless somebody else still uses it.
    pub async fn stop(self) -> Result<()> {
        // Nobody starts or joins between the question and the stop.
        let _turnstile = self.layout.turnstile()?;
        self.users.unlock().explain("unlock", &self.layout.home)?;
        if self.users.try_lock().is_err() {
            return Ok(());
        }
        self.layout.shut_down().await
    }
}

impl Layout {
    fn prepare(settings: &PrivateSettings) -> Result<Self> {
        let runs_as = unprivileged_user()?;
        let home = data_dir(settings, runs_as.as_ref())?;
        let cluster = home.join("postgres");
        let socket_dir = socket_dir(&home);
        let layout = Self { bin: programs(settings)?, home, cluster, socket_dir, runs_as };
        layout.make_private(&layout.cluster)?;
        layout.make_private(&layout.socket_dir)?;
        Ok(layout)
    }

    /// Makes a folder that only the server's user may enter, and refuses one that is another's.
    fn make_private(&self, dir: &Path) -> Result<()> {
        std::fs::create_dir_all(dir).explain("create", dir)?;
        let owner = self.runs_as.as_ref().map_or_else(Uid::effective, |user| user.uid);
        let group = self.runs_as.as_ref().map_or_else(Gid::effective, |user| user.gid);
        let found = std::fs::symlink_metadata(dir).explain("look at", dir)?;
        if found.uid() != owner.as_raw() {
            if !Uid::effective().is_root() || !found.is_dir() {
                return Err(failed(format!("{} belongs to somebody else", dir.display())));
            }
            std::os::unix::fs::chown(dir, Some(owner.as_raw()), Some(group.as_raw()))
                .explain("hand over", dir)?;
        }
        std::fs::set_permissions(dir, Permissions::from_mode(0o700)).explain("protect", dir)
    }

    fn lock_file(&self, name: &str) -> Result<File> {
        let path = self.home.join(name);
        File::options().create(true).truncate(false).write(true).open(&path).explain("open", &path)
    }

    /// Held while the server is being started, joined or stopped.
    fn turnstile(&self) -> Result<File> {
        let file = self.lock_file("start.lock")?;
        file.lock().explain("lock", &self.home)?;
        Ok(file)
    }

    fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass().socket(&self.socket_dir).username(SUPERUSER)
    }

    /// Asked over the socket, not of the pid file: after a crash its number may be another's.
    async fn answers(&self) -> bool {
        match self.options().database("postgres").connect().await {
            Ok(connection) => {
                drop(connection.close().await);
                true
            }
            Err(_) => false,
        }
    }

    /// Makes the cluster. Done when the version file is there and the folder is no leftover of a
    /// first start that was cut short: then it holds nothing that anybody was ever told is kept.
    async fn initialize(&self) -> Result<()> {
        let finished = self.home.join("initialized");
        if finished.exists() {
            return Ok(());
        }
        if self.cluster.join("PG_VERSION").exists() {
            tracing::warn!("an unfinished first start is begun anew");
            std::fs::remove_dir_all(&self.cluster).explain("clear", &self.cluster)?;
            self.make_private(&self.cluster)?;
        }
        tracing::info!(folder = %self.cluster.display(), "making a private Postgres");
        let mut initdb = self.program("initdb");
        initdb.arg("--pgdata").arg(&self.cluster).args([
            "--username",
            SUPERUSER,
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--data-checksums",
            "--no-instructions",
        ]);
        succeed("initdb", initdb.stdout(Stdio::null()).output().await)?;
        self.launch().await?;
        self.create_database().await?;
        File::create(&finished).and_then(|file| file.sync_all()).explain("create", &finished)
    }

    async fn create_database(&self) -> Result<()> {
        let explain = |error: sqlx::Error| failed(format!("cannot create the database: {error}"));
        let mut connection = self.options().database("postgres").connect().await.map_err(explain)?;
        sqlx::raw_sql("CREATE DATABASE groupdesk").execute(&mut connection).await.map_err(explain)?;
        connection.close().await.map_err(explain)
    }

    /// Starts the server, unless it turns out to run.
    async fn launch(&self) -> Result<()> {
        if self.settle().await? {
            return Ok(());
        }
        self.write_settings()?;
        let log = self.cluster.join("server.log");
        let mut pg_ctl = self.program("pg_ctl");
        pg_ctl.arg("start").arg("--pgdata").arg(&self.cluster).arg("--log").arg(&log);
        // A crash recovery may take long; it must not be taken for a failure.
        pg_ctl.args(["--silent", "--wait"]).arg(format!("--timeout={}", PATIENCE.as_secs()));
        // The daemon inherits these: a pipe would never end.
        let status = pg_ctl.stdout(Stdio::null()).stderr(Stdio::null()).status().await;
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => {
                Err(failed(format!("the private Postgres did not start; its last words:\n{}", tail(&log))))
            }
            Err(error) => Err(failed(format!("cannot run pg_ctl: {error}"))),
        }
    }

    /// Waits for what is left of a server that was killed, or still is starting. Says whether it
    /// answers in the end; if not, nobody works in the cluster's folder any more, and its lock files
    /// are leftovers. Postgres does not always see that by itself: the number in them may be another
    /// process's by now, or a dead one's that nobody has buried, as happens in containers.
    async fn settle(&self) -> Result<bool> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while self.is_worked_in() {
            if self.answers().await {
                return Ok(true);
            }
            if tokio::time::Instant::now() > deadline {
                return Err(failed(format!(
                    "another Postgres works in {} and does not answer",
                    self.cluster.display()
                )));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        if Path::new("/proc/self").exists() {
            for leftover in [
                self.cluster.join("postmaster.pid"),
                self.socket_dir.join(".s.PGSQL.5432"),
                self.socket_dir.join(".s.PGSQL.5432.lock"),
            ] {
                // Where it cannot be removed, Postgres says why it does not start.
                let _ = std::fs::remove_file(leftover);
            }
        }
        Ok(false)
    }

    /// Every process of a Postgres server has the cluster for its working folder; a dead one has none.
    fn is_worked_in(&self) -> bool {
        let Ok(cluster) = self.cluster.canonicalize() else {
            return false;
        };
        std::fs::read_dir("/proc").into_iter().flatten().flatten().any(|process| {
            std::fs::read_link(process.path().join("cwd")).is_ok_and(|folder| folder == cluster)
        })
    }

    fn write_settings(&self) -> Result<()> {
        let path = self.cluster.join("groupdesk.conf");
        std::fs::write(&path, server_settings(&self.socket_dir)).explain("write", &path)?;
        let main = self.cluster.join("postgresql.conf");
        let text = std::fs::read_to_string(&main).explain("read", &main)?;
        let include = "include 'groupdesk.conf'";
        if !text.contains(include) {
            std::fs::write(&main, format!("{text}\n{include}\n")).explain("write", &main)?;
        }
        Ok(())
    }

    async fn shut_down(&self) -> Result<()> {
        let mut pg_ctl = self.program("pg_ctl");
        pg_ctl.arg("stop").arg("--pgdata").arg(&self.cluster).args([
            "--mode=fast",
            "--silent",
            "--wait",
            "--timeout=60",
        ]);
        succeed("pg_ctl stop", pg_ctl.output().await)
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        command.stdin(Stdio::null()).current_dir("/").env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        // A Ctrl-C in the terminal is for us; the server ends when we have drained.
        command.process_group(0);
        if let Some(user) = &self.runs_as {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }
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

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}

/// As root: the user `postgres`, else `nobody`. Otherwise ourselves.
fn unprivileged_user() -> Result<Option<User>> {
    if !Uid::effective().is_root() {
        return Ok(None);
    }
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| User::from_name(name).ok().flatten())
        .map(Some)
        .ok_or_else(|| {
            failed("Postgres does not run as root, and there is no user 'postgres' or 'nobody' to run it")
        })
}

fn data_dir(settings: &PrivateSettings, runs_as: Option<&User>) -> Result<PathBuf> {
    let wanted = std::path::absolute(&settings.data_dir).explain("find", &settings.data_dir)?;
    let Some(user) = runs_as else {
        std::fs::create_dir_all(&wanted).explain("create", &wanted)?;
        return Ok(wanted);
    };
    if let Some(closed) = wanted.ancestors().skip(1).find(|dir| !may_pass(dir, user)) {
        if !settings.data_dir_is_default {
            return Err(failed(format!(
                "the user '{}', who runs Postgres when you are root, may not enter {}: name another --data-dir",
                user.name,
                closed.display()
            )));
        }
        let elsewhere = PathBuf::from(ROOTS_DATA_DIR);
        tracing::info!(folder = ROOTS_DATA_DIR, "./var is out of the reach of the user who runs Postgres");
        return made_passable(elsewhere, user);
    }
    made_passable(wanted, user)
}

fn made_passable(dir: PathBuf, user: &User) -> Result<PathBuf> {
    std::fs::create_dir_all(&dir).explain("create", &dir)?;
    if !may_pass(&dir, user) {
        std::fs::set_permissions(&dir, Permissions::from_mode(0o711)).explain("open", &dir)?;
    }
    Ok(dir)
}

/// May this user pass through the folder? One that does not exist yet will be made so that they may.
fn may_pass(dir: &Path, user: &User) -> bool {
    std::fs::metadata(dir).map_or(true, |meta| {
        let mode = meta.mode();
        mode & 0o001 != 0
            || (meta.uid() == user.uid.as_raw() && mode & 0o100 != 0)
            || (meta.gid() == user.gid.as_raw() && mode & 0o010 != 0)
    })
}

/// In the data folder, or, where that path is too long for a socket, a folder named after it.
fn socket_dir(home: &Path) -> PathBuf {
    let usual = home.join("socket");
    if usual.as_os_str().len() <= SOCKET_DIR_MAX {
        return usual;
    }
    let digest = Sha256::digest(home.as_os_str().as_encoded_bytes());
    let name = URL_SAFE_NO_PAD.encode(&digest[..9]);
    PathBuf::from(format!("/tmp/groupdesk-{}-{name}", Uid::effective()))
}

/// The folder of `initdb` and `pg_ctl`.
fn programs(settings: &PrivateSettings) -> Result<PathBuf> {
    if let Some(bin) = &settings.postgres_bin {
        return if bin.join("initdb").is_file() {
            Ok(bin.clone())
        } else {
            Err(failed(format!("--postgres-bin {}: there is no initdb", bin.display())))
        };
    }
    let mut packaged: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").is_file())
        .collect();
    packaged.sort();
    if let Some((_, newest)) = packaged.pop() {
        return Ok(newest);
    }
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .find(|dir| dir.join("initdb").is_file())
        .ok_or_else(|| {
            failed(
                "there is no Postgres on this machine to start (initdb was not found): install one, name its \
                 programs with --postgres-bin, or give --database-url",
            )
        })
}

/// Sized for a desk on a machine that does other things too: a quarter of the memory, 1 GiB at
/// most. Everything that keeps acknowledged writes stays at Postgres's safe defaults.
fn server_settings(socket_dir: &Path) -> String {
    let buffers = (memory_mib() / 4).clamp(64, 1024);
    let cache = (memory_mib() / 2).max(256);
    format!(
        "# Written at every start; changes here do not last.\n\
         listen_addresses = ''\n\
         unix_socket_directories = '{}'\n\
         unix_socket_permissions = 0700\n\
         max_connections = 120\n\
         shared_buffers = {buffers}MB\n\
         effective_cache_size = {cache}MB\n\
         random_page_cost = 1.1\n\
         max_wal_size = 4GB\n\
         checkpoint_timeout = 15min\n\
         wal_compression = on\n\
         jit = off\n\
         timezone = 'UTC'\n\
         log_timezone = 'UTC'\n\
         lc_messages = 'C'\n",
        socket_dir.display().to_string().replace('\'', "''")
    )
}

fn memory_mib() -> u64 {
    std::fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("MemTotal:"))?.to_owned();
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        })
        .map_or(1024, |kib| kib / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deep_data_folder_gets_a_short_socket_folder() {
        assert_eq!(socket_dir(Path::new("/srv/desk")), Path::new("/srv/desk/socket"));
        let deep = PathBuf::from("/srv").join("x".repeat(120));
        assert!(socket_dir(&deep).as_os_str().len() <= SOCKET_DIR_MAX);
        assert_ne!(socket_dir(&deep), socket_dir(&deep.join("y")));
    }
}
