//! Whether the result of an earlier form still exists.

use crate::platform::db::Connection;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::api_tokens::ops::api_token_find;
use crate::resources::enrollments::model::{EnrollmentFilter, EnrollmentInclude};
use crate::resources::enrollments::ops::{enrollment_count, enrollment_get_many};
use crate::resources::operators::ops::operator_of_link;
use crate::resources::people::ops::person_get;
use crate::resources::workspace_groups::ops::group_get;
use crate::resources::workspaces::ops::workspace_get;
use crate::ui::flash::{Notice, Once};
use crate::ui::server::session::RequestContext;

impl RequestContext {
    /// `None`: this does not decide whether the form is performed again.
    pub(super) async fn still_holds(
        &self,
        connection: &mut Connection,
        notice: &Notice,
    ) -> Outcome<Option<bool>> {
        match self.check_notice(connection, notice).await {
            // The result no longer exists.
            Err(Failure::Problem(_)) => Ok(Some(false)),
            found => found,
        }
    }

    async fn check_notice(&self, connection: &mut Connection, notice: &Notice) -> Outcome<Option<bool>> {
        if let Notice::TokenCreated { text: Once(text), .. } = notice {
            return Ok(Some(api_token_find(connection, text, self.viewer.now).await?.is_some()));
        }
        if let Notice::OperatorInvited { link, .. } | Notice::LinkCreated { link, .. } = notice {
            let Once(address) = link;
            let secret = address.rsplit('/').next().unwrap_or_default();
            operator_of_link(connection, &self.anonymous(), secret).await?;
            return Ok(Some(true));
        }
        if let Notice::GroupCreated { group, .. } = notice {
            let found = group_get(connection, group.id, false).await?.group;
            return Ok(Some(found.deleted_at.is_none()));
        }
        if let Notice::WorkspaceCreated { workspace } = notice {
            return Ok(Some(workspace_get(connection, workspace.id).await?.deleted_at.is_none()));
        }
        if let Notice::PersonCreated { person } = notice {
            person_get(connection, person.id).await?;
            return Ok(Some(true));
        }
        if let Notice::GroupRenamed { to, .. } = notice {
            return Ok(Some(group_get(connection, to.id, false).await?.group.name == to.name));
        }
        if let Notice::EnrolledMany { enrollments, .. } = notice {
            let found = enrollment_get_many(connection, enrollments, EnrollmentInclude::default()).await?;
            let are_live = found.iter().all(|item| item.enrollment.deleted_at.is_none());
            return Ok(Some(!found.is_empty() && are_live));
        }
        if let Notice::GroupEmptied { emptying, .. } = notice {
            let filter = EnrollmentFilter::in_group(emptying.group);
            return Ok(Some(enrollment_count(connection, &filter).await? == 0));
        }
        let is_final = matches!(
            notice,
            Notice::RemovedMany { .. } | Notice::PersonDeleted { .. } | Notice::ImportCancelled
        );
        Ok(is_final.then_some(true))
    }
}
