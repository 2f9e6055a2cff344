//! A setting that is a secret, given directly or in a file.

use std::path::{Path, PathBuf};

/// The name of a setting in the settings file and on the command line. An error names both, because it does not know
/// where the value came from.
pub fn named(setting: &str) -> String {
    format!("{setting} (--{})", setting.replace('_', "-"))
}

/// Returns the value of the setting, or the trimmed content of the file that `<setting>_file` names. `None`: both are
/// empty.
///
/// # Errors
/// Both have a value, or the file cannot be read or is empty, which must not count as "no secret". The error never
/// contains the secret.
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
