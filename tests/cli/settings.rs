//! Sources of settings: flags before environment variables before the file.

use std::path::Path;

use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tempfile::TempDir;

use crate::support::{Exit, database_url, groupdesk, run, run_command};

const UNREACHABLE: &str = "postgres://x@127.0.0.1:1/none";

fn file(folder: &TempDir, text: &str) -> String {
    let path = folder.path().join("groupdesk.toml");
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

async fn migrate(args: &[&str], variables: &[(&str, &str)]) -> Exit {
    let mut command = groupdesk(&["migrate"]);
    command.args(args);
    for (name, value) in variables {
        command.env(name, value);
    }
    run_command(&mut command).await
}

#[database_test]
async fn flags_override_variables_and_variables_the_file(pool: PgPool) {
    let folder = TempDir::new().unwrap();
    let right = database_url(&pool);
    let (good, bad) = (
        file(&folder, &format!("database_url = \"{right}\"\n")),
        folder.path().join("bad.toml").display().to_string(),
    );
    std::fs::write(&bad, format!("database_url = \"{UNREACHABLE}\"\n")).unwrap();

    let flag = migrate(
        &["--database-url", &right, "--config", &bad],
        &[("GROUPDESK_DATABASE_URL", UNREACHABLE), ("DATABASE_URL", UNREACHABLE)],
    )
    .await;
    assert_eq!(flag.status, 0, "{flag:?}");
    let variable =
        migrate(&["--config", &bad], &[("GROUPDESK_DATABASE_URL", &right), ("DATABASE_URL", UNREACHABLE)])
            .await;
    assert_eq!(variable.status, 0, "{variable:?}");
    let plain = migrate(&["--config", &bad], &[("DATABASE_URL", &right)]).await;
    assert_eq!(plain.status, 0, "{plain:?}");
    let from_file = migrate(&["--config", &good], &[]).await;
    assert_eq!(from_file.status, 0, "{from_file:?}");
    let named_by_variable = migrate(&[], &[("GROUPDESK_CONFIG", &good)]).await;
    assert_eq!(named_by_variable.status, 0, "{named_by_variable:?}");
    for outweighed in [
        migrate(&["--config", &good], &[("GROUPDESK_DATABASE_URL", UNREACHABLE)]).await,
        migrate(
            &["--database-url", UNREACHABLE],
            &[("GROUPDESK_DATABASE_URL", &right), ("GROUPDESK_CONFIG", &good)],
        )
        .await,
    ] {
        assert_eq!(outweighed.status, 1, "{outweighed:?}");
    }
}

#[tokio::test]
async fn invalid_file_is_bad_usage_and_not_quoted() {
    let folder = TempDir::new().unwrap();
    for text in [
        "databse_url = \"postgres://ana:hunter2@127.0.0.1/x\"",
        "database_url = postgres://ana:hunter2@127.0.0.1/x",
        "listen = \"hunter2\"",
        "log_format = \"xml\"",
        "[database]\nurl = \"hunter2\"",
        "database_url = \"hunter2\"",
    ] {
        let path = file(&folder, text);
        let ended = run(&["migrate", "--config", &path]).await;
        assert_eq!((ended.status, ended.out.as_str()), (2, ""), "{text}: {ended:?}");
        let is_value_of_address = text.starts_with("listen");
        assert!(is_value_of_address || !ended.err.contains("hunter2"), "{}", ended.err);
    }
    let missing = Path::new("/nowhere/groupdesk.toml").display().to_string();
    assert_eq!(run(&["migrate", "--config", &missing]).await.status, 2);
}

#[database_test]
async fn unknown_keys_are_named(pool: PgPool) {
    let folder = TempDir::new().unwrap();
    let path =
        file(&folder, &format!("database_url = \"{}\"\nlistn = \"127.0.0.1:1\"\n", database_url(&pool)));
    let ended = run(&["migrate", "--config", &path]).await;
    assert_eq!(ended.status, 2);
    assert!(ended.err.contains("listn"), "{}", ended.err);
}

#[database_test]
async fn invalid_values_are_reported_with_their_setting(pool: PgPool) {
    let folder = TempDir::new().unwrap();
    let url = database_url(&pool);
    for (setting, value) in [
        ("listen", "\"here\""),
        ("listen", "3000"),
        ("metrics_listen", "\"localhost\""),
        ("log_format", "\"xml\""),
        ("rate_limit", "0"),
        ("rate_limit", "\"many\""),
        ("address_rate_limit", "true"),
        ("trusted_proxies", "99"),
        ("database_connections", "\"many\""),
        ("oidc_client_secret", "12345678"),
    ] {
        let path = file(&folder, &format!("database_url = \"{url}\"\n{setting} = {value}\n"));
        let ended = run(&["migrate", "--config", &path]).await;
        assert_eq!(ended.status, 2, "{setting} = {value}: {ended:?}");
        assert!(ended.err.contains(&format!("line 2: {setting}: ")), "{setting} = {value}: {}", ended.err);
        assert!(!ended.err.contains("12345678") && !ended.err.contains(&url), "{}", ended.err);
    }
    let path = file(&folder, "database_url = \"hunter2\"\n");
    let ended = run(&["migrate", "--config", &path]).await;
    assert!(ended.err.contains("--database-url") && !ended.err.contains("hunter2"), "{}", ended.err);
}

/// Some values are validated only after the whole file has been read.
#[tokio::test]
async fn late_errors_use_the_name_of_the_file_setting() {
    let folder = TempDir::new().unwrap();
    let provider = "oidc_client_id = \"desk\"\noidc_client_secret = \"hunter2\"";
    for lines in [
        "public_url = \"ftp://desk.example.com\"".to_owned(),
        "otlp_endpoint = \"https://collector.example.com\"".to_owned(),
        "log = \"a=b=c\"".to_owned(),
        "database_connections = 0".to_owned(),
        "database_connections = 1001".to_owned(),
        "database_url_file = \"/nowhere/url\"".to_owned(),
        "database_direct_url = \"hunter2\"".to_owned(),
        "database_read_url = \"hunter2\"".to_owned(),
        "database_read_url = \"postgres://hunter2@one/desk?target_session_attrs=primary\"".to_owned(),
        format!("oidc_issuer = \"id.example.com\"\n{provider}"),
        format!("oidc_name = \"{}\"\noidc_issuer = \"https://id.example.com\"\n{provider}", "x".repeat(61)),
    ] {
        let (setting, _) = lines.split_once(' ').unwrap();
        let path =
            file(&folder, &format!("database_url = \"{UNREACHABLE}\"\nlisten = \"127.0.0.1:1\"\n{lines}\n"));
        let ended = run(&["serve", "--config", &path]).await;
        assert_eq!(ended.status, 2, "{lines}: {ended:?}");
        assert!(ended.err.contains(&format!("{setting} (--")), "{lines}: {}", ended.err);
        assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    }
    let path = file(&folder, "database_url = \"hunter2\"\n");
    let ended = run(&["migrate", "--config", &path]).await;
    assert!(ended.err.contains("database_url (--database-url)"), "{}", ended.err);
}

/// A secret in a file is invisible in the process list and the environment.
#[database_test]
async fn database_url_can_be_in_its_own_file(pool: PgPool) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("url");
    std::fs::write(&path, format!("{}\n", database_url(&pool))).unwrap();
    let path = path.display().to_string();
    let by_flag = migrate(&["--database-url-file", &path], &[("DATABASE_URL", UNREACHABLE)]).await;
    assert_eq!(by_flag.status, 0, "{by_flag:?}");
    let by_variable = migrate(&[], &[("GROUPDESK_DATABASE_URL_FILE", &path)]).await;
    assert_eq!(by_variable.status, 0, "{by_variable:?}");
    let settings = file(&folder, &format!("database_url_file = \"{path}\"\n"));
    let by_file = migrate(&["--config", &settings], &[]).await;
    assert_eq!(by_file.status, 0, "{by_file:?}");

    let both = migrate(&["--database-url-file", &path, "--database-url", UNREACHABLE], &[]).await;
    assert_eq!(both.status, 2, "{both:?}");
    assert!(both.err.contains("not both"), "{}", both.err);
    let empty = folder.path().join("empty");
    std::fs::write(&empty, "\n").unwrap();
    // An empty file must not lead to a private database.
    let empty = migrate(&["--database-url-file", &empty.display().to_string()], &[]).await;
    assert_eq!(empty.status, 2, "{empty:?}");
    assert!(empty.err.contains("is empty"), "{}", empty.err);
    let missing = migrate(&["--database-url-file", "/nowhere/url"], &[]).await;
    assert_eq!(missing.status, 2);
    assert!(missing.err.contains("/nowhere/url"), "{}", missing.err);
}

