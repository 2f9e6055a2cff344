//! Lists for removal, and lists that a group becomes.

use std::collections::BTreeSet;

use groupdesk::kernel::id::ImportId;
use groupdesk::kernel::problem::{ImportFault, Problem};
use groupdesk::platform::clock;
use groupdesk::platform::failure::{Failure, Outcome};
use groupdesk::resources::enrollments::model::removals::RemovalLimit;
use groupdesk::resources::flows::undo::change_set_undo;
use groupdesk::resources::imports::model::{Import, ImportCounts, ImportMode, ImportState, LineKind};
use groupdesk::resources::imports::ops::{
    ListReceiver, NewList, import_cancel, import_preview, import_start, import_unlisted_version,
};
use groupdesk::resources::imports::rules::ListForm;
use groupdesk::resources::imports::rules::removals::RemovalCheck;
use groupdesk::resources::imports::worker::{BatchOutcome, run_batch, run_worker};
use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tokio::sync::watch;

use super::{call, get, lines, list, list_of, outcomes, prepared_in_mode, preview, run};
use crate::support::{group, violations, wait_until, workspaces};

const ANYTHING: RemovalCheck =
    RemovalCheck::Limited { limit: Some(RemovalLimit::Percent(100)), may_empty: false };

async fn prepared(pool: &PgPool, group: &str, mode: ImportMode, text: &str) -> ImportId {
    prepared_in_mode(pool, group, &call(None), mode, text).await
}

/// Starts an import in a transaction, which is rolled back after a refusal, as all callers do.
async fn start(pool: &PgPool, id: ImportId, check: RemovalCheck) -> Outcome<Option<Import>> {
    let mut transaction = pool.begin().await?;
    let started = import_start(&mut transaction, &call(None), id, check).await?;
    transaction.commit().await?;
    Ok(started)
}

/// What the page of the import shows now, and the number that the user typed.
async fn previewed(pool: &PgPool, id: ImportId, typed: Option<i64>) -> RemovalCheck {
    let seen = import_unlisted_version(&mut pool.acquire().await.unwrap(), id).await.unwrap();
    RemovalCheck::Previewed { seen: Some(seen), typed }
}

async fn imported(pool: &PgPool, group: &str, mode: ImportMode, text: &str) -> Import {
    let id = prepared(pool, group, mode, text).await;
    start(pool, id, ANYTHING).await.unwrap();
    run(pool).await;
    get(pool, id).await
}

async fn enrolled(pool: &PgPool, group: &str, text: &str) {
    assert_eq!(imported(pool, group, ImportMode::Enroll, text).await.counts.failed(), 0);
}

/// The external ids of the workspaces in a group.
async fn members(pool: &PgPool, group: &str) -> BTreeSet<String> {
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT w.external_workspace_id FROM core_api.workspace_group_workspaces e
         JOIN core_api.workspaces w ON w.pk = e.workspace_pk
         JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
         WHERE g.workspace_group_id = $1::uuid AND e.deleted_at IS NULL",
    )
    .bind(group)
    .fetch_all(pool)
    .await
    .unwrap();
    ids.into_iter().collect()
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

async fn assert_no_violations(pool: &PgPool) {
    assert_eq!(violations(&mut pool.acquire().await.unwrap()).await, Vec::<String>::new());
}

fn problem<T>(refused: Outcome<T>) -> Option<Problem> {
    match refused {
        Err(Failure::Problem(problem)) => Some(problem),
        Ok(_) | Err(_) => None,
    }
}

