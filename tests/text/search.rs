//! Accents, case and word order do not matter in any search box or filter, and an id is found by its
//! beginning.

use groupdesk::ui::paths::encode;
use pretty_assertions::assert_eq;
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use super::{COMPOSED, DECOMPOSED};
use crate::support::{Browser, TestApp, enroll, group, person, time, workspace};

/// The names that the search box of an island suggests.
async fn suggestions(
    app: &TestApp,
    browser: &Browser,
    function: &str,
    fields: &[(&str, &str)],
) -> Vec<String> {
    let request = browser.http.post(app.url(&format!("/api/fn/{function}"))).form(fields);
    let request = request.header("accept", "application/json").header("sec-fetch-site", "same-origin");
    let answer: Vec<Value> = request.send().await.unwrap().json().await.unwrap();
    answer.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

/// Search texts, and whether each finds "Meier and Jäger & Partner".
const TYPED: [(&str, bool); 32] = [
    ("jager", true),
    ("J\u{c4}GER", true),
    (DECOMPOSED, true),
    (COMPOSED, true),
    ("meier j\u{e4}ger", true),
    ("j\u{e4}ger meier", true),
    ("partner & JAGER", true),
    ("jag part", true),
    ("\u{ff4a}\u{ff41}\u{ff47}\u{ff45}\u{ff52}", true),
    ("ja\u{ad}ger", true),
    ("meier\u{a0}and", true),
    ("an ja", true),
    ("ger", true),
    ("meier and j\u{e4}ger & partner", true),
    ("J\u{e4}ger, Meier", true),
    ("jager,meier;", true),
    ("\u{201e}J\u{e4}ger\u{201c} (Partner)", true),
    ("meier. jager", true),
    ("& jager", true),
    ("j & p", true),
    ("j q", false),
    ("m & %", false),
    ("jaeger", false),
    ("jager schulz", false),
    ("jag%", false),
    ("j_ger", false),
    ("er ja", false),
    ("meier + jager", false),
    ("\\", false),
    ("%", false),
    ("&&", false),
    ("xf", false),
];

#[database_test]
async fn every_search_box_and_filter_matches_alike(pool: PgPool) {
    let name = "Meier and J\u{e4}ger & Partner";
    let group_id = group(&pool, name).await;
    let workspace_id = workspace(&pool, name).await;
    // The person's name is stored in decomposed form, as by an older system.
    person(&pool, "Meier and", "Ja\u{308}ger & Partner", "x@example.com").await;
    for other in ["Schulz", "Other"] {
        group(&pool, other).await;
        workspace(&pool, other).await;
    }
    let (other_group, other_workspace) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool).await;
    let (api, admin) = (app.api_client(&["read"]).await, app.admin().await);
    for (typed, is_found) in TYPED {
        let encoded = encode(typed);
        for list in ["workspace-groups", "workspaces", "people"] {
            let answer = api.get(&format!("/v1/{list}?filter[q]={encoded}&page[total]=true")).await;
            let found = (answer.ids().len(), answer.body["meta"]["page"]["total"].as_u64());
            let expected = u64::from(is_found);
            assert_eq!(found, (usize::from(is_found), Some(expected)), "{list} by {typed:?}");
        }
        for page in ["groups", "workspaces", "people"] {
            let shown = admin.open(&format!("/{page}?q={encoded}")).await;
            assert_eq!(shown.text().contains("& Partner"), is_found, "/{page} by {typed:?}");
        }
        let everything = suggestions(&app, &admin, "search-read", &[("text", typed)]).await;
        let found = everything.iter().filter(|found| found.ends_with("& Partner")).count();
        let is_long_enough = typed.chars().count() > 1;
        assert_eq!(found, if is_found && is_long_enough { 3 } else { 0 }, "the search by {typed:?}");
        let of = ("group", other_group.as_str());
        let names = suggestions(&app, &admin, "candidates-read", &[of, ("search", typed)]).await;
        assert_eq!(names.contains(&name.to_owned()), is_found, "candidates by {typed:?}");
        let page = admin.open(&format!("/workspaces/{other_workspace}?find={encoded}")).await;
        assert_eq!(page.text().contains("& Partner"), is_found, "groups for a workspace by {typed:?}");
        for (noun, id) in [("group", &group_id), ("workspace", &workspace_id)] {
            let went = admin.open(&format!("/audit/go?view=/audit&find_{noun}={encoded}")).await;
            assert_eq!(
                went.at.contains(id.as_str()),
                is_found,
                "the audit filter {noun} by {typed:?}: {}",
                went.at
            );
        }
    }
}

