//! Pages of an import's lines, and pages of imports.

use groupdesk::kernel::page::{Page, PageRequest, Start};
use groupdesk::resources::imports::model::{ImportLine, LineKind, import_position, line_position};
use groupdesk::resources::imports::ops::{import_lines, import_list, import_preview};
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::{call_at, list, list_of, prepared, prepared_by, run, start, started};
use crate::support::{group, time, workspaces};

fn numbers(page: &Page<ImportLine>) -> Vec<i32> {
    page.items.iter().map(|line| line.line_number).collect()
}

#[database_test]
async fn lines_are_paged_both_ways_before_and_after_the_run(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 4).await;
    let text = format!("{}no-1\nno-2\nno-3\nw-1\nno-4\nno-5\n", list(4));
    let id = prepared(&pool, &emea, None, &text).await;
    let mut connection = pool.acquire().await.unwrap();
    for is_run in [false, true] {
        let mut page = async |start: Start| {
            let request = PageRequest { size: 2, start };
            if is_run {
                import_lines(&mut connection, id, Some(LineKind::Failed), &request).await.unwrap()
            } else {
                import_preview(&mut connection, id, Some(LineKind::Failed), &request).await.unwrap().1
            }
        };
        let first = page(Start::Beginning).await;
        assert_eq!((numbers(&first), first.has_previous, first.has_next), (vec![5, 6], false, true));
        let second = page(Start::After(line_position(&first.items[1]))).await;
        assert_eq!((numbers(&second), second.has_previous, second.has_next), (vec![7, 9], true, true));
        let third = page(Start::After(line_position(&second.items[1]))).await;
        assert_eq!((numbers(&third), third.has_previous, third.has_next), (vec![10], true, false));
        let back = page(Start::Before(line_position(&third.items[0]))).await;
        assert_eq!(back, second);
        if !is_run {
            start(&pool, None, id).await;
            run(&pool).await;
        }
    }
}

#[database_test]
async fn imports_of_a_group_are_listed_newest_first(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    let mut ids = Vec::new();
    for second in 0..3 {
        let call = call_at(None, time(&format!("2026-05-28T09:15:0{second}Z")));
        ids.insert(0, prepared_by(&pool, &emea, &call, "a").await);
    }
    prepared(&pool, &apac, None, "b").await;
    let mut connection = pool.acquire().await.unwrap();
    let emea = emea.parse().unwrap();
    let first = import_list(&mut connection, emea, &PageRequest::first(2)).await.unwrap();
    let found: Vec<_> = first.items.iter().map(|import| import.id).collect();
    assert_eq!((found.as_slice(), first.has_next), (&ids[..2], true));
    let after = PageRequest { size: 2, start: Start::After(import_position(&first.items[1])) };
    let second = import_list(&mut connection, emea, &after).await.unwrap();
    assert_eq!((second.items[0].id, second.items.len()), (ids[2], 1));
    let before = PageRequest { size: 2, start: Start::Before(import_position(&second.items[0])) };
    assert_eq!(import_list(&mut connection, emea, &before).await.unwrap().items, first.items);
}

#[database_test]
async fn preview_defaults_to_the_first_kind_that_has_lines(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 4).await;
    let taken = prepared(&pool, &emea, None, "w-1\nw-2\n").await;
    start(&pool, None, taken).await;
    run(&pool).await;
    let mut connection = pool.acquire().await.unwrap();
    for (text, kind, lines) in [
        ("w-1\nno-1\nw-3\n", LineKind::Failed, vec![2]),
        ("w-1\nw-3\nw-3\nw-4\n", LineKind::Enrolled, vec![2, 4]),
        ("w-1\nw-1\nw-2\n", LineKind::AlreadyIn, vec![1, 3]),
    ] {
        let id = prepared(&pool, &emea, None, text).await;
        let (counts, page) = import_preview(&mut connection, id, None, &PageRequest::first(9)).await.unwrap();
        assert_eq!((counts.first_kind(), numbers(&page)), (kind, lines), "{text}");
    }
}

/// All lines of one batch have the same time.
#[database_test]
async fn events_of_a_batch_follow_the_order_of_lines(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 20).await;
    let text = list_of((1..=20).rev());
    started(&pool, &emea, None, &text).await;
    run(&pool).await;
    let logged: Vec<String> = sqlx::query_scalar(
        "SELECT w.external_workspace_id FROM groupdesk.enrollment_events v
         JOIN core_api.workspaces w ON w.pk = v.workspace_pk ORDER BY v.occurred_at, v.pk",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(logged.join("\n") + "\n", text);
}
