//! Pure decisions about groups.

use super::model::WorkspaceGroup;
use crate::kernel::version::Version;

/// The version of the values that an edit form shows.
pub fn version(group: &WorkspaceGroup) -> Version {
    Version::of([Some(&group.name)])
}
