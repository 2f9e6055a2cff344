//! A secret among the settings: given as it is, or in a file of its own.

use std::path::{Path, PathBuf};

/// What `--name` says, or the file that `--name-file` names has in it, without space around it. Where both
/// are empty nothing was given.
///
/// # Errors
/// Both say something, or the file cannot be read or is empty: that a secret is missing is not taken for
/// there being none. Never with the secret in it.
pub fn secret(name: &str, text: Option<String>, file: Option<PathBuf>) -> Result<Option<String>, String> {
    let text = text.filter(|text| !text.trim().is_empty());
    let file = file.filter(|path| !path.as_os_str().is_empty());
    match (text, file) {
        (Some(_), Some(_)) => Err(format!("give {name} or {name}-file, and not both")),
        (None, Some(path)) => read(name, &path).map(Some),
        (text, None) => Ok(text),
    }
}

fn read(name: &str, path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read the file of {name}-file, {}: {error}", path.display()))?;
    let secret = text.trim();
    if secret.is_empty() {
        return Err(format!("the file of {name}-file, {}, is empty", path.display()));
    }
    Ok(secret.to_owned())
}
