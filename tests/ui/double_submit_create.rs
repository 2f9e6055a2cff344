//! A form that is submitted twice, as by a double click, creates one thing and shows the first result both
//! times.

use std::collections::BTreeSet;

use futures::future::join_all;
use pretty_assertions::assert_eq;
use reqwest::multipart::{Form, Part};
use sqlx::PgPool;

use super::tokens::shown;
use crate::support::{Browser, Page, TestApp, admin_events, group, operator, workspace};

/// The page of a form, its server function, its fields, and the table that gains one row.
type Creation = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

const CREATIONS: [Creation; 4] = [
    ("/groups/new", "group-create", &[("name", "EMEA")], "core_api.workspace_groups"),
    ("/workspaces/new", "workspace-create", &[("name", "Acme")], "core_api.workspaces"),
    ("/people/new", "person-create", &[("first_name", "Cleo"), ("last_name", "Novak")], "core_api.peoples"),
    (
        "/tokens/new",
        "token-create",
        &[("name", "Sync"), ("holder", "system"), ("expiry", "never")],
        "groupdesk.api_tokens",
    ),
];

async fn count(pool: &PgPool, table: &str) -> i64 {
    sqlx::query_scalar(&format!("SELECT count(*) FROM {table}")).fetch_one(pool).await.unwrap()
}

/// The key of the page's forms.
fn key(page: &Page) -> String {
    let (_, rest) = page.html.split_once("name=\"form_key\" value=\"").expect("a form with a key");
    rest.split('"').next().unwrap().to_owned()
}

#[database_test]
async fn concurrent_double_submit_creates_one_row(pool: PgPool) {
    let app = TestApp::with_large_pool(&pool).await;
    let ana = app.admin().await;
    for (at, function, typed, table) in CREATIONS {
        let before = count(&pool, table).await;
        let form = ana.open(at).await;
        let pages = join_all((0..3).map(|_| ana.press(&form, function, typed))).await;
        assert_eq!(count(&pool, table).await, before + 1, "{function}");
        let locations: BTreeSet<&str> = pages.iter().map(|page| page.at.as_str()).collect();
        assert_eq!(locations.len(), 1, "{function} leads to {locations:?}");
    }
    pool.close().await;
}

#[database_test]
async fn second_submission_shows_the_first_result(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let ana = app.admin().await;
    for (at, function, typed, table) in CREATIONS {
        let before = count(&pool, table).await;
        let form = ana.open(at).await;
        let first = ana.press(&form, function, typed).await;
        let second = ana.press(&form, function, typed).await;
        assert_eq!((&second.at, second.message()), (&first.at, first.message()), "{function}");
        assert_eq!(count(&pool, table).await, before + 1, "{function}");
        // A new form with the same content is another request.
        let form = ana.open(at).await;
        ana.press(&form, function, typed).await;
        assert_eq!(count(&pool, table).await, before + 2, "{function}");
    }
}

/// The browser shows the response of the last submission only.
#[database_test]
async fn both_submissions_show_the_same_token(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let ana = app.admin().await;
    let form = ana.open("/tokens/new").await;
    let (_, function, typed, _) = CREATIONS[3];

    let first = shown(&ana.press(&form, function, typed).await).expect("a token");
    let second = shown(&ana.press(&form, function, typed).await).expect("a token");

    assert_eq!(first, second);
    assert_eq!(app.with_token(&second).get("/v1/workspaces").await.status, 200);
    assert_eq!(count(&pool, "groupdesk.api_tokens").await, 1);
    assert_eq!(admin_events(&pool).await.iter().filter(|event| event.0 == "api_token_created").count(), 1);
    // The stored response can be decrypted only with the form key, which is in the page.
    let stored: (i64, i64) = sqlx::query_as(
        "SELECT count(*), count(*) FILTER (WHERE position(convert_to($1, 'UTF8') IN body) > 0
                                            OR position($2 IN key) > 0)
         FROM groupdesk.idempotency_keys",
    )
    .bind(&first)
    .bind(key(&form))
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(stored, (1, 0));
    assert_eq!(shown(&ana.open("/tokens").await), None);
}

