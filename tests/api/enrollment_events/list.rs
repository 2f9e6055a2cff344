//! `GET /v1/enrollment-events`: the filters of the log, its two orders, and what comes along.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{PATH, event, read};
use crate::support::{self, Desk, Machine, enroll, group, person, refuses_each, time, workspace};

/// Is an event by this person, or by nobody, let through?
type IsBy = fn(Option<usize>) -> bool;

const NOW: &str = "2026-06-01T00:00:00Z";
const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";
const ACTIONS: [&str; 3] = ["enrolled", "removed", "attribution_corrected"];
const SOURCES: [&str; 5] = ["web", "api", "cli", "import", "migration"];

/// An event as it is known here; of its ends, indexes into the world.
struct Told {
    id: String,
    enrollment: usize,
    action: &'static str,
    source: &'static str,
    actor: Option<usize>,
    occurred_at: DateTime<Utc>,
}

/// Two groups with two workspaces each make four enrollments; sixty events tell of them.
struct World {
    groups: Vec<String>,
    workspaces: Vec<String>,
    enrollments: Vec<String>,
    people: Vec<String>,
    events: Vec<Told>,
}

fn hour(number: i64) -> DateTime<Utc> {
    time("2026-05-01T00:00:00Z") + TimeDelta::hours(number)
}

async fn world(pool: &PgPool) -> World {
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
        // Ten moments for all of them: ties.
        let occurred_at = hour(i64::try_from(number * 13 % 10).unwrap());
        let by = actor.map(|index: usize| people[index].as_str());
        let id = event(pool, &enrollments[enrollment], (action, source), by, occurred_at).await;
        events.push(Told { id, enrollment, action, source, actor, occurred_at });
    }
    World { groups, workspaces, enrollments, people, events }
}

impl World {
    /// The newest first, as far as the condition admits them; of one moment, the one that was written last.
    fn expected(&self, admits: impl Fn(&Told) -> bool) -> Vec<String> {
        let mut left: Vec<&Told> = self.events.iter().filter(|told| admits(told)).collect();
        left.sort_by_key(|told| told.occurred_at);
        left.iter().rev().map(|told| told.id.clone()).collect()
    }
}

/// All that a filter leaves, in pages of seven, in both orders, forward and backward.
async fn walk(machine: &Machine, filter: &str, newest_first: &[String]) {
    let mut oldest_first = newest_first.to_vec();
    oldest_first.reverse();
    for (sort, expected) in [("-occurred_at", newest_first), ("occurred_at", oldest_first.as_slice())] {
        support::walk(machine, &format!("{PATH}?{filter}&sort={sort}"), 7, expected).await;
    }
}

#[database_test]
async fn the_log_is_read_newest_first_or_oldest_first(pool: PgPool) {
    let world = world(&pool).await;
    let desk = Desk::at(pool, NOW).await;
    let machine = desk.machine(&["read"]).await;
    let all = world.expected(|_| true);
    walk(&machine, "", &all).await;
    assert_eq!(read(&machine, "page[size]=500").await.ids(), all);
    assert_eq!(read(&machine, "page[total]=true").await.body["meta"]["page"]["total"], 60);
    for sort in ["", "action", "created_at", "occurred_at,-occurred_at"] {
        let answer = machine.get(&format!("{PATH}?sort={sort}")).await;
        assert_eq!((answer.status, &answer.errors()[0].2), (400, &json!({ "parameter": "sort" })), "{sort}");
    }
}

#[database_test]
async fn every_filter_leaves_what_it_says_by_itself(pool: PgPool) {
    let world = world(&pool).await;
    let desk = Desk::at(pool, NOW).await;
    let machine = desk.machine(&["read"]).await;
    for (index, id) in world.enrollments.iter().enumerate() {
        let of_one = world.expected(|told| told.enrollment == index);
        walk(&machine, &format!("filter[enrollment]={id}"), &of_one).await;
    }
    let two = format!("filter[enrollment]={},{}", world.enrollments[3], world.enrollments[0]);
    walk(&machine, &two, &world.expected(|told| [0, 3].contains(&told.enrollment))).await;
    for index in 0..2 {
        let of_one = world.expected(|told| told.enrollment / 2 == index);
        walk(&machine, &format!("filter[workspace_group]={}", world.groups[index]), &of_one).await;
        let of_one = world.expected(|told| told.enrollment % 2 == index);
        walk(&machine, &format!("filter[workspace]={}", world.workspaces[index]), &of_one).await;
        let of_one = world.expected(|told| told.actor == Some(index));
        walk(&machine, &format!("filter[actor]={}", world.people[index]), &of_one).await;
    }
    for (name, ids) in [("workspace_group", &world.groups), ("workspace", &world.workspaces)] {
        let filter = format!("filter[{name}]={},{UNKNOWN},{},{}", ids[0], ids[1], ids[0]);
        walk(&machine, &filter, &world.expected(|_| true)).await;
    }
    let anybody = format!("filter[actor]={},{}", world.people[0], world.people[1]);
    walk(&machine, &anybody, &world.expected(|told| told.actor.is_some())).await;
    walk(&machine, "filter[actor]=none", &world.expected(|told| told.actor.is_none())).await;
    for action in ACTIONS {
        let of_one = world.expected(|told| told.action == action);
        walk(&machine, &format!("filter[action]={action}"), &of_one).await;
    }
    let two = world.expected(|told| told.action != "enrolled");
    walk(&machine, "filter[action]=removed,attribution_corrected,removed", &two).await;
    for source in SOURCES {
        let of_one = world.expected(|told| told.source == source);
        walk(&machine, &format!("filter[source]={source}"), &of_one).await;
    }
    let two = world.expected(|told| ["cli", "import"].contains(&told.source));
    walk(&machine, "filter[source]=import,cli", &two).await;
    for (query, from, before) in [("[gte]", 4, 99), ("[lt]", 0, 4), ("[gte]", 99, 99), ("[lt]", 0, 0)] {
        let edge = if query == "[gte]" { hour(from) } else { hour(before) };
        let filter = format!("filter[occurred_at]{query}={}", edge.format("%Y-%m-%dT%H:%M:%SZ"));
        let inside = |told: &Told| told.occurred_at >= hour(from) && told.occurred_at < hour(before);
        walk(&machine, &filter, &world.expected(inside)).await;
    }
}

