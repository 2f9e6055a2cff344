//! Changes to enrollments. `back` is the path of the page that follows a change.

pub mod matching;

use crate::resources::enrollments::model::{BulkRemoval, NewEnrollment, RestoreSummary};
use crate::resources::enrollments::ops;
use crate::resources::people::model::Person;
use crate::resources::workspace_groups::ops::group_get;
use crate::ui::enrollments::queries::named;
use crate::ui::enrollments::view::NamedEnrollment;
use crate::ui::flash::CreatorChange;
use crate::ui::paths::NO_ONE;
use crate::ui::server::prelude::*;

#[server(prefix = "/api/fn", endpoint = "enrollment-enroll")]
pub async fn enrollment_enroll(group: String, workspace: String, back: String) -> Result<(), UiError> {
    change(async |connection, call| {
        let new = NewEnrollment { group: form_id(&group)?, workspace: form_id(&workspace)? };
        let enrolled = ops::enrollment_enroll(connection, call, new).await?.id;
        Ok(Changed { notice: enrolled_notice(connection, enrolled).await?, go_to: back.clone() })
    })
    .await
}

/// Enrolls the pair of a removed enrollment again.
#[server(prefix = "/api/fn", endpoint = "enrollment-readd")]
pub async fn enrollment_readd(enrollment: String, back: String) -> Result<(), UiError> {
    change(async |connection, call| {
        let enrolled = ops::enrollment_readd(connection, call, form_id(&enrollment)?).await?.id;
        Ok(Changed { notice: enrolled_notice(connection, enrolled).await?, go_to: back.clone() })
    })
    .await
}

async fn enrolled_notice(connection: &mut Connection, enrollment: EnrollmentId) -> Outcome<Notice> {
    let NamedEnrollment { workspace, group, .. } = named(connection, enrollment).await?;
    Ok(Notice::Enrolled { enrollment, workspace, group })
}

#[server(prefix = "/api/fn", endpoint = "enrollment-remove")]
pub async fn enrollment_remove(enrollment: String, back: String) -> Result<(), UiError> {
    change(async |connection, call| {
        let enrollment = form_id(&enrollment)?;
        let was_live = ops::enrollment_remove(connection, call, enrollment).await?;
        let names = named(connection, enrollment).await?;
        let (workspace, group) = (names.workspace, names.group);
        let notice = if was_live {
            Notice::Removed { enrollment, workspace, group }
        } else {
            Notice::AlreadyRemoved { workspace, group }
        };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}

/// Changes the creator. `person`: an id, or [`NO_ONE`].
#[server(prefix = "/api/fn", endpoint = "attribution-correct")]
pub async fn attribution_correct(enrollment: String, person: String, back: String) -> Result<(), UiError> {
    change(async |connection, call| {
        let enrollment = form_id(&enrollment)?;
        let to = if person == NO_ONE { None } else { Some(form_id(&person)?) };
        let (from, changed) = ops::enrollment_change_creator(connection, call, enrollment, to).await?;
        let NamedEnrollment { item, workspace, group } = named(connection, enrollment).await?;
        let to = item.created_by.as_ref().map(Person::reference);
        let notice = if from == changed.created_by {
            Notice::CreatorUnchanged { workspace, group, to }
        } else {
            Notice::CreatorChanged(CreatorChange { enrollment, workspace, group, from, to })
        };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "enrollments-remove")]
pub async fn enrollments_remove(
    group: String,
    #[server(default)] enrollments: Vec<String>,
    back: String,
) -> Result<(), UiError> {
    change(async |connection, call| {
        let group = group_named(connection, &group).await?;
        let ids = form_ids(&enrollments)?;
        let enrollments = ops::enrollment_remove_many(connection, call, group.id, &ids).await?;
        Ok(Changed { notice: Notice::RemovedMany { enrollments, group }, go_to: back.clone() })
    })
    .await
}

/// Removes all enrollments of a group. `count`: the number that the page showed; nothing is removed if it has changed.
/// `typed`: the same number, typed to confirm it.
#[server(prefix = "/api/fn", endpoint = "enrollments-remove-all")]
pub async fn enrollments_remove_all(
    group: String,
    count: String,
    #[server(default)] typed: String,
    back: String,
) -> Result<(), UiError> {
    change(async |connection, call| {
        let group = group_named(connection, &group).await?;
        let workspaces = form_id(&count)?;
        ops::enrollment_remove_all_confirmed(connection, call, group.id, workspaces, &typed).await?;
        let request = call.request_id_text().unwrap_or_default().to_owned();
        let emptying = BulkRemoval { group: group.id, at: call.now, request };
        let notice = Notice::GroupEmptied { emptying, group_name: group.name, workspaces };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}

/// Enrolls again everything that [`enrollments_remove_all`] removed from a group in this request, at this time.
#[server(prefix = "/api/fn", endpoint = "enrollments-refill")]
pub async fn enrollments_refill(
    group: String,
    at: String,
    request: String,
    back: String,
) -> Result<(), UiError> {
    change(async |connection, call| {
        let group = group_named(connection, &group).await?;
        let emptying = BulkRemoval { group: group.id, at: form_id(&at)?, request: request.clone() };
        let RestoreSummary { enrolled, already, gone } =
            ops::enrollment_restore_bulk(connection, call, &emptying).await?;
        Ok(Changed { notice: Notice::GroupRestored { group, enrolled, already, gone }, go_to: back.clone() })
    })
    .await
}

/// Enrolls the pairs of the selected removed enrollments again.
#[server(prefix = "/api/fn", endpoint = "enrollments-readd")]
pub async fn enrollments_readd(
    group: String,
    #[server(default)] enrollments: Vec<String>,
    back: String,
) -> Result<(), UiError> {
    change(async |connection, call| {
        let group = group_named(connection, &group).await?;
        let selected = form_ids(&enrollments)?;
        if selected.is_empty() {
            return Err(Problem::NothingSelected.into());
        }
        let enrollments = ops::enrollment_readd_many(connection, call, group.id, &selected).await?;
        let already = selected.len().saturating_sub(enrollments.len());
        Ok(Changed { notice: Notice::EnrolledMany { enrollments, already, group }, go_to: back.clone() })
    })
    .await
}

async fn group_named(connection: &mut Connection, group: &str) -> Outcome<Named<GroupId>> {
    let group = group_get(connection, form_id(group)?, false).await?.group;
    Ok(Named { id: group.id, name: group.name })
}

fn form_ids(texts: &[String]) -> Result<Vec<EnrollmentId>, Problem> {
    texts.iter().map(|text| form_id(text)).collect()
}