#[database_test]
async fn link_of_a_double_submit_works(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let ana = app.admin().await;
    app.support().await;
    let form = ana.open("/operators/new").await;
    let typed = [("email", "bo@example.com"), ("name", "Bo Berg"), ("role", "admin")];
    let first = ana.press(&form, "operator-invite", &typed).await;
    let second = ana.press(&form, "operator-invite", &typed).await;
    assert_eq!((second.message(), shown(&second)), (first.message(), shown(&first)));
    assert!(second.message().starts_with("Bo Berg was added."), "{}", second.message());

    let sam: uuid::Uuid =
        sqlx::query_scalar("SELECT operator_id FROM groupdesk.operators WHERE email = 'sam@example.com'")
            .fetch_one(&pool)
            .await
            .unwrap();
    let confirm = ana.open(&format!("/operators/{sam}/link")).await;
    let first = shown(&ana.press(&confirm, "operator-link", &[]).await).expect("a link");
    let second = shown(&ana.press(&confirm, "operator-link", &[]).await).expect("a link");
    assert_eq!(first, second);
    let (_, secret) = second.split_once("/invite/").expect("an address");
    assert_eq!(app.browser().open(&format!("/invite/{secret}")).await.status, 200);
}

#[database_test]
async fn double_submitted_list_is_prepared_once(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspace(&pool, "Acme").await;
    let app = TestApp::with_large_pool(&pool).await;
    let ana = app.admin().await;
    let bulk = format!("/groups/{emea}/bulk");
    let key = key(&ana.open(&bulk).await);
    let pasted = |text: &'static str| Form::new().text("form_key", key.clone()).text("pasted", text);
    let file = || {
        let part = Part::bytes(b"id\nacme\n".to_vec()).file_name("a.csv");
        Form::new().text("form_key", key.clone()).part("file", part)
    };

    let first = ana.send(&bulk, pasted("acme")).await;
    let again = join_all((0..3).map(|_| ana.send(&bulk, pasted("acme")))).await;
    assert_eq!(again.iter().map(|page| &page.at).collect::<BTreeSet<_>>(), BTreeSet::from([&first.at]));
    let of_file = ana.send(&bulk, file()).await;
    assert_eq!(ana.send(&bulk, file()).await.at, of_file.at);
    assert_ne!(of_file.at, first.at);
    assert_ne!(ana.send(&bulk, pasted("acme\nother")).await.at, first.at);
    assert_eq!(count(&pool, "groupdesk.imports").await, 3);

    // A list that is already started or discarded is not returned as the preview of another submission.
    ana.press(&first, "import-start", &[]).await;
    assert_ne!(ana.send(&bulk, pasted("acme")).await.at, first.at);
    ana.press(&of_file, "import-discard", &[]).await;
    let prepared = ana.send(&bulk, file()).await;
    assert_eq!((prepared.status, prepared.at == of_file.at), (200, false));
    pool.close().await;
}

#[database_test]
async fn form_key_covers_content_and_operator(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let ana = app.admin().await;
    operator(&pool, "bo@example.com", "Bo Berg", "admin").await;
    let bo: Browser = app.browser().signed_in("bo@example.com").await;
    let form = ana.open("/groups/new").await;
    let press =
        async |browser: &Browser, name: &str| browser.press(&form, "group-create", &[("name", name)]).await;

    // A refusal is not stored.
    assert_eq!(press(&ana, " ").await.message(), "The name is missing.");
    assert_eq!(press(&ana, " ").await.message(), "The name is missing.");
    for (browser, name) in [(&ana, "EMEA"), (&ana, "APAC"), (&bo, "EMEA"), (&ana, "APAC")] {
        assert_eq!(press(browser, name).await.message(), format!("{name} was created."));
    }
    assert_eq!(count(&pool, "core_api.workspace_groups").await, 3);
    // A form without a key is performed each time it is submitted.
    for _ in 0..2 {
        ana.submit("group-create", &[("name", "LATAM")]).await;
    }
    assert_eq!(count(&pool, "core_api.workspace_groups").await, 5);
}
