//! A change must come from our own pages.

use pretty_assertions::assert_eq;
use reqwest::Method;
use sqlx::PgPool;

use super::{Reply, client, get};
use crate::support::{Desk, PASSWORD, operator};

async fn group_count(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM core_api.workspace_groups").fetch_one(pool).await.unwrap()
}

#[sqlx::test(migrator = "groupdesk::platform::db::migrate::MIGRATIONS")]
async fn a_form_without_proof_of_our_own_origin_is_403_and_changes_nothing(pool: PgPool) {
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let desk = Desk::start(pool.clone()).await;
    let fields = [("email", "ana@example.com"), ("password", PASSWORD)];
    let cookie = super::post(&desk, "sign-in", "", &fields).await.cookie();
    let host = desk.url("").trim_start_matches("http://").to_owned();

    let send = async |headers: &[(&str, &str)]| {
        let mut request = client()
            .post(desk.url("/api/fn/group-create"))
            .header("accept", "text/html")
            .header("cookie", &cookie)
            .form(&[("name", "EMEA")]);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Reply::read(request).await
    };
    let other = format!("http://{host}.evil.example");
    for headers in [
        vec![],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("sec-fetch-site", "none")],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
        vec![("origin", other.as_str())],
        // What the browser says of the site outweighs what it says of the origin.
        vec![("sec-fetch-site", "cross-site"), ("origin", desk.url("").leak())],
        vec![("referer", desk.url("/groups/new").leak())],
    ] {
        let reply = send(&headers).await;
        assert_eq!(reply.status, 403, "{headers:?}");
    }
    assert_eq!(group_count(&pool).await, 0);

    for headers in [vec![("sec-fetch-site", "same-origin")], vec![("origin", desk.url("").leak() as &str)]] {
        assert_eq!(send(&headers).await.status, 302, "{headers:?}");
    }
    assert_eq!(group_count(&pool).await, 2);
}

#[sqlx::test(migrator = "groupdesk::platform::db::migrate::MIGRATIONS")]
async fn nobody_is_signed_in_or_out_from_elsewhere(pool: PgPool) {
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let desk = Desk::start(pool.clone()).await;
    let fields = [("email", "ana@example.com"), ("password", PASSWORD)];
    let request =
        client().post(desk.url("/api/fn/sign-in")).header("sec-fetch-site", "cross-site").form(&fields);
    let reply = Reply::read(request).await;
    assert_eq!((reply.status, reply.cookie_line()), (403, None));

    let cookie = super::post(&desk, "sign-in", "", &fields).await.cookie();
    let request = client()
        .post(desk.url("/api/fn/sign-out"))
        .header("sec-fetch-site", "cross-site")
        .header("cookie", &cookie);
    assert_eq!(Reply::read(request).await.status, 403);
    assert_eq!(get(&desk, "/groups", &cookie).await.status, 200);
}

/// A link or an image elsewhere makes a browser send a GET, cookie and all.
#[sqlx::test(migrator = "groupdesk::platform::db::migrate::MIGRATIONS")]
async fn a_get_never_changes_anything(pool: PgPool) {
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let desk = Desk::start(pool.clone()).await;
    let fields = [("email", "ana@example.com"), ("password", PASSWORD)];
    let cookie = super::post(&desk, "sign-in", "", &fields).await.cookie();
    for function in ["group-create?name=EMEA", "sign-out"] {
        for method in [Method::GET, Method::HEAD] {
            let request =
                client().request(method, desk.url(&format!("/api/fn/{function}"))).header("cookie", &cookie);
            let reply = Reply::read(request).await;
            assert!(reply.status >= 400, "{function}: {}", reply.status);
        }
    }
    assert_eq!(group_count(&pool).await, 0);
    assert_eq!(get(&desk, "/groups", &cookie).await.status, 200);
}
