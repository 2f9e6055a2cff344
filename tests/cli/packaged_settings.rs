//! The settings file that a package installs: every setting is in it, each as the program takes it.

use std::collections::BTreeSet;

use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tempfile::TempDir;

use crate::support::{database_url, run};

const PACKAGED: &str = include_str!("../../packaging/groupdesk.toml");

/// A setting that is commented out begins at once, `#listen = …`; prose has a space there.
fn uncommented() -> String {
    let lines = PACKAGED.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) if setting.starts_with(|sign: char| sign.is_ascii_lowercase()) => setting,
        Some(_) | None => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[database_test]
async fn it_is_accepted_as_it_is_and_with_every_line_uncommented(pool: PgPool) {
    let (folder, url) = (TempDir::new().unwrap(), database_url(&pool));
    let path = folder.path().join("groupdesk.toml");
    for text in [PACKAGED.to_owned(), uncommented()] {
        std::fs::write(&path, &text).unwrap();
        // The flag, because the file's own database is whichever the machine has.
        let ended = run(&["migrate", "--config", path.to_str().unwrap(), "--database-url", &url]).await;
        assert_eq!(ended.status, 0, "{ended:?}\n{text}");
    }
}

#[tokio::test]
async fn it_has_every_setting_that_serve_takes_and_no_other() {
    let help = run(&["serve", "--help"]).await;
    assert_eq!(help.status, 0, "{help:?}");
    let taken: BTreeSet<String> = help
        .out
        .split(|sign: char| !sign.is_ascii_uppercase() && sign != '_')
        .filter_map(|word| word.strip_prefix("GROUPDESK_"))
        // Which file it is cannot be said in the file.
        .filter(|name| !name.is_empty() && *name != "CONFIG")
        .map(str::to_lowercase)
        .collect();
    let known: toml::Table = toml::from_str(&uncommented()).unwrap();
    assert!(taken.contains("listen"), "{taken:?}");
    assert_eq!(known.keys().cloned().collect::<BTreeSet<_>>(), taken);
}
