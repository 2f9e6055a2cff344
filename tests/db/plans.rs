//! The cost of a page with a million enrollments: it depends on the rows that the page shows, not on the
//! size of the table or the depth of the page.
//!
//! Pages are requested from the API, and Postgres reports how it executed them (`auto_explain`): with
//! custom plans and with generic plans, because a prepared statement may use either.

use pretty_assertions::assert_eq;
use reqwest::RequestBuilder;
use serde_json::Value;
use sqlx::PgPool;

use super::{events_of_one_change, execute};
use crate::support::{Answer, ApiClient, TestApp, listen, notices_of, operator, statements_of};

const ENROLLMENTS: &str = "/v1/workspace-group-workspaces";
const EVENTS: &str = "/v1/enrollment-events";
const ADMIN_EVENTS: &str = "/v1/admin-events";

/// The middle of all times.
const MIDDLE: &str = "2025-01-01T00:00:00Z";

/// The limit for a page of 20 in index order: 21 rows of each branch, with at most six branches here, each
/// below an index of a few levels, and the related rows. It is about 100 buffers for one branch and 240 for
/// six; reading all rows before a page in the middle takes hundreds of thousands.
pub(super) const IN_ORDER: u64 = 400;
/// The limit for rows that are filtered by one time and sorted by another. No index has them in order. One
/// pass over an index with both times finds them: thousands of leaves, but never the table's million rows.
const ONE_PASS: u64 = 9_000;
/// The limit for a hundred ids against another hundred: a hundred short lists and not ten thousand, so the
/// cost grows with the sum.
const MANY_IDS: u64 = 100_000;
/// The limit of sorted rows for a page in index order: 21 of each branch, or all of the few dozen of a
/// workspace.
const MAX_SORTED_ROWS: f64 = 200.0;

/// Tables that must never be read completely.
const LARGE: [&str; 4] = ["workspace_group_workspaces", "enrollment_events", "workspaces", "admin_events"];