#[database_test]
async fn list_for_removal_gets_the_outcomes_of_its_preview(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 5).await;
    enrolled(&pool, &emea, "w-1,w-2,w-3").await;
    let id = prepared(&pool, &emea, ImportMode::Remove, "w-2\nnone\nw-4\nw-2\nbad\u{7}one\nw-3").await;

    let expected = ImportCounts {
        lines: 6,
        removed: 2,
        not_in: 1,
        unknown: 1,
        duplicate: 1,
        unreadable: 1,
        ..ImportCounts::default()
    };
    let (counts, removed) = preview(&pool, id, LineKind::Removed).await;
    assert_eq!(counts, expected);
    let numbers: Vec<i32> = removed.iter().map(|line| line.line_number).collect();
    assert_eq!(numbers, [1, 6]);
    assert_eq!(members(&pool, &emea).await, set(&["w-1", "w-2", "w-3"]), "a preview changes nothing");

    start(&pool, id, RemovalCheck::NONE).await.unwrap();
    run(&pool).await;

    let import = get(&pool, id).await;
    assert_eq!((import.state, import.counts), (ImportState::Finished, ImportCounts { done: 6, ..expected }));
    assert_eq!(
        outcomes(&pool, id).await,
        [
            (1, "removed", None),
            (2, "unknown", None),
            (3, "not_in", None),
            (4, "duplicate", Some(1)),
            (5, "unreadable", None),
            (6, "removed", None),
        ]
    );
    let stored = lines(&pool, id).await;
    assert!(stored[0].enrollment.is_some() && stored[2].enrollment.is_none(), "{stored:?}");
    assert_eq!(members(&pool, &emea).await, set(&["w-1"]));
    assert_no_violations(&pool).await;
    // The same list again removes nothing.
    let again = imported(&pool, &emea, ImportMode::Remove, "w-2\nw-3").await;
    assert_eq!((again.counts.removed, again.counts.not_in), (0, 2));
}

#[database_test]
async fn exact_list_appends_what_it_removes(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 6).await;
    enrolled(&pool, &emea, "w-1,w-2,w-3,w-4").await;
    let id = prepared(&pool, &emea, ImportMode::Exact, "w-5\nnone\nw-3\nw-5").await;

    let (counts, removed) = preview(&pool, id, LineKind::Removed).await;
    let expected = ImportCounts {
        lines: 7,
        enrolled: 1,
        already_in: 1,
        unknown: 1,
        duplicate: 1,
        removed: 3,
        unlisted: 3,
        ..ImportCounts::default()
    };
    assert_eq!((counts, counts.listed()), (expected, 4));
    let shown: Vec<_> =
        removed.iter().map(|line| (line.position, line.is_listed(), &line.text[..])).collect();
    assert_eq!(shown, [(5, false, "w-1"), (6, false, "w-2"), (7, false, "w-4")]);

    start(&pool, id, previewed(&pool, id, Some(3)).await).await.unwrap();
    run(&pool).await;

    let import = get(&pool, id).await;
    assert_eq!((import.state, import.counts), (ImportState::Finished, ImportCounts { done: 7, ..expected }));
    assert_eq!(
        outcomes(&pool, id).await,
        [
            (1, "enrolled", None),
            (2, "unknown", None),
            (3, "already_in", None),
            (4, "duplicate", Some(1)),
            (0, "removed", None),
            (0, "removed", None),
            (0, "removed", None),
        ]
    );
    assert_eq!(members(&pool, &emea).await, set(&["w-3", "w-5"]));
    assert_no_violations(&pool).await;
    // All events are in the change set of the import.
    let sets: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM groupdesk.enrollment_events WHERE change_set_id = $1 AND source = 'import'",
    )
    .bind(id.uuid())
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(sets, 4);
}

