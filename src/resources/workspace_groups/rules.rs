//! What a form shows of a group. Pure, so that it can be read and tested by itself.

use super::model::WorkspaceGroup;
use crate::kernel::version::Version;

pub fn version(group: &WorkspaceGroup) -> Version {
    Version::of([Some(&group.name)])
}
