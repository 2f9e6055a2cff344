//! Reads what the audit pages show. The address of the page contains the whole question.

mod form;
mod lookup;

use chrono::{DateTime, Utc};

pub(super) use crate::ui::audit::queries::form::fields;
pub(super) use crate::ui::audit::queries::lookup::choices;

use crate::resources::enrollment_events::model::EnrollmentEvent;
use crate::resources::enrollments::model::comparison::{Change, Comparison, ComparisonCounts};
use crate::resources::enrollments::model::{enrollment_position, newest_first};
use crate::resources::enrollments::ops::{
    comparison_counts, comparison_list, enrollment_count, enrollment_list,
};
use crate::ui::audit::queries::form::form;
use crate::ui::audit::view::{self, Form, Unanswered, View};
use crate::ui::enrollments::view::{EnrollmentRow, NAMES, mark_in_again, with_removals};
use crate::ui::error::UiError;
use crate::ui::pagination::ListPage;
use crate::ui::server::lists::{event_page, list_page};
use crate::ui::server::session::read;

/// The events that match the address, the latest first.
pub async fn events() -> Result<(Form, ListPage<EnrollmentEvent>), UiError> {
    read(async |connection, context| {
        let here = context.viewer.address();
        let filter = view::events(&here)?;
        let form = form(connection, context.viewer.locale, View::Events, &here).await?;
        Ok((form, event_page(connection, context, "audit", &filter).await?))
    })
    .await
}

pub struct AsOf {
    pub form: Form,
    pub at: DateTime<Utc>,
    /// The number of enrollments and a page of them, the last enrolled first.
    pub answer: Result<(i64, ListPage<EnrollmentRow>), Unanswered>,
}

/// The enrollments of a group, a workspace or all that were live at one moment.
pub async fn as_of() -> Result<AsOf, UiError> {
    read(async |connection, context| {
        let (here, now) = (context.viewer.address(), context.viewer.now);
        let (filter, at) = (view::as_of(&here, now)?, view::as_of_moment(&here, now)?);
        let form = form(connection, context.viewer.locale, View::AsOf, &here).await?;
        let filter = match filter {
            Ok(filter) => filter,
            Err(reason) => return Ok(AsOf { form, at, answer: Err(reason) }),
        };
        let sort = newest_first();
        let mut page = list_page(
            connection,
            context,
            "as-of",
            async |connection, request| {
                let page = enrollment_list(connection, &filter, &sort, request, NAMES).await?;
                with_removals(connection, page).await
            },
            |row| enrollment_position(&sort, &row.item.enrollment),
        )
        .await?;
        mark_in_again(connection, &mut page.items).await?;
        let count = enrollment_count(connection, &filter).await?;
        Ok(AsOf { form, at, answer: Ok((count, page)) })
    })
    .await
}

pub struct ComparedRows {
    pub comparison: Comparison,
    pub counts: ComparisonCounts,
    pub change: Change,
    pub page: ListPage<EnrollmentRow>,
}

/// The numbers of all changes in a group between two moments, and the rows of one kind of change.
pub async fn comparison() -> Result<(Form, Result<ComparedRows, Unanswered>), UiError> {
    read(async |connection, context| {
        let here = context.viewer.address();
        let comparison = view::comparison(&here, context.viewer.now)?;
        let form = form(connection, context.viewer.locale, View::Comparison, &here).await?;
        let comparison = match comparison {
            Ok(comparison) => comparison,
            Err(reason) => return Ok((form, Err(reason))),
        };
        let change = view::change(&here);
        let sort = Comparison::sort(change);
        let counts = comparison_counts(connection, &comparison).await?;
        let page = list_page(
            connection,
            context,
            &format!("comparison {}", change.into_str()),
            async |connection, request| {
                let page = comparison_list(connection, &comparison, change, request, NAMES).await?;
                with_removals(connection, page).await
            },
            |row| enrollment_position(&sort, &row.item.enrollment),
        )
        .await?;
        Ok((form, Ok(ComparedRows { comparison, counts, change, page })))
    })
    .await
}
