//! Concurrent changes of the same rows wait for each other; on a deadlock one of them is repeated, and an
//! error after that tells the truth.

use futures::future::{join_all, join3, join4};
use groupdesk::kernel::actor::{Actor, Source};
use groupdesk::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
use groupdesk::kernel::problem::Problem;
use groupdesk::platform::call::{Call, Write};
use groupdesk::platform::clock;
use groupdesk::platform::db::pool as pool_of;
use groupdesk::platform::failure::{Failure, Outcome};
use groupdesk::resources::enrollments::ops::{
    enrollment_enroll_each, enrollment_readd_many, enrollment_remove_all, enrollment_remove_many,
};
use groupdesk::resources::flows::delete_person::person_delete;
use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::json;
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use super::wait_for_blocked_statement;
use crate::support::{
    Answer, ApiClient, JSON_API, TestApp, enroll, group, live_count, person, time, workspace,
};

fn call() -> Call<Write> {
    let actor = Actor { person: None, source: Source::Import, token_name: None };
    Call::granted(actor, clock::system().now(), None)
}

/// Runs a change in its own transaction. A lost race is no error, but a conflict is.
async fn change(pool: &PgPool, work: impl AsyncFnOnce(&mut PgConnection, &Call<Write>) -> Outcome<()>) {
    let mut transaction = pool.begin().await.unwrap();
    match work(&mut transaction, &call()).await {
        Ok(()) => transaction.commit().await.unwrap(),
        Err(Failure::Problem(Problem::EnrollmentsChanged(_))) => transaction.rollback().await.unwrap(),
        Err(failure) => panic!("{failure:?}"),
    }
}

/// Creates live enrollments of all groups and workspaces, in the opposite order of the workspaces.
async fn fill(pool: &PgPool, created_by: Option<&str>) -> Vec<EnrollmentId> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "INSERT INTO core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk, created_by_pk)
         SELECT g.pk, w.pk, (SELECT pk FROM core_api.peoples WHERE people_id = $1::uuid)
         FROM core_api.workspace_groups g CROSS JOIN core_api.workspaces w
         ORDER BY g.workspace_group_id DESC, w.pk DESC
         ON CONFLICT DO NOTHING
         RETURNING workspace_group_workspace_id",
    )
    .bind(created_by)
    .fetch_all(pool)
    .await
    .unwrap();
    ids.into_iter().map(EnrollmentId::new).collect()
}

async fn live(pool: &PgPool, group: GroupId) -> Vec<EnrollmentId> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "SELECT e.workspace_group_workspace_id FROM core_api.workspace_group_workspaces e
         JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
         WHERE e.deleted_at IS NULL AND g.workspace_group_id = $1",
    )
    .bind(group.uuid())
    .fetch_all(pool)
    .await
    .unwrap();
    ids.into_iter().map(EnrollmentId::new).collect()
}

async fn workspaces(pool: &PgPool, number: i32) -> Vec<WorkspaceId> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "INSERT INTO core_api.workspaces (name) SELECT 'Workspace ' || n FROM generate_series(1, $1) n
         RETURNING workspace_id",
    )
    .bind(number)
    .fetch_all(pool)
    .await
    .unwrap();
    ids.into_iter().map(WorkspaceId::new).collect()
}

#[database_test]
async fn bulk_enrolling_and_emptying_do_not_conflict(pool: PgPool) {
    let app = pool_of(pool.connect_options().as_ref().clone(), 8);
    let emea: GroupId = group(&pool, "EMEA").await.parse().unwrap();
    let all = workspaces(&pool, 400).await;
    for _ in 0..25 {
        fill(&pool, None).await;
        let some: Vec<_> = live(&pool, emea).await.into_iter().take(300).collect();
        let enroll = |number: usize| {
            let list = &all[number * 20..];
            change(&app, async move |connection, call| {
                enrollment_enroll_each(connection, call, emea, list).await.map(|_| ())
            })
        };
        let empty = change(&app, async |connection, call| {
            enrollment_remove_all(connection, call, emea, all.len()).await
        });
        let remove = change(&app, async |connection, call| {
            enrollment_remove_many(connection, call, emea, &some).await.map(|_| ())
        });
        join3(join_all((0..4).map(enroll)), empty, remove).await;
    }
    app.close().await;
}

#[database_test]
async fn bulk_changes_lock_rows_in_one_order(pool: PgPool) {
    let app = pool_of(pool.connect_options().as_ref().clone(), 8);
    let mut groups: Vec<GroupId> = Vec::new();
    for name in ["EMEA", "APAC", "LATAM"] {
        groups.push(group(&pool, name).await.parse().unwrap());
    }
    groups.sort_unstable();
    workspaces(&pool, 80).await;
    for round in 0..25 {
        let ana = person(&pool, "Ana", "Lima", &format!("ana{round}@example.com")).await;
        fill(&pool, Some(&ana)).await;
        let mut rows = Vec::new();
        for group in &groups {
            rows.push((*group, live(&pool, *group).await));
        }
        // The order of the ids does not matter.
        let mut backwards = rows.clone();
        for (_, ids) in &mut backwards {
            ids.reverse();
        }
        let remove = |rows: &[(GroupId, Vec<EnrollmentId>)]| {
            let rows = rows.to_vec();
            change(&app, async move |connection, call| {
                for (group, ids) in &rows {
                    enrollment_remove_many(connection, call, *group, ids).await?;
                }
                Ok(())
            })
        };
        let readd = change(&app, async |connection, call| {
            for (group, ids) in &backwards {
                enrollment_readd_many(connection, call, *group, ids).await?;
            }
            Ok(())
        });
        let delete = change(&app, async |connection, call| {
            person_delete(connection, call, ana.parse().unwrap()).await
        });
        join4(remove(&rows), remove(&backwards), readd, delete).await;
    }
    app.close().await;
}

