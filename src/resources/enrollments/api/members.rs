//! The two to-many relationships that enrollments make: the workspaces in a group, the groups that a
//! workspace is in. Both are pages of live enrollments, the last made first, seen from one end.

use crate::api::auth::Caller;
use crate::api::error::Answer;
use crate::api::list::Asked;
use crate::api::response::Loaded;
use crate::jsonapi::document::{Collection, Identifier, Resource};
use crate::kernel::id::{GroupId, WorkspaceId};
use crate::kernel::page::Page;
use crate::resources::enrollments::model::{
    EnrollmentFilter, EnrollmentInclude, EnrollmentWithRelated, enrollment_position, newest_first,
};
use crate::resources::enrollments::ops::{enrollment_count, enrollment_list};
use crate::resources::workspace_groups::ops::group_get;
use crate::resources::workspaces::ops::workspace_get;

/// Which end is looked at.
#[derive(Debug, Clone, Copy)]
pub enum Members {
    WorkspacesIn(GroupId),
    GroupsOf(WorkspaceId),
}

/// A page of members.
pub struct MembersPage {
    page: Page<EnrollmentWithRelated>,
    total: Option<i64>,
}

/// Reads the page that was asked for; `bare` without what is on the other ends. One statement, but
/// where there are no members: then a second one asks whether there is such a group or workspace.
///
/// # Errors
/// `GroupNotFound`, `WorkspaceNotFound`.
pub async fn members_of(
    caller: &Caller,
    asked: &Asked<'_>,
    members: Members,
    bare: bool,
) -> Answer<MembersPage> {
    let (filter, include) = match members {
        Members::WorkspacesIn(group) => (
            EnrollmentFilter::in_group(group),
            EnrollmentInclude { workspace: !bare, ..EnrollmentInclude::default() },
        ),
        Members::GroupsOf(workspace) => (
            EnrollmentFilter::of_workspace(workspace),
            EnrollmentInclude {
                group: !bare,
                group_created_by: !bare && asked.projection.includes("created_by"),
                ..EnrollmentInclude::default()
            },
        ),
    };
    let mut connection = caller.connection().await?;
    let page = enrollment_list(&mut connection, &filter, &newest_first(), &asked.page, include).await?;
    if page.items.is_empty() {
        match members {
            Members::WorkspacesIn(group) => drop(group_get(&mut connection, group, false).await?),
            Members::GroupsOf(workspace) => drop(workspace_get(&mut connection, workspace).await?),
        }
    }
    let total = asked.total(&mut connection, async |connection| enrollment_count(connection, &filter).await);
    Ok(MembersPage { page, total: total.await? })
}

impl MembersPage {
    /// The document of the resources on the other ends, which `other` takes off an enrollment.
    pub fn resources(
        self,
        asked: &Asked<'_>,
        other: impl Fn(EnrollmentWithRelated) -> Option<Loaded>,
    ) -> Collection<Resource> {
        let sort = newest_first();
        asked.resources(self.page, self.total, |with| enrollment_position(&sort, &with.enrollment), other)
    }

    /// The document of their identifiers; `related` is the address of the resources.
    pub fn identifiers(
        &self,
        asked: &Asked<'_>,
        other: impl Fn(&EnrollmentWithRelated) -> Identifier,
        related: String,
    ) -> Collection<Identifier> {
        let sort = newest_first();
        let position = |with: &EnrollmentWithRelated| enrollment_position(&sort, &with.enrollment);
        asked.identifiers(&self.page, self.total, position, other, related)
    }
}
