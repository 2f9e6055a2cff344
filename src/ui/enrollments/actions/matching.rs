//! Changes of all enrollments of a group that a search found. The forms have the parameters of the search, and `count`: the
//! number that the page showed. Nothing is changed if it is another one now.

use serde::{Deserialize, Serialize};

use super::group_named;
use crate::resources::enrollments::model::{BulkRemoval, EnrollmentFilter, RestoreSummary};
use crate::resources::enrollments::ops::matching::{enrollment_readd_matching, enrollment_remove_matching};
use crate::ui::find::view::Finding;
use crate::ui::server::prelude::*;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchForm {
    q: String,
    person: String,
    from: String,
    until: String,
}

impl SearchForm {
    /// A form without a search would concern the whole group.
    fn finding(&self) -> Result<Finding, Problem> {
        let fields = [("q", &self.q), ("person", &self.person), ("from", &self.from), ("until", &self.until)];
        let here = fields.into_iter().fold(Address::of("/"), |here, (name, value)| here.with(name, value));
        let finding = Finding::of(&here)?;
        if finding.is_active() { Ok(finding) } else { Err(Problem::FormMalformed) }
    }
}

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
        let request = call.request_id_text().unwrap_or_default().to_owned();
        let emptying = BulkRemoval { group: group.id, at: call.now, request };
        let notice = Notice::GroupEmptied { emptying, group_name: group.name, workspaces };
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
        Ok(Changed { notice: Notice::GroupRestored { group, enrolled, already, gone }, go_to: back.clone() })
    })
    .await
}
