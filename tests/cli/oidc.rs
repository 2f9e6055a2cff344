//! Settings of an identity provider, and log lines of sign-ins.

use nix::sys::signal::Signal;
use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tempfile::TempDir;

use crate::support::{
    Browser, CLIENT_SECRET, Exit, IdentityProvider, Server, database_url, groupdesk, operator, run_command,
};

/// A database that does not exist: the settings are checked before it is used.
const UNREACHABLE: &str = "postgres://x@127.0.0.1:1/none";

async fn serve(args: &[&str], variables: &[(&str, &str)]) -> Exit {
    let mut command = groupdesk(&["serve", "--listen", "127.0.0.1:0", "--database-url", UNREACHABLE]);
    command.args(args);
    for (name, value) in variables {
        command.env(name, value);
    }
    run_command(&mut command).await
}

#[tokio::test]
async fn incomplete_or_invalid_settings_are_bad_usage() {
    let issuer = ["--oidc-issuer", "https://id.example.com"];
    let id = ["--oidc-client-id", "desk"];
    let secret = ["--oidc-client-secret", "hunter2"];
    for (args, says) in [
        ([issuer.as_slice(), &id].concat(), "--oidc-client-secret-file"),
        ([issuer.as_slice(), &secret].concat(), "--oidc-client-id"),
        ([id.as_slice(), &secret].concat(), "--oidc-issuer"),
        (vec!["--oidc-name", "Example"], "--oidc-issuer"),
        ([&["--oidc-issuer", "http://id.example.com"], id.as_slice(), &secret].concat(), "https"),
        (
            [issuer.as_slice(), &id, &["--oidc-client-secret-file", "/nowhere/secret"]].concat(),
            "/nowhere/secret",
        ),
        ([issuer.as_slice(), &id, &secret, &["--oidc-client-secret-file", "/nowhere"]].concat(), "not both"),
    ] {
        let ended = serve(&args, &[]).await;
        assert_eq!((ended.status, ended.out.as_str()), (2, ""), "{args:?}: {ended:?}");
        assert!(ended.err.contains(says) && !ended.err.contains("hunter2"), "{args:?}: {}", ended.err);
    }
}

/// With complete settings the command fails at the database, and not earlier.
#[tokio::test]
async fn settings_come_from_flags_variables_and_files() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let secret = file("secret", "hunter2\n");
    let whole = file(
        "whole.toml",
        &format!(
            "oidc_issuer = \"https://id.example.com\"\noidc_client_id = \"desk\"\noidc_client_secret_file = \"{secret}\"\n"
        ),
    );
    let half = file("half.toml", "oidc_issuer = \"https://id.example.com\"\noidc_name = \"Example\"\n");
    let empty = file("empty", "\n");
    let variable = ("GROUPDESK_OIDC_CLIENT_SECRET", "hunter2");
    for (args, variables, status) in [
        (vec!["--config", &whole], vec![], 1),
        (vec!["--config", &half, "--oidc-client-id", "desk"], vec![variable], 1),
        (vec!["--config", &half], vec![variable], 2),
        (vec!["--config", &whole, "--oidc-client-secret-file", &empty], vec![], 2),
        (vec!["--config", &whole, "--oidc-issuer", "http://id.example.com"], vec![], 2),
    ] {
        let ended = serve(&args, &variables).await;
        assert_eq!(ended.status, status, "{args:?}: {ended:?}");
        assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    }
    let mut help = groupdesk(&["serve", "--help"]);
    let help = run_command(help.env("GROUPDESK_OIDC_CLIENT_SECRET", "hunter2")).await;
    assert!(
        help.out.contains("GROUPDESK_OIDC_CLIENT_SECRET") && !help.out.contains("hunter2"),
        "{}",
        help.out
    );
}

#[database_test]
async fn log_reports_failed_sign_in_without_secrets(pool: PgPool) {
    let provider = IdentityProvider::start().await;
    let folder = TempDir::new().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, CLIENT_SECRET).unwrap();
    let url = database_url(&pool);
    let mut server = Server::start(
        folder.path(),
        &[
            "--database-url",
            &url,
            "--log",
            "trace",
            "--oidc-issuer",
            &provider.issuer,
            "--oidc-client-id",
            "groupdesk",
            "--oidc-client-secret-file",
            secret.to_str().unwrap(),
        ],
    )
    .await;
    operator(&pool, "sam@example.com", "Sam Okoye", "support").await;
    let browser = Browser::at(server.url(""));
    let login = browser.open("/login").await;
    assert!(login.text().contains("Sign in with localhost"), "{}", login.text());
    let mut secrets =
        vec![CLIENT_SECRET.to_owned(), CLIENT_SECRET.replace(' ', "+"), "Z3JvdXBkZXNrOm".to_owned()];
    for forge in [false, true] {
        let browser = Browser::at(server.url(""));
        let back = provider.sign_in_at_provider(&browser, &login, "sam").await;
        let (_, query) = back.split_once('?').unwrap();
        let secret =
            |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap();
        secrets.extend([secret("code").to_owned(), secret("state").to_owned()]);
        let back = if forge { back.replace(secret("code"), &"0123456789".repeat(4)) } else { back.clone() };
        assert_eq!(browser.open(&back).await.at, if forge { "/login" } else { "/" });
    }
    secrets.push("0123456789".repeat(4));
    // A token is a JSON object in Base64.
    secrets.push("eyJ".to_owned());
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0));

    let log = server.log();
    assert!(log.contains("the provider refuses the code: invalid_grant"), "{log}");
    for secret in secrets {
        let found = log.lines().find(|line| line.contains(&secret));
        assert_eq!(found, None, "{secret}");
    }
}
