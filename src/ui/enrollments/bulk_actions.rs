//! Of several enrollments at once: what was ticked in a list, or all of a group.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::kernel::id::{EnrollmentId, GroupId};
use crate::resources::enrollments::model::EnrollmentWithRelated;
use crate::ui::error::UiError;

/// What is about to be removed from a group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SelectionPreview {
    pub group: GroupId,
    pub group_name: String,
    /// What was ticked and is in the group still, with its workspaces; of all, the first few.
    pub items: Vec<EnrollmentWithRelated>,
    /// How many will be removed.
    pub count: i64,
}

/// How many names of all are shown; of what was ticked, all are.
pub const NAMES_SHOWN: u16 = 20;

/// `enrollments`: what was ticked; none: all that is in the group.
#[server(prefix = "/api/fn", endpoint = "selection-read")]
pub async fn selection_read(
    group: GroupId,
    #[server(default)] enrollments: Vec<EnrollmentId>,
) -> Result<SelectionPreview, UiError> {
    use crate::resources::workspace_groups::ops::group_get;
    use crate::ui::enrollments::details::{all_of_group, ticked};
    use crate::ui::server::session::read;
    read(async |connection, _| {
        let group_name = group_get(connection, group, false).await?.group.name;
        let (items, count) = if enrollments.is_empty() {
            all_of_group(connection, group).await?
        } else {
            ticked(connection, group, &enrollments).await?
        };
        Ok(SelectionPreview { group, group_name, items, count })
    })
    .await
}

/// Removes what was ticked; `back`: where to go when it is done.
#[server(prefix = "/api/fn", endpoint = "enrollments-remove")]
pub async fn enrollments_remove(
    group: String,
    #[server(default)] enrollments: Vec<String>,
    form_at: String,
    back: String,
) -> Result<(), UiError> {
    use crate::resources::enrollments::ops::enrollment_remove_many;
    use crate::resources::workspace_groups::ops::group_get;
    use crate::ui::enrollments::details::{form_id, form_ids};
    use crate::ui::flash::{Named, Notice};
    use crate::ui::server::session::{Changed, change_at};
    change_at(&form_at, async |connection, call| {
        let group = group_get(connection, form_id(&group)?, false).await?.group;
        let enrollments =
            enrollment_remove_many(connection, call, group.id, &form_ids(&enrollments)?).await?;
        let notice = Notice::RemovedMany { enrollments, group: Named { id: group.id, name: group.name } };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}

/// Removes all that is in a group. `count`: how many the page said there are; if there are others by
/// now, nothing is removed.
#[server(prefix = "/api/fn", endpoint = "enrollments-remove-all")]
pub async fn enrollments_remove_all(
    group: String,
    count: String,
    form_at: String,
    back: String,
) -> Result<(), UiError> {
    use crate::kernel::problem::Problem;
    use crate::resources::enrollments::model::BulkRemoval;
    use crate::resources::enrollments::ops::enrollment_remove_all;
    use crate::resources::workspace_groups::ops::group_get;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::Notice;
    use crate::ui::server::session::{Changed, change_at};
    change_at(&form_at, async |connection, call| {
        let group = group_get(connection, form_id(&group)?, false).await?.group;
        let expected: usize = count.parse().map_err(|_| Problem::FormMalformed)?;
        enrollment_remove_all(connection, call, group.id, expected).await?;
        let request = call.request_id_text().unwrap_or_default().to_owned();
        let emptying = BulkRemoval { group: group.id, at: call.now, request };
        let notice = Notice::Emptied { emptying, group_name: group.name, workspaces: expected };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}

/// Enrolls again all that one request took out of a group: the one of this id, at that moment.
#[server(prefix = "/api/fn", endpoint = "enrollments-refill")]
pub async fn enrollments_refill(
    group: String,
    at: String,
    request: String,
    back: String,
) -> Result<(), UiError> {
    use crate::kernel::problem::Problem;
    use crate::resources::enrollments::model::{BulkRemoval, RestoreSummary};
    use crate::resources::enrollments::ops::enrollment_restore_bulk;
    use crate::resources::workspace_groups::ops::group_get;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::{Named, Notice};
    use crate::ui::server::session::{Changed, change_at};
    change_at(&back, async |connection, call| {
        let group = group_get(connection, form_id(&group)?, false).await?.group;
        let at = at.parse().map_err(|_| Problem::FormMalformed)?;
        let emptying = BulkRemoval { group: group.id, at, request: request.clone() };
        let RestoreSummary { enrolled, already, gone } =
            enrollment_restore_bulk(connection, call, &emptying).await?;
        let notice =
            Notice::Refilled { group: Named { id: group.id, name: group.name }, enrolled, already, gone };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}

/// Enrolls the pairs of these removed rows again.
#[server(prefix = "/api/fn", endpoint = "enrollments-readd")]
pub async fn enrollments_readd(
    group: String,
    #[server(default)] enrollments: Vec<String>,
    back: String,
) -> Result<(), UiError> {
    use crate::kernel::problem::Problem;
    use crate::resources::enrollments::ops::enrollment_readd_many;
    use crate::resources::workspace_groups::ops::group_get;
    use crate::ui::enrollments::details::{form_id, form_ids};
    use crate::ui::flash::{Named, Notice};
    use crate::ui::server::session::{Changed, change_at};
    change_at(&back, async |connection, call| {
        let group = group_get(connection, form_id(&group)?, false).await?.group;
        let asked = form_ids(&enrollments)?;
        if asked.is_empty() {
            return Err(Problem::NothingSelected.into());
        }
        let enrolled = enrollment_readd_many(connection, call, group.id, &asked).await?;
        let already = asked.len().saturating_sub(enrolled.len());
        let group = Named { id: group.id, name: group.name };
        let notice = Notice::EnrolledMany { enrollments: enrolled, already, group };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}
