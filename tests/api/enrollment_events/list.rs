//! `GET /v1/enrollment-events`: filters, both orders and includes.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{PATH, event, read};
use crate::support::{self, ApiClient, TestApp, assert_each_refused, enroll, group, person, time, workspace};

/// Whether an event by this person, or without a person, passes the filter.
type ActorFilter = fn(Option<usize>) -> bool;

const NOW: &str = "2026-06-01T00:00:00Z";
const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";
const ACTIONS: [&str; 3] = ["enrolled", "removed", "attribution_corrected"];
const SOURCES: [&str; 5] = ["web", "api", "cli", "import", "migration"];

/// An event in memory. Related resources are indexes into the fixture.
struct EventRow {
    id: String,
    enrollment: usize,
    action: &'static str,
    source: &'static str,
    actor: Option<usize>,
    occurred_at: DateTime<Utc>,
}

/// Two groups with two workspaces each make four enrollments, which have sixty events.
struct Fixture {
    groups: Vec<String>,
    workspaces: Vec<String>,
    enrollments: Vec<String>,
    people: Vec<String>,
    events: Vec<EventRow>,
}

fn hour(number: i64) -> DateTime<Utc> {
    time("2026-05-01T00:00:00Z") + TimeDelta::hours(number)
}

async fn fixture(pool: &PgPool) -> Fixture {
    let groups = vec![group(pool, "EMEA").await, group(pool, "APAC").await];
    let workspaces = vec![workspace(pool, "Acme").await, workspace(pool, "Beta").await];
    let mut enrollments = Vec::new();
    for number in 0..4 {
        enrollments.push(enroll(pool, &groups[number / 2], &workspaces[number % 2], hour(0)).await);
    }
    let ana = person(pool, "Ana", "Lima", "ana@example.com").await;
    let people = vec![ana, person(pool, "Bo", "Ek", "bo@example.com").await];
    let mut events = Vec::new();
    for number in 0_usize..60 {
        let (enrollment, action, source) = (number * 7 % 4, ACTIONS[number % 3], SOURCES[number * 3 % 5]);
        let actor = [Some(0), Some(1), None, Some(0)][number / 5 % 4];
        // All events share ten times, so there are ties.
        let occurred_at = hour(i64::try_from(number * 13 % 10).unwrap());
        let by = actor.map(|index: usize| people[index].as_str());
        let id = event(pool, &enrollments[enrollment], (action, source), by, occurred_at).await;
        events.push(EventRow { id, enrollment, action, source, actor, occurred_at });
    }
    Fixture { groups, workspaces, enrollments, people, events }
}

impl Fixture {
    /// The ids of the events that pass, newest first; at the same time, the one that was written last comes
    /// first.
    fn expected(&self, admits: impl Fn(&EventRow) -> bool) -> Vec<String> {
        let mut left: Vec<&EventRow> = self.events.iter().filter(|event| admits(event)).collect();
        left.sort_by_key(|event| event.occurred_at);
        left.iter().rev().map(|event| event.id.clone()).collect()
    }
}

/// Asserts the result of a filter in pages of seven, in both orders and both directions.
async fn assert_pages(api: &ApiClient, filter: &str, newest_first: &[String]) {
    let mut oldest_first = newest_first.to_vec();
    oldest_first.reverse();
    for (sort, expected) in [("-occurred_at", newest_first), ("occurred_at", oldest_first.as_slice())] {
        support::assert_pages(api, &format!("{PATH}?{filter}&sort={sort}"), 7, expected).await;
    }
}

#[database_test]
async fn events_are_listed_in_both_orders(pool: PgPool) {
    let fixture = fixture(&pool).await;
    let app = TestApp::at(pool, NOW).await;
    let api = app.api_client(&["read"]).await;
    let all = fixture.expected(|_| true);
    assert_pages(&api, "", &all).await;
    assert_eq!(read(&api, "page[size]=500").await.ids(), all);
    assert_eq!(read(&api, "page[total]=true").await.body["meta"]["page"]["total"], 60);
    for sort in ["", "action", "created_at", "occurred_at,-occurred_at"] {
        let answer = api.get(&format!("{PATH}?sort={sort}")).await;
        assert_eq!((answer.status, &answer.errors()[0].2), (400, &json!({ "parameter": "sort" })), "{sort}");
    }
}

