//! Creates the cluster (the data of the server), its database, its settings and its log, whose size is limited, and finds the
//! Postgres programs of the right version: a version of Postgres reads only its own data.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use nix::fcntl::OFlag;
use procfs::{Current as _, Meminfo};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use tokio::process::Command;

use super::lock::{LockFile, Wait};
use super::server::{RECOVERY_TIMEOUT, Server};
use super::socket::{PORT, SUPERUSER};
use super::{Explain as _, Result};
use crate::platform::config::setting_name;
use crate::platform::db::errors::has_code;

/// The lowest number of a database that initdb did not create (`FirstNormalObjectId` in Postgres's `transam.h`).
const FIRST_DATABASE: u32 = 16384;

impl Server {
    /// Creates the cluster and the database, unless this was done before. A cluster that was copied here is used.
    pub(super) async fn initialize(&self, start_lock: &LockFile) -> Result<()> {
        let marker = self.home.path.join("initialized");
        if self.home.owner.act(|| marker.try_exists()).explain("look for", &marker)? {
            return Ok(());
        }
        if !self.has_databases()? {
            self.create_cluster(start_lock).await?;
        }
        self.launch().await?;
        self.create_database().await.map_err(|error| format!("cannot create the database: {error}"))?;
        let create = || File::create(&marker).and_then(|file| file.sync_all());
        self.home.owner.act(create).explain("create", &marker)
    }

    fn has_databases(&self) -> Result<bool> {
        let folder = self.cluster.join("base");
        let has_databases = || {
            for entry in std::fs::read_dir(&folder).if_exists()?.into_iter().flatten() {
                let number = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok());
                if number.is_some_and(|number| number >= FIRST_DATABASE) {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        self.home.postgres.act(has_databases).explain("look into", &folder)
    }

    /// Runs initdb. The remains of an interrupted initdb contain nothing that was ever acknowledged.
    async fn create_cluster(&self, start_lock: &LockFile) -> Result<()> {
        let postgres = &self.home.postgres;
        // The first folder and the first file that initdb creates. Either shows that an earlier run was interrupted.
        for name in ["pg_wal", "PG_VERSION"] {
            let leftover = self.cluster.join(name);
            if postgres.act(|| leftover.try_exists()).explain("look for", &leftover)? {
                tracing::warn!("the first start was interrupted; it is repeated");
                postgres.act(|| empty(&self.cluster)).explain("clear", &self.cluster)?;
            }
        }
        tracing::info!(folder = %self.cluster.display(), "creating a private Postgres");
        let mut initdb = self.program("initdb").await?;
        initdb.arg("--pgdata").arg(&self.cluster).args(["--username", SUPERUSER, "--auth=trust"]);
        initdb.args(["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions"]);
        // It ends when this process shuts down. If this process is killed, initdb holds the lock until it ends.
        initdb.kill_on_drop(true).stdin(start_lock.for_child()?).stdout(Stdio::null());
        let reason = || "initdb makes the cluster".to_owned();
        match Wait::up_to(RECOVERY_TIMEOUT).during(initdb.output(), reason).await {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(format!("initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim())),
            Err(error) => Err(format!("cannot run initdb: {error}")),
        }
    }

    async fn create_database(&self) -> sqlx::Result<()> {
        let mut connection = self.socket.options().database("postgres").connect().await?;
        // `duplicate_database`: an earlier start was interrupted, or the cluster was copied.
        if let Err(error) = connection.execute("CREATE DATABASE groupdesk").await
            && !has_code(&error, &["42P04"])
        {
            return Err(error);
        }
        connection.close().await
    }

    pub(super) fn write_settings(&self) -> io::Result<()> {
        replace(&self.cluster.join("groupdesk.conf"), &server_settings(&self.socket.directories()))?;
        let main = self.cluster.join("postgresql.conf");
        let text = std::fs::read_to_string(&main)?;
        let include = "include 'groupdesk.conf'";
        if text.contains(include) { Ok(()) } else { replace(&main, &format!("{text}\n{include}\n")) }
    }

    fn data_version(&self) -> Result<Option<u32>> {
        let file = self.cluster.join("PG_VERSION");
        let text = self.home.postgres.act(|| std::fs::read_to_string(&file).if_exists());
        let Some(text) = text.explain("read", &file)? else { return Ok(None) };
        let invalid = || format!("{} does not hold a version of Postgres", file.display());
        data_version(&text).ok_or_else(invalid).map(Some)
    }

    /// One of the programs that fit the data, run by the user who runs Postgres.
    pub(super) async fn program(&self, name: &str) -> Result<Command> {
        let bin = find_programs(self.postgres_bin.as_deref(), self.data_version()?, &self.cluster).await?;
        let mut command = Command::new(bin.join(name));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            // These variables are about other servers.
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).current_dir("/").env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        // Ctrl-C in the terminal is for this process only: the server ends when all requests are done.
        command.process_group(0);
        if nix::unistd::Uid::effective().is_root() {
            let user = &self.home.postgres;
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        Ok(command)
    }
}

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

/// Writes the file as a whole or not at all; on a full disk the old file stays.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|current| current == text) {
        return Ok(());
    }
    let new = path.with_extension("new");
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, path)
}

/// Sized for a machine with other work: a quarter of the memory, at most 1 GiB. Everything that protects acknowledged
/// writes has Postgres's safe defaults.
fn server_settings(socket_directories: &str) -> String {
    let memory_mib = Meminfo::current().map_or(1024, |memory| memory.mem_total / (1024 * 1024));
    format!(
        include_str!("groupdesk.conf"),
        port = PORT,
        directories = quoted(socket_directories),
        buffers = (memory_mib / 4).clamp(64, 1024),
        cache = (memory_mib / 2).max(256),
    )
}

/// Escapes a text for a quoted value (Postgres's `GUC_scanstr`).
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "''").replace('\n', "\\n")
}

