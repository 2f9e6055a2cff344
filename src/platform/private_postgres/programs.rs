//! Finds the Postgres programs of the right version: a version of Postgres reads only its own data.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::Result;
use crate::platform::config::setting_name;

/// Where packages install each version: a folder, the prefix of the version in it, and the programs' folder below that.
/// Debian and Ubuntu; Arch, and Fedora as packaged by the PostgreSQL project; SUSE; Alpine; Gentoo; Homebrew.
const PACKAGED: [(&str, &str, &str); 7] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt", "pgsql-", "bin"),
    ("/usr/lib", "postgresql", "bin"),
    ("/usr/libexec", "postgresql", "."),
    ("/usr/lib64", "postgresql-", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
];
const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// The folders with all programs, at least one: of packages, the newest first, then of PATH. `named`: the setting.
pub(super) fn candidates(named: Option<&Path>) -> Result<Vec<PathBuf>> {
    let mut usable = named.map_or_else(installed, |bin| vec![bin.to_owned()]);
    usable.retain(|bin| NEEDED.iter().all(|name| bin.join(name).is_file()));
    match named {
        _ if !usable.is_empty() => Ok(usable),
        Some(bin) => {
            let setting = setting_name("postgres_bin");
            Err(format!("{setting}, {}: not all of {NEEDED:?} are there", bin.display()))
        }
        None => Err(
            "there is no Postgres on this machine to start (initdb, pg_ctl and postgres were not found): \
             install one, name its programs with --postgres-bin, or give --database-url"
                .to_owned(),
        ),
    }
}

pub(super) async fn find(named: Option<&Path>, data: Option<u32>, cluster: &Path) -> Result<PathBuf> {
    let (mut found, mut broken): (Vec<(u32, PathBuf)>, Vec<String>) = (Vec::new(), Vec::new());
    for bin in candidates(named)? {
        match version(&bin).await {
            Some(version) if data == Some(version) => return Ok(bin),
            Some(version) => found.push((version, bin)),
            None => broken.push(bin.display().to_string()),
        }
    }
    if let Some(data) = data
        && !found.is_empty()
    {
        let others = found.iter().map(|(version, bin)| format!("{version} ({})", bin.display()));
        let (others, cluster) = (others.collect::<Vec<_>>().join(" and "), cluster.display());
        let remedy = if named.is_some() {
            format!("let --postgres-bin name the programs of Postgres {data}")
        } else {
            format!("install Postgres {data} beside them, or name its programs with --postgres-bin")
        };
        return Err(format!(
            "the data in {cluster} is that of Postgres {data}, and the programs here are those of Postgres {others}: \
             {remedy} (docs/operations.md says how to move the data to a newer version)"
        ));
    }
    // The first one of several of the newest version.
    let newest = found.into_iter().rev().max_by_key(|(version, _)| *version);
    newest.map(|(_, bin)| bin).ok_or_else(|| {
        format!(
            "the programs of Postgres in {} do not say their version: install a Postgres that runs on this machine, \
             or name its programs with --postgres-bin",
            broken.join(" and ")
        )
    })
}

/// The major version in the text of a `PG_VERSION` file: "15", or "9.6" before Postgres 10.
pub(super) fn data_version(text: &str) -> Option<u32> {
    text.trim().split('.').next()?.parse().ok()
}

fn installed() -> Vec<PathBuf> {
    let packaged =
        PACKAGED.into_iter().flat_map(|(parent, prefix, bin)| versions(parent.as_ref(), prefix, bin));
    let mut packaged: Vec<_> = packaged.collect();
    packaged.sort_by(|a, b| b.cmp(a));
    let path = std::env::var_os("PATH").unwrap_or_default();
    packaged.into_iter().map(|(_, bin)| bin).chain(std::env::split_paths(&path)).collect()
}

fn versions(parent: &Path, prefix: &str, rest: &str) -> Vec<(u32, PathBuf)> {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let version = |name: &str| name.strip_prefix(prefix)?.parse().ok();
    entries
        .filter_map(|entry| Some((version(entry.file_name().to_str()?)?, entry.path().join(rest))))
        .collect()
}

async fn version(bin: &Path) -> Option<u32> {
    let mut postgres = Command::new(bin.join("postgres"));
    let output = postgres.arg("--version").stdin(Stdio::null()).kill_on_drop(true).output().await.ok()?;
    major(&String::from_utf8_lossy(&output.stdout))
}

/// Reads the major version from `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, or `… 18beta1`.
fn major(answer: &str) -> Option<u32> {
    let version = answer.split_whitespace().nth(2)?;
    let digits = version.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(version.len());
    version.get(..digits)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_major_version_is_read_from_programs_and_data() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("postgres\n"), None);
        assert_eq!(data_version("15\n"), Some(15));
        assert_eq!(data_version("9.6\n"), Some(9));
        assert_eq!(data_version(""), None);
    }

    #[test]
    fn packaged_versions_are_found() {
        let parent = tempfile::tempdir().unwrap();
        let parent = parent.path();
        for name in ["15", "postgresql16", "pgsql-9", "pgsql-17", "pgsql-current", "postgresql"] {
            std::fs::create_dir(parent.join(name)).unwrap();
        }
        let mut packaged = versions(parent, "pgsql-", "bin");
        packaged.sort();
        assert_eq!(packaged, [(9, parent.join("pgsql-9/bin")), (17, parent.join("pgsql-17/bin"))]);
        assert_eq!(versions(parent, "postgresql", "bin"), [(16, parent.join("postgresql16/bin"))]);
        assert_eq!(versions(parent, "", "bin"), [(15, parent.join("15/bin"))]);
        assert!(versions(&parent.join("missing"), "", "bin").is_empty());
    }

    #[tokio::test]
    async fn programs_that_do_not_run_are_reported() {
        let bin = tempfile::tempdir().unwrap();
        for name in NEEDED {
            // As where a library is missing.
            std::fs::write(bin.path().join(name), "#!/bin/sh\nexit 127\n").unwrap();
            std::fs::set_permissions(bin.path().join(name), Permissions::from_mode(0o755)).unwrap();
        }
        for data in [None, Some(15)] {
            let error = find(Some(bin.path()), data, Path::new("/srv/desk/postgres")).await.unwrap_err();
            assert!(error.contains("do not say their version"), "{error}");
            assert!(error.contains(bin.path().to_str().unwrap()), "{error}");
        }
    }
}