#[database_test]
async fn exact_list_starts_only_with_the_removals_of_its_preview(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 20).await;
    enrolled(&pool, &emea, &list(20)).await;
    let id = prepared(&pool, &emea, ImportMode::Exact, &list(18)).await;
    let outdated = previewed(&pool, id, None).await;
    assert_eq!(problem(start(&pool, id, RemovalCheck::NONE).await), Some(Problem::RemovalsChanged(2)));

    imported(&pool, &emea, ImportMode::Remove, "w-20").await;

    // One of 19 is within 10 percent, and needs no confirmation.
    assert_eq!(problem(start(&pool, id, outdated).await), Some(Problem::RemovalsChanged(1)));
    let outdated = previewed(&pool, id, None).await;
    // The number of removals is the same, but they are others.
    imported(&pool, &emea, ImportMode::Remove, "w-19").await;
    imported(&pool, &emea, ImportMode::Enroll, "w-20").await;
    assert_eq!(problem(start(&pool, id, outdated).await), Some(Problem::RemovalsChanged(1)));
    assert_eq!(get(&pool, id).await.counts, ImportCounts { lines: 18, ..ImportCounts::default() });
    assert!(start(&pool, id, previewed(&pool, id, None).await).await.unwrap().is_some());
    run(&pool).await;
    assert_eq!(members(&pool, &emea).await.len(), 18);

    let id = prepared(&pool, &emea, ImportMode::Exact, &list(16)).await;
    let unconfirmed = previewed(&pool, id, None).await;
    assert_eq!(problem(start(&pool, id, unconfirmed).await), Some(Problem::RemovalsNotConfirmed(2)));
    let limited = |limit| RemovalCheck::Limited { limit, may_empty: false };
    let refused = problem(start(&pool, id, limited(None)).await);
    let group = emea.parse().unwrap();
    assert_eq!(refused, Some(Problem::TooManyRemovals { group, removals: 2, max: 1 }));
    start(&pool, id, limited(Some(RemovalLimit::Number(2)))).await.unwrap();
    run(&pool).await;
    assert_eq!(members(&pool, &emea).await.len(), 16);
}

/// A workspace that others remove and enroll again after the start has another enrollment than the one that was previewed.
#[database_test]
async fn exact_list_leaves_alone_what_is_enrolled_again_after_the_start(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 20).await;
    enrolled(&pool, &emea, &list(20)).await;
    let id = prepared(&pool, &emea, ImportMode::Exact, &list(19)).await;
    start(&pool, id, previewed(&pool, id, None).await).await.unwrap();
    for statement in [
        "UPDATE core_api.workspace_group_workspaces SET deleted_at = now() WHERE pk = 20",
        "INSERT INTO core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk, created_at)
         SELECT workspace_group_pk, workspace_pk, now() FROM core_api.workspace_group_workspaces WHERE pk = 20",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    run(&pool).await;
    let counts = get(&pool, id).await.counts;
    assert_eq!((counts.removed, counts.not_in, members(&pool, &emea).await.len()), (0, 1, 20));
}

#[database_test]
async fn exact_list_with_an_open_quote_is_refused(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let mut connection = pool.acquire().await.unwrap();
    for (mode, is_refused) in [(ImportMode::Enroll, false), (ImportMode::Exact, true)] {
        let new = NewList::new(ListForm::Csv, mode, Some("list.csv"));
        let group = emea.parse().unwrap();
        let mut list = ListReceiver::begin(&mut connection, &call(None), group, new).await.unwrap();
        list.push(&pool, b"workspace_id\nw-1\n\"w-2\nw-3\n").await.unwrap();
        let refused = Some(Problem::ImportRefused(ImportFault::QuoteNotClosed));
        assert_eq!(problem(list.end(&pool).await), refused.filter(|_| is_refused), "{mode:?}");
    }
}

#[database_test]
async fn exact_list_without_a_known_workspace_empties_no_group(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 3).await;
    enrolled(&pool, &emea, "w-1,w-2").await;
    let id = prepared(&pool, &emea, ImportMode::Exact, "nothing\nno-such-one").await;
    let typed = previewed(&pool, id, Some(2)).await;
    let group = emea.parse().unwrap();
    for refused in [typed, ANYTHING] {
        assert_eq!(problem(start(&pool, id, refused).await), Some(Problem::GroupWouldBeEmpty(group)));
    }
    assert_eq!(members(&pool, &emea).await.len(), 2);
    let may = RemovalCheck::Limited { limit: Some(RemovalLimit::Percent(100)), may_empty: true };
    start(&pool, id, may).await.unwrap();
    run(&pool).await;
    assert_eq!(members(&pool, &emea).await.len(), 0);
}

