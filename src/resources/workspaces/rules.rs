//! What the words of a workspace mean. Pure, so that it can be read and tested by itself.

use super::model::Workspace;
use crate::kernel::version::Version;

/// Of what a form shows of a workspace.
pub fn version(workspace: &Workspace) -> Version {
    Version::of([
        Some(&workspace.name),
        workspace.description.as_deref(),
        workspace.external_workspace_id.as_deref(),
        workspace.avatar_color.as_deref(),
    ])
}

/// The color as a page can paint it: `#rgb` or `#rrggbb`, in lower case. Any word may stand in its place,
/// since other systems write there too; one that is no color is kept and not painted.
pub fn paintable(color: &str) -> Option<String> {
    let digits = color.strip_prefix('#')?;
    let is_color = matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_color.then(|| color.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_color_is_three_or_six_hexadecimal_digits() {
        assert_eq!(paintable("#3366CC").as_deref(), Some("#3366cc"));
        assert_eq!(paintable("#abc").as_deref(), Some("#abc"));
        for other in
            ["", "#", "3366cc", "#3366c", "#3366cc80", "#xyzxyz", "red", "#é23", "url(//evil.example)"]
        {
            assert_eq!(paintable(other), None, "{other}");
        }
    }
}
