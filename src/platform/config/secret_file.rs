//! A secret among the settings: given as it is, or in a file of its own.

use std::path::{Path, PathBuf};

/// The name of a setting as the settings file and as the command line have it: a refusal names both, because it
/// does not know where the value came from.
pub fn named(setting: &str) -> String {
    format!("{setting} (--{})", setting.replace('_', "-"))
}

/// What the setting of this name says, or the file that `<setting>_file` names has in it, without space around
/// it. Where both are empty nothing was given.
///
/// # Errors
/// Both say something, or the file cannot be read or is empty: that a secret is missing is not taken for
/// there being none. Never with the secret in it.
pub fn secret(setting: &str, text: Option<String>, file: Option<PathBuf>) -> Result<Option<String>, String> {
    let text = text.filter(|text| !text.trim().is_empty());
    let file = file.filter(|path| !path.as_os_str().is_empty());
    let of_file = named(&format!("{setting}_file"));
    match (text, file) {
        (Some(_), Some(_)) => Err(format!("give {} or {of_file}, and not both", named(setting))),
        (None, Some(path)) => read(&of_file, &path).map(Some),
        (text, None) => Ok(text),
    }
}

fn read(setting: &str, path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read the file of {setting}, {}: {error}", path.display()))?;
    let secret = text.trim();
    if secret.is_empty() {
        return Err(format!("the file of {setting}, {}, is empty", path.display()));
    }
    Ok(secret.to_owned())
}