/// 500 groups, 20,000 workspaces, 300 people and a million enrollments with events. A fifth is removed, a
/// tenth has no creator, and a twentieth has no `updated_at`. Indexes are created after the rows, which is
/// faster, and triggers and foreign keys are disabled.
pub(super) const FILL: &str = "
    SET LOCAL session_replication_role = replica;
    SET LOCAL maintenance_work_mem = '256MB';
    CREATE TEMP TABLE taken AS
        SELECT i.indexrelid::regclass::text AS name, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') AS definition
        FROM pg_index i
        WHERE i.indrelid IN ('core_api.workspace_group_workspaces'::regclass, 'groupdesk.enrollment_events'::regclass)
          AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid);
    DO $$ DECLARE one record; BEGIN
        FOR one IN SELECT * FROM taken LOOP EXECUTE 'DROP INDEX ' || one.name; END LOOP;
    END $$;
    INSERT INTO core_api.peoples (first_name, last_name, email, created_at, updated_at)
        SELECT 'P' || n, 'Q' || n % 100, 'p' || n || '@example.com', at, CASE WHEN n % 20 > 0 THEN at END
        FROM generate_series(1, 300) n, LATERAL (SELECT timestamptz '2024-01-01Z' + n * interval '1 hour' AS at) m;
    INSERT INTO core_api.workspace_groups (name, created_by_pk, created_at, updated_at, deleted_at)
        SELECT 'Group ' || n, nullif(n % 10, 0), at, CASE WHEN n % 20 > 0 THEN at END,
               CASE WHEN n % 5 = 0 THEN at + interval '1 day' END
        FROM generate_series(1, 500) n, LATERAL (SELECT timestamptz '2024-01-01Z' + n * interval '1 hour' AS at) m;
    INSERT INTO core_api.workspaces (name, external_workspace_id, created_at, updated_at, deleted_at)
        SELECT 'Workspace ' || md5(n::text), 'ws-' || n, at, CASE WHEN n % 20 > 0 THEN at END,
               CASE WHEN n % 5 = 0 THEN at + interval '1 day' END
        FROM generate_series(1, 20000) n, LATERAL (SELECT timestamptz '2024-01-01Z' + n * interval '1 minute' AS at) m;
    INSERT INTO core_api.workspace_group_workspaces
            (workspace_group_pk, workspace_pk, created_by_pk, created_at, updated_at, deleted_at)
        SELECT 1 + n % 500, 1 + n / 500 * 10 + n % 10, CASE WHEN r % 10 <> 3 THEN 1 + r / 10 % 300 END,
               made, CASE WHEN r / 3000 % 20 <> 7 THEN coalesce(gone, made) END, gone
        FROM generate_series(0, 999999) n,
             LATERAL (SELECT (n::bigint * 2654435761 % 4294967296) >> 6 AS r) x,
             LATERAL (SELECT timestamptz '2024-01-01Z' + (n::bigint * 7919 % 1000000) / 3 * interval '3 minutes' AS made) m,
             LATERAL (SELECT CASE WHEN r / 60000 % 5 = 0 THEN made + (r % 1000) * interval '1 hour' END AS gone) g;
    INSERT INTO groupdesk.enrollment_events
            (action, occurred_at, source, actor_people_pk, workspace_group_workspace_pk, workspace_group_pk, workspace_pk,
             request_id, change_set_id)
        SELECT 'enrolled', created_at, (ARRAY['import', 'import', 'api', 'web'])[1 + pk % 4], created_by_pk, pk,
               workspace_group_pk, workspace_pk, md5((pk / 3)::text), (left(md5((pk / 3)::text), 16) || repeat('0', 16))::uuid
        FROM core_api.workspace_group_workspaces
        UNION ALL
        SELECT 'removed', deleted_at, (ARRAY['cli', 'web', 'web', 'web'])[1 + pk % 4], created_by_pk, pk,
               workspace_group_pk, workspace_pk, NULL, NULL
        FROM core_api.workspace_group_workspaces WHERE deleted_at IS NOT NULL
        UNION ALL
        SELECT 'attribution_corrected', created_at, 'migration', NULL, pk, workspace_group_pk, workspace_pk, NULL, NULL
        FROM core_api.workspace_group_workspaces WHERE pk % 100 = 0;
    DO $$ DECLARE one record; BEGIN
        FOR one IN SELECT * FROM taken LOOP EXECUTE one.definition; END LOOP;
    END $$;
    INSERT INTO groupdesk.admin_events (action, occurred_at, source, actor_people_pk, subject_type)
        SELECT (ARRAY['signed_in', 'signed_in', 'signed_in', 'signed_out', 'workspace_created', 'people_updated'])
                   [1 + n % 6],
               timestamptz '2024-01-01Z' + n / 3 * interval '10 minutes', 'web',
               CASE WHEN n % 10 <> 3 THEN 1 + n / 10 % 300 END, 'operator'
        FROM generate_series(1, 200000) n
        UNION ALL
        SELECT 'operator_disabled', timestamptz '2024-01-01Z' + n * interval '5 days', 'cli', 1 + n % 3, 'operator'
        FROM generate_series(1, 100) n;
    ANALYZE core_api.peoples, core_api.workspace_groups, core_api.workspaces,
            core_api.workspace_group_workspaces, groupdesk.enrollment_events, groupdesk.admin_events";

/// A client of a server whose database reports the plan of each statement, with plans of one kind.
pub(super) struct Reader {
    pub(super) app: TestApp,
    pub(super) api: ApiClient,
    plans: &'static str,
    /// Blocks that a page in index order may read in addition, in partitions without rows for it.
    pub(super) allowance: u64,
}

