//! What others change is told to whoever has a page open that shows it.

use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use super::{client, get};
use crate::support::{Browser, Desk, Hearing, enroll, group, remove, time, within, workspace};

/// Listens, once it is known that the desk hears its database.
async fn hearing(desk: &Desk, browser: &Browser, query: &str) -> Hearing {
    let mut hearing = Hearing::open(desk, browser, query).await;
    let probe = "SELECT groupdesk.tell('{imports}')";
    let mut first = Hearing::open(desk, browser, "topic=imports").await;
    loop {
        sqlx::query(probe).execute(&desk.pool).await.unwrap();
        let heard = tokio::time::timeout(std::time::Duration::from_millis(500), first.next()).await;
        if let Ok(heard) = heard {
            assert!(heard.is_some());
            break;
        }
    }
    // That the listener was there at last is told to all.
    while !hearing.is_quiet().await {}
    hearing
}

#[database_test]
async fn what_a_program_changes_is_heard_within_a_second(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let other = group(&pool, "APAC").await;
    let desk = Desk::listening(pool).await;
    let (support, machine) = (desk.support().await, desk.machine(&["write"]).await);
    let query = format!("topic=group:{emea}&topic=groups&topic=enrollments");
    let mut page = hearing(&desk, &support, &query).await;
    let mut elsewhere = hearing(&desk, &support, &format!("topic=group:{other}&topic=people")).await;

    assert_eq!(machine.enroll(&emea, &acme).await.status, 201);

    let told = vec!["enrollments".to_owned(), format!("group:{emea}")];
    assert_eq!(page.within(1.0).await, Some(told));
    assert!(elsewhere.is_quiet().await);
    let new = json!({ "data": { "type": "workspace_group", "attributes": { "name": "LATAM" } } });
    assert_eq!(machine.post("/v1/workspace-groups", new).await.status, 201);
    assert_eq!(page.within(1.0).await, Some(vec!["groups".to_owned()]));
}

/// Two processes behind one address: what is changed at one is seen at the other.
#[database_test]
async fn a_change_at_one_process_is_heard_at_another(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let (here, there) = (Desk::listening(pool.clone()).await, Desk::listening(pool).await);
    let support = here.support().await;
    let mut page = hearing(&here, &support, &format!("topic=workspace:{acme}")).await;

    let machine = there.machine(&["write"]).await;
    assert_eq!(machine.enroll(&emea, &acme).await.status, 201);

    assert_eq!(page.within(1.0).await, Some(vec![format!("workspace:{acme}")]));
}

