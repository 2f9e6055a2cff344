//! Each line gets the outcome that the preview predicted.

use groupdesk::kernel::problem::Problem;
use groupdesk::platform::failure::Failure;
use groupdesk::resources::enrollment_events::model::EventActor;
use groupdesk::resources::imports::model::{ImportCounts, ImportMode, ImportState, LineKind};
use groupdesk::resources::imports::ops::{
    ListReceiver, NewList, import_cancel, import_delete_expired, import_discard, import_get, import_start,
};
use groupdesk::resources::imports::rules::ListForm;
use groupdesk::resources::imports::rules::removals::RemovalCheck;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::{assert_enrolled_once, call, get, lines, list, outcomes, prepared, preview, run, start, started};
use crate::support::{enroll, events, group, live_count, person, remove, time, workspace, workspaces};

async fn execute(pool: &PgPool, statement: &str) {
    sqlx::raw_sql(statement).execute(pool).await.expect(statement);
}

#[database_test]
async fn every_line_gets_the_outcome_of_its_preview(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let emea = group(&pool, "EMEA").await;
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let (gone, again) = (workspace(&pool, "Gone").await, workspace(&pool, "Again").await);
    enroll(&pool, &emea, &beta, time("2026-05-01T00:00:00Z")).await;
    let old = enroll(&pool, &emea, &again, time("2026-05-01T00:00:00Z")).await;
    remove(&pool, &old, time("2026-05-02T00:00:00Z")).await;
    execute(&pool, "UPDATE core_api.workspaces SET deleted_at = now() WHERE name = 'Gone'").await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    let text = format!(
        "acme\n{beta}\n\nno-such-one, {gone}\n{}\nbeta\n{nobody}\nbad\u{7}one\nagain\nacme\nno-such-one",
        acme.to_uppercase()
    );
    let id = prepared(&pool, &emea, Some(&ana), &text).await;

    let counts = ImportCounts {
        lines: 11,
        done: 0,
        enrolled: 2,
        already_in: 1,
        unknown: 4,
        duplicate: 3,
        unreadable: 1,
        group_removed: 0,
        ..ImportCounts::default()
    };
    let (counted, failed) = preview(&pool, id, LineKind::Failed).await;
    assert_eq!(counted, counts);
    let mut predicted: Vec<_> = failed;
    for kind in [LineKind::Duplicate, LineKind::AlreadyIn, LineKind::Enrolled] {
        predicted.extend(preview(&pool, id, kind).await.1);
    }
    predicted.sort_by_key(|line| line.position);
    assert_eq!(live_count(&pool).await, 1, "a preview changes nothing");
    run(&pool).await;
    assert_eq!(
        get(&pool, id).await.state,
        ImportState::Prepared,
        "an import that is not started does not run"
    );

    start(&pool, Some(&ana), id).await;
    run(&pool).await;

    let import = get(&pool, id).await;
    assert_eq!((import.state, import.counts), (ImportState::Finished, ImportCounts { done: 11, ..counts }));
    assert_eq!(
        outcomes(&pool, id).await,
        [
            (1, "enrolled", None),
            (2, "already_in", None),
            (4, "unknown", None),
            (4, "unknown", None),
            (5, "duplicate", Some(1)),
            (6, "duplicate", Some(2)),
            (7, "unknown", None),
            (8, "unreadable", None),
            (9, "enrolled", None),
            (10, "duplicate", Some(1)),
            (11, "unknown", None),
        ]
    );
    let stored = lines(&pool, id).await;
    assert!(stored[0].enrollment.is_some());
    let without_id: Vec<_> = stored
        .into_iter()
        .map(|mut line| {
            line.enrollment = None;
            line
        })
        .collect();
    assert_eq!(without_id, predicted);
    let logged = events(&pool).await;
    assert_eq!(logged.len(), 2);
    assert!(
        logged.iter().all(|event| event.1 == "import" && event.2.as_deref() == Some("Ana Lima")),
        "{logged:?}"
    );
    let by_ana: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM core_api.workspace_group_workspaces e JOIN core_api.peoples p ON p.pk = e.created_by_pk
         WHERE p.people_id = $1::uuid",
    )
    .bind(&ana)
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(by_ana, 2);
}