#[database_test]
async fn search_folds_letters_of_every_script(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["read"]).await;
    for (name, typed) in [
        ("Stra\u{df}e", "STRASSE"),
        ("STRASSE", "stra\u{1e9e}e"),
        ("\u{d8}resund \u{c6}r\u{f8}", "oresund aero"),
        ("\u{141}\u{f3}d\u{17a}", "lodz"),
        ("\u{130}stanbul I\u{11f}d\u{131}r", "istanbul igdir"),
        ("\u{110}\u{1eb7}ng Th\u{1ecb}", "dang thi"),
        ("\u{39f}\u{394}\u{39f}\u{3a3}", "\u{3bf}\u{3b4}\u{3bf}\u{3c2}"),
        ("\u{391}\u{3b8}\u{3ae}\u{3bd}\u{3b1}", "\u{3b1}\u{3b8}\u{3b7}\u{3bd}\u{3b1}"),
        ("\u{401}\u{43b}\u{43a}\u{430}", "\u{435}\u{43b}\u{43a}\u{430}"),
        ("\u{645}\u{64f}\u{62d}\u{645}\u{651}\u{62f}", "\u{645}\u{62d}\u{640}\u{645}\u{62f}"),
        ("\u{6a9}\u{6cc}\u{627}", "\u{643}\u{64a}\u{627}"),
        ("\u{5e9}\u{5b8}\u{5dc}\u{5d5}\u{5b9}\u{5dd}", "\u{5e9}\u{5dc}\u{5d5}\u{5dd}"),
        // Japanese, Chinese and Korean: part of a name without spaces, down to a single character, also in
        // half width.
        ("\u{682a}\u{5f0f}\u{4f1a}\u{793e}\u{6771}\u{4eac}", "\u{6771}\u{4eac}"),
        ("\u{5317}\u{4eac}\u{5e02}", "\u{4eac}"),
        ("\u{30ac}\u{30b9}\u{5de5}\u{696d}", "\u{ff76}\u{ff9e}\u{ff7d}"),
        ("\u{c8fc}\u{c2dd}\u{d68c}\u{c0ac}\u{c11c}\u{c6b8}", "\u{c11c}\u{c6b8}"),
        ("\u{e1c}\u{e39}\u{e49}\u{e43}\u{e2b}\u{e0d}\u{e48}", "\u{e43}\u{e2b}\u{e0d}"),
        ("O\u{2019}Brien \u{2014} Co", "o'brien - co"),
        ("D'Angelo", "d\u{2019}angelo"),
        ("O\u{b4}Neill", "o'neill"),
        ("O'Hara", "o`hara"),
        ("O\u{2019}Keefe", "o\u{b4}keefe"),
        ("C++ & C#", "c# c++"),
        ("50% [a_b]", "a_b 50%"),
        ("(Nord)West", "no we"),
        ("\u{fb01}n\u{2028}ance", "fin ance"),
    ] {
        group(&pool, name).await;
        let answer = api.get(&format!("/v1/workspace-groups?filter[q]={}", encode(typed))).await;
        let names: Vec<&str> = answer.body["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["attributes"]["name"].as_str().unwrap())
            .collect();
        assert!(names.contains(&name), "{name} by {typed}: {names:?}");
    }
}

/// Words of one search may match different fields: the name and the e-mail address, or the name and the
/// external id.
#[database_test]
async fn search_words_match_across_fields(pool: PgPool) {
    person(&pool, "Eva", "Lima", "p2@example.com").await;
    person(&pool, "Eva", "Okoye", "p3@example.org").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme North").await);
    sqlx::query("UPDATE core_api.workspaces SET external_workspace_id = 'WS 7-1'")
        .execute(&pool)
        .await
        .unwrap();
    workspace(&pool, "Acme South").await;
    let app = TestApp::start(pool).await;
    let (api, admin) = (app.api_client(&["read"]).await, app.admin().await);
    for typed in ["lima p2@", "example.com eva", "LIMA, example.com"] {
        let path = format!("/v1/people?filter[q]={}&filter[email]=p2@example.com", encode(typed));
        assert_eq!(api.get(&path).await.ids().len(), 1, "{typed}");
        let path = format!("/v1/people?filter[q]={}&filter[email]=p3@example.org", encode(typed));
        assert_eq!(api.get(&path).await.ids().len(), 0, "{typed}");
        let found = suggestions(&app, &admin, "search-read", &[("text", typed)]).await;
        assert_eq!(found.iter().filter(|name| *name == "Eva Lima").count(), 1, "{typed}: {found:?}");
        assert!(!found.contains(&"Eva Okoye".to_owned()), "{typed}: {found:?}");
    }
    for typed in ["north ws", "ws acme north", "ws 7-1", "ws 7"] {
        let path = format!("/v1/workspaces?filter[q]={}", encode(typed));
        assert_eq!(api.get(&path).await.ids(), [acme.as_str()], "{typed}");
        let found = suggestions(&app, &admin, "search-read", &[("text", typed)]).await;
        assert_eq!(found, ["Acme North"], "{typed}");
        let fields = [("group", emea.as_str()), ("search", typed)];
        assert_eq!(suggestions(&app, &admin, "candidates-read", &fields).await, ["Acme North"], "{typed}");
    }
}

