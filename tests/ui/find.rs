//! Searching, filtering and sorting the lists of a group, a workspace and a person.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::selections::filled_group;
use crate::support::{
    Page, TestApp, enroll, group, live_count, person, remove, row_count, time, workspace, workspaces,
};

/// The address of the link with this text.
fn link(page: &Page, text: &str) -> String {
    let end = page.html.find(&format!(">{text}</a>")).unwrap_or_else(|| panic!("no {text}: {}", page.html));
    let (_, tag) = page.html[..end].rsplit_once("<a ").unwrap();
    let (_, href) = tag.split_once("href=\"").unwrap();
    href.split('"').next().unwrap().replace("&amp;", "&")
}

/// The headings of the rows, which are names of workspaces or groups.
fn rows(page: &Page) -> Vec<String> {
    let Some((_, body)) = page.html.split_once("<tbody>") else { return Vec::new() };
    let (body, _) = body.split_once("</tbody>").unwrap();
    let name = |row: &str| {
        let (_, heading) = row.split_once("<th scope=\"row\">").unwrap();
        let (_, link) = heading.split_once("<a ").unwrap();
        let (_, name) = link.split_once('>').unwrap();
        name.split('<').next().unwrap().to_owned()
    };
    body.split("<tr").skip(1).map(name).collect()
}

async fn enroll_all(pool: &PgPool, group: &str) {
    sqlx::query(
        "INSERT INTO core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk, created_at, updated_at)
         SELECT g.pk, w.pk, '2026-05-01Z', '2026-05-01Z' FROM core_api.workspace_groups g, core_api.workspaces w
         WHERE g.workspace_group_id = $1::uuid ORDER BY w.pk",
    )
    .bind(group)
    .execute(pool)
    .await
    .unwrap();
}

#[database_test]
async fn large_group_is_searched_sorted_and_paged_by_its_address(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 120).await;
    enroll_all(&pool, &emea).await;
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    let home = format!("/groups/{emea}");

    let page = support.open(&home).await;
    assert_eq!((rows(&page).len(), rows(&page)[0].as_str()), (50, "Workspace 120"));
    assert!(page.text().contains("1–50 of 120"), "{}", page.text());
    let page = support.open(&link(&page, "Workspace")).await;
    assert_eq!(rows(&page)[..3], ["Workspace 1", "Workspace 10", "Workspace 100"]);
    assert!(page.html.contains("aria-sort=\"ascending\""), "{}", page.html);
    let page = support.open(&link(&page, "Next →")).await;
    assert!(page.text().contains("51–100 of 120"), "{}", page.text());
    assert!(page.at.contains("sort=workspace.name"), "{}", page.at);
    let last = support.open(&link(&page, "Next →")).await;
    assert!(last.text().contains("101–120 of 120"), "{}", last.text());
    assert_eq!(rows(&last).last().unwrap(), "Workspace 99");
    let page = support.open(&link(&last, "← Previous")).await;
    assert!(page.text().contains("51–100 of 120"), "{}", page.text());

    // The form keeps the order, and leads to the first page.
    let asked =
        format!("/find?page={home}&sort=workspace.name&q=workspace+1&find_person=&from_day=&zone=UTC");
    let found = support.open(&asked).await;
    assert_eq!(found.at, format!("{home}?sort=workspace.name&q=workspace%201"));
    assert_eq!(rows(&found)[..2], ["Workspace 1", "Workspace 10"]);
    // The number of matches is known only on the last page, or on request.
    let more = support.open(&format!("{home}?q=workspace")).await;
    assert!(more.text().contains("1–50 · Count"), "{}", more.text());
    let counted = support.open(&link(&more, "Count")).await;
    assert!(counted.text().contains("1–50 of 120"), "{}", counted.text());
    let none = support.open(&format!("{home}?q=nowhere")).await;
    assert!(
        none.text().contains("Nothing in this list matches the search and the filters."),
        "{}",
        none.text()
    );
    assert_eq!(support.open(&format!("{home}?q=workspace&after=x")).await.status, 400);
}