#[database_test]
async fn each_filter_selects_its_events(pool: PgPool) {
    let fixture = fixture(&pool).await;
    let app = TestApp::at(pool, NOW).await;
    let api = app.api_client(&["read"]).await;
    for (index, id) in fixture.enrollments.iter().enumerate() {
        let of_one = fixture.expected(|event| event.enrollment == index);
        assert_pages(&api, &format!("filter[enrollment]={id}"), &of_one).await;
    }
    let two = format!("filter[enrollment]={},{}", fixture.enrollments[3], fixture.enrollments[0]);
    assert_pages(&api, &two, &fixture.expected(|event| [0, 3].contains(&event.enrollment))).await;
    for index in 0..2 {
        let of_one = fixture.expected(|event| event.enrollment / 2 == index);
        assert_pages(&api, &format!("filter[workspace_group]={}", fixture.groups[index]), &of_one).await;
        let of_one = fixture.expected(|event| event.enrollment % 2 == index);
        assert_pages(&api, &format!("filter[workspace]={}", fixture.workspaces[index]), &of_one).await;
        let of_one = fixture.expected(|event| event.actor == Some(index));
        assert_pages(&api, &format!("filter[actor]={}", fixture.people[index]), &of_one).await;
    }
    for (name, ids) in [("workspace_group", &fixture.groups), ("workspace", &fixture.workspaces)] {
        let filter = format!("filter[{name}]={},{UNKNOWN},{},{}", ids[0], ids[1], ids[0]);
        assert_pages(&api, &filter, &fixture.expected(|_| true)).await;
    }
    let anybody = format!("filter[actor]={},{}", fixture.people[0], fixture.people[1]);
    assert_pages(&api, &anybody, &fixture.expected(|event| event.actor.is_some())).await;
    assert_pages(&api, "filter[actor]=none", &fixture.expected(|event| event.actor.is_none())).await;
    for action in ACTIONS {
        let of_one = fixture.expected(|event| event.action == action);
        assert_pages(&api, &format!("filter[action]={action}"), &of_one).await;
    }
    let two = fixture.expected(|event| event.action != "enrolled");
    assert_pages(&api, "filter[action]=removed,attribution_corrected,removed", &two).await;
    for source in SOURCES {
        let of_one = fixture.expected(|event| event.source == source);
        assert_pages(&api, &format!("filter[source]={source}"), &of_one).await;
    }
    let two = fixture.expected(|event| ["cli", "import"].contains(&event.source));
    assert_pages(&api, "filter[source]=import,cli", &two).await;
    for (query, from, before) in [("[gte]", 4, 99), ("[lt]", 0, 4), ("[gte]", 99, 99), ("[lt]", 0, 0)] {
        let edge = if query == "[gte]" { hour(from) } else { hour(before) };
        let filter = format!("filter[occurred_at]{query}={}", edge.format("%Y-%m-%dT%H:%M:%SZ"));
        let inside = |event: &EventRow| event.occurred_at >= hour(from) && event.occurred_at < hour(before);
        assert_pages(&api, &filter, &fixture.expected(inside)).await;
    }
}

#[database_test]
async fn filters_combine(pool: PgPool) {
    let fixture = fixture(&pool).await;
    let app = TestApp::at(pool, NOW).await;
    let api = app.api_client(&["read"]).await;
    let mut seen = 0;
    for (ids, groups) in [(String::new(), vec![0, 1]), (fixture.groups[1].clone(), vec![1])] {
        let group = if ids.is_empty() { ids } else { format!("&filter[workspace_group]={ids}") };
        let actors: [(String, ActorFilter); 4] = [
            (String::new(), |_| true),
            ("&filter[actor]=none".to_owned(), |actor| actor.is_none()),
            (format!("&filter[actor]={}", fixture.people[0]), |actor| actor == Some(0)),
            (format!("&filter[actor]={},{}", fixture.people[0], fixture.people[1]), |actor| actor.is_some()),
        ];
        for (actor, is_by) in actors {
            for actions in [&ACTIONS[..], &ACTIONS[..1], &ACTIONS[1..]] {
                for sources in [&SOURCES[..], &SOURCES[1..2], &SOURCES[2..4]] {
                    let filter = format!(
                        "filter[action]={}&filter[source]={}&filter[occurred_at][gte]=2026-05-01T02:00:00Z\
                         &filter[occurred_at][lt]=2026-05-01T09:00:00Z{group}{actor}",
                        actions.join(","),
                        sources.join(",")
                    );
                    let expected = fixture.expected(|event| {
                        groups.contains(&(event.enrollment / 2))
                            && is_by(event.actor)
                            && actions.contains(&event.action)
                            && sources.contains(&event.source)
                            && (hour(2)..hour(9)).contains(&event.occurred_at)
                    });
                    seen += expected.len();
                    assert_pages(&api, &filter, &expected).await;
                    let total = read(&api, &format!("{filter}&page[size]=1&page[total]=true")).await;
                    assert_eq!(total.body["meta"]["page"]["total"], expected.len(), "{filter}");
                }
            }
        }
    }
    assert!(seen > 200, "the model matched only {seen} events");
}

