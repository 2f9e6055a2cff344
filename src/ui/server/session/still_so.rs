//! Whether what a form did before is still so.

use sqlx::PgConnection;

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
    /// `None`: that does not decide whether a form is performed once more.
    pub(super) async fn is_still_so(
        &self,
        connection: &mut PgConnection,
        notice: &Notice,
    ) -> Outcome<Option<bool>> {
        match self.look_again(connection, notice).await {
            // What it is about is not there any more.
            Err(Failure::Problem(_)) => Ok(Some(false)),
            found => found,
        }
    }

    async fn look_again(&self, connection: &mut PgConnection, notice: &Notice) -> Outcome<Option<bool>> {
        if let Notice::TokenCreated { text: Once(text), .. } = notice {
            return Ok(Some(api_token_find(connection, text, self.now).await?.is_some()));
        }
        if let Notice::OperatorInvited { link, .. } | Notice::LinkCreated { link, .. } = notice {
            let Once(address) = link;
            let secret = address.rsplit('/').next().unwrap_or_default();
            operator_of_link(connection, &self.stranger(), secret).await?;
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
        if let Notice::Emptied { emptying, .. } = notice {
            let filter = EnrollmentFilter::in_group(emptying.group);
            return Ok(Some(enrollment_count(connection, &filter).await? == 0));
        }
        // These are so for good.
        let is_for_good = matches!(
            notice,
            Notice::RemovedMany { .. } | Notice::PersonDeleted { .. } | Notice::ImportCancelled
        );
        Ok(is_for_good.then_some(true))
    }
}
