//! A setting that is a secret, given directly or in a file.

use std::path::PathBuf;

/// The name of a setting in the file and on the command line, because an error does not know where the value came from.
pub fn named(setting: &str) -> String {
    format!("{setting} (--{})", setting.replace('_', "-"))
}

/// Returns the value of the setting, or the trimmed content of the file that `<setting>_file` names. Fails if both have
/// a value or the file is unreadable or empty, which must not count as "no secret". No error contains the secret.
pub fn secret(setting: &str, text: Option<String>, file: Option<PathBuf>) -> Result<Option<String>, String> {
    let text = text.filter(|text| !text.trim().is_empty());
    let Some(path) = file.filter(|path| !path.as_os_str().is_empty()) else { return Ok(text) };
    let (setting_of_file, path_text) = (named(&format!("{setting}_file")), path.display());
    if text.is_some() {
        return Err(format!("give {} or {setting_of_file}, and not both", named(setting)));
    }
    let content = std::fs::read_to_string(&path)
        .map_err(|error| format!("cannot read the file of {setting_of_file}, {path_text}: {error}"))?;
    match content.trim() {
        "" => Err(format!("the file of {setting_of_file}, {path_text}, is empty")),
        secret => Ok(Some(secret.to_owned())),
    }
}