pub(super) async fn reader(pool: &PgPool, plans: &'static str) -> Reader {
    let options = pool.connect_options().as_ref().clone().options([
        ("plan_cache_mode", plans),
        ("random_page_cost", "1.1"),
        ("session_preload_libraries", "auto_explain"),
        ("auto_explain.log_min_duration", "0"),
        ("auto_explain.log_analyze", "on"),
        ("auto_explain.log_buffers", "on"),
        ("auto_explain.log_timing", "off"),
        ("auto_explain.log_format", "json"),
        ("auto_explain.log_level", "notice"),
        ("timezone", "UTC"),
    ]);
    let one = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_lazy_with(options);
    let app = TestApp::start(one).await;
    let api = app.api_client(&["read", "audit"]).await;
    Reader { app, api, plans, allowance: 0 }
}

/// How a page was read.
#[derive(Debug, Default)]
pub(super) struct Cost {
    /// Blocks of 8 kB, cached or not.
    pub(super) buffers: u64,
    /// The largest number of rows in one sort.
    sorted: f64,
    /// Large tables that were read completely.
    read_whole: Vec<String>,
}

impl Cost {
    pub(super) fn of(plan: &Value) -> Self {
        let blocks = |name: &str| plan[name].as_u64().unwrap();
        let mut cost =
            Self { buffers: blocks("Shared Hit Blocks") + blocks("Shared Read Blocks"), ..Self::default() };
        cost.add(plan);
        cost
    }

    fn add(&mut self, node: &Value) {
        let kind = node["Node Type"].as_str().unwrap();
        let below = node["Plans"].as_array().map_or(&[][..], Vec::as_slice);
        if kind.contains("Sort") {
            let rows =
                |one: &Value| one["Actual Rows"].as_f64().unwrap() * one["Actual Loops"].as_f64().unwrap();
            self.sorted = self.sorted.max(below.iter().map(rows).sum());
        }
        if kind == "Seq Scan" {
            let table = node["Relation Name"].as_str().unwrap();
            // Partitions for coming months are empty, and the last one of the data has a few hundred rows.
            let is_partition = LARGE.iter().any(|log| table.starts_with(log));
            let has_many_rows = ["Actual Rows", "Rows Removed by Filter"]
                .iter()
                .any(|rows| node[rows].as_f64() > Some(1_000.0));
            let is_large = LARGE.contains(&table) || (is_partition && has_many_rows);
            self.read_whole.extend(is_large.then(|| table.to_owned()));
        }
        for node in below {
            self.add(node);
        }
    }
}

impl Reader {
    /// The page at this path, and the cost of its statement.
    async fn page(&self, path: &str) -> (Answer, Cost) {
        let answer = self.api.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let id = answer.header("x-request-id");
        let notices = notices_of(id);
        let plans = notices.iter().filter_map(|notice| {
            let (_, plan) = notice.split_once("plan:\n")?;
            let plan: Value = serde_json::from_str(plan).ok()?;
            plan["Query Text"].as_str()?.contains(" LIMIT ").then_some(plan)
        });
        let plans: Vec<Value> = plans.collect();
        assert_eq!(plans.len(), 1, "{path}: {:#?} {notices:#?}", statements_of(id));
        let cost = Cost::of(&plans[0]["Plan"]);
        (answer, cost)
    }

    /// The cursor of the last row of a page of this query.
    pub(super) async fn cursor(&self, list: &str, query: &str, size: u8) -> String {
        let answer = self.api.get(&format!("{list}?{query}&page[size]={size}")).await;
        let next = answer.body["links"]["next"].as_str().unwrap_or_else(|| panic!("{query}: {answer:?}"));
        next.split_once("page%5Bafter%5D=").unwrap().1.to_owned()
    }