/// A backup is restored by naming another database on the command line, and the one in service must not be
/// migrated.
#[database_test(empty)]
async fn url_flag_ignores_the_direct_url_variable(pool: PgPool) {
    let url = database_url(&pool);
    let service = [("GROUPDESK_DATABASE_URL", UNREACHABLE), ("GROUPDESK_DATABASE_DIRECT_URL", UNREACHABLE)];
    let other = migrate(&["--database-url", &url], &service).await;
    assert_eq!(other.status, 0, "{other:?}");
    assert!(other.out.contains("core tables"), "{other:?}");
    // URLs from the same source belong to the same database.
    let pooled = [("GROUPDESK_DATABASE_URL", UNREACHABLE), ("GROUPDESK_DATABASE_DIRECT_URL", &url)];
    let both = migrate(&[], &pooled).await;
    assert_eq!(both.status, 0, "{both:?}");
    let lines = migrate(&["--database-url", UNREACHABLE, "--database-direct-url", &url], &[]).await;
    assert_eq!(lines.status, 0, "{lines:?}");
}

#[tokio::test]
async fn contradicting_settings_are_bad_usage() {
    let direct_only = migrate(&["--database-direct-url", UNREACHABLE], &[]).await;
    assert_eq!(direct_only.status, 2);
    assert!(direct_only.err.contains("--database-url"), "{}", direct_only.err);
    let read_only = migrate(&["--database-read-url", UNREACHABLE], &[]).await;
    assert_eq!(read_only.status, 2);
    assert!(read_only.err.contains("--database-url"), "{}", read_only.err);
    for endpoint in ["collector:4318", "http://collector/v1/traces", "ftp://collector"] {
        let ended = run(&["serve", "--otlp-endpoint", endpoint, "--listen", "127.0.0.1:1"]).await;
        assert_eq!(ended.status, 2, "{endpoint}: {ended:?}");
    }
}
