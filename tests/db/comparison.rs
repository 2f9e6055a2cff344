//! Comparison of a group at two moments.

use groupdesk::kernel::page::{PageRequest, Start};
use groupdesk::resources::enrollments::model::comparison::{Change, Comparison, ComparisonCounts};
use groupdesk::resources::enrollments::model::{EnrollmentInclude, enrollment_position};
use groupdesk::resources::enrollments::ops::{comparison_counts, enrollment_list};
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{enroll, group, remove, time, workspace};

const EARLIER: &str = "2026-05-01T12:00:00Z";
const LATER: &str = "2026-05-08T12:00:00Z";

/// Creates a workspace with these enrollments in the group: start, and end if removed.
async fn create_history(pool: &PgPool, group: &str, name: &str, rows: &[(&str, Option<&str>)]) {
    let workspace = workspace(pool, name).await;
    for (from, until) in rows {
        let row = enroll(pool, group, &workspace, time(from)).await;
        if let Some(until) = until {
            remove(pool, &row, time(until)).await;
        }
    }
}

fn between(group: &str) -> Comparison {
    Comparison::between(group.parse().unwrap(), time(EARLIER), time(LATER))
}

/// The names in the list's order, read in pages of this size.
async fn names(pool: &PgPool, comparison: &Comparison, change: Change, size: u16) -> Vec<String> {
    let mut connection = pool.acquire().await.unwrap();
    let include = EnrollmentInclude { workspace: true, ..EnrollmentInclude::default() };
    let mut found = Vec::new();
    let mut start = Start::Beginning;
    loop {
        let request = PageRequest { size, start };
        let (filter, sort) = (comparison.rows(change), Comparison::sort(change));
        let page = enrollment_list(&mut connection, &filter, &sort, &request, include).await.unwrap();
        let last = page.items.last().cloned();
        found.extend(page.items.into_iter().map(|with| with.workspace.unwrap().name));
        match last.filter(|_| page.has_next) {
            Some(last) => start = Start::After(enrollment_position(&sort, &last)),
            None => return found,
        }
    }
}

#[database_test]
async fn comparison_finds_added_removed_and_unchanged(pool: PgPool) {
    let (emea, other) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    let before = "2026-04-01T00:00:00Z";
    create_history(&pool, &emea, "Stayed", &[(before, None)]).await;
    create_history(&pool, &emea, "Came", &[("2026-05-02T00:00:00Z", None)]).await;
    create_history(&pool, &emea, "Went", &[(before, Some("2026-05-03T00:00:00Z"))]).await;
    // Enrolled at both moments, but not in between.
    let back = [(before, Some("2026-05-03T00:00:00Z")), ("2026-05-04T00:00:00Z", None)];
    create_history(&pool, &emea, "Came back", &back).await;
    create_history(&pool, &emea, "Only between", &[("2026-05-02T00:00:00Z", Some("2026-05-03T00:00:00Z"))])
        .await;
    create_history(&pool, &emea, "Gone before", &[(before, Some("2026-04-02T00:00:00Z"))]).await;
    create_history(&pool, &emea, "Not yet", &[("2026-06-01T00:00:00Z", None)]).await;
    // Later changes do not affect the past.
    create_history(
        &pool,
        &emea,
        "Came and went later",
        &[("2026-05-05T00:00:00Z", Some("2026-06-01T00:00:00Z"))],
    )
    .await;
    create_history(&pool, &emea, "Stayed and went later", &[(before, Some("2026-06-01T00:00:00Z"))]).await;
    create_history(
        &pool,
        &emea,
        "Back in after",
        &[(before, Some("2026-05-03T00:00:00Z")), ("2026-06-01T00:00:00Z", None)],
    )
    .await;
    create_history(&pool, &other, "Elsewhere", &[("2026-05-02T00:00:00Z", None)]).await;

    let comparison = between(&emea);
    for size in [1, 50] {
        assert_eq!(names(&pool, &comparison, Change::Added, size).await, ["Came and went later", "Came"]);
        let mut removed = names(&pool, &comparison, Change::Removed, size).await;
        removed.sort();
        assert_eq!(removed, ["Back in after", "Went"]);
        let unchanged = names(&pool, &comparison, Change::Unchanged, size).await;
        assert_eq!(unchanged.len(), 3, "{unchanged:?}");
        assert_eq!(unchanged[2], "Came back");
    }
    let mut connection = pool.acquire().await.unwrap();
    assert_eq!(
        comparison_counts(&mut connection, &comparison).await.unwrap(),
        ComparisonCounts { added: 2, removed: 2, unchanged: 3, readded: 1 }
    );
}

/// An enrollment counts from its creation, inclusive, until its removal, exclusive. So a workspace that is
/// removed and re-added at one moment is enrolled all the time.
#[database_test]
async fn boundary_moments_are_half_open(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let (before, after) = ("2026-04-01T00:00:00Z", "2026-06-01T00:00:00Z");
    create_history(&pool, &emea, "Enrolled at the earlier", &[(EARLIER, None)]).await;
    create_history(&pool, &emea, "Enrolled at the later", &[(LATER, None)]).await;
    create_history(&pool, &emea, "Removed at the earlier", &[(before, Some(EARLIER))]).await;
    create_history(&pool, &emea, "Removed at the later", &[(before, Some(LATER))]).await;
    create_history(&pool, &emea, "From one to the other", &[(EARLIER, Some(LATER))]).await;
    create_history(
        &pool,
        &emea,
        "Swapped at the earlier",
        &[(before, Some(EARLIER)), (EARLIER, Some(after))],
    )
    .await;
    create_history(&pool, &emea, "Swapped at the later", &[(before, Some(LATER)), (LATER, None)]).await;
    create_history(&pool, &emea, "For no time", &[(EARLIER, Some(EARLIER))]).await;

    let comparison = between(&emea);
    let names_of = async |change| {
        let mut names = names(&pool, &comparison, change, 2).await;
        names.sort();
        names
    };
    assert_eq!(names_of(Change::Added).await, ["Enrolled at the later"]);
    assert_eq!(names_of(Change::Removed).await, ["From one to the other", "Removed at the later"]);
    let unchanged = ["Enrolled at the earlier", "Swapped at the earlier", "Swapped at the later"];
    assert_eq!(names_of(Change::Unchanged).await, unchanged);
    let mut connection = pool.acquire().await.unwrap();
    assert_eq!(
        comparison_counts(&mut connection, &comparison).await.unwrap(),
        ComparisonCounts { added: 1, removed: 2, unchanged: 3, readded: 1 }
    );

    // The moments in the opposite order, and the same moment twice.
    let group = emea.parse().unwrap();
    assert_eq!(Comparison::between(group, time(LATER), time(EARLIER)), comparison);
    let still = Comparison::between(group, time(LATER), time(LATER));
    let counts = comparison_counts(&mut connection, &still).await.unwrap();
    assert_eq!(counts, ComparisonCounts { added: 0, removed: 0, unchanged: 4, readded: 0 });
}