/// A longer log is emptied, and its last bytes of this number become `server.log.1`.
const LOG_MAX: u64 = 10 * 1024 * 1024;
const TAIL: u64 = 4096;
const TAIL_LINES: usize = 8;

pub(super) fn log_path(cluster: &Path) -> PathBuf {
    cluster.join("server.log")
}

pub(super) fn log_is_long(cluster: &Path) -> io::Result<bool> {
    std::fs::symlink_metadata(log_path(cluster)).map(|found| found.len() > LOG_MAX)
}

/// Truncates the log if it is too long. A renamed file would not do, because the server would go on appending to it.
pub(super) fn truncate_log(cluster: &Path) -> io::Result<()> {
    let log = open(File::options().read(true).write(true), &log_path(cluster));
    let Some(mut log) = log.if_exists()? else { return Ok(()) };
    let length = log.metadata()?.len();
    if length <= LOG_MAX {
        return Ok(());
    }
    let before = cluster.join("server.log.1");
    if copy_end(&mut log, length, &before).is_err() {
        // On a full disk the space is worth more than the old lines.
        let _ = std::fs::remove_file(&before);
    }
    log.set_len(0)
}

fn copy_end(log: &mut File, length: u64, before: &Path) -> io::Result<()> {
    log.seek(SeekFrom::Start(length - LOG_MAX))?;
    let mut copy = open(File::options().write(true).create(true).truncate(true).mode(0o600), before)?;
    io::copy(&mut log.take(LOG_MAX), &mut copy).map(|_| ())
}

fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.custom_flags(OFlag::O_NOFOLLOW.bits()).open(path)
}