#[database_test]
async fn external_id_is_found_by_its_prefix(pool: PgPool) {
    for (number, external) in
        ["ws-1-00041", "ws-1-00042", "ws-1-0005", "xws-1-0004", "WS-1-00043"].iter().enumerate()
    {
        sqlx::query("INSERT INTO core_api.workspaces (name, external_workspace_id) VALUES ($1, $2)")
            .bind(format!("Tenant {number}"))
            .bind(external)
            .execute(&pool)
            .await
            .unwrap();
    }
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let (api, admin) = (app.api_client(&["read"]).await, app.admin().await);
    let expected = ["Tenant 0", "Tenant 1", "Tenant 4"];
    let names = |answer: &Value| {
        let rows = answer["data"].as_array().unwrap().iter();
        rows.map(|row| row["attributes"]["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for typed in ["ws-1-0004", "WS-1-0004", "ws\u{2011}1\u{2011}0004"] {
        let answer = api.get(&format!("/v1/workspaces?sort=name&filter[q]={typed}")).await;
        assert_eq!(names(&answer.body), expected, "{typed}");
        assert_eq!(suggestions(&app, &admin, "search-read", &[("text", typed)]).await, expected, "{typed}");
        let fields = [("group", emea.as_str()), ("search", typed)];
        assert_eq!(suggestions(&app, &admin, "candidates-read", &fields).await, expected, "{typed}");
        let page = admin.open(&format!("/workspaces?q={}", encode(typed))).await;
        assert!(expected.iter().all(|name| page.text().contains(name)), "{}", page.text());
        assert!(!page.text().contains("Tenant 2") && !page.text().contains("Tenant 3"), "{}", page.text());
    }
    // A removed workspace is found, too, where removed ones are included.
    sqlx::raw_sql("UPDATE core_api.workspaces SET deleted_at = now() WHERE name = 'Tenant 1'")
        .execute(&pool)
        .await
        .unwrap();
    let found = suggestions(&app, &admin, "search-read", &[("text", "ws-1-0004")]).await;
    assert_eq!(found, ["Tenant 0", "Tenant 4", "Tenant 1"]);
    let answer = api.get("/v1/workspaces?filter[q]=ws-1-0004&filter[status]=removed").await;
    assert_eq!(names(&answer.body), ["Tenant 1"]);
}

#[database_test]
async fn public_id_is_found_by_its_prefix(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let ana = person(&pool, "Eva", "Lima", "eva@example.com").await;
    let enrollment = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let (api, admin) = (app.api_client(&["read"]).await, app.admin().await);
    for (id, name) in [(&emea, "EMEA"), (&acme, "Acme"), (&ana, "Eva Lima"), (&enrollment, "Acme in EMEA")] {
        for length in [8, 9, 16, 35, 36] {
            let typed = id[..length].to_uppercase();
            let found = suggestions(&app, &admin, "search-read", &[("text", &typed)]).await;
            assert_eq!(found, [name], "{typed}");
        }
    }
    for (list, id) in [("workspace-groups", &emea), ("workspaces", &acme), ("people", &ana)] {
        assert_eq!(api.get(&format!("/v1/{list}?filter[q]={}", &id[..8])).await.ids(), [id.as_str()]);
        assert_eq!(
            api.get(&format!("/v1/{list}?filter[q]={}", Uuid::from_u128(7))).await.ids(),
            Vec::<String>::new()
        );
    }
}

#[database_test]
async fn prefix_matches_come_before_inner_matches(pool: PgPool) {
    group(&pool, "Dietrich and Schumacher").await;
    workspace(&pool, "Fischer").await;
    person(&pool, "Cher", "", "cher@example.com").await;
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    assert_eq!(
        suggestions(&app, &admin, "search-read", &[("text", "cher")]).await,
        ["Cher", "Dietrich and Schumacher", "Fischer"]
    );
}