    /// The problems of the first page, and of those before and after a position in the middle. A cursor of
    /// an order is valid with any filter.
    pub(super) async fn check(&self, list: &str, query: &str, cursor: &str, limit: u64) -> Vec<String> {
        let limit = if limit == IN_ORDER { IN_ORDER + self.allowance } else { limit };
        let (mut problems, mut first) = (Vec::new(), 0);
        for start in [String::new(), format!("&page[after]={cursor}"), format!("&page[before]={cursor}")] {
            let path = format!("{list}?{query}{start}");
            let (answer, cost) = self.page(&path).await;
            let is_bounded = limit == ONE_PASS || cost.sorted <= MAX_SORTED_ROWS;
            // The depth must not matter. Differences of a few buffers are noise.
            first = if start.is_empty() { cost.buffers.max(100) } else { first };
            let is_level = limit == ONE_PASS || cost.buffers < 3 * first;
            if cost.buffers > limit || !is_bounded || !is_level || !cost.read_whole.is_empty() {
                problems.push(format!("{} {path}: {cost:?}, {first} at first", self.plans));
            }
            assert!(limit == ONE_PASS || !answer.ids().is_empty(), "{path} returns no rows");
        }
        problems
    }
}

/// A query and the cost limit of its page.
type Filter = (String, u64);

/// Three ids from the middle of a list.
async fn ids(api: &ApiClient, list: &str, query: &str) -> [String; 3] {
    let answer = api.get(&format!("/v1/{list}?{query}&page[size]=10")).await;
    answer.ids().split_off(7).try_into().unwrap()
}

fn one_and_several(name: &str, ids: &[String; 3]) -> [Filter; 2] {
    [
        (format!("filter[{name}]={}", ids[0]), IN_ORDER),
        (format!("filter[{name}]={}", ids.join(",")), IN_ORDER),
    ]
}

/// Ranges at both ends of all times, over nearly all of them, and in the middle.
fn ranges(name: &str) -> Vec<Filter> {
    let end = |end: &str, at: &str| {
        if at.is_empty() { String::new() } else { format!("&filter[{name}][{end}]={at}") }
    };
    let (early, late) = ("2024-01-05T00:00:00Z", "2025-11-20T00:00:00Z");
    [(late, ""), ("", early), (early, late), ("2024-12-31T00:00:00Z", "2025-01-02T00:00:00Z")]
        .map(|(from, before)| (format!("{}{}", end("gte", from), end("lt", before)), ONE_PASS))
        .to_vec()
}

/// The orders that are offered with this filter of enrollments; the others are refused.
fn orders(filter: &str) -> &'static [&'static str] {
    if filter.contains("[workspace_group]") {
        &["created_at", "-created_at", "deleted_at", "-deleted_at"]
    } else if filter.contains("[workspace]") || filter.contains("[created_by]") {
        &["created_at", "-created_at"]
    } else {
        &["created_at", "-created_at", "updated_at", "-updated_at", "deleted_at", "-deleted_at"]
    }
}

