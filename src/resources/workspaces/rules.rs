//! What the words of a workspace mean. Pure, so that it can be read and tested by itself.

use super::model::{Workspace, WorkspaceChange};
use crate::kernel::id::WorkspaceId;
use crate::kernel::patch::Patch;
use crate::kernel::problem::Problem;
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

/// A removed workspace is not changed any more, but that it gives back its external id, for another to have.
///
/// # Errors
/// `WorkspaceRemoved`.
pub fn changeable(before: &Workspace, change: &WorkspaceChange) -> Result<(), Problem> {
    let gives_back = change.name.is_none()
        && change.description == Patch::Absent
        && change.avatar_color == Patch::Absent
        && change.external_workspace_id == Patch::Null;
    if before.deleted_at.is_none() || gives_back { Ok(()) } else { Err(Problem::WorkspaceRemoved(before.id)) }
}

/// Another workspace has this external id: which, and whether it was removed.
pub fn external_id_taken(external_id: &str, holder: Option<(WorkspaceId, bool)>) -> Problem {
    Problem::ExternalIdTaken {
        external_id: external_id.to_owned(),
        workspace: holder.map(|(id, _)| id),
        is_removed: holder.is_some_and(|(_, is_removed)| is_removed),
    }
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
    fn a_removed_workspace_gives_its_external_id_back_and_changes_in_nothing_else() {
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
        let back = || WorkspaceChange { external_workspace_id: Patch::Null, ..nothing() };
        assert_eq!(changeable(&removed, &back()), Ok(()));
        for refused in [
            nothing(),
            WorkspaceChange { description: Patch::Null, ..back() },
            WorkspaceChange { avatar_color: Patch::Null, ..back() },
            WorkspaceChange { name: crate::kernel::text::Name::parse("Beta").ok(), ..back() },
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
