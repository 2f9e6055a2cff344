//! Creates the cluster (the data of the server), its database and its settings.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Stdio;

use sqlx::{ConnectOptions as _, Connection as _};
use tokio::process::Command;

use super::conf::server_settings;
use super::error::{Explain as _, Result};
use super::lock::LockFile;
use super::server::{RECOVERY_TIMEOUT, Server};
use super::socket::SUPERUSER;
use super::wait::Wait;
use super::{DATABASE, programs};

/// The lowest number of a database that initdb did not create (`FirstNormalObjectId` in Postgres's
/// `access/transam.h`).
const FIRST_DATABASE: u32 = 16384;

impl Server {
    /// Creates the cluster and the database, unless this was done before. A cluster that was copied here is used as
    /// it is.
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

    /// Whether there is a database that initdb did not create.
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
        // The first folder and the first file that it creates.
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
        let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)")
            .bind(DATABASE)
            .fetch_one(&mut connection)
            .await?;
        if !exists {
            sqlx::raw_sql("CREATE DATABASE groupdesk").execute(&mut connection).await?;
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

    /// The version of Postgres to which the data belongs, if there is any.
    fn data_version(&self) -> Result<Option<u32>> {
        let file = self.cluster.join("PG_VERSION");
        let text = self.home.postgres.act(|| std::fs::read_to_string(&file).if_exists());
        let Some(text) = text.explain("read", &file)? else { return Ok(None) };
        let invalid = || format!("{} does not hold a version of Postgres", file.display());
        programs::data_version(&text).ok_or_else(invalid).map(Some)
    }

    /// One of the programs that fit the data, run by the user who runs Postgres.
    pub(super) async fn program(&self, name: &str) -> Result<Command> {
        let bin = programs::find(self.postgres_bin.as_deref(), self.data_version()?, &self.cluster).await?;
        let mut command = Command::new(bin.join(name));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            // These variables are about other servers.
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).current_dir("/").env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        // Ctrl-C in the terminal is for this process; the server ends when all requests are done.
        command.process_group(0);
        if nix::unistd::Uid::effective().is_root() {
            let user = &self.home.postgres;
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        Ok(command)
    }
}

/// Removes everything in the folder.
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