async fn enrollments(reader: &Reader) -> Vec<String> {
    let api = &reader.api;
    let mut filters: Vec<Filter> =
        vec![(String::new(), IN_ORDER), ("filter[created_by]=none".to_owned(), IN_ORDER)];
    let groups = ids(api, "workspace-groups", "").await;
    let group = &groups[0];
    filters.extend(one_and_several("workspace_group", &groups));
    filters.extend(one_and_several("workspace", &ids(api, "workspaces", "sort=name").await));
    filters.extend(one_and_several("created_by", &ids(api, "people", "").await));
    let by_ids = filters.len();
    for name in ["created_at", "updated_at", "deleted_at"] {
        filters.extend(ranges(name));
    }
    for at in ["2024-01-05T00:00:00Z", MIDDLE, "2025-12-20T00:00:00Z"] {
        filters.push((format!("filter[as_of]={at}"), ONE_PASS));
    }
    let mut problems = Vec::new();
    for (index, (filter, limit)) in filters.iter().enumerate() {
        let statuses: &[&str] = if filter.contains("as_of") {
            &[""]
        } else if filter.contains("deleted_at") {
            &["", "&filter[status]=removed"]
        } else {
            &["", "&filter[status]=removed", "&filter[status]=any"]
        };
        for status in statuses {
            for &sort in orders(filter) {
                let (key, descends) = sort.strip_prefix('-').map_or((sort, false), |key| (key, true));
                let has_removed = !status.is_empty() || filter.contains("deleted_at");
                // All live rows tie on `deleted_at`, so the next key decides.
                let key = if key == "deleted_at" && !has_removed { "created_at" } else { key };
                let end = if descends { "lt" } else { "gte" };
                let own = if index < by_ids { filter.as_str() } else { "" };
                let seek_query = format!("{own}{status}&filter[{key}][{end}]={MIDDLE}&sort={sort}");
                let query = format!("{filter}{status}&sort={sort}");
                let cursor = reader.cursor(ENROLLMENTS, &seek_query, 1).await;
                problems.extend(reader.check(ENROLLMENTS, &query, &cursor, *limit).await);
            }
        }
    }
    // Two orders that share an index for live rows, in either direction of the missing key.
    for sort in ["deleted_at,-created_at", "-deleted_at,created_at"] {
        let query = format!("filter[workspace_group]={group}&sort={sort}");
        let end = if sort.starts_with('-') { "gte" } else { "lt" };
        let seek_query = format!("{query}&filter[created_at][{end}]={MIDDLE}");
        let cursor = reader.cursor(ENROLLMENTS, &seek_query, 1).await;
        problems.extend(reader.check(ENROLLMENTS, &query, &cursor, IN_ORDER).await);
    }
    problems
}

async fn many_ids(reader: &Reader) -> Vec<String> {
    let mut filters = Vec::new();
    for (name, list) in
        [("workspace_group", "workspace-groups"), ("workspace", "workspaces"), ("created_by", "people")]
    {
        let hundred = reader.api.get(&format!("/v1/{list}?page[size]=100")).await.ids();
        filters.push(format!("filter[{name}]={}&", hundred.join(",")));
    }
    let mut problems = Vec::new();
    for names in [&[0, 1][..], &[0, 2], &[1, 2], &[0, 1, 2]] {
        let ids: String = names.iter().map(|name: &usize| filters[*name].as_str()).collect();
        for sort in ["-created_at", "created_at"] {
            let (_, cost) = reader.page(&format!("{ENROLLMENTS}?{ids}filter[status]=any&sort={sort}")).await;
            if cost.buffers > MANY_IDS {
                problems.push(format!("{} of {names:?} by {sort}: {}", reader.plans, cost.buffers));
            }
        }
    }
    problems
}

pub(super) async fn events(reader: &Reader) -> Vec<String> {
    let api = &reader.api;
    let mut filters: Vec<Filter> =
        vec![(String::new(), IN_ORDER), ("filter[actor]=none".to_owned(), IN_ORDER)];
    filters.extend(one_and_several("workspace_group", &ids(api, "workspace-groups", "").await));
    filters.extend(one_and_several("workspace", &ids(api, "workspaces", "sort=name").await));
    filters.extend(one_and_several("actor", &ids(api, "people", "").await));
    for words in [
        "action]=enrolled",
        "action]=removed",
        "action]=attribution_corrected",
        "action]=removed,attribution_corrected",
        "source]=import",
        "source]=cli",
        "source]=migration",
        "source]=web,api",
        "source]=cli,migration",
    ] {
        filters.push((format!("filter[{words}"), IN_ORDER));
    }
    let mut problems = Vec::new();
    for sort in ["occurred_at", "-occurred_at"] {
        let end = if sort.starts_with('-') { "lt" } else { "gte" };
        for (filter, limit) in &filters {
            let query = format!("{filter}&sort={sort}");
            let seek_query = format!("{query}&filter[occurred_at][{end}]={MIDDLE}");
            let cursor = reader.cursor(EVENTS, &seek_query, 1).await;
            problems.extend(reader.check(EVENTS, &query, &cursor, *limit).await);
        }
        // An enrollment has a handful of events, so cursors of other rows are used.
        let few = ids(api, "workspace-group-workspaces", "").await;
        let seek_query = format!("filter[occurred_at][{end}]={MIDDLE}&sort={sort}");
        let cursor = reader.cursor(EVENTS, &seek_query, 1).await;
        for (filter, _) in one_and_several("enrollment", &few).into_iter().chain(ranges("occurred_at")) {
            let query = format!("{filter}&sort={sort}");
            problems.extend(reader.check(EVENTS, &query, &cursor, ONE_PASS).await);
        }
        for filter in events_of_one_change(api, EVENTS).await {
            let query = format!("{filter}&sort={sort}");
            problems.extend(reader.check(EVENTS, &query, &cursor, ONE_PASS).await);
        }
    }
    problems
}

