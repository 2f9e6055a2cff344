//! Filters and sort orders of `GET /v1/workspace-group-workspaces`, compared with a model: a few dozen rows
//! in memory, filtered and sorted in plain Rust.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use pretty_assertions::assert_eq;
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{self, ApiClient, Listed, TestApp, by_time, group, person, sorted, time, workspace};

const PATH: &str = "/v1/workspace-group-workspaces";
const NOW: &str = "2026-06-01T00:00:00Z";

type Moment = DateTime<Utc>;
/// From the first time on, before the second.
type Range = (Option<Moment>, Option<Moment>);

#[derive(Debug, Clone)]
struct Row {
    id: Uuid,
    /// The position in the order in which the rows were written.
    position: usize,
    group: usize,
    workspace: usize,
    created_by: Option<usize>,
    created_at: Moment,
    updated_at: Option<Moment>,
    deleted_at: Option<Moment>,
}

impl Listed for Row {
    fn id(&self) -> Uuid {
        self.id
    }

    fn compare_ties(&self, other: &Self) -> Ordering {
        self.position.cmp(&other.position)
    }

    fn compare(&self, other: &Self, key: &str) -> Ordering {
        match key {
            "created_at" => self.created_at.cmp(&other.created_at),
            "updated_at" => by_time(self.updated_at, other.updated_at),
            "deleted_at" => by_time(self.deleted_at, other.deleted_at),
            unknown => panic!("no key {unknown}"),
        }
    }
}

/// Four groups, five workspaces and three people with enrollments.
struct Fixture {
    groups: Vec<String>,
    workspaces: Vec<String>,
    people: Vec<String>,
    rows: Vec<Row>,
}

fn hour(number: u32) -> Moment {
    time("2026-05-01T00:00:00Z") + TimeDelta::hours(number.into())
}

/// The enrollments of each pair, with times from a few hours, so that many rows tie on a key: enrolled,
/// removed, perhaps enrolled again in the same hour. Some rows come from an older system without
/// `updated_at`.
fn rows() -> Vec<Row> {
    let mut state = 20_260_528_u32;
    let mut below = |limit: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % limit
    };
    let mut rows = Vec::new();
    for pair in 0..20 {
        let mut at = below(3);
        for _ in 0..=below(3) {
            let end = (below(4) > 0).then(|| at + below(4));
            let (created_at, deleted_at) = (hour(at), end.map(hour));
            let scattered = u128::from(below(1 << 16)) << 64 | u128::from(below(1 << 16)) << 100;
            rows.push(Row {
                id: Uuid::from_u128(scattered | rows.len() as u128),
                position: rows.len(),
                group: pair % 4,
                workspace: pair / 4,
                created_by: [None, Some(0), Some(1), Some(2)][below(4) as usize],
                created_at,
                updated_at: (below(4) > 0).then(|| deleted_at.unwrap_or(created_at)),
                deleted_at,
            });
            // A live row is the last one of its pair.
            let Some(end) = end else { break };
            at = end + below(2);
        }
    }
    assert!((30..60).contains(&rows.len()) && rows.iter().any(|row| row.deleted_at.is_none()));
    rows
}

async fn fixture(pool: &PgPool) -> Fixture {
    let (mut groups, mut workspaces, mut people) = (Vec::new(), Vec::new(), Vec::new());
    for name in ["EMEA", "APAC", "LATAM", "ANZ"] {
        groups.push(group(pool, name).await);
    }
    for name in ["Acme", "Beta", "Cobalt", "Delta", "Ember"] {
        workspaces.push(workspace(pool, name).await);
    }
    for name in ["Ana", "Bo", "Cy"] {
        people.push(person(pool, name, "Lima", &format!("{name}@example.com")).await);
    }
    let rows = rows();
    for row in &rows {
        sqlx::query(
            "INSERT INTO core_api.workspace_group_workspaces
                 (workspace_group_workspace_id, workspace_group_pk, workspace_pk, created_by_pk,
                  created_at, updated_at, deleted_at)
             SELECT $1, g.pk, w.pk, (SELECT pk FROM core_api.peoples WHERE people_id = $4::uuid), $5, $6, $7
             FROM core_api.workspace_groups g, core_api.workspaces w
             WHERE g.workspace_group_id = $2::uuid AND w.workspace_id = $3::uuid",
        )
        .bind(row.id)
        .bind(&groups[row.group])
        .bind(&workspaces[row.workspace])
        .bind(row.created_by.map(|index| people[index].clone()))
        .bind(row.created_at)
        .bind(row.updated_at)
        .bind(row.deleted_at)
        .execute(pool)
        .await
        .unwrap();
    }
    Fixture { groups, workspaces, people, rows }
}

/// The parameters of a request; ids are indexes into the fixture. Empty and `None` mean no filter.
#[derive(Debug, Clone, Default)]
struct Filter {
    groups: Vec<usize>,
    workspaces: Vec<usize>,
    people: Vec<usize>,
    nobody: bool,
    created_at: Range,
    updated_at: Range,
    deleted_at: Range,
    as_of: Option<Moment>,
    status: Option<&'static str>,
}

