//! Enrollments one by one: of a workspace, of a person, of a pair, and one with all that is known of it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::kernel::id::{EnrollmentId, PersonId, WorkspaceId};
use crate::resources::enrollment_events::model::{EnrollmentEvent, Removal};
use crate::resources::enrollments::model::EnrollmentWithRelated;
use crate::ui::components::pager::ListPage;
use crate::ui::error::UiError;

/// Live or removed; then with who removed it, where that is known.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnrollmentRow {
    pub item: EnrollmentWithRelated,
    pub removal: Option<Removal>,
}

/// Of the workspace, the last enrolled first. `live`: only the groups that it is in now.
#[server(prefix = "/api/fn", endpoint = "workspace-enrollments-read")]
pub async fn workspace_enrollments_read(
    workspace: WorkspaceId,
    live: bool,
    after: Option<String>,
    before: Option<String>,
) -> Result<ListPage<EnrollmentRow>, UiError> {
    use crate::kernel::page::Status;
    use crate::resources::enrollments::model::{
        EnrollmentFilter, EnrollmentInclude, Liveness, enrollment_position, newest_first,
    };
    use crate::resources::enrollments::ops::enrollment_list;
    use crate::ui::enrollments::details::with_removals;
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let key = visit.state.cursor_key(connection).await?;
        let list = if live { "workspace live" } else { "workspace any" };
        let request = list_request(key, list, after.as_deref(), before.as_deref())?;
        let liveness = Liveness::Now(if live { Status::Live } else { Status::Any });
        let filter = EnrollmentFilter { liveness, ..EnrollmentFilter::of_workspace(workspace) };
        let sort = newest_first();
        let include = EnrollmentInclude { group: true, created_by: true, ..EnrollmentInclude::default() };
        let page = enrollment_list(connection, &filter, &sort, &request, include).await?;
        let rows = with_removals(connection, page).await?;
        Ok(list_page(rows, key, list, |row| enrollment_position(&sort, &row.item.enrollment)))
    })
    .await
}

/// In the person's name, the last enrolled first. A word for the status that there is not means any.
#[server(prefix = "/api/fn", endpoint = "person-enrollments-read")]
pub async fn person_enrollments_read(
    person: PersonId,
    status: String,
    after: Option<String>,
    before: Option<String>,
) -> Result<ListPage<EnrollmentRow>, UiError> {
    use crate::kernel::page::Status;
    use crate::resources::enrollments::model::{
        EnrollmentFilter, Liveness, enrollment_position, newest_first,
    };
    use crate::resources::enrollments::ops::enrollment_list;
    use crate::resources::people::model::ByPerson;
    use crate::ui::enrollments::details::{NAMES, with_removals};
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let key = visit.state.cursor_key(connection).await?;
        let request = list_request(key, "person enrolled", after.as_deref(), before.as_deref())?;
        let filter = EnrollmentFilter {
            created_by: Some(ByPerson::OneOf(vec![person])),
            liveness: Liveness::Now(Status::from_word(&status).unwrap_or(Status::Any)),
            ..EnrollmentFilter::default()
        };
        let sort = newest_first();
        let page = enrollment_list(connection, &filter, &sort, &request, NAMES).await?;
        let rows = with_removals(connection, page).await?;
        Ok(list_page(rows, key, "person enrolled", |row| enrollment_position(&sort, &row.item.enrollment)))
    })
    .await
}

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
    use std::collections::BTreeMap;

    use crate::resources::enrollments::ops::{enrollment_correct_attribution, enrollment_get};
    use crate::ui::enrollments::details::{NAMES, form_id, names};
    use crate::ui::flash::Notice;
    use crate::ui::paths::NO_ONE;
    use crate::ui::server::session::{Changed, change};
    change(&form_at, BTreeMap::new(), async |connection, call| {
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
