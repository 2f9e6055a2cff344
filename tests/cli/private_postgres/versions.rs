//! Two Postgres versions on one machine: a version can only read its own data.

use std::path::{Path, PathBuf};

use pretty_assertions::assert_eq;

use crate::cli::processes::DataDir;
use crate::support::{Exit, groupdesk, run_command};

/// The directory of the other version's programs, which `script/bootstrap` installs. `None` if there is no
/// such package for this machine.
fn other() -> Option<PathBuf> {
    let bin = std::env::var_os("GROUPDESK_TEST_OTHER_POSTGRES").expect("set by script/test");
    (!bin.is_empty()).then(|| bin.into())
}

fn version(text: &str) -> String {
    text.split(|sign: char| !sign.is_ascii_digit()).find(|part| !part.is_empty()).unwrap().to_owned()
}

fn data_version(data_dir: &Path) -> String {
    version(&std::fs::read_to_string(data_dir.join("postgres/PG_VERSION")).unwrap())
}

/// Lists the operators, with these directories first in the search path for programs.
async fn list(data_dir: &DataDir, path: &[&Path], args: &[&str]) -> Exit {
    let usual = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths(path.iter().map(PathBuf::from).chain(std::env::split_paths(&usual)));
    let mut list = groupdesk(&[&["operator", "list", "--data-dir", data_dir.text()], args].concat());
    run_command(list.env("PATH", path.unwrap())).await
}

#[tokio::test]
async fn matching_postgres_is_used_or_both_versions_named() {
    let Some(other) = other() else { return };
    let other_text = other.to_str().unwrap();
    let (here, there) = (DataDir::new(), DataDir::new());

    let created = list(&here, &[], &[]).await;
    assert_eq!(created.status, 0, "{created:?}");
    let created = list(&there, &[], &["--postgres-bin", other_text]).await;
    assert_eq!(created.status, 0, "{created:?}");
    let (ours, theirs) = (data_version(here.path()), data_version(there.path()));
    assert_ne!(ours, theirs);

    // If both are available, each cluster is read by its own version.
    for data in [&here, &there] {
        let listed = list(data, &[&other], &[]).await;
        assert_eq!(listed.status, 0, "{listed:?}");
    }
    // The matching version is missing, or another one is requested.
    for (data, args) in [(&there, vec![]), (&here, vec!["--postgres-bin", other_text])] {
        let refused = list(data, &[], &args).await;
        assert_eq!(refused.status, 1, "{refused:?}");
        let line = refused.err.lines().last().unwrap();
        for expected in [&ours, &theirs] {
            assert!(line.contains(&format!("of Postgres {expected}")), "{line}");
        }
        assert!(line.contains("--postgres-bin"), "{line}");
    }
    // The refusals did no harm.
    for data in [&here, &there] {
        let listed = list(data, &[&other], &[]).await;
        assert_eq!(listed.status, 0, "{listed:?}");
    }
}
