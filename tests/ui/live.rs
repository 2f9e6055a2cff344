//! Open pages are notified of changes by others.

use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use super::{client, get};
use crate::support::{Browser, SseClient, TestApp, enroll, group, remove, time, wait_until, workspace};

/// Subscribes, and waits until the server receives notifications of its database.
async fn subscribe(app: &TestApp, browser: &Browser, query: &str) -> SseClient {
    let mut subscribe = SseClient::open(app, browser, query).await;
    let probe = "SELECT groupdesk.tell('{imports}')";
    let mut first = SseClient::open(app, browser, "topic=imports").await;
    loop {
        sqlx::query(probe).execute(&app.pool).await.unwrap();
        let heard = tokio::time::timeout(std::time::Duration::from_millis(500), first.next()).await;
        if let Ok(heard) = heard {
            assert!(heard.is_some());
            break;
        }
    }
    // The start of the listener notifies all topics.
    while !subscribe.is_quiet().await {}
    subscribe
}

#[database_test]
async fn api_changes_reach_open_pages_within_a_second(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let other = group(&pool, "APAC").await;
    let app = TestApp::with_notifications(pool).await;
    let (support, api) = (app.support().await, app.api_client(&["write"]).await);
    let query = format!("topic=group:{emea}&topic=groups&topic=enrollments");
    let mut page = subscribe(&app, &support, &query).await;
    let mut elsewhere = subscribe(&app, &support, &format!("topic=group:{other}&topic=people")).await;

    assert_eq!(api.enroll(&emea, &acme).await.status, 201);

    let topics = vec!["enrollments".to_owned(), format!("group:{emea}")];
    assert_eq!(page.next_within(1.0).await, Some(topics));
    assert!(elsewhere.is_quiet().await);
    let new = json!({ "data": { "type": "workspace_group", "attributes": { "name": "LATAM" } } });
    assert_eq!(api.post("/v1/workspace-groups", new).await.status, 201);
    assert_eq!(page.next_within(1.0).await, Some(vec!["groups".to_owned()]));
}

/// A change through one instance reaches pages that are open at another.
#[database_test]
async fn changes_reach_pages_of_other_instances(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let (here, there) =
        (TestApp::with_notifications(pool.clone()).await, TestApp::with_notifications(pool).await);
    let support = here.support().await;
    let mut page = subscribe(&here, &support, &format!("topic=workspace:{acme}")).await;

    let api = there.api_client(&["write"]).await;
    assert_eq!(api.enroll(&emea, &acme).await.status, 201);

    assert_eq!(page.next_within(1.0).await, Some(vec![format!("workspace:{acme}")]));
}

