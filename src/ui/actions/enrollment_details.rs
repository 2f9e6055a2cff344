//! What the server functions of enrollments share.

use std::str::FromStr;

use sqlx::PgConnection;

use super::enrollments::RemovalPreview;
use crate::kernel::id::EnrollmentId;
use crate::kernel::problem::Problem;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::enrollments::model::EnrollmentInclude;
use crate::resources::enrollments::ops::enrollment_get;

pub(super) async fn preview(connection: &mut PgConnection, id: EnrollmentId) -> Outcome<RemovalPreview> {
    let all = EnrollmentInclude { group: true, workspace: true, created_by: true };
    let found = enrollment_get(connection, id, all).await?;
    let (Some(group), Some(workspace)) = (found.group, found.workspace) else {
        return Err(Failure::fault("group and workspace were asked for and not read"));
    };
    Ok(RemovalPreview {
        enrollment: id,
        group: group.id,
        group_name: group.name,
        workspace_name: workspace.name,
        enrolled_by: found.created_by.map(|person| person.display_name()),
        enrolled_at: found.enrollment.created_at,
        is_live: found.enrollment.is_live(),
    })
}

/// Workspace and group, by name, to tell what was done.
pub(super) async fn names(connection: &mut PgConnection, id: EnrollmentId) -> Outcome<(String, String)> {
    let preview = preview(connection, id).await?;
    Ok((preview.workspace_name, preview.group_name))
}

/// An id out of a form. Only a form that is not ours holds none.
pub(super) fn form_id<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::FormMalformed)
}