#[database_test]
async fn invalid_filters_are_refused_by_name(pool: PgPool) {
    let app = TestApp::at(pool, NOW).await;
    let api = app.api_client(&["read"]).await;
    let refused = [
        ("filter[enrollment]", "42"),
        ("filter[workspace_group]", ""),
        ("filter[workspace]", "none"),
        ("filter[actor]", "nobody"),
        ("filter[action]", "re-added"),
        ("filter[action]", "enrolled,"),
        ("filter[source]", "API"),
        ("filter[occurred_at]", "2026-05-01T00:00:00Z"),
        ("filter[occurred_at][gte]", "today"),
        ("filter[status]", "any"),
        ("filter[created_by]", UNKNOWN),
    ];
    assert_each_refused(&api, PATH, &refused).await;
}

#[database_test]
async fn related_resources_are_included_on_request(pool: PgPool) {
    let fixture = fixture(&pool).await;
    let app = TestApp::at(pool, NOW).await;
    let api = app.api_client(&["read"]).await;
    let names =
        |kind: &str, ids: &[String]| -> Vec<String> { ids.iter().map(|id| format!("{kind} {id}")).collect() };
    let enrollments = names("workspace_group_workspace", &fixture.enrollments);
    let (groups, people) = (names("workspace_group", &fixture.groups), names("people", &fixture.people));
    let workspaces = names("workspace", &fixture.workspaces);
    for (include, expected) in [
        ("", vec![]),
        ("enrollment", vec![&enrollments]),
        // These events have no actor, so nothing is included.
        ("enrollment.created_by,workspace_group.created_by", vec![&enrollments, &groups]),
        ("workspace,actor", vec![&workspaces, &people]),
        ("enrollment,workspace_group,workspace,actor", vec![&enrollments, &groups, &workspaces, &people]),
    ] {
        let answer = read(&api, &format!("include={include}&page[size]=100")).await;
        let included = answer.body["included"].as_array().unwrap();
        let name = |one: &Value| format!("{} {}", one["type"].as_str().unwrap(), one["id"].as_str().unwrap());
        let found: BTreeSet<String> = included.iter().map(name).collect();
        let expected: BTreeSet<String> = expected.into_iter().flatten().cloned().collect();
        assert_eq!((included.len(), &found), (expected.len(), &expected), "{include}");
    }
    for include in ["enrollment.workspace", "group", "actor.created_by"] {
        let answer = api.get(&format!("{PATH}?include={include}")).await;
        assert_eq!((answer.status, &answer.errors()[0].2), (400, &json!({ "parameter": "include" })));
    }
}

/// The description of the API advises clients that follow the log to read the last minutes again.
#[database_test]
async fn late_commits_are_found_by_overlapping_reads(pool: PgPool) {
    let enrollment =
        enroll(&pool, &group(&pool, "EMEA").await, &workspace(&pool, "Acme").await, hour(0)).await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["read"]).await;
    let description = groupdesk::registry::openapi::value()["info"]["description"].to_string();
    assert!(description.contains("read the last five minutes again"), "{description}");
    let read = async |from: DateTime<Utc>| {
        let from = from.format("%Y-%m-%dT%H:%M:%SZ");
        api.get(&format!("{PATH}?sort=occurred_at&filter[occurred_at][gte]={from}")).await.ids()
    };
    let seen = event(&pool, &enrollment, ("removed", "api"), None, hour(2)).await;
    assert_eq!(read(hour(2)).await, [seen.as_str()]);
    // This event belongs to a request that began before the other one and took longer.
    let began = hour(2) - TimeDelta::seconds(20);
    let late = event(&pool, &enrollment, ("enrolled", "api"), None, began).await;
    assert_eq!(read(hour(2)).await, [seen.as_str()], "a client that continues at the last event misses it");
    assert_eq!(read(hour(2) - TimeDelta::minutes(5)).await, [late.as_str(), seen.as_str()]);
}
