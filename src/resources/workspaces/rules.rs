//! Pure decisions about workspaces.

use super::model::{Workspace, WorkspaceChange};
use crate::kernel::id::WorkspaceId;
use crate::kernel::patch::Patch;
use crate::kernel::problem::Problem;
use crate::kernel::version::Version;

/// The version of the values that an edit form shows.
pub fn version(workspace: &Workspace) -> Version {
    Version::of([
        Some(&workspace.name),
        workspace.description.as_deref(),
        workspace.external_workspace_id.as_deref(),
        workspace.avatar_color.as_deref(),
    ])
}

/// Allows any change of a live workspace. A removed one can only release its external id; else it is `WorkspaceRemoved`.
pub fn changeable(before: &Workspace, change: &WorkspaceChange) -> Result<(), Problem> {
    let releases_id = change.name.is_none()
        && change.description == Patch::Absent
        && change.avatar_color == Patch::Absent
        && change.external_workspace_id == Patch::Null;
    if before.is_live() || releases_id { Ok(()) } else { Err(Problem::WorkspaceRemoved(before.id)) }
}

/// The refusal of an external id that another workspace has; `holder` is that workspace and whether it is removed.
pub fn external_id_taken(external_id: &str, holder: Option<(WorkspaceId, bool)>) -> Problem {
    Problem::ExternalIdTaken {
        external_id: external_id.to_owned(),
        workspace: holder.map(|(id, _)| id),
        is_removed: holder.is_some_and(|(_, is_removed)| is_removed),
    }
}

/// The color in CSS notation, `#rgb` or `#rrggbb` in lower case; `None` for any other text, which other systems may store.
pub fn paintable(color: &str) -> Option<String> {
    let digits = color.strip_prefix('#')?;
    let is_color = matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_color.then(|| color.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_workspace_can_only_release_its_external_id() {
        let live = Workspace {
            id: WorkspaceId::new(uuid::Uuid::nil()),
            name: "Acme".to_owned(),
            description: None,
            external_workspace_id: Some("ws-1".to_owned()),
            avatar_color: None,
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: None,
            deleted_at: None,
        };
        let removed = Workspace { deleted_at: Some(chrono::DateTime::UNIX_EPOCH), ..live.clone() };
        let nothing = || WorkspaceChange {
            name: None,
            description: Patch::Absent,
            external_workspace_id: Patch::Absent,
            avatar_color: Patch::Absent,
        };
        let release = || WorkspaceChange { external_workspace_id: Patch::Null, ..nothing() };
        assert_eq!(changeable(&removed, &release()), Ok(()));
        for refused in [
            nothing(),
            WorkspaceChange { description: Patch::Null, ..release() },
            WorkspaceChange { avatar_color: Patch::Null, ..release() },
            WorkspaceChange { name: crate::kernel::text::Name::parse("Beta").ok(), ..release() },
            WorkspaceChange {
                external_workspace_id: crate::kernel::text::ShortText::parse("ws-2")
                    .map_or(Patch::Absent, Patch::Set),
                ..nothing()
            },
        ] {
            assert_eq!(
                changeable(&removed, &refused),
                Err(Problem::WorkspaceRemoved(removed.id)),
                "{refused:?}"
            );
            assert_eq!(changeable(&live, &refused), Ok(()), "{refused:?}");
        }
    }

    #[test]
    fn a_color_has_three_or_six_hexadecimal_digits() {
        assert_eq!(paintable("#3366CC").as_deref(), Some("#3366cc"));
        assert_eq!(paintable("#abc").as_deref(), Some("#abc"));
        for other in
            ["", "#", "3366cc", "#3366c", "#3366cc80", "#xyzxyz", "red", "#é23", "url(//evil.example)"]
        {
            assert_eq!(paintable(other), None, "{other}");
        }
    }
}