#[database_test]
async fn after_its_connection_is_cut_it_looks_anew_and_hears_again(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let desk = Desk::listening(pool.clone()).await;
    let support = desk.support().await;
    let mut page = hearing(&desk, &support, &format!("topic=group:{emea}")).await;

    let cut: Vec<bool> = sqlx::query_scalar(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'groupdesk live' AND datname = current_database()",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(cut, [true]);

    // Something may have been missed.
    assert_eq!(page.within(5.0).await, Some(vec![format!("group:{emea}")]));
    desk.machine(&["write"]).await.enroll(&emea, &acme).await;
    assert_eq!(page.within(1.0).await, Some(vec![format!("group:{emea}")]));
}

/// Between the moment in which a page is made and the one in which it begins to listen.
#[database_test]
async fn what_changed_while_the_page_was_on_its_way_is_told_at_once(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let desk = Desk::listening(pool).await;
    let support = desk.support().await;
    let mut other = hearing(&desk, &support, "topic=enrollments").await;
    let since = groupdesk::platform::clock::system().now().timestamp_millis();
    desk.machine(&["write"]).await.enroll(&emea, &acme).await;
    assert_eq!(other.within(1.0).await, Some(vec!["enrollments".to_owned()]));

    let group = format!("group:{emea}");
    let mut page = Hearing::open(&desk, &support, &format!("topic={group}&since={since}")).await;
    assert_eq!(page.within(1.0).await, Some(vec![group.clone()]));
    let later = since + 60_000;
    assert!(Hearing::open(&desk, &support, &format!("topic={group}&since={later}")).await.is_quiet().await);
    // What happened before the process began to listen it does not know: look.
    let mut old = Hearing::open(&desk, &support, "topic=people&since=0").await;
    assert_eq!(old.within(1.0).await, Some(vec!["people".to_owned()]));
    // Nor what a page has missed that was made while a clock was ahead.
    let future = since + 50 * 24 * 3_600_000;
    let mut future = Hearing::open(&desk, &support, &format!("topic=people&since={future}")).await;
    assert_eq!(future.within(1.0).await, Some(vec!["people".to_owned()]));
    // A browser that comes back says itself up to where it has heard.
    let back = support.http.get(desk.url(&format!("/live?topic={group}&since={later}")));
    let answer = back.header("last-event-id", since.to_string()).send().await.unwrap();
    assert_eq!(Hearing::of(answer).within(1.0).await, Some(vec![group]));
}

/// There is no moment before the first of the calendar to begin from.
#[database_test]
async fn a_page_may_be_as_old_as_the_calendar(pool: PgPool) {
    let desk = Desk::listening(pool).await;
    let support = desk.support().await;
    let first = chrono::DateTime::<chrono::Utc>::MIN_UTC.timestamp_millis();
    let mut old = Hearing::open(&desk, &support, &format!("topic=people&since={first}")).await;
    assert_eq!(old.within(5.0).await, Some(vec!["people".to_owned()]));
    let back = support.http.get(desk.url("/live?topic=people"));
    let answer = back.header("last-event-id", first.to_string()).send().await.unwrap();
    assert_eq!(Hearing::of(answer).within(5.0).await, Some(vec!["people".to_owned()]));
}

#[database_test]
async fn nobody_hears_anything_without_signing_in(pool: PgPool) {
    let desk = Desk::start(pool).await;
    assert_eq!(get(&desk, "/live?topic=groups", "").await.status, 401);
    let machine = desk.machine(&["read"]).await;
    let by_token = client().get(desk.url("/live?topic=groups")).bearer_auth(machine.token());
    assert_eq!(by_token.send().await.unwrap().status(), 401);
}

#[database_test]
async fn one_asks_for_topics_that_there_are_and_not_for_too_many(pool: PgPool) {
    let desk = Desk::start(pool).await;
    let support = desk.support().await;
    for query in ["", "topic=weather", "topic=group:42", "topic=groups&x=1", &"topic=groups&".repeat(21)] {
        assert_eq!(support.open(&format!("/live?{query}")).await.status, 400, "{query}");
    }
}

/// What only admins see, only admins hear of: that a token was made is for nobody else.
#[database_test]
async fn a_topic_of_admins_is_refused_to_others(pool: PgPool) {
    let desk = Desk::start(pool).await;
    let (admin, support) = (desk.admin().await, desk.support().await);
    let id = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
    let (operator, token) = (format!("operator:{id}"), format!("token:{id}"));
    for topic in ["operators", "tokens", "admin_events", operator.as_str(), &token] {
        for query in [format!("topic={topic}"), format!("topic=groups&topic={topic}")] {
            let refused = support.open(&format!("/live?{query}")).await;
            assert_eq!((refused.status, refused.html.as_str()), (403, ""), "{query}");
            Hearing::open(&desk, &admin, &query).await;
        }
    }
    for topic in ["groups", "workspaces", "people", "enrollments", "imports"] {
        Hearing::open(&desk, &support, &format!("topic={topic}")).await;
    }
}

/// Every page listens to what its reader may hear of.
#[database_test]
async fn no_page_asks_for_what_its_reader_may_not_hear(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let desk = Desk::start(pool.clone()).await;
    let (admin, support) = (desk.admin().await, desk.support().await);
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
    let news = |html: &str| -> String {
        let (_, rest) = html.split_once("data-news=\"").expect("a page that listens");
        rest.split('"').next().unwrap().replace("&amp;", "&")
    };
    for path in paths {
        let asked = news(&support.open(&path).await.html);
        Hearing::of(support.http.get(desk.url(&asked)).send().await.unwrap());
    }
    assert!(news(&admin.open(&format!("/people/{person}")).await.html).contains("topic=tokens"));
}

#[database_test]
async fn one_person_leaves_places_for_others(pool: PgPool) {
    let desk = Desk::start(pool).await;
    let (admin, support) = (desk.admin().await, desk.support().await);
    let mut open = Vec::new();
    for _ in 0..100 {
        open.push(Hearing::open(&desk, &support, "topic=groups").await);
    }
    let refused = support.open("/live?topic=groups").await;
    assert_eq!((refused.status, &refused.headers["retry-after"]), (429, &"10".parse().unwrap()));
    Hearing::open(&desk, &admin, "topic=groups").await;
    open.pop();
    within(5, "the place is free", async || {
        support.http.get(desk.url("/live?topic=groups")).send().await.unwrap().status() == 200
    })
    .await;
}

#[database_test]
async fn who_is_disabled_or_signs_out_hears_no_more(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let (admin, support) = (desk.admin().await, desk.support().await);
    let mut disabled = Hearing::open(&desk, &support, "topic=groups").await;
    let mut signed_out = Hearing::open(&desk, &admin, "topic=groups").await;
    let page = admin.open("/groups").await;
    sqlx::query("UPDATE groupdesk.operators SET disabled_at = now() WHERE email = 'sam@example.com'")
        .execute(&pool)
        .await
        .unwrap();
    admin.press(&page, "sign-out", &[]).await;
    assert_eq!(disabled.within(20.0).await, None);
    assert_eq!(signed_out.within(5.0).await, None);
}

/// An open page waits on nothing that a request may need.
#[database_test]
async fn a_hundred_open_pages_hold_no_connection(pool: PgPool) {
    let desk = Desk::start(pool).await;
    let support = desk.support().await;
    let mut open = Vec::new();
    for _ in 0..100 {
        open.push(Hearing::open(&desk, &support, "topic=groups").await);
    }
    assert_eq!(support.open("/groups").await.status, 200);
    within(5, "every connection is back in the pool", async || desk.is_idle()).await;
}

/// The page's own look must not take the message from whoever reads the page next.
#[database_test]
async fn a_page_that_looks_by_itself_leaves_the_message_alone(pool: PgPool) {
    let desk = Desk::start(pool).await;
    let admin = desk.admin().await;
    let client = admin.http.clone();
    let form = [("name", "EMEA")];
    let post =
        client.post(desk.url("/api/fn/group-create")).header("sec-fetch-site", "same-origin").form(&form);
    // Does it, and does not go where it leads.
    let quiet = async |path: &str| {
        let look = client.get(desk.url(path)).header("x-groupdesk-live", "1").header("accept", "text/html");
        look.send().await.unwrap().text().await.unwrap()
    };
    let done = post.header("accept", "text/html").header("x-groupdesk-live", "1").send().await.unwrap();
    let page = done.url().path().to_owned();
    assert!(!quiet(&page).await.contains("was created"));
    assert!(admin.open(&page).await.message().starts_with("EMEA was created"));
    assert!(!admin.open(&page).await.html.contains("was created"));
}

#[database_test]
async fn a_page_that_is_left_open_does_not_keep_its_session(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let support = desk.support().await;
    // As if it had been used last some time ago: the session's own note of that is inside of its data.
    let later = groupdesk::kernel::clock::Clock::new({
        let real = groupdesk::platform::clock::system();
        move || real.now() + chrono::TimeDelta::minutes(30)
    });
    let expiry = async || -> chrono::DateTime<chrono::Utc> {
        sqlx::query_scalar("SELECT expiry_date FROM groupdesk.sessions").fetch_one(&pool).await.unwrap()
    };
    let before = expiry().await;
    let half_an_hour_later = Desk::beside(&desk, later).await;
    let cookie = support.http.get(half_an_hour_later.url("/groups"));
    let looked = cookie.header("x-groupdesk-live", "1").send().await.unwrap();
    assert_eq!((looked.status().as_u16(), looked.url().path()), (200, "/groups"));
    let mut page = Hearing::open(&half_an_hour_later, &support, "topic=groups").await;
    assert!(page.is_quiet().await);
    assert_eq!(expiry().await, before);
    support.http.get(half_an_hour_later.url("/groups")).send().await.unwrap();
    assert!(expiry().await > before);
}

#[database_test]
async fn a_page_is_the_same_however_its_address_ends(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let enrollment = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    remove(&pool, &enrollment, time("2026-05-02T00:00:00Z")).await;
    let desk = Desk::at(pool, "2026-05-28T09:15:00Z").await;
    let admin = desk.admin().await;
    let at = format!("/groups/{emea}?tab=removed");
    // Each page has a key of its own.
    let form = async |at: &str| -> Vec<(String, String)> {
        let fields = admin.open(at).await.form("enrollment-readd");
        fields.into_iter().filter(|(name, _)| name != "form_key").collect()
    };
    let asked = form(&at).await;
    assert!(asked.contains(&("back".to_owned(), at.clone())), "{asked:?}");
    assert_eq!(form(&format!("{at}&")).await, asked);
}
