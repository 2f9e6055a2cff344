//! The tested program in a process of its own.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use procfs::process::Process;
use tokio::process::{Child, Command};

use crate::Result;
use crate::load::Connection;
use crate::resources;

const STARTUP_TIMEOUT: Duration = Duration::from_mins(1);
/// A short interval, because the time until the server is ready is measured.
const STARTUP_POLL: Duration = Duration::from_millis(5);

/// The environment that `script/bench` has prepared.
pub struct Settings {
    /// The release build.
    pub binary: PathBuf,
    pub pgbench: PathBuf,
    /// A URL with parameters (`?host=…`), of a user who may set `log_statement`.
    pub database_url: String,
    /// Postgres's log, which has no line prefix.
    pub postgres_log: PathBuf,
    /// The directory of the pgbench scripts and of a server's log.
    pub folder: PathBuf,
}

impl Settings {
    pub fn from_environment() -> Result<Self> {
        let setting = |name: &str| {
            std::env::var(name).map_err(|_| format!("{name} is not set: run this with script/bench"))
        };
        Ok(Self {
            binary: setting("GROUPDESK_BENCH_BINARY")?.into(),
            pgbench: setting("GROUPDESK_BENCH_PGBENCH")?.into(),
            database_url: setting("GROUPDESK_BENCH_DATABASE_URL")?,
            postgres_log: setting("GROUPDESK_BENCH_POSTGRES_LOG")?.into(),
            folder: setting("GROUPDESK_BENCH_FOLDER")?.into(),
        })
    }

    /// The log of the server whose statements are recorded; the measured server has none.
    pub fn server_log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// The program without settings from the environment, because its defaults are measured.
    fn groupdesk(&self, database_url: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("GROUPDESK_") || name == "DATABASE_URL") {
                command.env_remove(&name);
            }
        }
        command.args(arguments).args(["--database-url", database_url]);
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }
}

/// Creates a token that acts for this person.
pub async fn token(settings: &Settings, email: &str) -> Result<String> {
    let arguments = ["token", "create", "--name", "bench", "--scope", "read,write", "--person", email];
    let output = settings.groupdesk(&settings.database_url, &arguments).output().await?;
    if !output.status.success() {
        return Err(format!("no token was made: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// A running `groupdesk serve`.
pub struct Server {
    pub address: SocketAddr,
    /// The time from the start of the process to the first answer that it is ready.
    pub startup: Duration,
    child: Child,
}

impl Server {
    /// Starts the server on a free port and waits until it is ready. Request logging stays on, because it
    /// is part of the cost; `log` is its destination.
    pub async fn start(settings: &Settings, database_url: &str, log: Stdio) -> Result<Self> {
        // The port is free now; another process taking it before the server does is unlikely.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let begin = Instant::now();
        let mut child = settings
            .groupdesk(database_url, &["serve", "--listen", &address.to_string()])
            // One token sends all requests here from one address, like many of both in production.
            .env("GROUPDESK_RATE_LIMIT", "off")
            .env("GROUPDESK_ADDRESS_RATE_LIMIT", "off")
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        while !is_ready(address).await.unwrap_or(false) {
            if let Some(status) = child.try_wait()? {
                let log = settings.server_log();
                return Err(format!("the server ended with {status}; see {}", log.display()).into());
            }
            if begin.elapsed() > STARTUP_TIMEOUT {
                let log = settings.server_log();
                return Err(format!("the server does not get ready; see {}", log.display()).into());
            }
            tokio::time::sleep(STARTUP_POLL).await;
        }
        Ok(Self { address, startup: begin.elapsed(), child })
    }

    /// The processor time used so far by all threads.
    pub fn processor_time(&self) -> Result<Duration> {
        let stat = self.process()?.stat()?;
        Ok(resources::time(stat.utime + stat.stime))
    }

    /// The largest amount of memory that the server has had, in KiB.
    pub fn peak_memory(&self) -> Result<u64> {
        Ok(self.process()?.status()?.vmhwm.ok_or("the server has no memory")?)
    }

    fn process(&self) -> Result<Process> {
        let id = self.child.id().ok_or("the server has ended")?;
        Ok(Process::new(i32::try_from(id)?)?)
    }

    /// Kills the server, because no requests are running and its database is discarded.
    pub async fn stop(mut self) -> Result<()> {
        self.child.kill().await?;
        Ok(())
    }
}

async fn is_ready(address: SocketAddr) -> Result<bool> {
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let mut connection = Connection::open(address).await?;
    let answer = connection.exchange(request.as_bytes()).await?;
    Ok(answer.status == 200)
}
