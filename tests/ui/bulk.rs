//! Enrolling many workspaces at once, from the list to its result.

use groupdesk::platform::clock;
use groupdesk::resources::imports::worker::{BatchOutcome, run_batch};
use pretty_assertions::assert_eq;
use reqwest::multipart::{Form, Part};
use sqlx::PgPool;

use super::{Reply, client, get, post};
use crate::support::{
    PASSWORD, Page, TestApp, enroll, events, group, listen, live_count, operator, statements_of, time,
    workspace,
};

pub(super) async fn run(pool: &PgPool) {
    while run_batch(pool, &clock::system(), None).await.unwrap() != BatchOutcome::Idle {}
}

pub(super) async fn import_count(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM groupdesk.imports").fetch_one(pool).await.unwrap()
}

pub(super) fn pasted(text: &str) -> Form {
    Form::new().text("pasted", text.to_owned())
}

fn file(name: &str, bytes: impl Into<Vec<u8>>) -> Form {
    Form::new().part("file", Part::bytes(bytes.into()).file_name(name.to_owned()))
}

pub(super) fn assert_contains(page: &Page, texts: &[&str]) {
    for text in texts {
        assert!(page.text().contains(text), "{text}: {}", page.text());
    }
}

#[database_test]
async fn pasted_list_is_previewed_enrolled_and_reported(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let acme = workspace(&pool, "Acme").await;
    let beta = workspace(&pool, "Beta").await;
    workspace(&pool, "=Cobalt").await;
    enroll(&pool, &emea, &beta, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let bulk = format!("/groups/{emea}/bulk");
    let form = admin.open(&bulk).await;
    assert_contains(
        &form,
        &["Import a list into EMEA", "Paste a list", "Upload a file", "Up to 100,000 workspaces"],
    );

    let list = format!("{acme}\r\n'beta'; =cobalt\r\nnot, there\r\nacme\r\n");
    let preview = admin.send(&bulk, pasted(&list)).await;

    assert_eq!(preview.status, 200);
    assert!(preview.at.starts_with(&format!("{bulk}/")), "{}", preview.at);
    assert_contains(
        &preview,
        &[
            "Enroll 2 workspaces in EMEA?",
            "2 of 6 lines will be enrolled. 1 already there, 2 unknown, 1 duplicate.",
            "Cannot be enrolled (2)",
            "3 not no workspace has this id or external id, or it was archived",
            "3 there no workspace has this id or external id",
            "Correct these lines",
            "by Ana Lima",
        ],
    );
    let corrections = preview.form_to(&bulk).into_iter().find(|(name, _)| name == "pasted").unwrap().1;
    assert_eq!(corrections, "not\nthere", "the failed lines can be corrected and sent again");
    assert!(
        !admin.open(&format!("{}?show=enrolled", preview.at)).await.text().contains("Correct these lines")
    );
    assert_eq!(live_count(&pool).await, 1);
    for (kind, texts) in [
        ("duplicate", ["4 acme Acme", "the same workspace as on line 1"]),
        ("already-in", ["2 beta Beta", "Already there (1)"]),
        ("enrolled", ["2 =cobalt =Cobalt", "Will be enrolled (2)"]),
    ] {
        assert_contains(&admin.open(&format!("{}?show={kind}", preview.at)).await, &texts);
    }

    let running = admin.press(&preview, "import-start", &[]).await;
    assert_eq!(running.message(), "The import into EMEA was started.");
    assert_contains(&running, &["Queued", "0 of 6 lines: 0 enrolled", "Cancel import"]);
    assert!(running.html.contains("<progress id=\"progress\" max=\"6\" value=\"0\""), "{}", running.html);
    let again = admin.press(&preview, "import-start", &[]).await;
    assert_eq!(again.message(), "The import was already started.");

    run(&pool).await;
    let report = admin.open(&preview.at).await;
    assert_contains(
        &report,
        &["2 workspaces enrolled in EMEA", "2 lines could not be enrolled.", "Failed (2)"],
    );
    assert_eq!(report.headers.get("refresh"), None);
    let logged = events(&pool).await;
    assert!(
        logged.iter().all(|event| event.1 == "import" && event.2.as_deref() == Some("Ana Lima")),
        "{logged:?}"
    );
    assert_eq!((logged.len(), live_count(&pool).await), (2, 3));
    assert_contains(&admin.open(&bulk).await, &["Imports", "Pasted 6 lines Enroll Finished 2 0 2 Ana Lima"]);

    let result = admin.open(&format!("{}/result.csv", preview.at)).await;
    assert_eq!(result.headers["content-type"], "text/csv; charset=utf-8");
    let lines: Vec<&str> = result.html.lines().collect();
    assert_eq!(lines[0], "\u{feff}line,text,workspace_id,workspace_name,outcome,explanation,enrollment_id");
    assert!(lines[1].starts_with(&format!("1,{acme},{acme},Acme,enrolled,enrolled,")), "{}", lines[1]);
    assert_eq!(lines[2], format!("2,beta,{beta},Beta,already_in,already in the group,"));
    assert!(lines[3].starts_with("2,'=cobalt,") && lines[3].contains(",'=Cobalt,enrolled,"), "{}", lines[3]);
    assert_eq!(lines[4], "3,not,,,unknown,\"no workspace has this id or external id, or it was archived\",");
    assert_eq!(lines[6], format!("4,acme,{acme},Acme,duplicate,the same workspace as on line 1,"));
    assert_eq!(lines.len(), 7);
}

#[database_test]
async fn uploaded_file_is_read_by_column_and_discarded(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspace(&pool, "Acme").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let bulk = format!("/groups/{emea}/bulk");
    let csv = "\u{feff}Name;External workspace id\r\nAcme;acme\r\n\"two\r\nlines\";caf\u{e9}\r\n";
    let preview = admin.send(&bulk, file("C:\\lists\\em<b>ea.csv", csv)).await;
    assert_contains(
        &preview,
        &["Enroll 1 workspace in EMEA?", "em<b>ea.csv , column External workspace id , 2 lines"],
    );
    assert_contains(&preview, &["3 café no workspace has this id or external id"]);
    assert!(!preview.html.contains("em<b>ea"), "names are escaped");

    let discarded = admin.press(&preview, "import-discard", &[]).await;
    assert_eq!(
        (discarded.at.as_str(), discarded.message().as_str()),
        (bulk.as_str(), "The list was discarded. Nothing was changed.")
    );
    assert_eq!((import_count(&pool).await, live_count(&pool).await), (0, 0));
    assert_eq!(admin.open(&preview.at).await.status, 404);
    assert_eq!(admin.open(&format!("{}/result.csv", preview.at)).await.status, 404);
}

#[database_test]
async fn invalid_lists_are_refused_and_leave_nothing(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let bulk = format!("/groups/{emea}/bulk");
    let refused = async |form: Form| {
        let page = admin.send(&bulk, form).await;
        assert_eq!((page.status, page.at.as_str()), (200, bulk.as_str()));
        assert_eq!(import_count(&pool).await, 0);
        page.message()
    };
    assert_eq!(
        refused(pasted(" ,\r\n")).await,
        "The list contains no ids. Add at least one workspace id or external id."
    );
    assert_eq!(
        refused(file("a.csv", "id\n")).await,
        "The list contains no ids. Add at least one workspace id or external id."
    );
    assert_eq!(
        refused(file("a.xlsx", b"PK\x03\x04\x00\x00".to_vec())).await,
        "This file is not UTF-8 text. Save it as UTF-8 (in Excel: Save As > CSV UTF-8) and upload it again."
    );
    let many = "w\n".repeat(100_001);
    assert_eq!(
        refused(pasted(&many)).await,
        "The list has more than 100,000 ids. Split it into several lists."
    );
    let large = vec![b' '; (20 << 20) + 1];
    assert_eq!(
        refused(file("a.csv", large)).await,
        "The list is larger than 20 MiB. Remove everything except the ids, or split the list into several."
    );
    // The typed text is not lost.
    let page = admin.send(&bulk, pasted("\"\"\r\n;")).await;
    assert!(
        page.html.contains("\"\"\n;</textarea>")
            || page.html.contains("&quot;&quot;")
            || page.html.contains("\"\"\r\n;</textarea>"),
        "{}",
        page.html
    );
    assert_eq!(
        refused(Form::new().text("other", "x")).await,
        "The form is incomplete. Reload the page and try again."
    );
}

#[database_test]
async fn only_list_uploads_may_exceed_one_mebibyte(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let large = format!("nope\r\n{}", " ".repeat(2 << 20));
    let preview = admin.send(&format!("/groups/{emea}/bulk"), pasted(&large)).await;
    assert_contains(&preview, &["Nothing to enroll in EMEA", "1 unknown"]);

    let page = admin.submit("group-create", &[("name", "Large"), ("pasted", &large)]).await;
    let groups: i64 =
        sqlx::query_scalar("SELECT count(*) FROM core_api.workspace_groups").fetch_one(&pool).await.unwrap();
    assert_eq!(groups, 1, "{}", page.text());
    // A form of our own page shows the error on that page.
    let new = admin.open("/groups/new").await;
    let page = admin.press(&new, "group-create", &[("name", "Large"), ("pasted", &large)]).await;
    assert_eq!(page.at, "/groups/new");
    assert!(page.message().starts_with("The form is larger than 1 MiB"), "{}", page.text());
}

#[database_test]
async fn refused_paste_is_returned_complete_or_not_at_all(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let bulk = format!("/groups/{emea}/bulk");
    let shown = |page: &Page| {
        let (_, area) = page.html.split_once("<textarea").expect("the form");
        let text = area.split_once('>').unwrap().1.split_once("</textarea>").unwrap().0;
        text.replace('\r', "")
    };
    // Multi-byte characters survive wherever the network splits them.
    let many = "é\n".repeat(100_001);
    let page = admin.send(&bulk, pasted(&many)).await;
    assert_eq!(page.message(), "The list has more than 100,000 ids. Split it into several lists.");
    assert!(shown(&page).trim_end() == many.trim_end(), "{} bytes", shown(&page).len());

    let long = format!("{many}{}", "x".repeat(1 << 20));
    let page = admin.send(&bulk, pasted(&long)).await;
    let message = page.message();
    assert!(message.ends_with("It is too long to show again. Please paste it again."), "{message}");
    assert_eq!(shown(&page), "");
}

#[database_test]
async fn running_import_is_cancelled_without_javascript(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspace(&pool, "Acme").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let preview = admin.send(&format!("/groups/{emea}/bulk"), pasted("acme")).await;
    let running = admin.press(&preview, "import-start", &[]).await;
    assert_eq!(running.headers["refresh"], "2");
    let cancelled = admin.press(&running, "import-cancel", &[]).await;
    assert_eq!(cancelled.message(), "The import was cancelled. What it has changed already stays changed.");
    assert_contains(
        &cancelled,
        &["Ana Lima cancelled the import: 1 line was not reached.", "Not reached (1)"],
    );
    run(&pool).await;
    assert_eq!(live_count(&pool).await, 0);
    assert_contains(&admin.open(&format!("{}?show=not-done", preview.at)).await, &["1 acme"]);
    let result = admin.open(&format!("{}/result.csv", preview.at)).await;
    assert!(result.html.contains("1,acme,,,not_done,not reached,"), "{}", result.html);
    let refused = admin.press(&preview, "import-discard", &[]).await;
    assert_eq!(refused.message(), "This import has started and can no longer be discarded.");
}

#[database_test]
async fn support_reads_imports_but_cannot_change_them(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspace(&pool, "Acme").await;
    let app = TestApp::start(pool.clone()).await;
    let (admin, support) = (app.admin().await, app.support().await);
    let bulk = format!("/groups/{emea}/bulk");
    let preview = admin.send(&bulk, pasted("acme")).await;

    let page = support.open(&bulk).await;
    assert_contains(&page, &["Only admins may import lists.", "Imports"]);
    assert!(!page.html.contains("<textarea"));
    let seen = support.open(&preview.at).await;
    assert_contains(&seen, &["Enroll 1 workspace in EMEA?", "Only admins may import lists."]);
    assert!(!seen.has_form("import-start") && !seen.has_form("import-discard"));
    let refusal = "Only admins may make changes. You can view, search and export.";
    assert_eq!(support.send(&bulk, pasted("acme")).await.message(), refusal);
    let ids = preview.form("import-start");
    let ids: Vec<_> = ids.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for function in ["import-start", "import-discard", "import-cancel"] {
        assert_eq!(support.submit(function, &ids).await.message(), refusal, "{function}");
    }
    run(&pool).await;
    assert_eq!((import_count(&pool).await, live_count(&pool).await), (1, 0));
}

#[database_test]
async fn list_uploads_require_same_origin_and_sign_in(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let app = TestApp::start(pool.clone()).await;
    let cookie =
        post(&app, "sign-in", "", &[("email", "ana@example.com"), ("password", PASSWORD)]).await.cookie();
    let bulk = format!("/groups/{emea}/bulk");
    let send = |site: &'static str, cookie: &str| {
        client()
            .post(app.url(&bulk))
            .header("sec-fetch-site", site)
            .header("cookie", cookie)
            .multipart(pasted("acme"))
    };
    assert_eq!(Reply::read(send("cross-site", &cookie)).await.status, 403);
    let visitor = Reply::read(send("same-origin", "")).await;
    assert_eq!((visitor.status, visitor.header("location")), (303, format!("/login?next={bulk}").as_str()));
    assert_eq!(import_count(&pool).await, 0);
    let taken = Reply::read(send("same-origin", &cookie)).await;
    assert_eq!(taken.status, 303);
    let at = taken.header("location").to_owned();
    assert_eq!(get(&app, &format!("{at}/result.csv"), "").await.status, 303);
}

