//! The settings file of the package contains every setting in its valid form.

use std::collections::BTreeSet;

use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tempfile::TempDir;

use crate::support::{database_url, run};

const PACKAGED: &str = include_str!("../../packaging/groupdesk.toml");

/// A commented-out setting has no space after `#`, and prose has one.
fn uncommented() -> String {
    let lines = PACKAGED.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) if setting.starts_with(|sign: char| sign.is_ascii_lowercase()) => setting,
        Some(_) | None => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[database_test]
async fn packaged_settings_are_valid_also_uncommented(pool: PgPool) {
    let (folder, url) = (TempDir::new().unwrap(), database_url(&pool));
    let path = folder.path().join("groupdesk.toml");
    for text in [PACKAGED.to_owned(), uncommented()] {
        std::fs::write(&path, &text).unwrap();
        // The flag overrides the database of the file, which depends on the machine.
        let ended = run(&["migrate", "--config", path.to_str().unwrap(), "--database-url", &url]).await;
        assert_eq!(ended.status, 0, "{ended:?}\n{text}");
    }
}

#[tokio::test]
async fn packaged_settings_are_those_of_serve() {
    let help = run(&["serve", "--help"]).await;
    assert_eq!(help.status, 0, "{help:?}");
    let taken: BTreeSet<String> = help
        .out
        .split(|sign: char| !sign.is_ascii_uppercase() && sign != '_')
        .filter_map(|word| word.strip_prefix("GROUPDESK_"))
        // The path of the file cannot be set in the file.
        .filter(|name| !name.is_empty() && *name != "CONFIG")
        .map(str::to_lowercase)
        .collect();
    let known: toml::Table = toml::from_str(&uncommented()).unwrap();
    assert!(taken.contains("listen"), "{taken:?}");
    assert_eq!(known.keys().cloned().collect::<BTreeSet<_>>(), taken);
}
