//! What changed in a group between two moments.

use sqlx::PgConnection;

use super::super::store;
use super::enrollment_list;
use crate::kernel::page::{Page, PageRequest};
use crate::platform::failure::Outcome;
use crate::resources::enrollments::model::comparison::{Change, Comparison, ComparisonCounts};
use crate::resources::enrollments::model::{EnrollmentInclude, EnrollmentWithRelated};

/// A page of the workspaces of which this is true, see [`Comparison::rows`].
pub async fn comparison_list(
    connection: &mut PgConnection,
    comparison: &Comparison,
    change: Change,
    page: &PageRequest,
    include: EnrollmentInclude,
) -> Outcome<Page<EnrollmentWithRelated>> {
    let (filter, sort) = (comparison.rows(change), Comparison::sort(change));
    enrollment_list(connection, &filter, &sort, page, include).await
}

/// How many of each, exactly; the cost grows with the group.
pub async fn comparison_counts(
    connection: &mut PgConnection,
    comparison: &Comparison,
) -> Outcome<ComparisonCounts> {
    store::comparison::counts(connection, comparison).await
}
