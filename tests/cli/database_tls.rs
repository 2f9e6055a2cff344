//! TLS connections to the database.

use std::fs::File;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::{Uid, User, chown};
use pretty_assertions::assert_eq;
use sqlx::{Connection as _, PgConnection, PgPool};
use tempfile::TempDir;
use tokio::process::Child;

use crate::support::{groupdesk, run, wait_until};

/// A Postgres of the test that offers TLS with an X.509 version 1 certificate.
struct OldCertificate {
    _folder: TempDir,
    port: u16,
    _postgres: Child,
}

/// The port is free now; another process taking it in between is unlikely.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The directory of Postgres's programs.
async fn programs(pool: &PgPool) -> PathBuf {
    let folder: String = sqlx::query_scalar("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
        .fetch_one(pool)
        .await
        .unwrap();
    PathBuf::from(folder)
}

fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).output().unwrap().status.success()
}

/// Up to version 3.1, `openssl` created such certificates by default; since then it does so on request.
fn certificate(folder: &Path) {
    let openssl = |args: &[&str]| succeeds(Command::new("openssl").current_dir(folder).args(args));
    let key = ["-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-subj", "/CN=localhost"];
    if !openssl(&[&["req", "-x509", "-x509v1", "-days", "30", "-out", "server.crt"], &key[..]].concat()) {
        assert!(openssl(&[&["req", "-new", "-out", "server.csr"], &key[..]].concat()));
        let sign = ["x509", "-req", "-in", "server.csr", "-signkey", "server.key", "-days", "30"];
        assert!(openssl(&[&sign[..], &["-out", "server.crt"]].concat()));
    }
    let show = ["x509", "-in", "server.crt", "-noout", "-text"];
    let shown = Command::new("openssl").current_dir(folder).args(show).output().unwrap();
    assert!(String::from_utf8(shown.stdout).unwrap().contains("Version: 1 "));
}

impl OldCertificate {
    async fn start_at(port: u16, programs: &Path) -> Self {
        let folder = TempDir::with_prefix("groupdesk-tls").unwrap();
        let path = folder.path();
        certificate(path);
        std::fs::set_permissions(path.join("server.key"), PermissionsExt::from_mode(0o600)).unwrap();
        // Postgres refuses to run as root.
        let user = Uid::effective().is_root().then(|| User::from_name("postgres").unwrap().unwrap());
        if let Some(user) = &user {
            for file in [path.to_owned(), path.join("server.key"), path.join("server.crt")] {
                chown(&file, Some(user.uid), Some(user.gid)).unwrap();
            }
        }
        let program = |name: &str| {
            let mut command = tokio::process::Command::new(programs.join(name));
            command.stdin(Stdio::null()).current_dir("/").env("LC_ALL", "C.UTF-8").kill_on_drop(true);
            if let Some(user) = &user {
                command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
            }
            command.arg("-D").arg(path.join("data"));
            command
        };
        let created = program("initdb")
            .args(["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
            .output()
            .await
            .unwrap();
        assert!(created.status.success(), "{created:?}");
        let mut postgres = program("postgres");
        for setting in [
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            format!("port={port}"),
            "fsync=off".to_owned(),
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", path.join("server.crt").display()),
            format!("ssl_key_file={}", path.join("server.key").display()),
        ] {
            postgres.args(["-c", &setting]);
        }
        let log = File::create(path.join("log")).unwrap();
        let child = postgres.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let started = Self { _folder: folder, port, _postgres: child };
        let plain = started.url("?sslmode=disable");
        wait_until(60, "Postgres accepts connections", async || PgConnection::connect(&plain).await.is_ok())
            .await;
        started
    }

    fn url(&self, query: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres{query}", self.port)
    }
}

/// The default mode is TLS if available (libpq's `prefer`), with a fallback to plain connections.
#[database_test]
async fn unreadable_certificate_falls_back_to_plain(pool: PgPool) {
    let postgres = OldCertificate::start_at(free_port(), &programs(&pool).await).await;
    let required = run(&["migrate", "--database-url", &postgres.url("?sslmode=require")]).await;
    assert_eq!((required.status, required.out.as_str()), (1, ""), "{required:?}");
    assert!(required.err.contains("version 3"), "{required:?}");

    for query in ["", "?sslmode=prefer"] {
        let migrated = run(&["migrate", "--database-url", &postgres.url(query)]).await;
        assert_eq!(migrated.status, 0, "{migrated:?}");
        assert!(migrated.err.contains("the database's TLS does not work"), "{migrated:?}");
    }
    let disabled = run(&["migrate", "--database-url", &postgres.url("?sslmode=disable")]).await;
    assert_eq!((disabled.status, disabled.err.as_str()), (0, ""), "{disabled:?}");
}

/// The server may start before its database, and a failover may lead to another database server.
#[database_test]
async fn fallback_works_when_the_database_starts_later(pool: PgPool) {
    let (port, listen) = (free_port(), format!("127.0.0.1:{}", free_port()));
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    let _desk = groupdesk(&["serve", "--no-migrate", "--listen", &listen, "--database-url", &url])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let ready = format!("http://{listen}/readyz");
    let status = async || reqwest::get(&ready).await.map_or(0, |answer| answer.status().as_u16());
    wait_until(60, "the server is ready", async || status().await == 503).await;
    let _postgres = OldCertificate::start_at(port, &programs(&pool).await).await;
    let migrated = run(&["migrate", "--database-url", &url]).await;
    assert_eq!(migrated.status, 0, "{migrated:?}");
    wait_until(30, "the server is ready", async || status().await == 200).await;
}
