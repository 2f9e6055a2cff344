//! TLS on the way to the database.

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

use crate::support::{groupdesk, run, within};

/// A Postgres of the test's own, which offers TLS with a certificate of version 1 of X.509.
struct OldCertificate {
    _folder: TempDir,
    port: u16,
    _postgres: Child,
}

/// Free now; that nobody takes it in between is likely enough for a test.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The folder of Postgres' programs.
async fn programs(pool: &PgPool) -> PathBuf {
    let folder: String = sqlx::query_scalar("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
        .fetch_one(pool)
        .await
        .unwrap();
    PathBuf::from(folder)
}

fn checked(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).output().unwrap().status.success()
}

/// `openssl` made such certificates by default up to version 3.1, and makes them on demand since.
fn certificate(folder: &Path) {
    let openssl = |args: &[&str]| checked(Command::new("openssl").current_dir(folder).args(args));
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
        let made = program("initdb")
            .args(["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
            .output()
            .await
            .unwrap();
        assert!(made.status.success(), "{made:?}");
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
        within(60, "Postgres lets somebody in", async || PgConnection::connect(&plain).await.is_ok()).await;
        started
    }

    fn url(&self, query: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres{query}", self.port)
    }
}

/// The default of an address is TLS where it can be had (libpq's `prefer`), and not TLS or nothing.
#[database_test]
async fn a_certificate_that_cannot_be_read_is_in_nobodys_way_who_does_not_ask_for_tls(pool: PgPool) {
    let postgres = OldCertificate::start_at(free_port(), &programs(&pool).await).await;
    let required = run(&["migrate", "--database-url", &postgres.url("?sslmode=require")]).await;
    assert_eq!((required.status, required.out.as_str()), (1, ""), "{required:?}");
    assert!(required.err.contains("version 3"), "{required:?}");

    for query in ["", "?sslmode=prefer"] {
        let migrated = run(&["migrate", "--database-url", &postgres.url(query)]).await;
        assert_eq!(migrated.status, 0, "{migrated:?}");
        assert!(migrated.err.contains("the database's TLS does not work"), "{migrated:?}");
    }
    let said = run(&["migrate", "--database-url", &postgres.url("?sslmode=disable")]).await;
    assert_eq!((said.status, said.err.as_str()), (0, ""), "{said:?}");
}

/// A machine may start the desk before its database, and a failover may lead to a server that was not there before.
#[database_test]
async fn a_certificate_that_cannot_be_read_is_in_nobodys_way_when_the_server_comes_later(pool: PgPool) {
    let (port, listen) = (free_port(), format!("127.0.0.1:{}", free_port()));
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    let _desk = groupdesk(&["serve", "--no-migrate", "--listen", &listen, "--database-url", &url])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let ready = format!("http://{listen}/readyz");
    let status = async || reqwest::get(&ready).await.map_or(0, |answer| answer.status().as_u16());
    within(60, "the desk is served", async || status().await == 503).await;
    let _postgres = OldCertificate::start_at(port, &programs(&pool).await).await;
    let migrated = run(&["migrate", "--database-url", &url]).await;
    assert_eq!(migrated.status, 0, "{migrated:?}");
    within(30, "the desk is ready", async || status().await == 200).await;
}
