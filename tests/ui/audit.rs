//! The audit log: searched by names, with the filter in the URL.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::get;
use crate::support::{Browser, Page, TestApp, filled, group, person, workspace};

/// The texts of the timeline, newest first, without their times and the links to their changes.
pub(super) fn lines(page: &Page) -> Vec<String> {
    let Some((_, list)) = page.html.split_once("<ol class=\"timeline\">") else { return Vec::new() };
    let (list, _) = list.split_once("</ol>").unwrap();
    let sentence = |line: &str| {
        let (_, line) = line.split_once("<p>").unwrap();
        let (line, _) = line.split_once("</p>").unwrap();
        let words: Vec<&str> =
            line.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
        let sentence = words.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
        sentence.trim_end_matches(" · change").to_owned()
    };
    list.split("<li").skip(1).map(sentence).collect()
}

/// Two groups with changes by people and machines on several days of May.
struct Scenario {
    emea: String,
    acme: String,
    bo: String,
}

async fn scenario(pool: &PgPool) -> Scenario {
    let bo = person(pool, "Bo", "Ek", "bo@example.com").await;
    let (emea, apac) = (group(pool, "EMEA").await, group(pool, "APAC").await);
    let (acme, beta) = (workspace(pool, "Acme").await, workspace(pool, "Beta").await);
    let on = async |moment: &str| TestApp::at(pool.clone(), moment).await;
    let first = on("2026-05-01T10:00:00Z").await;
    let by_bo = first.api_client_for("bo@example.com", &["write"]).await;
    let enrolled = by_bo.enroll(&emea, &acme).await;
    let second = on("2026-05-02T10:00:00Z").await;
    let system = second.api_client(&["write"]).await;
    system.enroll(&apac, &beta).await;
    let third = on("2026-05-03T22:30:00Z").await;
    let admin = third.admin().await;
    let fields = [("enrollment", enrolled.id()), ("form_at", "/".to_owned()), ("back", "/".to_owned())];
    admin.submit("enrollment-remove", &fields.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    Scenario { emea, acme, bo }
}

const REMOVED: &str = "Ana Lima removed Acme from EMEA";
const SECOND: &str = "no one (system) API, robot enrolled Beta in APAC";
const FIRST: &str = "Bo Ek API, robot enrolled Acme in EMEA";

async fn shown_lines(support: &Browser, query: &str) -> Vec<String> {
    let page = support.open(&format!("/audit?{query}")).await;
    assert_eq!(page.status, 200, "{query}: {}", page.text());
    lines(&page)
}

#[database_test]
async fn filters_narrow_and_combine(pool: PgPool) {
    let Scenario { emea, acme, bo } = scenario(&pool).await;
    let app = TestApp::at(pool, "2026-05-28T09:15:00Z").await;
    let support = app.support().await;
    for (query, expected) in [
        (String::new(), vec![REMOVED, SECOND, FIRST]),
        (format!("group={emea}"), vec![REMOVED, FIRST]),
        (format!("workspace={acme}&action=removed"), vec![REMOVED]),
        (format!("person={bo}"), vec![FIRST]),
        ("person=none".to_owned(), vec![SECOND]),
        ("source=web".to_owned(), vec![REMOVED]),
        ("action=enrolled&source=api".to_owned(), vec![SECOND, FIRST]),
        ("from=2026-05-02T10:00:00Z&until=2026-05-03T22:30:00Z".to_owned(), vec![SECOND]),
        (format!("group={emea}&person=none"), vec![]),
    ] {
        assert_eq!(shown_lines(&support, &query).await, expected, "{query}");
    }
    let page = support.open(&format!("/audit?group={emea}&person={bo}")).await;
    for chip in
        ["aria-label=\"Remove the filter group EMEA\"", "aria-label=\"Remove the filter person Bo Ek\""]
    {
        assert!(page.html.contains(chip), "{}", page.html);
    }
    assert!(
        page.html.contains(&format!("href=\"/audit?person={bo}\"")),
        "the link that removes the group filter"
    );
    let none = support.open(&format!("/audit?group={emea}&person=none")).await;
    assert!(none.text().contains("No matching events"), "{}", none.text());
}

#[database_test]
async fn typed_filters_become_ids_and_instants_in_the_url(pool: PgPool) {
    let Scenario { emea, acme, bo } = scenario(&pool).await;
    let app = TestApp::at(pool, "2026-05-28T09:15:00Z").await;
    let support = app.support().await;
    for (typed, at) in [
        ("view=/audit&find_group=eme", format!("/audit?group={emea}")),
        ("view=/audit&find_workspace=ACME&action=removed", format!("/audit?workspace={acme}&action=removed")),
        ("view=/audit&find_person=BO@example.com", format!("/audit?person={bo}")),
        ("view=/audit&nobody=none&find_person=bo", "/audit?person=none".to_owned()),
        (&format!("view=/audit&find_group={emea}&source="), format!("/audit?group={emea}")),
        (
            "view=/audit&zone=Europe/Berlin&from_day=2026-05-03&until_day=2026-05-03",
            "/audit?from=2026-05-02T22%3A00%3A00Z&until=2026-05-03T22%3A00%3A00Z".to_owned(),
        ),
        (
            "view=/audit&zone=Asia/Tokyo&from_day=2026-05-03&from_time=09:30",
            "/audit?from=2026-05-03T00%3A30%3A00Z".to_owned(),
        ),
        (
            &format!("view=/audit/as-of&group={emea}&zone=Europe/Berlin&at_day=2026-05-01"),
            format!("/audit/as-of?group={emea}&at=2026-05-01T21%3A59%3A59.999Z"),
        ),
        // The end of the current day is the present moment.
        (
            "view=/audit/as-of&zone=Europe/Berlin&at_day=2026-05-28",
            "/audit/as-of?at=2026-05-28T09%3A15%3A00Z".to_owned(),
        ),
        // Parameters of another view are dropped.
        ("view=/audit/as-of&action=removed&find_person=bo&from_day=2026-05-01", "/audit/as-of".to_owned()),
        ("", "/audit".to_owned()),
    ] {
        let page = support.open(&format!("/audit/go?{typed}")).await;
        assert_eq!((page.status, page.at), (200, at), "{typed}");
    }
    // A time without a date is one of today. Ignoring it would show more than the reader wants to see.
    let page = support.open("/audit/go?view=/audit&zone=UTC&from_day=&from_time=07:00").await;
    assert_eq!(page.at, "/audit?from=2026-05-28T07%3A00%3A00Z");
    // The URL shows the same events to every reader, with times in their own zone.
    let address = "/audit?from=2026-05-02T22%3A00%3A00Z&until=2026-05-03T22%3A00%3A00Z";
    support.submit("preferences-set", &[("browser_zone", "Asia/Tokyo")]).await;
    let page = support.open(address).await;
    assert_eq!(lines(&page), Vec::<String>::new());
    for field in ["value=\"2026-05-03\"", "value=\"07:00\"", "value=\"2026-05-04\"", "value=\"Asia/Tokyo\""] {
        assert!(page.html.contains(field), "{field}: {}", page.html);
    }
}

/// Submits the filter form of the page again, with these fields filled in.
async fn resubmitted(support: &Browser, page: &Page, typed: &[(&str, &str)]) -> String {
    let fields = filled(page.form_to("/audit/go"), typed);
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let at = support.open(&format!("/audit/go?{query}")).await.at;
    at.replace("%3A", ":")
}

#[database_test]
async fn unchanged_moments_keep_their_exact_time(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::at(pool, "2026-05-28T09:15:30.250Z").await;
    let support = app.support().await;
    support.submit("preferences-set", &[("browser_zone", "Europe/Berlin")]).await;
    for query in [
        "?from=2026-05-01T10:05:30Z&until=2026-05-01T10:05:59.999Z".to_owned(),
        "/as-of?at=2026-05-01T10:05:30Z".to_owned(),
        "/as-of?at=2026-05-01T10:05:30.123456Z".to_owned(),
        // The present moment, and the end of a day in the viewer's zone.
        "/as-of?at=2026-05-28T09:15:30.250Z".to_owned(),
        "/as-of?at=2026-05-01T21:59:59.999Z".to_owned(),
        // Half past two happens twice on the night when clocks go back.
        "/as-of?at=2025-10-26T00:30:00Z".to_owned(),
        "/as-of?at=2025-10-26T01:30:00Z".to_owned(),
        "?from=2025-10-26T01:30:00Z&until=2025-10-26T01:30:15Z".to_owned(),
        format!("/compare?group={emea}&earlier=2025-10-26T01:30:00Z&later=2026-05-01T10:05:30Z"),
    ] {
        let address = format!("/audit{query}");
        let page = support.open(&address).await;
        assert_eq!((page.status, resubmitted(&support, &page, &[]).await), (200, address));
    }
    // A changed field counts, and the other one keeps its value.
    let page = support.open("/audit?from=2025-10-26T01:30:00Z&until=2026-05-01T10:05:30Z").await;
    for (field, value, expected) in [
        ("until_time", "12:06", "/audit?from=2025-10-26T01:30:00Z&until=2026-05-01T10:06:00Z"),
        ("until_time", "", "/audit?from=2025-10-26T01:30:00Z&until=2026-05-01T22:00:00Z"),
        ("until_day", "2026-05-02", "/audit?from=2025-10-26T01:30:00Z&until=2026-05-02T10:05:00Z"),
        ("until_day", "", "/audit?from=2025-10-26T01:30:00Z"),
        ("from_time", "03:30", "/audit?from=2025-10-26T02:30:00Z&until=2026-05-01T10:05:30Z"),
        ("action", "removed", "/audit?action=removed&from=2025-10-26T01:30:00Z&until=2026-05-01T10:05:30Z"),
    ] {
        assert_eq!(resubmitted(&support, &page, &[(field, value)]).await, expected, "{field}={value}");
    }
    // An invalid time is ignored.
    let made_up = support.open("/audit/go?view=/audit/as-of&at=soon&at_day=2026-05-01&at_time=10:05").await;
    assert_eq!(made_up.at, "/audit/as-of?at=2026-05-01T08%3A05%3A00Z");
}

#[database_test]
async fn ambiguous_names_offer_a_link_for_each_match(pool: PgPool) {
    let north = group(&pool, "Acme North").await;
    group(&pool, "Acme South").await;
    let exact = group(&pool, "Acme").await;
    let app = TestApp::at(pool.clone(), "2026-05-28T09:15:00Z").await;
    let support = app.support().await;

    let page = support.open("/audit/go?view=/audit&find_group=acme+&action=removed").await;
    assert_eq!(
        page.at,
        format!("/audit?group={exact}&action=removed"),
        "only one group has exactly this name"
    );
    let page = support.open("/audit/go?view=/audit&find_group=acm&action=removed").await;
    assert_eq!(page.at, "/audit?find_group=acm&action=removed");
    assert!(page.text().contains("Which group is “acm”? Acme Acme North Acme South"), "{}", page.text());
    let link = format!("href=\"/audit?action=removed&amp;group={north}\"");
    assert!(page.html.contains(&link), "{}", page.html);

    let page = support.open("/audit/go?view=/audit&find_group=%3Cb%3E").await;
    assert!(page.text().contains("No group matches “<b>”. Type another name."), "{}", page.text());
    for number in 0..9 {
        group(&pool, &format!("Acme {number}")).await;
    }
    let page = support.open("/audit?find_group=acm").await;
    assert!(page.text().contains("There are more matches. Type more of the name."), "{}", page.text());
}

#[database_test]
async fn ambiguous_names_show_and_export_nothing(pool: PgPool) {
    let Scenario { emea, .. } = scenario(&pool).await;
    group(&pool, "EMEA North").await;
    let app = TestApp::at(pool, "2026-05-28T09:15:00Z").await;
    let support = app.support().await;
    let removed = "earlier=2026-05-02T00:00:00Z&change=removed";
    for (view, rest) in
        [("/audit", ""), ("/audit/as-of", "at=2026-05-02T00:00:00Z"), ("/audit/compare", removed)]
    {
        let page = support.open(&format!("{view}?find_group=eme&{rest}")).await;
        let text = page.text();
        assert!(
            text.contains("Which group is “eme”?") && text.contains("Nothing is shown yet"),
            "{view}: {text}"
        );
        assert!(!text.contains("Acme") && !page.html.contains("/export."), "{view}: {}", page.html);
        let file = support.open(&format!("{view}/export.csv?find_group=eme&{rest}")).await;
        assert_eq!(file.status, 400, "{view}");
        assert!(file.text().contains("invalid filter: find_group=eme"), "{}", file.text());

        let page = support.open(&format!("{view}?group={emea}&{rest}")).await;
        assert!(page.text().contains("Acme") && page.html.contains("/export."), "{view}: {}", page.text());
    }
    let page = support.open("/audit?find_person=nobody+of+this+name").await;
    assert_eq!(lines(&page), Vec::<String>::new(), "a name without a match shows nothing, either");
}

#[database_test]
async fn periods_and_the_number_of_filters_are_offered(pool: PgPool) {
    let Scenario { emea, .. } = scenario(&pool).await;
    let app = TestApp::at(pool, "2026-05-28T09:15:00Z").await;
    let support = app.support().await;
    support.submit("preferences-set", &[("browser_zone", "Europe/Berlin")]).await;
    let page = support.open(&format!("/audit?group={emea}&until=2026-05-02T00:00:00Z")).await;
    assert!(page.text().contains("Filters (2)"), "{}", page.text());
    // The days of the viewer's zone. The other filters stay.
    for from in ["2026-05-27T22%3A00%3A00Z", "2026-05-21T22%3A00%3A00Z", "2026-04-28T22%3A00%3A00Z"] {
        let link = format!("href=\"/audit?group={emea}&amp;from={from}\"");
        assert!(page.html.contains(&link), "{link}: {}", page.html);
    }
    let today = support.open("/audit?from=2026-05-27T22:00:00Z").await;
    assert!(today.html.contains("aria-current=\"true\""), "{}", today.html);
    assert_eq!(lines(&today), Vec::<String>::new());
    let compared = support.open(&format!("/audit/compare?group={emea}&change=removed")).await;
    assert!(compared.text().contains("Filters (1)"), "{}", compared.text());
}

#[database_test]
async fn invalid_audit_urls_are_refused(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    let strange = "00000000-0000-4000-8000-000000000000";
    for (path, status) in [
        ("/audit?group=EMEA".to_owned(), 400),
        ("/audit?action=moved".to_owned(), 400),
        ("/audit?from=yesterday".to_owned(), 400),
        ("/audit?after=abc".to_owned(), 400),
        ("/audit/as-of?at=2026-05-01".to_owned(), 400),
        ("/audit/compare?later=x".to_owned(), 400),
        ("/audit/export.csv?source=fax".to_owned(), 400),
        ("/audit/as-of/export.csv?at=2999-01-01T00:00:00Z".to_owned(), 400),
        ("/audit/compare/export.ndjson".to_owned(), 400),
        (format!("/audit?group={strange}"), 404),
        (format!("/audit?workspace={strange}"), 404),
        (format!("/audit?person={strange}"), 404),
        (format!("/audit/as-of?group={strange}"), 404),
        ("/audit/export.xlsx".to_owned(), 404),
    ] {
        assert_eq!(support.open(&path).await.status, status, "{path}");
    }
    let page = support.open("/audit?action=%3Cb%3Emoved").await;
    assert!(page.text().contains("contains an invalid filter: action=<b>moved. Clear"), "{}", page.text());
}

#[database_test]
async fn paging_keeps_the_filter(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::at(pool.clone(), "2026-05-28T09:15:00Z").await;
    let api = app.api_client(&["write"]).await;
    for number in 0..60 {
        let workspace = workspace(&pool, &format!("W{number:02}")).await;
        api.enroll(&emea, &workspace).await;
    }
    let support = app.support().await;
    let page = support.open(&format!("/audit?group={emea}")).await;
    assert_eq!(lines(&page).len(), 50);
    let (before, _) = page.html.split_once("rel=\"next\"").expect("a next page");
    let (_, link) = before.rsplit_once("href=\"").unwrap();
    let link = link.split('"').next().unwrap().replace("&amp;", "&");
    assert!(link.starts_with(&format!("/audit?group={emea}&after=")), "{link}");
    assert_eq!(lines(&support.open(&link).await).len(), 10);
}

#[database_test]
async fn audit_pages_require_sign_in(pool: PgPool) {
    let app = TestApp::start(pool).await;
    for path in
        ["/", "/audit", "/audit/as-of", "/audit/compare", "/audit/go?find_group=a", "/audit/export.csv"]
    {
        let reply = get(&app, path, "").await;
        assert_eq!(reply.status, 303, "{path}");
        assert!(reply.header("location").starts_with("/login"), "{path}");
    }
}
