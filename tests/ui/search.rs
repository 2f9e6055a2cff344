//! Searching everything.

use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{Page, TestApp, enroll, group, listen, person, remove, statements_of, time, workspace};

/// The results in their order, each with the heading above it.
fn results(page: &Page) -> Vec<(String, String)> {
    let (_, main) = page.html.split_once("<main").unwrap();
    let mut heading = String::new();
    let mut results = Vec::new();
    for part in main.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        if tag.starts_with("h2") {
            text.clone_into(&mut heading);
        } else if tag.contains("class=\"name\"") {
            results.push((heading.clone(), text.to_owned()));
        }
    }
    results
}

fn pairs(results: &[(String, String)]) -> Vec<(&str, &str)> {
    results.iter().map(|(kind, name)| (kind.as_str(), name.as_str())).collect()
}

#[database_test]
async fn search_finds_groups_workspaces_and_people(pool: PgPool) {
    group(&pool, "Bakeries of Acme").await;
    group(&pool, "ACME East").await;
    workspace(&pool, "Pacme").await;
    workspace(&pool, "Acme SAS").await;
    workspace(&pool, "Other").await;
    person(&pool, "Mo", "Acmeson", "mo@example.com").await;
    person(&pool, "Bo", "Ek", "bo@acme.example").await;
    person(&pool, "Cy", "Oh", "cy@example.com").await;
    let app = TestApp::start(pool).await;
    let page = app.support().await.open("/search?q=+aCme+").await;
    assert_eq!(page.status, 200);
    // Prefix matches come first.
    assert_eq!(
        pairs(&results(&page)),
        [
            ("Groups", "ACME East"),
            ("Groups", "Bakeries of Acme"),
            ("Workspaces", "Acme SAS"),
            ("Workspaces", "Pacme"),
            ("People", "Mo Acmeson"),
            ("People", "Bo Ek"),
        ]
    );
    assert!(page.text().contains("acme-sas"), "{}", page.text());
}

/// An exact id leads to its page, because a list would have one entry.
#[database_test]
async fn ids_lead_to_their_page(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let ana = person(&pool, "Eva", "Lima", "eva@example.com").await;
    let enrollment = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    remove(&pool, &enrollment, time("2026-05-02T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    for (text, path) in [
        (emea.clone(), format!("/groups/{emea}")),
        (format!("%20{}%20", emea.to_uppercase()), format!("/groups/{emea}")),
        (acme.clone(), format!("/workspaces/{acme}")),
        (ana.clone(), format!("/people/{ana}")),
        ("eva@EXAMPLE.com".to_owned(), format!("/people/{ana}")),
        (enrollment.clone(), format!("/enrollments/{enrollment}")),
    ] {
        assert_eq!(support.open(&format!("/search?q={text}")).await.at, path, "{text}");
    }
    assert_eq!(support.open("/search?q=acme").await.at, format!("/workspaces/{acme}"));
    // An external id that also occurs in other names may mean either.
    group(&app.pool, "Acme East").await;
    let page = support.open("/search?q=acme").await;
    assert_eq!(page.at, "/search?q=acme");
    assert_eq!(pairs(&results(&page)), [("Workspaces", "Acme"), ("Groups", "Acme East")]);
}

#[database_test]
async fn search_treats_percent_and_underscore_literally(pool: PgPool) {
    for name in ["100% Organic", "1000 Organic", "Nord Ost", "Annord"] {
        group(&pool, name).await;
    }
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    let names = async |text: &str| {
        let page = support.open(&format!("/search?q={text}")).await;
        assert_eq!(page.status, 200, "{text}");
        results(&page)
            .into_iter()
            .filter(|(kind, _)| kind == "Groups")
            .map(|(_, name)| name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names("100%25").await, ["100% Organic"]);
    assert_eq!(names("%25%25%25").await, Vec::<String>::new());
    assert_eq!(names("os").await, ["Nord Ost"]);
    assert_eq!(names("no").await, ["Nord Ost"]);
    assert_eq!(names("nor").await, ["Nord Ost", "Annord"]);
    assert_eq!(names("n").await, Vec::<String>::new());
    assert_eq!(names("nord%00").await, Vec::<String>::new());
    assert_eq!(names(&"x".repeat(300)).await, Vec::<String>::new());
}

#[database_test]
async fn removed_rows_come_last_and_are_marked(pool: PgPool) {
    let old = group(&pool, "EMEA 2025").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    assert_eq!(api.delete(&format!("/v1/workspace-groups/{old}")).await.status, 204);
    group(&pool, "New EMEA").await;
    let page = app.support().await.open("/search?q=emea").await;
    assert_eq!(pairs(&results(&page)), [("Groups", "New EMEA"), ("Groups", "EMEA 2025")]);
    assert!(page.text().contains("EMEA 2025 archived"), "{}", page.text());
}

#[database_test]
async fn found_workspaces_show_their_groups(pool: PgPool) {
    let (one, several) = (workspace(&pool, "Acme one").await, workspace(&pool, "Acme several").await);
    workspace(&pool, "Acme none").await;
    for name in ["EMEA", "APAC"] {
        let group = group(&pool, name).await;
        enroll(&pool, &group, &several, time("2026-05-01T00:00:00Z")).await;
        if name == "EMEA" {
            enroll(&pool, &group, &one, time("2026-05-01T00:00:00Z")).await;
        }
    }
    let text = TestApp::start(pool).await.support().await.open("/search?q=acme").await.text();
    for expected in ["Acme one acme-one in EMEA", "Acme several acme-several in 2 groups"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("acme-none in"), "{text}");
}

#[database_test]
async fn pages_are_found_by_name_or_all_listed(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (admin, support) = (app.admin().await, app.support().await);
    assert_eq!(pairs(&results(&admin.open("/search?q=tok").await)), [("Pages", "Tokens")]);
    let page = support.open("/search?q=tok").await;
    assert!(page.text().contains("Nothing found"), "{}", page.text());
    assert!(page.text().contains("No group, workspace, person or page matches “tok”."), "{}", page.text());
    let all = results(&support.open("/search").await);
    assert!(all.contains(&("All pages".to_owned(), "Audit".to_owned())), "{all:?}");
    assert_eq!(app.browser().open("/search?q=tok").await.at, "/login?next=/search%3Fq%3Dtok");
}

/// One round trip for all types.
#[database_test]
async fn search_is_one_statement_with_eight_rows_per_type(pool: PgPool) {
    listen();
    for number in 0..20 {
        group(&pool, &format!("Acme {number}")).await;
    }
    let app = TestApp::start(pool).await;
    let page = app.support().await.open("/search?q=acme").await;
    assert_eq!(results(&page).len(), 8);
    let statements = statements_of(page.headers["x-request-id"].to_str().unwrap());
    let searches: Vec<_> = statements.iter().filter(|statement| statement.contains("LIKE")).collect();
    assert_eq!(searches.len(), 1, "{statements:#?}");
}

/// The command palette gets the same results as data.
#[database_test]
async fn search_results_are_available_to_scripts(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    let ask = |browser: &crate::support::Browser| {
        let url = app.url("/api/fn/search-read");
        let form = [("text", "eme")];
        browser.http.post(url).header("sec-fetch-site", "same-origin").form(&form)
    };
    let answer = ask(&support).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let hits: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let expected = json!([{
        "path": format!("/groups/{emea}"), "kind": "Group", "name": "EMEA", "detail": null,
        "place": null, "is_removed": false, "is_exact": false
    }]);
    assert_eq!(hits, expected);
    assert_eq!(ask(&app.browser()).send().await.unwrap().status(), 401);
}