/// What others enroll after the start stays, and what they remove is reported.
#[database_test]
async fn changes_after_the_start_of_an_exact_list_are_left_alone(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 6).await;
    enrolled(&pool, &emea, "w-1,w-2,w-3").await;
    let id = prepared(&pool, &emea, ImportMode::Exact, "w-3").await;
    start(&pool, id, ANYTHING).await.unwrap();
    // The worker has not run; these imports are their own.
    for (mode, text) in [(ImportMode::Enroll, "w-6"), (ImportMode::Remove, "w-1")] {
        let other = prepared(&pool, &emea, mode, text).await;
        start(&pool, other, ANYTHING).await.unwrap();
        run_batch(&pool, &clock::system(), Some(other)).await.unwrap();
    }
    run(&pool).await;
    let counts = get(&pool, id).await.counts;
    assert_eq!((counts.removed, counts.not_in, counts.failed()), (1, 1, 0));
    assert_eq!(members(&pool, &emea).await, set(&["w-3", "w-6"]));
    assert_no_violations(&pool).await;
}

/// The lines of the list and those that were appended are never in one batch.
#[database_test]
async fn interrupted_exact_list_is_finished_by_the_next_worker(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 1400).await;
    enrolled(&pool, &emea, &list(700)).await;
    let id = prepared(&pool, &emea, ImportMode::Exact, &list_of(701..=1400)).await;
    start(&pool, id, ANYTHING).await.unwrap();
    let mut done = Vec::new();
    for _ in 0..2 {
        let Ok(BatchOutcome::Done(_, counts)) = run_batch(&pool, &clock::system(), None).await else {
            panic!("a batch");
        };
        done.push((counts.done, counts.enrolled, counts.removed));
    }
    assert_eq!(done, [(500, 500, 0), (700, 700, 0)]);
    let mut cut = pool.begin().await.unwrap();
    sqlx::raw_sql("LOCK core_api.workspace_group_workspaces").execute(&mut *cut).await.unwrap();
    assert!(run_batch(&pool, &clock::system(), None).await.is_err(), "the batch gives up after a second");
    drop(cut);
    run(&pool).await;
    let import = get(&pool, id).await;
    assert_eq!(
        (import.state, import.counts.enrolled, import.counts.removed),
        (ImportState::Finished, 700, 700)
    );
    assert_eq!(members(&pool, &emea).await, list_of(701..=1400).lines().map(str::to_owned).collect());
    assert_no_violations(&pool).await;
}

#[database_test]
async fn concurrent_lists_of_all_modes_keep_the_invariants(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 1500).await;
    enrolled(&pool, &emea, &list(1000)).await;
    let backwards = list_of((1..=1200).rev());
    let mut ids = Vec::new();
    for (mode, text) in [
        (ImportMode::Exact, list_of(500..=1500)),
        (ImportMode::Exact, backwards.clone()),
        (ImportMode::Remove, list_of(400..=900)),
        (ImportMode::Enroll, backwards),
    ] {
        ids.push(prepared(&pool, &emea, mode, &text).await);
    }
    for id in &ids {
        start(&pool, *id, ANYTHING).await.unwrap();
    }
    let (stop, stopped) = watch::channel(false);
    let workers: Vec<_> =
        (0..4).map(|_| tokio::spawn(run_worker(pool.clone(), clock::system(), stopped.clone()))).collect();
    wait_until(120, "all are finished", async || {
        for id in &ids {
            if get(&pool, *id).await.state != ImportState::Finished {
                return false;
            }
        }
        true
    })
    .await;
    stop.send(true).unwrap();
    for worker in workers {
        worker.await.unwrap();
    }
    assert_no_violations(&pool).await;
    // Each list reports what its own lines did.
    for id in ids {
        let events: i64 =
            sqlx::query_scalar("SELECT count(*) FROM groupdesk.enrollment_events WHERE change_set_id = $1")
                .bind(id.uuid())
                .fetch_one(&pool)
                .await
                .unwrap();
        assert_eq!(events, i64::from(get(&pool, id).await.counts.changes()));
    }
}

#[database_test]
async fn cancelled_exact_list_has_removed_nothing_before_its_end(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 600).await;
    enrolled(&pool, &emea, "w-1,w-2").await;
    let id = prepared(&pool, &emea, ImportMode::Exact, &list_of(3..=600)).await;
    start(&pool, id, ANYTHING).await.unwrap();
    run_batch(&pool, &clock::system(), None).await.unwrap();
    assert!(import_cancel(&mut pool.acquire().await.unwrap(), &call(None), id).await.unwrap());
    run(&pool).await;
    let counts = get(&pool, id).await.counts;
    assert_eq!((counts.enrolled, counts.removed, counts.not_done()), (500, 0, 100));
}

