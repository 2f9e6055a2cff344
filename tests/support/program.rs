//! The program in a process of its own.

use std::fs::File;
use std::io::Read;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

/// The program, without the settings of the environment: only the arguments of the test apply.
pub fn groupdesk(args: &[&str]) -> Command {
    program(Path::new(env!("CARGO_BIN_EXE_groupdesk")), args)
}

/// Like [`groupdesk`], for another build.
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

/// The result of a run.
#[derive(Debug)]
pub struct Exit {
    pub status: i32,
    pub out: String,
    pub err: String,
}

pub async fn run_command(command: &mut Command) -> Exit {
    let output = command.output().await.unwrap();
    Exit {
        status: output.status.code().expect("an exit, not a signal"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub async fn run(args: &[&str]) -> Exit {
    run_command(&mut groupdesk(args)).await
}

/// Polls until the condition holds, and panics after the timeout. `what` describes the condition.
pub async fn wait_until(seconds: u64, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(seconds), "not within {seconds} s: {what}");
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
    /// Starts the server on a free port and waits until it is ready. `folder` holds the log.
    pub async fn start(folder: &Path, args: &[&str]) -> Self {
        // The port is free now; another process taking it before the server does is unlikely.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        Self::launch(groupdesk(&["serve"]), &address, folder, args).await
    }

    /// Like [`Self::start`], for any build and for an address that another server used before, whose log is
    /// continued.
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
        wait_until(120, "the server is ready", async || {
            if let Some(status) = server.child.try_wait().unwrap() {
                panic!("the server ended with {status}: {}", server.log());
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

    /// Waits for the process to end. Returns the exit status, or `None` if a signal ended it.
    pub async fn end(&mut self) -> Option<i32> {
        tokio::time::timeout(Duration::from_secs(45), self.child.wait())
            .await
            .expect("an end within 45 s")
            .unwrap()
            .code()
    }
}
