//! Concurrent requests: the unique index decides, the others get a clear error, and there are no faults.

use std::collections::BTreeMap;

use futures::future::join_all;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Answer, ApiClient, TestApp, event_count, group, live_count, row_count, workspace};

fn statuses<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> BTreeMap<u16, usize> {
    let mut counted = BTreeMap::new();
    for answer in answers {
        *counted.entry(answer.status).or_default() += 1;
    }
    counted
}

#[database_test]
async fn concurrent_enrolls_of_one_pair_have_one_winner(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::with_large_pool(&pool).await;
    let api = app.api_client(&["write"]).await;

    let answers = join_all((0..50).map(|_| api.enroll(&emea, &acme))).await;

    assert_eq!(statuses(&answers), [(201, 1), (409, 49)].into());
    let winner = answers.iter().find(|answer| answer.status == 201).unwrap().id();
    for loser in answers.iter().filter(|answer| answer.status == 409) {
        let error = &loser.body["errors"][0];
        assert_eq!(error["code"], "WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS");
        assert_eq!(error["links"]["about"], format!("/v1/workspace-group-workspaces/{winner}"));
    }
    assert_eq!((row_count(&pool).await, event_count(&pool).await), (1, 1));
    app.close().await;
}

#[database_test]
async fn concurrent_removals_succeed_with_one_event(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::with_large_pool(&pool).await;
    let api = app.api_client(&["write"]).await;
    let path = format!("/v1/workspace-group-workspaces/{}", api.enroll(&emea, &acme).await.id());

    let answers = join_all((0..20).map(|_| api.delete(&path))).await;

    assert_eq!(statuses(&answers), [(204, 20)].into());
    assert_eq!(event_count(&pool).await, 2);
    app.close().await;
}

/// Both orders are fine: the group is removed and enrolling fails, or the enrollment comes first and the
/// group stays.
#[database_test]
async fn removed_group_never_has_live_enrollments(pool: PgPool) {
    let app = TestApp::with_large_pool(&pool).await;
    let api = app.api_client(&["write"]).await;
    let mut workspaces = Vec::new();
    for number in 0..4 {
        workspaces.push(workspace(&pool, &format!("Workspace {number}")).await);
    }
    let mut seen = BTreeMap::new();
    for round in 0..40 {
        let group = group(&pool, &format!("Group {round}")).await;
        let path = format!("/v1/workspace-groups/{group}");
        let enrolls = join_all(workspaces.iter().map(|workspace| api.enroll(&group, workspace)));
        let removal = api.delete(&path);
        // The requests are polled in turn, so the first one changes with the round.
        let (enrolls, removal) = if round % 2 == 0 {
            futures::join!(enrolls, removal)
        } else {
            let (removal, enrolls) = futures::join!(removal, enrolls);
            (enrolls, removal)
        };
        let enrolled = statuses(&enrolls);
        *seen.entry((removal.status, enrolled.clone())).or_insert(0) += 1;
        match removal.status {
            204 => assert_eq!(enrolled, [(404, 4)].into(), "{enrolls:?}"),
            409 => assert!(enrolled.contains_key(&201), "{enrolls:?}"),
            other => panic!("{other}: {removal:?}"),
        }
        assert!(enrolled.keys().all(|status| [201, 404].contains(status)), "{enrolls:?}");
    }
    let broken: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM core_api.workspace_group_workspaces e
         JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
         WHERE e.deleted_at IS NULL AND g.deleted_at IS NOT NULL",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(broken, 0, "{seen:?}");
    app.close().await;
}

#[database_test]
async fn removed_workspace_is_never_live_in_a_group(pool: PgPool) {
    let app = TestApp::with_large_pool(&pool).await;
    let api = app.api_client(&["write"]).await;
    let groups = [group(&pool, "EMEA").await, group(&pool, "APAC").await];
    for round in 0..20 {
        let workspace = workspace(&pool, &format!("Workspace {round}")).await;
        let path = format!("/v1/workspaces/{workspace}");
        let enrolls = join_all(groups.iter().map(|group| api.enroll(group, &workspace)));
        let (enrolls, removal) = futures::join!(enrolls, api.delete(&path));
        assert!([204, 409].contains(&removal.status), "{removal:?}");
        for answer in &enrolls {
            assert!([201, 404].contains(&answer.status), "{answer:?}");
        }
    }
    let broken: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM core_api.workspace_group_workspaces e
         JOIN core_api.workspaces w ON w.pk = e.workspace_pk
         WHERE e.deleted_at IS NULL AND w.deleted_at IS NOT NULL",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(broken, 0);
    app.close().await;
}

/// One client of many: enrolls its pair, removes the live row, and starts over.
async fn churn(api: &ApiClient, group: &str, workspace: &str, rounds: usize) -> Vec<Answer> {
    let mut answers = Vec::new();
    for _ in 0..rounds {
        let enrolled = api.enroll(group, workspace).await;
        let live = match enrolled.status {
            201 => Some(enrolled.header("location").to_owned()),
            409 => enrolled.body["errors"][0]["links"]["about"].as_str().map(str::to_owned),
            _ => None,
        };
        answers.push(enrolled);
        if let Some(live) = live {
            answers.push(api.delete(&live).await);
        }
    }
    answers
}

#[database_test]
async fn concurrent_enrolls_and_removals_stay_consistent(pool: PgPool) {
    let group = group(&pool, "EMEA").await;
    let workspaces = [workspace(&pool, "Acme").await, workspace(&pool, "Beta").await];
    let app = TestApp::with_large_pool(&pool).await;
    let api = app.api_client(&["write"]).await;

    let crowd = (0..12).map(|number| churn(&api, &group, &workspaces[number % 2], 12));
    let answers: Vec<Answer> = join_all(crowd).await.into_iter().flatten().collect();

    let counted = statuses(&answers);
    // 503 means that a pair changed faster than it could be read. It is not a fault.
    assert!(counted.keys().all(|status| [201, 204, 409, 503].contains(status)), "{counted:?}");
    let enrolled = i64::try_from(counted[&201]).unwrap();
    assert_eq!(row_count(&pool).await, enrolled);
    let (rows, removed) = (row_count(&pool).await, row_count(&pool).await - live_count(&pool).await);
    assert_eq!(event_count(&pool).await, rows + removed);
    let doubled: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM (SELECT 1 FROM core_api.workspace_group_workspaces WHERE deleted_at IS NULL
                               GROUP BY workspace_group_pk, workspace_pk HAVING count(*) > 1) d",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(doubled, 0);
    app.close().await;
}

#[database_test]
async fn deleting_a_creator_during_enrolling_causes_no_fault(pool: PgPool) {
    let app = TestApp::with_large_pool(&pool).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    let group = group(&pool, "EMEA").await;
    for round in 0..15 {
        let email = format!("ana{round}@example.com");
        let ana = crate::support::person(&pool, "Ana", "Lima", &email).await;
        let by_ana = app.api_client_for(&email, &["write"]).await;
        let workspace = workspace(&pool, &format!("Workspace {round}")).await;
        let path = format!("/v1/people/{ana}");
        let (enrolled, deleted) = futures::join!(by_ana.enroll(&group, &workspace), api.delete(&path));
        assert_eq!(deleted.status, 204, "{deleted:?}");
        assert!([201, 401, 404, 503].contains(&enrolled.status), "{enrolled:?}");
    }
    let rows = row_count(&pool).await;
    assert_eq!(event_count(&pool).await, rows);
    app.close().await;
}