#[database_test]
async fn filters_combine(pool: PgPool) {
    let world = world(&pool).await;
    let desk = Desk::at(pool, NOW).await;
    let machine = desk.machine(&["read"]).await;
    let mut seen = 0;
    for (ids, groups) in [(String::new(), vec![0, 1]), (world.groups[1].clone(), vec![1])] {
        let group = if ids.is_empty() { ids } else { format!("&filter[workspace_group]={ids}") };
        let actors: [(String, IsBy); 4] = [
            (String::new(), |_| true),
            ("&filter[actor]=none".to_owned(), |actor| actor.is_none()),
            (format!("&filter[actor]={}", world.people[0]), |actor| actor == Some(0)),
            (format!("&filter[actor]={},{}", world.people[0], world.people[1]), |actor| actor.is_some()),
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
                    let expected = world.expected(|told| {
                        groups.contains(&(told.enrollment / 2))
                            && is_by(told.actor)
                            && actions.contains(&told.action)
                            && sources.contains(&told.source)
                            && (hour(2)..hour(9)).contains(&told.occurred_at)
                    });
                    seen += expected.len();
                    walk(&machine, &filter, &expected).await;
                    let total = read(&machine, &format!("{filter}&page[size]=1&page[total]=true")).await;
                    assert_eq!(total.body["meta"]["page"]["total"], expected.len(), "{filter}");
                }
            }
        }
    }
    assert!(seen > 200, "a model of {seen} events proves little");
}

#[database_test]
async fn a_filter_that_means_nothing_is_refused_by_name(pool: PgPool) {
    let desk = Desk::at(pool, NOW).await;
    let machine = desk.machine(&["read"]).await;
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
    refuses_each(&machine, PATH, &refused).await;
}

#[database_test]
async fn what_an_event_tells_of_comes_along_when_asked_for(pool: PgPool) {
    let world = world(&pool).await;
    let desk = Desk::at(pool, NOW).await;
    let machine = desk.machine(&["read"]).await;
    let names =
        |kind: &str, ids: &[String]| -> Vec<String> { ids.iter().map(|id| format!("{kind} {id}")).collect() };
    let enrollments = names("workspace_group_workspace", &world.enrollments);
    let (groups, people) = (names("workspace_group", &world.groups), names("people", &world.people));
    let workspaces = names("workspace", &world.workspaces);
    for (include, expected) in [
        ("", vec![]),
        ("enrollment", vec![&enrollments]),
        // Nobody is named on these, which leaves nothing to include.
        ("enrollment.created_by,workspace_group.created_by", vec![&enrollments, &groups]),
        ("workspace,actor", vec![&workspaces, &people]),
        ("enrollment,workspace_group,workspace,actor", vec![&enrollments, &groups, &workspaces, &people]),
    ] {
        let answer = read(&machine, &format!("include={include}&page[size]=100")).await;
        let included = answer.body["included"].as_array().unwrap();
        let name = |one: &Value| format!("{} {}", one["type"].as_str().unwrap(), one["id"].as_str().unwrap());
        let found: BTreeSet<String> = included.iter().map(name).collect();
        let expected: BTreeSet<String> = expected.into_iter().flatten().cloned().collect();
        assert_eq!((included.len(), &found), (expected.len(), &expected), "{include}");
    }
    for include in ["enrollment.workspace", "group", "actor.created_by"] {
        let answer = machine.get(&format!("{PATH}?include={include}")).await;
        assert_eq!((answer.status, &answer.errors()[0].2), (400, &json!({ "parameter": "include" })));
    }
}

/// What the description advises whoever follows the log: reading the last minutes again.
#[database_test]
async fn an_event_that_is_committed_late_is_found_by_reading_the_last_minutes_again(pool: PgPool) {
    let enrollment =
        enroll(&pool, &group(&pool, "EMEA").await, &workspace(&pool, "Acme").await, hour(0)).await;
    let desk = Desk::start(pool.clone()).await;
    let machine = desk.machine(&["read"]).await;
    let description = groupdesk::registry::openapi::value()["info"]["description"].to_string();
    assert!(description.contains("read the last five minutes again"), "{description}");
    let read = async |from: DateTime<Utc>| {
        let from = from.format("%Y-%m-%dT%H:%M:%SZ");
        machine.get(&format!("{PATH}?sort=occurred_at&filter[occurred_at][gte]={from}")).await.ids()
    };
    let seen = event(&pool, &enrollment, ("removed", "api"), None, hour(2)).await;
    assert_eq!(read(hour(2)).await, [seen.as_str()]);
    // Of a request that began before the other one and took longer.
    let began = hour(2) - TimeDelta::seconds(20);
    let late = event(&pool, &enrollment, ("enrolled", "api"), None, began).await;
    assert_eq!(read(hour(2)).await, [seen.as_str()], "who goes on from the last event misses it");
    assert_eq!(read(hour(2) - TimeDelta::minutes(5)).await, [late.as_str(), seen.as_str()]);
}