fn one_of(wanted: &[usize], index: usize) -> bool {
    wanted.is_empty() || wanted.contains(&index)
}

/// A null time is in no range.
fn is_in_range(range: Range, at: Option<Moment>) -> bool {
    range.0.is_none_or(|from| at.is_some_and(|at| at >= from))
        && range.1.is_none_or(|before| at.is_some_and(|at| at < before))
}

impl Filter {
    fn admits(&self, row: &Row) -> bool {
        let default = if self.deleted_at == (None, None) { "live" } else { "any" };
        let alive = match (self.as_of, self.status.unwrap_or(default)) {
            (Some(then), _) => row.created_at <= then && row.deleted_at.is_none_or(|gone| gone > then),
            (None, "live") => row.deleted_at.is_none(),
            (None, "removed") => row.deleted_at.is_some(),
            (None, _) => true,
        };
        alive
            && one_of(&self.groups, row.group)
            && one_of(&self.workspaces, row.workspace)
            && (self.people.is_empty() || row.created_by.is_some_and(|index| self.people.contains(&index)))
            && (!self.nobody || row.created_by.is_none())
            && is_in_range(self.created_at, Some(row.created_at))
            && is_in_range(self.updated_at, row.updated_at)
            && is_in_range(self.deleted_at, row.deleted_at)
    }

    fn query(&self, fixture: &Fixture) -> String {
        let mut query = String::new();
        let mut add = |name: &str, value: &str| write!(query, "filter[{name}]={value}&").unwrap();
        let ids = |all: &[String], wanted: &[usize]| {
            wanted.iter().map(|index| all[*index].clone()).collect::<Vec<_>>().join(",")
        };
        for (name, all, wanted) in [
            ("workspace_group", &fixture.groups, &self.groups),
            ("workspace", &fixture.workspaces, &self.workspaces),
            ("created_by", &fixture.people, &self.people),
        ] {
            if !wanted.is_empty() {
                add(name, &ids(all, wanted));
            }
        }
        if self.nobody {
            add("created_by", "none");
        }
        let text = |at: Moment| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        for (name, (from, before)) in [
            ("created_at", self.created_at),
            ("updated_at", self.updated_at),
            ("deleted_at", self.deleted_at),
        ] {
            if let Some(from) = from {
                add(&format!("{name}][gte"), &text(from));
            }
            if let Some(before) = before {
                add(&format!("{name}][lt"), &text(before));
            }
        }
        if let Some(then) = self.as_of {
            add("as_of", &text(then));
        }
        if let Some(status) = self.status {
            add("status", status);
        }
        query
    }

