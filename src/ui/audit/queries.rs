//! Of the audit pages. Each takes the page's own path and query, which say all that is asked.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::resources::enrollment_events::model::{EnrollmentEvent, Removal};
use crate::resources::enrollments::model::EnrollmentWithRelated;
use crate::resources::enrollments::model::comparison::{Change, Comparison, ComparisonCounts};
use crate::ui::audit::query::{Asked, Form};
use crate::ui::enrollments::actions::RemovedRow;
use crate::ui::error::UiError;
use crate::ui::pagination::ListPage;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EventsShown {
    pub form: Form,
    pub page: ListPage<EnrollmentEvent>,
}

/// What happened, newest first.
#[server(prefix = "/api/fn", endpoint = "audit-events-read")]
pub async fn audit_events_read(here: String) -> Result<EventsShown, UiError> {
    use crate::kernel::page::Sort;
    use crate::resources::enrollment_events::model::{EventInclude, EventSortKey, event_position};
    use crate::resources::enrollment_events::ops::event_list;
    use crate::ui::address::Address;
    use crate::ui::audit::form::form;
    use crate::ui::audit::query::View;
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let here = Address::of(&here);
        let filter = crate::ui::audit::query::events(&here)?;
        let form = form(connection, visit.place(), View::Events, &here).await?;
        let key = visit.state.cursor_key(connection).await?;
        let request = list_request(key, "audit", here.get("after"), here.get("before"))?;
        let sort = Sort::descending(EventSortKey::OccurredAt);
        let page = event_list(connection, &filter, &sort, &request, EventInclude::default()).await?;
        let page = list_page(page.map(|with| with.event), key, "audit", |event| event_position(&sort, event));
        Ok(EventsShown { form, page })
    })
    .await
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AsOfShown {
    pub form: Form,
    pub at: DateTime<Utc>,
    pub answer: Asked<AsOfRows>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AsOfRows {
    pub count: i64,
    /// With what became of each since.
    pub page: ListPage<RemovedRow>,
}

/// What was in a group, or which groups held a workspace, at one moment: last enrolled first.
#[server(prefix = "/api/fn", endpoint = "as-of-read")]
pub async fn as_of_read(here: String) -> Result<AsOfShown, UiError> {
    use crate::resources::enrollments::model::{enrollment_position, newest_first};
    use crate::resources::enrollments::ops::{enrollment_count, enrollment_list};
    use crate::ui::address::Address;
    use crate::ui::audit::details::{PAIR, with_removals};
    use crate::ui::audit::form::form;
    use crate::ui::audit::query::{View, as_of, as_of_moment};
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let here = Address::of(&here);
        let (asked, at) = (as_of(&here, visit.now())?, as_of_moment(&here, visit.now())?);
        let form = form(connection, visit.place(), View::AsOf, &here).await?;
        let answer = match asked {
            Asked::Incomplete => Asked::Incomplete,
            Asked::ToCome => Asked::ToCome,
            Asked::Complete(filter) => {
                let key = visit.state.cursor_key(connection).await?;
                let request = list_request(key, "as-of", here.get("after"), here.get("before"))?;
                let sort = newest_first();
                let page = enrollment_list(connection, &filter, &sort, &request, PAIR).await?;
                let page = with_removals(connection, page).await?;
                let count = enrollment_count(connection, &filter).await?;
                let position = |row: &RemovedRow| enrollment_position(&sort, &row.item.enrollment);
                Asked::Complete(AsOfRows { count, page: list_page(page, key, "as-of", position) })
            }
        };
        Ok(AsOfShown { form, at, answer })
    })
    .await
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ComparisonShown {
    pub form: Form,
    pub answer: Asked<ComparedRows>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ComparedRows {
    pub comparison: Comparison,
    pub counts: ComparisonCounts,
    pub change: Change,
    pub page: ListPage<ComparedRow>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ComparedRow {
    pub item: EnrollmentWithRelated,
    /// Of a removed row, where it is known.
    pub removal: Option<Removal>,
    /// In at both moments, and removed and added again between.
    pub is_readded: bool,
}

/// What changed in a group between two moments: how much, and one kind of change.
#[server(prefix = "/api/fn", endpoint = "comparison-read")]
pub async fn comparison_read(here: String) -> Result<ComparisonShown, UiError> {
    use crate::resources::enrollments::model::enrollment_position;
    use crate::resources::enrollments::ops::{comparison_counts, comparison_list};
    use crate::ui::address::Address;
    use crate::ui::audit::details::{PAIR, compared};
    use crate::ui::audit::form::form;
    use crate::ui::audit::query::{View, change, comparison};
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let here = Address::of(&here);
        let asked = comparison(&here, visit.now())?;
        let form = form(connection, visit.place(), View::Comparison, &here).await?;
        let answer = match asked {
            Asked::Incomplete => Asked::Incomplete,
            Asked::ToCome => Asked::ToCome,
            Asked::Complete(comparison) => {
                let change = change(&here);
                let list = format!("comparison {}", change.word());
                let key = visit.state.cursor_key(connection).await?;
                let request = list_request(key, &list, here.get("after"), here.get("before"))?;
                let counts = comparison_counts(connection, &comparison).await?;
                let page = comparison_list(connection, &comparison, change, &request, PAIR).await?;
                let page = compared(connection, &comparison, change, page).await?;
                let sort = Comparison::sort(change);
                let position = |row: &ComparedRow| enrollment_position(&sort, &row.item.enrollment);
                let page = list_page(page, key, &list, position);
                Asked::Complete(ComparedRows { comparison, counts, change, page })
            }
        };
        Ok(ComparisonShown { form, answer })
    })
    .await
}
