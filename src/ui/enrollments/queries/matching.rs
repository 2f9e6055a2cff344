//! Reads what the pages show that confirm a change of all enrollments that a search found.

use crate::kernel::text::isolated;
use crate::resources::enrollments::model::{EnrollmentFilter, EnrollmentInclude, newest_first};
use crate::resources::enrollments::ops::{enrollment_count, enrollment_list};
use crate::resources::people::model::ByPerson;
use crate::resources::people::ops::person_get;
use crate::resources::workspace_groups::ops::{group_get, group_settings_get};
use crate::ui::audit::view::NOBODY_NAME;
use crate::ui::enrollments::view::{NAMES_SHOWN, RemovalPreview};
use crate::ui::find::view::Finding;
use crate::ui::paths::GroupTab;
use crate::ui::server::prelude::*;

pub struct Matching {
    /// The exact number, and the first enrollments.
    pub preview: RemovalPreview,
    /// The search in words.
    pub description: String,
}

/// The enrollments of a tab that match the search of the address. Without one, none is meant.
pub async fn matching(group: GroupId, tab: GroupTab) -> Result<Matching, UiError> {
    read(async |connection, context| {
        let finding = Finding::of(&context.viewer.address())?;
        let name = group_get(connection, group, false).await?.group.name;
        let named = Named { id: group, name };
        let policy = group_settings_get(connection, group).await?.reason_policy;
        if finding == Finding::default() || finding.unresolved.is_some() {
            let preview = RemovalPreview { group: named, items: Vec::new(), count: 0, policy };
            return Ok(Matching { preview, description: String::new() });
        }
        let filter = match tab {
            GroupTab::Members | GroupTab::History => finding.enrolled(EnrollmentFilter::in_group(group)),
            GroupTab::Removed => finding.removed(group),
        };
        let include = EnrollmentInclude { workspace: true, ..EnrollmentInclude::default() };
        let first = PageRequest::first(NAMES_SHOWN);
        let page = enrollment_list(connection, &filter, &newest_first(), &first, include).await?;
        let count = enrollment_count(connection, &filter).await?;
        let description = description(connection, context, &finding).await?;
        let preview = RemovalPreview { group: named, items: page.items, count, policy };
        Ok(Matching { preview, description })
    })
    .await
}

/// `Search: “acme”. Enrolled by Ana Lima. From 1 May 2026, 00:00.`
async fn description(
    connection: &mut Connection,
    context: &RequestContext,
    finding: &Finding,
) -> Outcome<String> {
    let formats = context.viewer.locale.formats(context.viewer.now);
    let mut parts = Vec::new();
    if let Some(text) = &finding.search {
        parts.push(format!("Search: “{}”.", isolated(text)));
    }
    match &finding.by {
        None => {}
        Some(ByPerson::Nobody) => parts.push(format!("Enrolled by {NOBODY_NAME}.")),
        Some(ByPerson::OneOf(people)) => {
            for &person in people {
                let name = person_get(connection, person).await?.display_name();
                parts.push(format!("Enrolled by {}.", isolated(&name)));
            }
        }
    }
    parts.extend(finding.range.from.map(|at| format!("From {}.", formats.moment(at))));
    parts.extend(finding.range.before.map(|at| format!("Until {}.", formats.moment(at))));
    Ok(parts.join(" "))
}