#[database_test]
async fn removals_count_for_the_reason_that_a_group_requires(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 4).await;
    enrolled(&pool, &emea, "w-1,w-2,w-3").await;
    sqlx::raw_sql(
        "INSERT INTO groupdesk.group_settings (workspace_group_pk, reason_policy, reason_above)
         SELECT pk, 'required_above', 2 FROM core_api.workspace_groups",
    )
    .execute(&pool)
    .await
    .unwrap();
    let required = Some(Problem::ReasonRequired { group: emea.parse().unwrap(), above: Some(2) });
    for (mode, text) in [(ImportMode::Remove, "w-1,w-2,w-3"), (ImportMode::Exact, "w-3,w-4")] {
        let id = prepared(&pool, &emea, mode, text).await;
        assert_eq!(problem(start(&pool, id, ANYTHING).await), required, "{mode:?}");
    }
    let id = prepared(&pool, &emea, ImportMode::Remove, "w-1,w-2").await;
    start(&pool, id, ANYTHING).await.unwrap();
    run(&pool).await;
    assert_eq!(members(&pool, &emea).await, set(&["w-3"]));
}

/// A property, for some of all subsets of six workspaces as members and as a list.
#[database_test]
async fn undo_after_any_mode_restores_the_members(pool: PgPool) {
    const MODES: [ImportMode; 3] = [ImportMode::Enroll, ImportMode::Remove, ImportMode::Exact];
    workspaces(&pool, 6).await;
    let ids = |mask: usize| {
        let numbers = (1..=6_i32).filter(|number| mask & (1 << (number - 1)) != 0);
        list_of(numbers)
    };
    let mut cases = 0;
    for seed in 0..40_usize {
        // Two numbers without a common factor with 64 visit the subsets in a scattered order.
        let (before, listed) = (seed * 37 % 64, seed * 11 % 63 + 1);
        for mode in MODES {
            let emea = group(&pool, "EMEA").await;
            if before != 0 {
                enrolled(&pool, &emea, &ids(before)).await;
            }
            let was = members(&pool, &emea).await;
            let import = imported(&pool, &emea, mode, &ids(listed)).await;
            let expected = match mode {
                ImportMode::Enroll => before | listed,
                ImportMode::Remove => before & !listed,
                ImportMode::Exact => listed,
                ImportMode::Restore | ImportMode::Undo => unreachable!("they have no list"),
            };
            let expected: BTreeSet<String> = ids(expected).split_whitespace().map(str::to_owned).collect();
            assert_eq!(members(&pool, &emea).await, expected, "{mode:?} of {listed:b} on {before:b}");
            let mut transaction = pool.begin().await.unwrap();
            let undone = change_set_undo(&mut transaction, &call(None), import.change_set(), None).await;
            match import.counts.changes() {
                0 => assert!(undone.is_err()),
                _ => assert_eq!(undone.unwrap().left_alone, 0),
            }
            transaction.commit().await.unwrap();
            assert_eq!(members(&pool, &emea).await, was, "{mode:?} of {listed:b} on {before:b}");
            cases += 1;
        }
    }
    assert_eq!(cases, 120);
    assert_no_violations(&pool).await;
}

/// The preview is one statement, and reads nothing of a list that only enrolls.
#[database_test]
async fn preview_of_an_exact_list_pages_its_removals(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 30).await;
    enrolled(&pool, &emea, &list(30)).await;
    let id = prepared(&pool, &emea, ImportMode::Exact, &list(5)).await;
    let mut connection = pool.acquire().await.unwrap();
    let request = groupdesk::kernel::page::PageRequest::first(10);
    let (counts, page) = import_preview(&mut connection, id, None, &request).await.unwrap();
    assert_eq!((counts.removed, counts.first_kind()), (25, LineKind::Removed));
    assert_eq!((page.items.len(), page.has_next), (10, true));
}