/// Two rows. Another transaction holds the lock of the second one and will request the first, too.
struct Deadlock {
    group: String,
    first: String,
    last: String,
    other: PgConnection,
}

async fn deadlock(pool: &PgPool) -> Deadlock {
    let group = group(pool, "EMEA").await;
    let at = time("2026-05-01T00:00:00Z");
    let first = enroll(pool, &group, &workspace(pool, "Acme").await, at).await;
    let last = enroll(pool, &group, &workspace(pool, "Bolt").await, at).await;
    let late_detection = pool.connect_options().as_ref().clone().options([("deadlock_timeout", "10s")]);
    let mut other = PgConnection::connect_with(&late_detection).await.unwrap();
    lock(&mut other, "BEGIN", &last).await;
    Deadlock { group, first, last, other }
}

async fn lock(connection: &mut PgConnection, begin: &str, id: &str) {
    let statement = format!(
        "{begin}; SELECT 1 FROM core_api.workspace_group_workspaces
         WHERE workspace_group_workspace_id = '{id}' FOR UPDATE"
    );
    sqlx::raw_sql(&statement).execute(connection).await.unwrap();
}

impl Deadlock {
    /// Closes the deadlock while the request waits. The request is the one that Postgres aborts, because
    /// the other connection detects deadlocks much later.
    async fn run_into<T>(&mut self, pool: &PgPool, request: impl Future<Output = T>) -> T {
        let close = async {
            wait_for_blocked_statement(pool).await;
            lock(&mut self.other, "SELECT 1", &self.first).await;
            sqlx::raw_sql("COMMIT").execute(&mut self.other).await.unwrap();
        };
        let (answer, ()) = futures::join!(request, close);
        answer
    }
}

/// Removes both workspaces from the group in one transaction.
async fn both(api: &ApiClient, group: &str, pool: &PgPool) -> Answer {
    let ids: Vec<Uuid> =
        sqlx::query_scalar("SELECT workspace_id FROM core_api.workspaces").fetch_all(pool).await.unwrap();
    let data: Vec<_> = ids.iter().map(|id| json!({ "type": "workspace", "id": id })).collect();
    let path = format!("/v1/workspace-groups/{group}/relationships/workspaces");
    let request = api.request(Method::DELETE, &path).header("content-type", JSON_API);
    let request = request.header("idempotency-key", "both");
    Answer::read(request.body(json!({ "data": data }).to_string())).await
}

#[database_test]
async fn api_request_is_retried_after_a_deadlock(pool: PgPool) {
    let mut deadlock = deadlock(&pool).await;
    let app = TestApp::with_large_pool(&pool).await;
    let api = app.api_client(&["write"]).await;
    let group = deadlock.group.clone();

    let answer = deadlock.run_into(&pool, both(&api, &group, &pool)).await;

    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(live_count(&pool).await, 0);
    app.close().await;
}

#[database_test]
async fn page_request_is_retried_after_a_deadlock(pool: PgPool) {
    let mut deadlock = deadlock(&pool).await;
    let app = TestApp::with_large_pool(&pool).await;
    let admin = app.admin().await;
    let (group, first, last) = (deadlock.group.clone(), deadlock.first.clone(), deadlock.last.clone());
    let back = format!("/groups/{group}");
    let fields = [
        ("group", group.as_str()),
        ("enrollments[]", &first),
        ("enrollments[]", &last),
        ("form_at", &back),
        ("back", &back),
    ];

    let page = deadlock.run_into(&pool, admin.submit("enrollments-remove", &fields)).await;

    assert_eq!(page.message(), "2 workspaces were removed from EMEA. Undo");
    assert_eq!(live_count(&pool).await, 0);
    app.close().await;
}

#[database_test]
async fn lock_timeout_is_reported_as_a_conflict(pool: PgPool) {
    let deadlock = deadlock(&pool).await;
    let app = TestApp::with_short_lock_timeout(pool.clone()).await;
    let (admin, api) = (app.admin().await, app.api_client(&["write"]).await);
    let back = format!("/groups/{}", deadlock.group);

    let fields = [("enrollment", deadlock.last.as_str()), ("form_at", &back), ("back", &back)];
    let page = admin.submit("enrollment-remove", &fields).await;
    assert_eq!(
        (page.at.as_str(), page.message().as_str()),
        (
            back.as_str(),
            "Your change was not saved, because another change was in progress or the server was busy. \
             Please try again."
        )
    );

    let answer = api.delete(&format!("/v1/workspace-group-workspaces/{}", deadlock.last)).await;
    assert_eq!((answer.status, answer.errors()[0].1.as_str()), (503, "UNAVAILABLE"));
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(live_count(&pool).await, 2);

    app.close().await;
}