#[database_test]
async fn a_person_is_resolved_before_anything_is_shown(pool: PgPool) {
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    person(&pool, "Bo", "Olsen", "bo.olsen@example.com").await;
    let (emea, acme, beta) =
        (group(&pool, "EMEA").await, workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let app = TestApp::at(pool.clone(), "2026-05-01T10:00:00Z").await;
    app.api_client_for("bo@example.com", &["write"]).await.enroll(&emea, &acme).await;
    app.api_client(&["write"]).await.enroll(&emea, &beta).await;
    let app = TestApp::at(pool, "2026-05-03T10:00:00Z").await;
    let admin = app.admin().await;
    let home = format!("/groups/{emea}");

    let page = admin.open(&format!("/find?page={home}&find_person=bo")).await;
    assert_eq!(page.at, format!("{home}?find_person=bo"));
    assert_eq!(rows(&page), Vec::<String>::new(), "no row is shown without the filter");
    assert!(!page.html.contains("all that match"), "{}", page.html);
    assert!(page.text().contains("Which person is “bo”?"), "{}", page.text());
    let page = admin.open(&link(&page, "Bo Ek")).await;
    assert_eq!(
        (page.at.as_str(), rows(&page)),
        (format!("{home}?person={bo}").as_str(), vec!["Acme".to_owned()])
    );
    let page = admin.open(&format!("/find?page={home}&find_person=bo%40example.com")).await;
    assert_eq!(page.at, format!("{home}?person={bo}"), "an address has one owner");
    let page = admin.open(&format!("/find?page={home}&nobody=none")).await;
    assert_eq!(rows(&page), ["Beta"]);
    let page = admin.open(&format!("/find?page={home}&find_person=nobody+at+all")).await;
    assert!(page.text().contains("No person matches “nobody at all”."), "{}", page.text());
    assert_eq!(rows(&page), Vec::<String>::new());

    // The days are those of the viewer, and the address has instants.
    let page = admin.open(&format!("/find?page={home}&from_day=2026-05-02&zone=Europe/Paris")).await;
    assert_eq!(page.at, format!("{home}?from=2026-05-01T22%3A00%3A00Z"));
    assert_eq!(rows(&page), Vec::<String>::new());
    let until = format!("/find?page={home}&until_day=2026-05-01&tab=history&zone=UTC");
    let page = admin.open(&until).await;
    assert_eq!(page.at, format!("{home}?tab=history&until=2026-05-02T00%3A00%3A00Z"));
    assert!(page.text().contains("Acme"), "{}", page.text());
    // Another tab keeps the search.
    assert_eq!(link(&page, "Removed"), format!("{home}?tab=removed&until=2026-05-02T00%3A00%3A00Z"));
    assert_eq!(admin.open(&format!("{home}?person=bo")).await.status, 400);
    assert_eq!(admin.open("/find?page=//evil.example&q=a").await.at, "/groups?q=a");
}

#[database_test]
async fn all_matches_are_removed_and_added_again(pool: PgPool) {
    let (emea, _) = filled_group(&pool, &["Acme North", "Acme South", "Bolt"]).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let home = format!("/groups/{emea}");

    let page = admin.open(&format!("{home}?q=acme")).await;
    let confirm = admin.open(&link(&page, "Remove all 2 that match …")).await;
    assert_eq!(confirm.at, format!("{home}/removals?all=yes&q=acme"));
    let text = confirm.text();
    assert!(text.contains("Remove 2 workspaces from EMEA?") && text.contains("Search: “acme”."), "{text}");
    assert!(!text.contains("Bolt"), "{text}");

    // Someone else enrolls one that matches.
    let late = workspace(&pool, "Acme West").await;
    enroll(&pool, &emea, &late, time("2026-05-02T00:00:00Z")).await;
    let refused = admin.press(&confirm, "enrollments-remove-matching", &[]).await;
    assert_eq!(
        refused.message(),
        "The group has changed: this now concerns 3 workspaces. Check the list and confirm again."
    );
    assert_eq!(live_count(&pool).await, 4, "nothing was removed");
    assert!(refused.text().contains("Remove 3 workspaces from EMEA?"), "{}", refused.text());
    let page = admin.press(&refused, "enrollments-remove-matching", &[]).await;
    assert_eq!(page.at, format!("{home}?q=acme"));
    assert!(page.message().starts_with("3 workspaces were removed from EMEA."), "{}", page.message());
    assert_eq!(live_count(&pool).await, 1);

    let removed = admin.open(&format!("{home}?tab=removed&q=north")).await;
    let confirm = admin.open(&link(&removed, "Enroll the one that matches again …")).await;
    assert!(
        confirm.text().contains("Enroll the workspaces of 1 removed enrollment in EMEA again?"),
        "{}",
        confirm.text()
    );
    let page = admin.press(&confirm, "enrollments-readd-matching", &[]).await;
    assert_eq!(page.message(), "1 workspace was enrolled in EMEA again. Undo");
    assert_eq!((live_count(&pool).await, row_count(&pool).await), (2, 5));

    // Removing again what is in the group would need the whole confirmation again.
    let again = admin.press(&confirm, "enrollments-readd-matching", &[]).await;
    assert_eq!((live_count(&pool).await, row_count(&pool).await), (2, 5), "{}", again.message());
    let fields = [("group", emea.as_str()), ("count", "2"), ("back", "/groups"), ("form_at", "/groups")];
    admin.submit("enrollments-remove-matching", &fields).await;
    assert_eq!(live_count(&pool).await, 2, "a form without a search removes nothing");
    let page = admin.open(&format!("{home}/readditions?q=nowhere")).await;
    assert!(page.text().contains("Nothing in this list matches the search now"), "{}", page.text());
}

#[database_test]
async fn export_has_what_the_tab_shows(pool: PgPool) {
    let (emea, enrollments) = filled_group(&pool, &["Acme North", "Acme South", "Bolt"]).await;
    remove(&pool, &enrollments[1], time("2026-05-02T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    let file = async |address: &str| {
        let answer = support.http.get(app.url(address)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{address}");
        let name = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
        let text = answer.text().await.unwrap();
        let names = ["Acme North", "Acme South", "Bolt"].into_iter().filter(|name| text.contains(name));
        (name, names.collect::<Vec<_>>())
    };
    let page = support.open(&format!("/groups/{emea}?q=acme")).await;
    let (name, names) = file(&link(&page, "CSV")).await;
    assert!(name.starts_with("attachment; filename=\"groupdesk-group-members-"), "{name}");
    assert_eq!(names, ["Acme North"]);
    let page = support.open(&format!("/groups/{emea}?tab=removed")).await;
    assert_eq!(file(&link(&page, "NDJSON")).await.1, ["Acme South"]);
    let unknown = support.http.get(app.url(&format!("/groups/{emea}/export.csv?find_person=x"))).send().await;
    assert_eq!(unknown.unwrap().status(), 400, "a person that is not resolved");
    let none = format!("/groups/{}/export.csv", enrollments[0]);
    assert_eq!(support.http.get(app.url(&none)).send().await.unwrap().status(), 404);
}

#[database_test]
async fn workspace_and_person_pages_find_groups(pool: PgPool) {
    person(&pool, "Bo", "Ek", "bo@example.com").await;
    let acme = workspace(&pool, "Acme").await;
    let app = TestApp::start(pool.clone()).await;
    let by_bo = app.api_client_for("bo@example.com", &["write"]).await;
    for name in ["EMEA North", "apac", "Äther"] {
        by_bo.enroll(&group(&pool, name).await, &acme).await;
    }
    let other = workspace(&pool, "Other").await;
    by_bo.enroll(&group(&pool, "Pilot").await, &other).await;
    let support = app.support().await;
    let home = format!("/workspaces/{acme}");
    let sorted = support.open(&format!("{home}?sort=workspace_group.name")).await;
    assert_eq!(rows(&sorted), ["apac", "Äther", "EMEA North"]);
    assert_eq!(rows(&support.open(&format!("{home}?q=ather")).await), ["Äther"]);
    assert_eq!(rows(&support.open(&format!("{home}?tab=enrollments&q=north")).await), ["EMEA North"]);
    let history = support.open(&format!("{home}?tab=history&q=apac")).await;
    assert!(
        history.text().contains("apac") && !history.text().contains("in EMEA North"),
        "{}",
        history.text()
    );

    let bo = sqlx::query_scalar::<_, String>(
        "SELECT people_id::text FROM core_api.peoples WHERE first_name = 'Bo'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let home = format!("/people/{bo}");
    let page = support.open(&home).await;
    assert!(page.text().contains("1–4 of 4"), "{}", page.text());
    assert_eq!(rows(&support.open(&format!("{home}?q=acme")).await).len(), 3);
    assert_eq!(rows(&support.open(&format!("{home}?q=pilot")).await), ["Other"]);
    let asked = format!("/find?page={home}&status=live&q=other");
    assert_eq!(support.open(&asked).await.at, format!("{home}?status=live&q=other"));
    let activity = support.open(&format!("{home}?tab=activity&q=pilot")).await;
    assert!(activity.text().contains("Other") && !activity.text().contains("in apac"), "{}", activity.text());
}
