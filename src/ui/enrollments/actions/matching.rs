//! Changes of all enrollments of a group that a search found. The forms have the parameters of the search, and `count`: the
//! number that the page showed. Nothing is changed if it is another one now.

use super::group_named;
use crate::resources::enrollments::model::{EnrollmentFilter, RestoreSummary};
use crate::resources::enrollments::ops::matching::{enrollment_readd_matching, enrollment_remove_matching};
use crate::ui::find::view::SearchForm;
use crate::ui::server::prelude::*;

#[server(prefix = "/api/fn", endpoint = "enrollments-remove-matching")]
pub async fn enrollments_remove_matching(
    group: String,
    #[server(flatten)] search: SearchForm,
    count: String,
    back: String,
) -> Result<(), UiError> {
    change(async |connection, call| {
        let group = group_named(connection, &group).await?;
        let workspaces = form_id(&count)?;
        let filter = search.finding()?.enrolled(EnrollmentFilter::in_group(group.id));
        enrollment_remove_matching(connection, call, &filter, workspaces).await?;
        let notice = Notice::RemovedMatching { change_set: call.change_set, group, workspaces };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "enrollments-readd-matching")]
pub async fn enrollments_readd_matching(
    group: String,
    #[server(flatten)] search: SearchForm,
    count: String,
    back: String,
) -> Result<(), UiError> {
    change(async |connection, call| {
        let group = group_named(connection, &group).await?;
        let filter = search.finding()?.removed(group.id);
        let RestoreSummary { enrolled, already, gone } =
            enrollment_readd_matching(connection, call, group.id, &filter, form_id(&count)?).await?;
        let change_set = call.change_set;
        let notice = Notice::EnrolledMatching { change_set, group, enrolled, already, gone };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}