#[database_test]
async fn lost_listener_reconnects_and_refreshes_all_pages(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::with_notifications(pool.clone()).await;
    let support = app.support().await;
    let mut page = subscribe(&app, &support, &format!("topic=group:{emea}")).await;

    let cut: Vec<bool> = sqlx::query_scalar(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'groupdesk live' AND datname = current_database()",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(cut, [true]);

    // Changes may have been missed, so all topics are notified.
    assert_eq!(page.next_within(5.0).await, Some(vec![format!("group:{emea}")]));
    app.api_client(&["write"]).await.enroll(&emea, &acme).await;
    assert_eq!(page.next_within(1.0).await, Some(vec![format!("group:{emea}")]));
}

/// A change between the rendering of a page and its subscription.
#[database_test]
async fn changes_during_page_load_are_sent_at_once(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::with_notifications(pool).await;
    let support = app.support().await;
    let mut other = subscribe(&app, &support, "topic=enrollments").await;
    let since = groupdesk::platform::clock::system().now().timestamp_millis();
    app.api_client(&["write"]).await.enroll(&emea, &acme).await;
    assert_eq!(other.next_within(1.0).await, Some(vec!["enrollments".to_owned()]));

    let group = format!("group:{emea}");
    let mut page = SseClient::open(&app, &support, &format!("topic={group}&since={since}")).await;
    assert_eq!(page.next_within(1.0).await, Some(vec![group.clone()]));
    let later = since + 60_000;
    assert!(SseClient::open(&app, &support, &format!("topic={group}&since={later}")).await.is_quiet().await);
    // Changes before the listener started are unknown, so the page is refreshed.
    let mut old = SseClient::open(&app, &support, "topic=people&since=0").await;
    assert_eq!(old.next_within(1.0).await, Some(vec!["people".to_owned()]));
    // Changes that a page missed that was made while a clock was ahead are unknown, too.
    let future = since + 50 * 24 * 3_600_000;
    let mut future = SseClient::open(&app, &support, &format!("topic=people&since={future}")).await;
    assert_eq!(future.next_within(1.0).await, Some(vec!["people".to_owned()]));
    // A browser that reconnects sends the id of the last event that it received.
    let back = support.http.get(app.url(&format!("/live?topic={group}&since={later}")));
    let answer = back.header("last-event-id", since.to_string()).send().await.unwrap();
    assert_eq!(SseClient::from_response(answer).next_within(1.0).await, Some(vec![group]));
}

/// The earliest time of the calendar has no time before it.
#[database_test]
async fn earliest_since_is_accepted(pool: PgPool) {
    let app = TestApp::with_notifications(pool).await;
    let support = app.support().await;
    let first = chrono::DateTime::<chrono::Utc>::MIN_UTC.timestamp_millis();
    let mut old = SseClient::open(&app, &support, &format!("topic=people&since={first}")).await;
    assert_eq!(old.next_within(5.0).await, Some(vec!["people".to_owned()]));
    let back = support.http.get(app.url("/live?topic=people"));
    let answer = back.header("last-event-id", first.to_string()).send().await.unwrap();
    assert_eq!(SseClient::from_response(answer).next_within(5.0).await, Some(vec!["people".to_owned()]));
}

#[database_test]
async fn event_stream_requires_sign_in(pool: PgPool) {
    let app = TestApp::start(pool).await;
    assert_eq!(get(&app, "/live?topic=groups", "").await.status, 401);
    let api = app.api_client(&["read"]).await;
    let by_token = client().get(app.url("/live?topic=groups")).bearer_auth(api.token());
    assert_eq!(by_token.send().await.unwrap().status(), 401);
}

#[database_test]
async fn invalid_or_too_many_topics_are_refused(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    for query in ["", "topic=weather", "topic=group:42", "topic=groups&x=1", &"topic=groups&".repeat(21)] {
        assert_eq!(support.open(&format!("/live?{query}")).await.status, 400, "{query}");
    }
}

/// Topics that only admins see are refused to others: they must not learn, for example, that a token was
/// created.
#[database_test]
async fn admin_topics_are_refused_to_support(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (admin, support) = (app.admin().await, app.support().await);
    let id = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
    let (operator, token) = (format!("operator:{id}"), format!("token:{id}"));
    for topic in ["operators", "tokens", "admin_events", operator.as_str(), &token] {
        for query in [format!("topic={topic}"), format!("topic=groups&topic={topic}")] {
            let refused = support.open(&format!("/live?{query}")).await;
            assert_eq!((refused.status, refused.html.as_str()), (403, ""), "{query}");
            SseClient::open(&app, &admin, &query).await;
        }
    }
    for topic in ["groups", "workspaces", "people", "enrollments", "imports"] {
        SseClient::open(&app, &support, &format!("topic={topic}")).await;
    }
}

/// Every page subscribes only to topics that its reader may receive.
#[database_test]
async fn pages_subscribe_only_to_allowed_topics(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let (admin, support) = (app.admin().await, app.support().await);
    let person: uuid::Uuid =
        sqlx::query_scalar("SELECT people_id FROM core_api.peoples LIMIT 1").fetch_one(&pool).await.unwrap();
    let paths = [
        "/".to_owned(),
        "/groups".to_owned(),
        format!("/groups/{emea}"),
        format!("/groups/{emea}/bulk"),
        "/workspaces".to_owned(),
        format!("/workspaces/{acme}"),
        "/people".to_owned(),
        format!("/people/{person}"),
        "/audit".to_owned(),
    ];
    let live_url = |html: &str| -> String {
        let (_, rest) = html.split_once("data-events-url=\"").expect("a page with live updates");
        rest.split('"').next().unwrap().replace("&amp;", "&")
    };
    for path in paths {
        let subscribed = live_url(&support.open(&path).await.html);
        SseClient::from_response(support.http.get(app.url(&subscribed)).send().await.unwrap());
    }
    assert!(live_url(&admin.open(&format!("/people/{person}")).await.html).contains("topic=tokens"));
}

#[database_test]
async fn streams_are_limited_per_operator(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (admin, support) = (app.admin().await, app.support().await);
    let mut open = Vec::new();
    for _ in 0..100 {
        open.push(SseClient::open(&app, &support, "topic=groups").await);
    }
    let refused = support.open("/live?topic=groups").await;
    assert_eq!((refused.status, &refused.headers["retry-after"]), (429, &"10".parse().unwrap()));
    SseClient::open(&app, &admin, "topic=groups").await;
    open.pop();
    wait_until(5, "a stream slot is free", async || {
        support.http.get(app.url("/live?topic=groups")).send().await.unwrap().status() == 200
    })
    .await;
}

#[database_test]
async fn stream_ends_on_disable_and_sign_out(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let (admin, support) = (app.admin().await, app.support().await);
    let mut disabled = SseClient::open(&app, &support, "topic=groups").await;
    let mut signed_out = SseClient::open(&app, &admin, "topic=groups").await;
    let page = admin.open("/groups").await;
    sqlx::query("UPDATE groupdesk.operators SET disabled_at = now() WHERE email = 'sam@example.com'")
        .execute(&pool)
        .await
        .unwrap();
    admin.press(&page, "sign-out", &[]).await;
    assert_eq!(disabled.next_within(20.0).await, None);
    assert_eq!(signed_out.next_within(5.0).await, None);
}

/// An open page holds nothing that a request may need.
#[database_test]
async fn open_pages_hold_no_database_connection(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    let mut open = Vec::new();
    for _ in 0..100 {
        open.push(SseClient::open(&app, &support, "topic=groups").await);
    }
    assert_eq!(support.open("/groups").await.status, 200);
    wait_until(5, "every connection is back in the pool", async || app.is_idle()).await;
}

/// A page that refreshes itself must not consume a pending message.
#[database_test]
async fn automatic_refresh_keeps_the_pending_message(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let client = admin.http.clone();
    let form = [("name", "EMEA")];
    let post =
        client.post(app.url("/api/fn/group-create")).header("sec-fetch-site", "same-origin").form(&form);
    // The form is performed without following the redirect.
    let quiet = async |path: &str| {
        let look = client.get(app.url(path)).header("x-groupdesk-live", "1").header("accept", "text/html");
        look.send().await.unwrap().text().await.unwrap()
    };
    let done = post.header("accept", "text/html").header("x-groupdesk-live", "1").send().await.unwrap();
    let page = done.url().path().to_owned();
    assert!(!quiet(&page).await.contains("was created"));
    assert!(admin.open(&page).await.message().starts_with("EMEA was created"));
    assert!(!admin.open(&page).await.html.contains("was created"));
}

#[database_test]
async fn automatic_refresh_does_not_extend_the_session(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let support = app.support().await;
    // The session was last used some time ago; its own record of that is inside its data.
    let later = groupdesk::kernel::clock::Clock::new({
        let real = groupdesk::platform::clock::system();
        move || real.now() + chrono::TimeDelta::minutes(30)
    });
    let expiry = async || -> chrono::DateTime<chrono::Utc> {
        sqlx::query_scalar("SELECT expiry_date FROM groupdesk.sessions").fetch_one(&pool).await.unwrap()
    };
    let before = expiry().await;
    let half_an_hour_later = TestApp::second_instance(&app, later).await;
    let cookie = support.http.get(half_an_hour_later.url("/groups"));
    let looked = cookie.header("x-groupdesk-live", "1").send().await.unwrap();
    assert_eq!((looked.status().as_u16(), looked.url().path()), (200, "/groups"));
    let mut page = SseClient::open(&half_an_hour_later, &support, "topic=groups").await;
    assert!(page.is_quiet().await);
    assert_eq!(expiry().await, before);
    support.http.get(half_an_hour_later.url("/groups")).send().await.unwrap();
    assert!(expiry().await > before);
}

#[database_test]
async fn trailing_ampersand_does_not_change_the_page(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let enrollment = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    remove(&pool, &enrollment, time("2026-05-02T00:00:00Z")).await;
    let app = TestApp::at(pool, "2026-05-28T09:15:00Z").await;
    let admin = app.admin().await;
    let at = format!("/groups/{emea}?tab=removed");
    // Each page has its own form key, so it is left out.
    let form = async |at: &str| -> Vec<(String, String)> {
        let fields = admin.open(at).await.form("enrollment-readd");
        fields.into_iter().filter(|(name, _)| name != "form_key").collect()
    };
    let subscribed = form(&at).await;
    assert!(subscribed.contains(&("back".to_owned(), at.clone())), "{subscribed:?}");
    assert_eq!(form(&format!("{at}&")).await, subscribed);
}
