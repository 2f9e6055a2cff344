//! Which of the Postgres programs on this machine are used: a version of Postgres reads its own data only.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::error::{Result, failed};
use crate::platform::config::secret_file;

/// Where packages have the programs of each version: a folder, the beginning of a name in it that ends with the
/// version, and where the programs are below that.
const PACKAGED: [(&str, &str, &str); 7] = [
    // Debian and Ubuntu.
    ("/usr/lib/postgresql", "", "bin"),
    // Fedora and its kin, as packaged by the PostgreSQL project; Arch.
    ("/usr", "pgsql-", "bin"),
    ("/opt", "pgsql-", "bin"),
    // SUSE.
    ("/usr/lib", "postgresql", "bin"),
    // Alpine.
    ("/usr/libexec", "postgresql", "."),
    // Gentoo.
    ("/usr/lib64", "postgresql-", "bin"),
    // Homebrew.
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
];
const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// The folders to choose from, never none: those of packages, the newest first, and then those of PATH. `named`: the
/// setting.
pub(super) fn candidates(named: Option<&Path>) -> Result<Vec<PathBuf>> {
    let found = match named {
        Some(bin) => vec![bin.to_owned()],
        None => installed(),
    };
    let usable: Vec<PathBuf> = found.into_iter().filter(|bin| has_programs(bin)).collect();
    match named {
        _ if !usable.is_empty() => Ok(usable),
        Some(bin) => {
            let setting = secret_file::named("postgres_bin");
            Err(failed(format!("{setting}, {}: not all of {NEEDED:?} are there", bin.display())))
        }
        None => Err(failed(
            "there is no Postgres on this machine to start (initdb, pg_ctl and postgres were not found): install \
             one, name its programs with --postgres-bin, or give --database-url",
        )),
    }
}

/// The folder of the programs that fit the data; for new data the newest ones.
pub(super) async fn find(named: Option<&Path>, data: Option<u32>, cluster: &Path) -> Result<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    let mut broken = Vec::new();
    for bin in candidates(named)? {
        match version(&bin).await {
            Some(version) if data == Some(version) => return Ok(bin),
            Some(version) => found.push((version, bin)),
            None => broken.push(bin.display().to_string()),
        }
    }
    if found.is_empty() {
        return Err(failed(format!(
            "the programs of Postgres in {} do not say their version: install a Postgres that runs on this machine, \
             or name its programs with --postgres-bin",
            broken.join(" and ")
        )));
    }
    if let Some(data) = data {
        let others: Vec<String> =
            found.iter().map(|(version, bin)| format!("{version} ({})", bin.display())).collect();
        return Err(mismatch(data, cluster, &others, named.is_some()));
    }
    // Of several of one version the first.
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    Ok(found.swap_remove(0).1)
}

/// The major version in the text of a `PG_VERSION` file: "15", or "9.6" before Postgres 10.
pub(super) fn data_version(text: &str) -> Option<u32> {
    text.trim().split('.').next()?.parse().ok()
}

fn installed() -> Vec<PathBuf> {
    let mut packaged: Vec<(u32, PathBuf)> = PACKAGED
        .iter()
        .flat_map(|(parent, prefix, rest)| versions(Path::new(parent), prefix, rest))
        .collect();
    packaged.sort_by(|a, b| b.cmp(a));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let packaged = packaged.into_iter().map(|(_, bin)| bin);
    packaged.chain(std::env::split_paths(&path)).collect()
}

/// The folders in this one whose names are a prefix and a version.
fn versions(parent: &Path, prefix: &str, rest: &str) -> Vec<(u32, PathBuf)> {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let version = |name: &str| name.strip_prefix(prefix)?.parse().ok();
    entries
        .filter_map(|entry| Some((version(entry.file_name().to_str()?)?, entry.path().join(rest))))
        .collect()
}

fn has_programs(bin: &Path) -> bool {
    NEEDED.iter().all(|name| bin.join(name).is_file())
}

/// The major version, which the program itself knows best.
async fn version(bin: &Path) -> Option<u32> {
    let mut postgres = Command::new(bin.join("postgres"));
    let output = postgres.arg("--version").stdin(Stdio::null()).kill_on_drop(true).output().await.ok()?;
    major(&String::from_utf8_lossy(&output.stdout))
}

/// Of an answer such as `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, or `… 18beta1`.
fn major(answer: &str) -> Option<u32> {
    let version = answer.split_whitespace().nth(2)?;
    let digits = version.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(version.len());
    version.get(..digits)?.parse().ok()
}

fn mismatch(data: u32, cluster: &Path, others: &[String], is_named: bool) -> super::PrivatePostgresError {
    let what_to_do = if is_named {
        format!("let --postgres-bin name the programs of Postgres {data}")
    } else {
        format!("install Postgres {data} beside them, or name its programs with --postgres-bin")
    };
    failed(format!(
        "the data in {} is that of Postgres {data}, and the programs here are those of Postgres {}: {what_to_do} \
         (docs/operations.md says how to move the data to a newer version)",
        cluster.display(),
        others.join(" and ")
    ))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_version_is_read_from_what_programs_answer_and_from_the_file() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("postgres\n"), None);
        assert_eq!(data_version("15\n"), Some(15));
        assert_eq!(data_version("9.6\n"), Some(9));
        assert_eq!(data_version(""), None);
    }

    #[test]
    fn versions_are_found_where_packages_put_them() {
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
    async fn programs_that_do_not_run_are_named_as_such() {
        let bin = tempfile::tempdir().unwrap();
        for name in NEEDED {
            // As where a library is missing.
            std::fs::write(bin.path().join(name), "#!/bin/sh\nexit 127\n").unwrap();
            std::fs::set_permissions(bin.path().join(name), Permissions::from_mode(0o755)).unwrap();
        }
        for data in [None, Some(15)] {
            let error = find(Some(bin.path()), data, Path::new("/srv/desk/postgres")).await.unwrap_err();
            assert!(error.to_string().contains("do not say their version"), "{error}");
            assert!(error.to_string().contains(bin.path().to_str().unwrap()), "{error}");
        }
    }
}