pub(super) async fn admin_events(reader: &Reader) -> Vec<String> {
    let mut filters: Vec<Filter> =
        vec![(String::new(), IN_ORDER), ("filter[actor]=none".to_owned(), IN_ORDER)];
    filters.extend(one_and_several("actor", &ids(&reader.api, "people", "").await));
    for actions in ["signed_in", "operator_disabled", "signed_out,operator_disabled,people_deleted"] {
        filters.push((format!("filter[action]={actions}"), IN_ORDER));
    }
    for actions in ["signed_in", "signed_out,people_updated"] {
        filters.push((format!("filter[action]={actions}&filter[actor]=none"), IN_ORDER));
    }
    let mut problems = Vec::new();
    for sort in ["occurred_at", "-occurred_at"] {
        let end = if sort.starts_with('-') { "lt" } else { "gte" };
        for (filter, limit) in &filters {
            let query = format!("{filter}&sort={sort}");
            let seek_query = format!("sort={sort}&filter[occurred_at][{end}]=2024-10-01T00:00:00Z");
            let cursor = reader.cursor(ADMIN_EVENTS, &seek_query, 1).await;
            problems.extend(reader.check(ADMIN_EVENTS, &query, &cursor, *limit).await);
        }
    }
    problems
}

async fn nouns(reader: &Reader) -> Vec<String> {
    const KEYS: [&str; 4] = ["name", "created_at", "updated_at", "deleted_at"];
    const STATUSES: [&str; 3] = ["filter[status]=live", "filter[status]=removed", "filter[status]=any"];
    let mut problems = Vec::new();
    for (list, keys, statuses) in [
        ("/v1/workspaces", &KEYS[..], &STATUSES[..]),
        ("/v1/workspace-groups", &KEYS[..], &STATUSES[..]),
        ("/v1/people", &["last_name", "created_at", "updated_at"][..], &[""][..]),
    ] {
        for (key, status) in keys.iter().flat_map(|key| statuses.iter().map(move |status| (key, status))) {
            for sign in ["", "-"] {
                let query = format!("{status}&sort={sign}{key}");
                let cursor = reader.cursor(list, &query, 50).await;
                problems.extend(reader.check(list, &query, &cursor, IN_ORDER).await);
            }
        }
    }
    problems
}

#[database_test]
async fn page_cost_is_independent_of_table_size(pool: PgPool) {
    listen();
    execute(&pool, FILL).await;
    let mut problems = Vec::new();
    for plans in ["force_custom_plan", "force_generic_plan"] {
        let reader = reader(&pool, plans).await;
        problems.extend(enrollments(&reader).await);
        problems.extend(many_ids(&reader).await);
        problems.extend(events(&reader).await);
        problems.extend(admin_events(&reader).await);
        problems.extend(nouns(&reader).await);
        reader.app.close().await;
    }
    assert_eq!(problems, Vec::<String>::new());
}