#[database_test]
async fn import_pages_belong_to_their_group(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let preview = admin.send(&format!("/groups/{emea}/bulk"), pasted("acme")).await;
    let id = preview.at.rsplit('/').next().unwrap();
    for path in [
        format!("/groups/{apac}/bulk/{id}"),
        format!("/groups/{emea}/bulk/{apac}"),
        format!("/groups/{emea}/bulk/42"),
    ] {
        assert_eq!(admin.open(&path).await.status, 404, "{path}");
    }
}

#[database_test]
async fn preview_lines_are_paged(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let list: Vec<String> = (1..=70).map(|number| format!("none-{number}")).collect();
    let first = admin.send(&format!("/groups/{emea}/bulk"), pasted(&list.join("\n"))).await;
    assert_contains(&first, &["none-1 ", "none-50 "]);
    let (before, _) = first.html.split_once("rel=\"next\"").expect("a next page");
    let (_, link) = before.rsplit_once("href=\"").unwrap();
    let second = admin.open(&link.split('"').next().unwrap().replace("&amp;", "&")).await;
    assert_contains(&second, &["51 none-51 ", "70 none-70 "]);
    assert!(!second.text().contains("none-50 "));
}

#[database_test]
async fn preview_is_computed_once_for_all_its_pages(pool: PgPool) {
    listen();
    let emea = group(&pool, "EMEA").await;
    let mut list = String::new();
    for number in 0..60 {
        list += &workspace(&pool, &format!("Workspace {number:02}")).await;
        list.push('\n');
    }
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;

    let first = admin.send(&format!("/groups/{emea}/bulk"), pasted(&list)).await;

    assert_contains(&first, &["Enroll 60 workspaces in EMEA?", "Workspace 00"]);
    let statements = statements_of(first.headers["x-request-id"].to_str().unwrap());
    let previews = statements.iter().filter(|statement| statement.contains("judged")).count();
    assert!(previews <= 1, "{statements:#?}");
    let mut links = first.html.split('"').filter(|link| link.contains("after="));
    let second = admin.open(&links.next().unwrap().replace("&amp;", "&")).await;
    assert_eq!(second.status, 200, "{}", second.text());
    assert_contains(&second, &["Workspace 59"]);
}
