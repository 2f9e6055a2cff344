//! Errors of the private Postgres are sentences for the person who started the command.

use std::io;
use std::path::Path;

pub type PrivatePostgresError = String;

pub(super) type Result<T> = std::result::Result<T, PrivatePostgresError>;

pub(super) trait Explain<T>: Sized {
    /// Adds what failed, with its path.
    fn explain(self, action: &str, path: &Path) -> Result<T>;

    /// `None` if the file or folder does not exist.
    fn if_exists(self) -> io::Result<Option<T>>;
}

impl<T> Explain<T> for io::Result<T> {
    fn explain(self, action: &str, path: &Path) -> Result<T> {
        self.map_err(|error| format!("cannot {action} {}: {error}", path.display()))
    }

    fn if_exists(self) -> io::Result<Option<T>> {
        match self {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            outcome => outcome.map(Some),
        }
    }
}