    /// The filter with each value of `filter[status]`, and without it.
    fn with_each_status(&self) -> Vec<Self> {
        let all: &[Option<&'static str>] =
            if self.as_of.is_some() { &[None] } else { &[None, Some("live"), Some("removed"), Some("any")] };
        all.iter().map(|status| Self { status: *status, ..self.clone() }).collect()
    }
}

impl Filter {
    /// Whether an index has the rows of this filter in an order that begins with each of the keys.
    fn allows(&self, sort: &str) -> bool {
        let keys = || sort.split(',').map(|key| key.trim_start_matches('-'));
        let is_of_people = self.nobody || !self.people.is_empty();
        if !self.groups.is_empty() {
            keys().all(|key| key != "updated_at")
        } else if is_of_people || !self.workspaces.is_empty() {
            keys().all(|key| key == "created_at")
        } else {
            true
        }
    }
}

/// Returns the number of matching rows. An order that no index has must be refused.
async fn assert_pages(api: &ApiClient, fixture: &Fixture, filter: &Filter, sort: &str) -> usize {
    if !filter.allows(sort) {
        let answer = api.get(&format!("{PATH}?{}sort={sort}", filter.query(fixture))).await;
        assert_eq!(answer.status, 400, "{filter:?} {sort}: {answer:?}");
        return 0;
    }
    let expected = sorted(&fixture.rows, sort, |row| filter.admits(row));
    support::assert_pages(api, &format!("{PATH}?{}sort={sort}", filter.query(fixture)), 3, &expected).await;
    expected.len()
}

const SORTS: [&str; 6] =
    ["created_at", "-created_at", "updated_at", "-updated_at", "deleted_at", "-deleted_at"];

/// Filters with one condition each.
fn singles() -> Vec<Filter> {
    let range = |from: Option<u32>, before: Option<u32>| (from.map(hour), before.map(hour));
    let plain = Filter::default;
    let mut all = vec![
        plain(),
        Filter { groups: vec![1], ..plain() },
        Filter { groups: vec![0, 2, 0], ..plain() },
        Filter { workspaces: vec![3], ..plain() },
        Filter { workspaces: vec![0, 1, 4], ..plain() },
        Filter { people: vec![0], ..plain() },
        Filter { people: vec![2, 1], ..plain() },
        Filter { nobody: true, ..plain() },
    ];
    for (from, before) in [(Some(2), None), (None, Some(3)), (Some(1), Some(4)), (Some(4), Some(4))] {
        let range = range(from, before);
        all.push(Filter { created_at: range, ..plain() });
        all.push(Filter { updated_at: range, ..plain() });
        all.push(Filter { deleted_at: range, ..plain() });
    }
    all.extend([0, 1, 3, 5, 500].map(|at| Filter { as_of: Some(hour(at)), ..plain() }));
    all
}

#[database_test]
async fn filters_hold_in_every_sort_order_both_ways(pool: PgPool) {
    let fixture = fixture(&pool).await;
    let app = TestApp::at(pool, NOW).await;
    let api = app.api_client(&["read"]).await;
    let mut seen = 0;
    for filter in singles().iter().flat_map(Filter::with_each_status) {
        for sort in SORTS {
            seen += assert_pages(&api, &fixture, &filter, sort).await;
        }
    }
    assert!(seen > 2_000, "the model matched only {seen} rows");
}

#[database_test]
async fn two_sort_keys_work_in_all_directions(pool: PgPool) {
    let fixture = fixture(&pool).await;
    let app = TestApp::at(pool, NOW).await;
    let api = app.api_client(&["read"]).await;
    let plain = Filter::default;
    let filters = [
        plain(),
        Filter { groups: vec![0, 3], ..plain() },
        Filter { nobody: true, ..plain() },
        Filter { as_of: Some(hour(3)), ..plain() },
    ];
    let name = |sort: &str| sort.trim_start_matches('-').to_owned();
    for filter in filters.iter().flat_map(Filter::with_each_status) {
        for first in SORTS {
            for second in SORTS.into_iter().filter(|second| name(second) != name(first)) {
                assert_pages(&api, &fixture, &filter, &format!("{first},{second}")).await;
            }
        }
        assert_pages(&api, &fixture, &filter, "-deleted_at,updated_at,-created_at").await;
    }
}

/// All combinations of conditions; the sort orders rotate.
#[database_test]
async fn filters_combine(pool: PgPool) {
    let fixture = fixture(&pool).await;
    let app = TestApp::at(pool, NOW).await;
    let api = app.api_client(&["read"]).await;
    let creators = [(vec![], false), (vec![1], false), (vec![0, 2], false), (vec![], true)];
    let mut orders = SORTS.into_iter().cycle();
    let mut seen = 0;
    for groups in [vec![], vec![2], vec![0, 1, 3]] {
        for workspaces in [vec![], vec![1], vec![2, 4, 3]] {
            for (people, nobody) in creators.clone() {
                let (groups, workspaces) = (groups.clone(), workspaces.clone());
                let ids = Filter { groups, workspaces, people, nobody, ..Filter::default() };
                let (early, late) = ((None, Some(hour(3))), (Some(hour(2)), None));
                for filter in [
                    Filter { created_at: early, ..ids.clone() },
                    Filter { updated_at: late, deleted_at: late, ..ids.clone() },
                    Filter { as_of: Some(hour(2)), updated_at: late, ..ids.clone() },
                    Filter { as_of: Some(hour(2)), created_at: late, deleted_at: late, ..ids.clone() },
                    Filter { status: Some("any"), ..ids.clone() },
                    Filter { status: Some("removed"), created_at: late, updated_at: early, ..ids },
                ] {
                    seen += assert_pages(&api, &fixture, &filter, orders.next().unwrap()).await;
                }
            }
        }
    }
    assert!(seen > 100, "the model matched only {seen} rows");
}

/// A row counts from its creation on, and until before its removal. So a pair that was removed and enrolled
/// again at the same moment is counted once at any time.
#[database_test]
async fn pair_is_listed_once_at_any_moment(pool: PgPool) {
    let fixture = fixture(&pool).await;
    let again = |one: &Row, other: &Row| {
        (one.group, one.workspace, one.deleted_at) == (other.group, other.workspace, Some(other.created_at))
    };
    assert!(fixture.rows.windows(2).any(|two| again(&two[0], &two[1])), "nothing was re-added at once");
    let app = TestApp::at(pool, NOW).await;
    let api = app.api_client(&["read"]).await;
    let mut most = 0;
    for minutes in (0..=60 * 12).step_by(30) {
        let then = hour(0) + TimeDelta::minutes(minutes);
        let then = then.to_rfc3339_opts(SecondsFormat::Millis, true);
        let answer = api.get(&format!("{PATH}?filter[as_of]={then}&page[size]=500")).await;
        let pair = |item: &Value| {
            ["workspace_group", "workspace"].map(|end| item["relationships"][end]["data"]["id"].to_string())
        };
        let pairs: Vec<[String; 2]> = answer.body["data"].as_array().unwrap().iter().map(pair).collect();
        assert_eq!(pairs.iter().collect::<BTreeSet<_>>().len(), pairs.len(), "{then}");
        most = most.max(pairs.len());
    }
    assert!(most > 5, "{most}");
}
