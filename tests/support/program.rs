//! The program as a process of its own.

use std::fs::File;
use std::io::Read;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

/// The program, with nothing of the surroundings' settings: only what a test says counts.
pub fn groupdesk(args: &[&str]) -> Command {
    program(Path::new(env!("CARGO_BIN_EXE_groupdesk")), args)
}

/// Another build of it, likewise.
pub fn program(path: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(path);
    for (name, _) in std::env::vars_os() {
        let ours = name.to_str().is_some_and(|name| name.starts_with("GROUPDESK_"));
        if ours || name == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
    command.args(args).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// How a run went.
#[derive(Debug)]
pub struct Ended {
    pub status: i32,
    pub out: String,
    pub err: String,
}

pub async fn ended(command: &mut Command) -> Ended {
    let output = command.output().await.unwrap();
    Ended {
        status: output.status.code().expect("an exit, not a signal"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub async fn run(args: &[&str]) -> Ended {
    ended(&mut groupdesk(args)).await
}

/// Asks again and again, until it is so or the time is up.
pub async fn within(seconds: u64, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let patience = Instant::now();
    while !is_so().await {
        assert!(patience.elapsed() < Duration::from_secs(seconds), "not within {seconds} s: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// `groupdesk serve`, with its log in a file.
pub struct Server {
    pub address: String,
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts it on a free port and waits until it is ready. `folder` takes the log.
    pub async fn start(folder: &Path, args: &[&str]) -> Self {
        // Free now; that nobody takes it in between is likely enough for a test.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        Self::launch(groupdesk(&["serve"]), &address, folder, args).await
    }

    /// As [`Self::start`], of any build and at an address where there may have been one before, whose log
    /// goes on.
    pub async fn launch(mut serve: Command, address: &str, folder: &Path, args: &[&str]) -> Self {
        let log = folder.join(format!("{}.log", address.replace(':', "-")));
        let file = File::options().create(true).append(true).open(&log).unwrap();
        serve.args(["--listen", address]).args(args);
        if !args.contains(&"--log-format") {
            serve.args(["--log-format", "json"]);
        }
        let child = serve.stdout(Stdio::null()).stderr(file).spawn().unwrap();
        let mut server = Self { address: address.to_owned(), child, log };
        let ready = server.url("/readyz");
        within(120, "the server is ready", async || {
            if let Some(status) = server.child.try_wait().unwrap() {
                panic!("it ended with {status}: {}", server.log());
            }
            reqwest::get(&ready).await.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
        server
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn log(&self) -> String {
        let mut text = String::new();
        File::open(&self.log).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    pub fn id(&self) -> i32 {
        i32::try_from(self.child.id().expect("a running server")).unwrap()
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.id()), signal).unwrap();
    }

    /// Waits for its end; the exit status, none where a signal ended it.
    pub async fn end(&mut self) -> Option<i32> {
        tokio::time::timeout(Duration::from_secs(45), self.child.wait())
            .await
            .expect("an end within 45 s")
            .unwrap()
            .code()
    }
}
