//! Why a private Postgres cannot be used, in a sentence for the person who started the command.

use std::io;
use std::path::Path;

#[derive(Debug)]
pub struct PrivatePostgresError(String);

impl std::fmt::Display for PrivatePostgresError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PrivatePostgresError {}

pub(super) type Result<T> = std::result::Result<T, PrivatePostgresError>;

pub(super) fn failed(what: impl Into<String>) -> PrivatePostgresError {
    PrivatePostgresError(what.into())
}

pub(super) trait Explain<T> {
    /// Says what could not be done, with the path that it was about.
    fn explain(self, what: &str, path: &Path) -> Result<T>;
}

impl<T> Explain<T> for io::Result<T> {
    fn explain(self, what: &str, path: &Path) -> Result<T> {
        self.map_err(|error| failed(format!("cannot {what} {}: {error}", path.display())))
    }
}
