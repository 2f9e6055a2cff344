//! Enrollments one by one: of a workspace, of a person, of a pair, and one with all that is known of it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::kernel::id::{EnrollmentId, PersonId};
use crate::resources::enrollment_events::model::EnrollmentEvent;
use crate::ui::enrollments::view::EnrollmentRow;
use crate::ui::error::UiError;
use crate::ui::pagination::ListPage;

/// One enrollment with all that is known of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnrollmentDetails {
    pub row: EnrollmentRow,
    /// What happened to it, the last first; as many as a page of a list has.
    pub events: Vec<EnrollmentEvent>,
    /// All rows of its pair, the first enrolled first: a page of them.
    pub pair: ListPage<EnrollmentRow>,
    /// Is the workspace in the group now, by this row or another?
    pub live: Option<EnrollmentId>,
    /// The document by which the API tells of it.
    pub document: String,
}

/// `after` and `before` are places among the rows of the pair.
#[server(prefix = "/api/fn", endpoint = "enrollment-read")]
pub async fn enrollment_read(
    enrollment: EnrollmentId,
    after: Option<String>,
    before: Option<String>,
) -> Result<EnrollmentDetails, UiError> {
    use crate::kernel::page::{Page, Sort};
    use crate::resources::enrollments::api::enrollment_document;
    use crate::resources::enrollments::model::{EnrollmentSortKey, enrollment_position};
    use crate::resources::enrollments::ops::enrollment_get;
    use crate::ui::enrollments::details::{NAMES, events_of, live_of_pair, rows_of_pair, with_removals};
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let key = visit.state.cursor_key(connection).await?;
        let request = list_request(key, "pair", after.as_deref(), before.as_deref())?;
        let item = enrollment_get(connection, enrollment, NAMES).await?;
        let document = enrollment_document(item.enrollment.clone());
        let (group, workspace) = (item.enrollment.group, item.enrollment.workspace);
        let sort = Sort(vec![(EnrollmentSortKey::CreatedAt, false)]);
        let pair = rows_of_pair(connection, group, workspace, &sort, &request).await?;
        let pair = with_removals(connection, pair).await?;
        let alone = Page { items: vec![item], has_previous: false, has_next: false };
        let row = with_removals(connection, alone).await?.items.remove(0);
        Ok(EnrollmentDetails {
            row,
            events: events_of(connection, enrollment).await?,
            pair: list_page(pair, key, "pair", |row| enrollment_position(&sort, &row.item.enrollment)),
            live: live_of_pair(connection, group, workspace).await?,
            document,
        })
    })
    .await
}

/// Says in whose name it stands: somebody's, or nobody's. `form_at`: the page of the form; `back`:
/// where to go when it is done.
#[server(prefix = "/api/fn", endpoint = "attribution-correct")]
pub async fn attribution_correct(
    enrollment: String,
    person: String,
    form_at: String,
    back: String,
) -> Result<(), UiError> {
    use crate::resources::enrollments::ops::{enrollment_correct_attribution, enrollment_get};
    use crate::ui::enrollments::details::{NAMES, form_id, names};
    use crate::ui::flash::Notice;
    use crate::ui::paths::NO_ONE;
    use crate::ui::server::session::{Changed, change_at};
    change_at(&form_at, async |connection, call| {
        let id: EnrollmentId = form_id(&enrollment)?;
        let to: Option<PersonId> = if person == NO_ONE { None } else { Some(form_id(&person)?) };
        let outcome = enrollment_correct_attribution(connection, call, id, to).await?;
        let to = enrollment_get(connection, id, NAMES).await?.created_by.map(|person| person.reference());
        let (workspace, group) = names(connection, id).await?;
        let notice = if outcome.is_changed() {
            Notice::AttributionCorrected { enrollment: id, workspace, group, from: outcome.from, to }
        } else {
            Notice::AttributionUnchanged { workspace, group, to }
        };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}