/// 20,000 of each, a tenth of them removed.
const MANY_NAMES: &str = "
    INSERT INTO core_api.workspaces (name, external_workspace_id, deleted_at)
        SELECT 'Workspace ' || md5(n::text), 'ws-' || n, CASE WHEN n % 10 = 0 THEN now() END
        FROM generate_series(1, 20000) n;
    INSERT INTO core_api.workspace_groups (name, deleted_at)
        SELECT 'Group ' || md5(n::text), CASE WHEN n % 10 = 0 THEN now() END FROM generate_series(1, 20000) n";
/// Autovacuum does this after a while; until then new rows are in the pending list of the trigram index.
const VACUUM: &str = "VACUUM ANALYZE core_api.workspaces, core_api.workspace_groups";
/// The limit for a few candidates: some hundred matching rows, and not twenty thousand.
const CANDIDATE_BUFFERS: u64 = 1_500;

pub(super) fn read_whole(node: &Value) -> Vec<String> {
    let own = (node["Node Type"] == "Seq Scan").then(|| node["Relation Name"].to_string());
    let below = node["Plans"].as_array().into_iter().flatten().flat_map(read_whole);
    own.into_iter().chain(below).collect()
}

/// What is wrong with the plan or the answer of a search for candidates. `nothing`: how its answer begins or says that
/// nothing was found.
async fn look_up(request: RequestBuilder, text: &str, nothing: &str) -> Vec<String> {
    let answer = request.header("sec-fetch-site", "same-origin").send().await.unwrap();
    let address = answer.url().path().to_owned();
    assert_eq!(answer.status(), 200, "{address} {text}");
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let found = answer.text().await.unwrap();
    let plans = notices_of(&id).into_iter().filter_map(|notice| {
        let plan: Value = serde_json::from_str(notice.split_once("plan:\n")?.1).ok()?;
        plan["Query Text"].as_str()?.contains("min(rank)").then_some(plan)
    });
    let plans: Vec<Value> = plans.collect();
    assert_eq!(plans.len(), 1, "{address} {text}");
    let (cost, whole) = (Cost::of(&plans[0]["Plan"]), read_whole(&plans[0]["Plan"]));
    let is_found = found.contains(nothing) == (text == "no such thing");
    let is_cheap = cost.buffers <= CANDIDATE_BUFFERS && whole.is_empty();
    (!is_found || !is_cheap).then(|| format!("{address} {text}: {cost:?} {whole:?}")).into_iter().collect()
}

#[database_test]
async fn candidates_are_found_by_indexes(pool: PgPool) {
    listen();
    execute(&pool, MANY_NAMES).await;
    execute(&pool, VACUUM).await;
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let id = async |table: &str| {
        let id = format!("SELECT {table}_id::text FROM core_api.{table}s WHERE deleted_at IS NULL LIMIT 1");
        sqlx::query_scalar::<_, String>(&id).fetch_one(&pool).await.unwrap()
    };
    let (workspace, group) = (id("workspace").await, id("workspace_group").await);
    // These statements are planned for the typed text, whatever the session demands.
    let Reader { app, .. } = reader(&pool, "force_generic_plan").await;
    let admin = app.browser().signed_in("ana@example.com").await;
    let mut problems = Vec::new();
    // Nearly all rows, by prefix and by an inner part; a few by an inner part; none; one letter; ids.
    for text in ["Workspace", "space", "c4ca", "no such thing", "w", &workspace, "ws-17"] {
        let form = [("group", group.as_str()), ("search", text)];
        let request = admin.http.post(app.url("/api/fn/candidates-read")).form(&form);
        problems.extend(look_up(request.header("accept", "application/json"), text, "[]").await);
    }
    for text in ["Group", "roup", "c4ca", "no such thing", "g", &group] {
        let page = app.url(&format!("/workspaces/{workspace}"));
        let request = admin.http.get(page).query(&[("find", text)]);
        problems.extend(look_up(request, text, "No group matches").await);
    }
    app.close().await;
    assert_eq!(problems, Vec::<String>::new());
}