#[database_test]
async fn duplicates_are_found_across_batches_and_by_either_id(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 1200).await;
    let first: String = sqlx::query_scalar(
        "SELECT workspace_id::text FROM core_api.workspaces WHERE external_workspace_id = 'w-7'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let id = started(&pool, &emea, None, &format!("{}{first}\nw-1200\n", list(1200))).await;
    run(&pool).await;
    let import = get(&pool, id).await;
    assert_eq!((import.counts.enrolled, import.counts.duplicate), (1200, 2));
    assert_eq!(import.by, EventActor::System);
    assert_enrolled_once(&pool, &emea, 1200).await;
    let of: Vec<i32> = sqlx::query_scalar(
        "SELECT duplicate_of FROM groupdesk.import_lines WHERE outcome = 'duplicate' ORDER BY position",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(of, [7, 1200]);
}

#[database_test]
async fn removed_group_fails_all_remaining_lines(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 3).await;
    let id = started(&pool, &emea, None, "w-1\nw-2\nw-1\nnope").await;
    execute(&pool, "UPDATE core_api.workspace_groups SET deleted_at = now()").await;
    run(&pool).await;
    assert_eq!(
        outcomes(&pool, id).await,
        [
            (1, "group_removed", None),
            (2, "group_removed", None),
            (3, "duplicate", Some(1)),
            (4, "unknown", None)
        ]
    );
    let import = get(&pool, id).await;
    assert_eq!((import.state, import.group_is_removed), (ImportState::Finished, true));
    assert_eq!(live_count(&pool).await, 0);
}

#[database_test]
async fn imports_for_a_removed_group_cannot_begin_or_start(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 2).await;
    let id = prepared(&pool, &emea, None, "w-1\nw-2\nnope").await;
    execute(&pool, "UPDATE core_api.workspace_groups SET deleted_at = now()").await;
    let (counts, _) = preview(&pool, id, LineKind::Failed).await;
    assert_eq!((counts.enrolled, counts.group_removed, counts.unknown), (0, 2, 1));
    let mut connection = pool.acquire().await.unwrap();
    let refused = import_start(&mut connection, &call(None), id, RemovalCheck::NONE).await;
    assert!(matches!(refused, Err(Failure::Problem(Problem::GroupNotFound(_)))), "{refused:?}");
    let emea = emea.parse().unwrap();
    let new = NewList::new(ListForm::Pasted, ImportMode::Enroll, None);
    let refused = ListReceiver::begin(&mut connection, &call(None), emea, new).await;
    assert!(matches!(refused, Err(Failure::Problem(Problem::GroupNotFound(_)))));
}

#[database_test]
async fn import_starts_once_and_then_cannot_be_discarded(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 1).await;
    let id = prepared(&pool, &emea, None, "w-1").await;
    let other = prepared(&pool, &emea, None, "w-1").await;
    let mut connection = pool.acquire().await.unwrap();
    let call = call(None);
    assert!(import_start(&mut connection, &call, id, RemovalCheck::NONE).await.unwrap().is_some());
    assert!(import_start(&mut connection, &call, id, RemovalCheck::NONE).await.unwrap().is_none());
    let refused = import_discard(&mut connection, &call, id).await;
    assert!(matches!(refused, Err(Failure::Problem(Problem::ImportStarted(_)))), "{refused:?}");
    run(&pool).await;
    assert!(import_start(&mut connection, &call, id, RemovalCheck::NONE).await.unwrap().is_none());
    assert!(!import_cancel(&mut connection, &call, id).await.unwrap());
    assert_enrolled_once(&pool, &emea, 1).await;

    import_discard(&mut connection, &call, other).await.unwrap();
    import_discard(&mut connection, &call, other).await.unwrap();
    let gone = import_get(&mut connection, other).await;
    assert!(matches!(gone, Err(Failure::Problem(Problem::ImportNotFound(_)))), "{gone:?}");
}

#[database_test]
async fn unstarted_imports_expire_after_a_week(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 1).await;
    let (old, young) = (prepared(&pool, &emea, None, "a").await, prepared(&pool, &emea, None, "b").await);
    let done = started(&pool, &emea, None, "w-1").await;
    run(&pool).await;
    let now = groupdesk::platform::clock::system().now();
    for (id, days) in [(old, 8), (young, 6), (done, 400)] {
        sqlx::query("UPDATE groupdesk.imports SET created_at = $2 WHERE import_id = $1")
            .bind(id.uuid())
            .bind(now - chrono::TimeDelta::days(days))
            .execute(&pool)
            .await
            .unwrap();
    }
    let mut connection = pool.acquire().await.unwrap();
    assert_eq!(import_delete_expired(&mut connection, now).await.unwrap(), 1);
    assert!(import_get(&mut connection, old).await.is_err());
    assert!(
        import_get(&mut connection, young).await.is_ok() && import_get(&mut connection, done).await.is_ok()
    );
}