pub(super) fn log_tail(cluster: &Path) -> io::Result<String> {
    let mut log = open(File::options().read(true), &log_path(cluster))?;
    let length = log.metadata()?.len();
    log.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut end = Vec::new();
    log.take(TAIL).read_to_end(&mut end)?;
    let text = String::from_utf8_lossy(&end);
    let lines: Vec<&str> = text.lines().collect();
    Ok(lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n"))
}

/// Where packages install each version: a folder, the prefix of the version in it, and the programs' folder below that.
/// Debian and Ubuntu; Arch, and Fedora as packaged by the PostgreSQL project; SUSE; Alpine; Gentoo; Homebrew.
const PACKAGED: [(&str, &str, &str); 7] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt", "pgsql-", "bin"),
    ("/usr/lib", "postgresql", "bin"),
    ("/usr/libexec", "postgresql", "."),
    ("/usr/lib64", "postgresql-", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
];
const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// The folders with all programs, at least one: of packages, the newest first, then of PATH. `named`: the setting.
pub(super) fn candidate_programs(named: Option<&Path>) -> Result<Vec<PathBuf>> {
    let mut usable = named.map_or_else(installed, |bin| vec![bin.to_owned()]);
    usable.retain(|bin| NEEDED.iter().all(|name| bin.join(name).is_file()));
    match named {
        _ if !usable.is_empty() => Ok(usable),
        Some(bin) => {
            let setting = setting_name("postgres_bin");
            Err(format!("{setting}, {}: not all of {NEEDED:?} are there", bin.display()))
        }
        None => Err(
            "there is no Postgres on this machine to start (initdb, pg_ctl and postgres were not found): \
             install one, name its programs with --postgres-bin, or give --database-url"
                .to_owned(),
        ),
    }
}

async fn find_programs(named: Option<&Path>, data: Option<u32>, cluster: &Path) -> Result<PathBuf> {
    let (mut found, mut broken): (Vec<(u32, PathBuf)>, Vec<String>) = (Vec::new(), Vec::new());
    for bin in candidate_programs(named)? {
        match version(&bin).await {
            Some(version) if data == Some(version) => return Ok(bin),
            Some(version) => found.push((version, bin)),
            None => broken.push(bin.display().to_string()),
        }
    }
    if let Some(data) = data
        && !found.is_empty()
    {
        let others = found.iter().map(|(version, bin)| format!("{version} ({})", bin.display()));
        let (others, cluster) = (others.collect::<Vec<_>>().join(" and "), cluster.display());
        let remedy = if named.is_some() {
            format!("let --postgres-bin name the programs of Postgres {data}")
        } else {
            format!("install Postgres {data} beside them, or name its programs with --postgres-bin")
        };
        return Err(format!(
            "the data in {cluster} is that of Postgres {data}, and the programs here are those of Postgres {others}: \
             {remedy} (docs/operations.md says how to move the data to a newer version)"
        ));
    }
    // The first one of several of the newest version.
    let newest = found.into_iter().rev().max_by_key(|(version, _)| *version);
    newest.map(|(_, bin)| bin).ok_or_else(|| {
        format!(
            "the programs of Postgres in {} do not say their version: install a Postgres that runs on this machine, \
             or name its programs with --postgres-bin",
            broken.join(" and ")
        )
    })
}

/// The major version in the text of a `PG_VERSION` file: "15", or "9.6" before Postgres 10.
fn data_version(text: &str) -> Option<u32> {
    text.trim().split('.').next()?.parse().ok()
}

fn installed() -> Vec<PathBuf> {
    let found = |(parent, prefix, bin): (&str, _, _)| versions(parent.as_ref(), prefix, bin);
    let mut packaged: Vec<_> = PACKAGED.into_iter().flat_map(found).collect();
    packaged.sort_by(|a, b| b.cmp(a));
    let path = std::env::var_os("PATH").unwrap_or_default();
    packaged.into_iter().map(|(_, bin)| bin).chain(std::env::split_paths(&path)).collect()
}

fn versions(parent: &Path, prefix: &str, rest: &str) -> Vec<(u32, PathBuf)> {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let version = |name: &str| name.strip_prefix(prefix)?.parse().ok();
    entries
        .filter_map(|entry| Some((version(entry.file_name().to_str()?)?, entry.path().join(rest))))
        .collect()
}

async fn version(bin: &Path) -> Option<u32> {
    let mut postgres = Command::new(bin.join("postgres"));
    let output = postgres.arg("--version").stdin(Stdio::null()).kill_on_drop(true).output().await.ok()?;
    major(&String::from_utf8_lossy(&output.stdout))
}

/// Reads the major version from `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, or `… 18beta1`.
fn major(answer: &str) -> Option<u32> {
    let version = answer.split_whitespace().nth(2)?;
    let digits = version.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(version.len());
    version.get(..digits)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_folder_may_have_any_name() {
        let settings = server_settings("\"/srv/a'b\\back\nnext\"");
        let line = settings.lines().find(|line| line.starts_with("unix_socket_directories"));
        assert_eq!(line, Some(r#"unix_socket_directories = '"/srv/a''b\\back\nnext"'"#));
    }

    #[test]
    fn a_long_log_is_truncated_and_its_end_is_copied() {
        let cluster = tempfile::tempdir().unwrap();
        let log = log_path(cluster.path());
        truncate_log(cluster.path()).unwrap();
        let mut text = "x".repeat(usize::try_from(3 * LOG_MAX).unwrap());
        text.push_str("\nthe last line\n");
        std::fs::write(&log, text).unwrap();

        assert_eq!(log_tail(cluster.path()).unwrap().lines().last(), Some("the last line"));
        truncate_log(cluster.path()).unwrap();

        assert_eq!(std::fs::metadata(&log).unwrap().len(), 0);
        let before = std::fs::read_to_string(cluster.path().join("server.log.1")).unwrap();
        assert!(before.ends_with("\nthe last line\n"));
        assert_eq!(u64::try_from(before.len()).unwrap(), LOG_MAX);
        std::fs::write(&log, "short\n").unwrap();
        truncate_log(cluster.path()).unwrap();
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "short\n");
    }

    #[test]
    fn the_major_version_is_read_from_programs_and_data() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("postgres\n"), None);
        assert_eq!(data_version("15\n"), Some(15));
        assert_eq!(data_version("9.6\n"), Some(9));
        assert_eq!(data_version(""), None);
    }

    #[test]
    fn packaged_versions_are_found() {
        let parent = tempfile::tempdir().unwrap();
        let parent = parent.path();
        for name in ["15", "postgresql16", "pgsql-9", "pgsql-17", "pgsql-current", "postgresql"] {
            std::fs::create_dir(parent.join(name)).unwrap();
        }
        let mut packaged = versions(parent, "pgsql-", "bin");
        packaged.sort();
        assert_eq!(packaged, [(9, parent.join("pgsql-9/bin")), (17, parent.join("pgsql-17/bin"))]);
        assert_eq!(versions(parent, "postgresql", "bin"), [(16, parent.join("postgresql16/bin"))]);
        assert_eq!(versions(parent, "", "bin"), [(15, parent.join("15/bin"))]);
        assert!(versions(&parent.join("missing"), "", "bin").is_empty());
    }

    #[tokio::test]
    async fn programs_that_do_not_run_are_reported() {
        let bin = tempfile::tempdir().unwrap();
        for name in NEEDED {
            // As where a library is missing.
            std::fs::write(bin.path().join(name), "#!/bin/sh\nexit 127\n").unwrap();
            std::fs::set_permissions(bin.path().join(name), Permissions::from_mode(0o755)).unwrap();
        }
        for data in [None, Some(15)] {
            let error =
                find_programs(Some(bin.path()), data, Path::new("/srv/desk/postgres")).await.unwrap_err();
            assert!(error.contains("do not say their version"), "{error}");
            assert!(error.contains(bin.path().to_str().unwrap()), "{error}");
        }
    }
}
