//! Two versions of Postgres on one machine: a version reads its own data only.

use std::path::{Path, PathBuf};

use pretty_assertions::assert_eq;

use crate::cli::processes::DataDir;
use crate::support::{Ended, ended, groupdesk};

/// The folder of the other version's programs, which script/bootstrap installs. `None`: there is no such package
/// for this machine.
fn other() -> Option<PathBuf> {
    let bin = std::env::var_os("GROUPDESK_TEST_OTHER_POSTGRES").expect("run me by script/test");
    (!bin.is_empty()).then(|| bin.into())
}

fn version(text: &str) -> String {
    text.split(|sign: char| !sign.is_ascii_digit()).find(|part| !part.is_empty()).unwrap().to_owned()
}

fn data_version(data_dir: &Path) -> String {
    version(&std::fs::read_to_string(data_dir.join("postgres/PG_VERSION")).unwrap())
}

/// Lists the operators, with these folders and then the usual ones to look for programs in.
async fn list(data_dir: &DataDir, path: &[&Path], args: &[&str]) -> Ended {
    let usual = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths(path.iter().map(PathBuf::from).chain(std::env::split_paths(&usual)));
    let mut list = groupdesk(&[&["operator", "list", "--data-dir", data_dir.text()], args].concat());
    ended(list.env("PATH", path.unwrap())).await
}

#[tokio::test]
async fn the_programs_that_fit_the_data_are_used_and_else_both_versions_named() {
    let Some(other) = other() else { return };
    let other_text = other.to_str().unwrap();
    let (here, there) = (DataDir::new(), DataDir::new());

    let made = list(&here, &[], &[]).await;
    assert_eq!(made.status, 0, "{made:?}");
    let made = list(&there, &[], &["--postgres-bin", other_text]).await;
    assert_eq!(made.status, 0, "{made:?}");
    let (ours, theirs) = (data_version(here.path()), data_version(there.path()));
    assert_ne!(ours, theirs);

    // Both are there: each data is read by its own, whichever is newer.
    for data in [&here, &there] {
        let listed = list(data, &[&other], &[]).await;
        assert_eq!(listed.status, 0, "{listed:?}");
    }
    // One is not there, or another one is demanded.
    for (data, args) in [(&there, vec![]), (&here, vec!["--postgres-bin", other_text])] {
        let refused = list(data, &[], &args).await;
        assert_eq!(refused.status, 1, "{refused:?}");
        let line = refused.err.lines().last().unwrap();
        for expected in [&ours, &theirs] {
            assert!(line.contains(&format!("of Postgres {expected}")), "{line}");
        }
        assert!(line.contains("--postgres-bin"), "{line}");
    }
    // None of that did any harm.
    for data in [&here, &there] {
        let listed = list(data, &[&other], &[]).await;
        assert_eq!(listed.status, 0, "{listed:?}");
    }
}
