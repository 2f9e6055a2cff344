//! The cost of a search among a million names: it depends on the matches, not on the size of the tables.
//! Postgres reports the plans, as in [`super::plans`].

use groupdesk::ui::paths::encode;
use pretty_assertions::assert_eq;
use serde_json::Value;
use sqlx::PgPool;

use super::execute;
use super::plans::{Cost, read_whole, reader};
use crate::support::{listen, notices_of, operator};

/// A million workspaces, and 50,000 groups and people: 40 first words, 50 second words and a number. So a
/// word occurs in 25,000 or 20,000 names, two words in 500, and a number in one. Indexes are created after
/// the rows.
const MILLION_NAMES: &str = "
    SET LOCAL session_replication_role = replica;
    SET LOCAL maintenance_work_mem = '256MB';
    CREATE TEMP TABLE taken AS
        SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
        FROM pg_index i
        WHERE i.indrelid = 'core_api.workspaces'::regclass
          AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid);
    DO $$ DECLARE one record; BEGIN
        FOR one IN SELECT * FROM taken LOOP EXECUTE 'DROP INDEX ' || one.name; END LOOP;
    END $$;
    CREATE FUNCTION pg_temp.word(n int, words int) RETURNS text LANGUAGE sql AS
        'SELECT initcap(translate(to_char((n % words) * 7919 % 100000, ''FM00000''), ''0123456789'', ''aeioubdgjz''))';
    INSERT INTO core_api.workspaces (name, external_workspace_id, deleted_at)
        SELECT pg_temp.word(n, 40) || ' ' || pg_temp.word(n / 40, 50) || ' J\u{e4}ger ' || n, 'ws-' || n,
               CASE WHEN n % 10 = 0 THEN now() END
        FROM generate_series(1, 1000000) n;
    INSERT INTO core_api.workspace_groups (name, deleted_at)
        SELECT pg_temp.word(n, 40) || ' ' || pg_temp.word(n / 40, 50) || ' J\u{e4}ger ' || n,
               CASE WHEN n % 10 = 0 THEN now() END
        FROM generate_series(1, 50000) n;
    INSERT INTO core_api.peoples (first_name, last_name, email)
        SELECT pg_temp.word(n, 40), pg_temp.word(n / 40, 50) || ' J\u{e4}ger ' || n, 'p' || n || '@example.com'
        FROM generate_series(1, 50000) n;
    DO $$ DECLARE one record; BEGIN
        FOR one IN SELECT * FROM taken LOOP EXECUTE one.definition; END LOOP;
    END $$";
const VACUUM_NAMES: &str = "VACUUM ANALYZE core_api.workspaces, core_api.workspace_groups, core_api.peoples";
/// The limit for a search: the rows that contain a rare text, each on its own page, or as many rows in the order of
/// their random ids as it takes to find enough, for each of about twenty branches. Eight matches among 500 in a million
/// take 16,000 rows on average and rarely 40,000; a search that reads everything in this order takes a million.
const SEARCH_BUFFERS: u64 = 40_000;
/// The limit of rows that are read without matching. Reading an index in order is cheap, but folding the
/// name of each row is not.
const MAX_DROPPED_ROWS: f64 = 100_000.0;

/// The problems of the cost and the result of a search.
fn search_problems(id: &str, what: &str, is_found: bool, expected: bool) -> Vec<String> {
    let plans = notices_of(id).into_iter().filter_map(|notice| {
        let plan: Value = serde_json::from_str(notice.split_once("plan:\n")?.1).ok()?;
        plan["Query Text"].as_str()?.contains("groupdesk.holding").then_some(plan)
    });
    let plans: Vec<Value> = plans.collect();
    assert_eq!(plans.len(), 1, "{what}");
    let (cost, whole) = (Cost::of(&plans[0]["Plan"]), read_whole(&plans[0]["Plan"]));
    let dropped_rows = dropped_rows(&plans[0]["Plan"]);
    let is_cheap = cost.buffers <= SEARCH_BUFFERS && whole.is_empty() && dropped_rows <= MAX_DROPPED_ROWS;
    let is_right = is_found == expected && is_cheap;
    let describe = || format!("{what}: found {is_found}, {cost:?} {whole:?}, {dropped_rows} dropped");
    (!is_right).then(describe).into_iter().collect()
}

/// The number of rows that were read and did not match.
fn dropped_rows(node: &Value) -> f64 {
    let number = |name: &str| node[name].as_f64().unwrap_or_default();
    let own = number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
    let below = node["Plans"].as_array().into_iter().flatten().map(dropped_rows);
    own * number("Actual Loops") + below.sum::<f64>()
}

#[database_test]
async fn search_cost_depends_on_the_matches(pool: PgPool) {
    listen();
    execute(&pool, MILLION_NAMES).await;
    execute(&pool, VACUUM_NAMES).await;
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let group: String = sqlx::query_scalar(
        "SELECT workspace_group_id::text FROM core_api.workspace_groups WHERE deleted_at IS NULL LIMIT 1",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let (name, id): (String, String) = sqlx::query_as(
        "SELECT name, workspace_id::text FROM core_api.workspaces WHERE external_workspace_id = 'ws-765432'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let words: Vec<&str> = name.split(' ').collect();
    let reader = reader(&pool, "force_generic_plan").await;
    let admin = reader.app.browser().signed_in("ana@example.com").await;
    let mut problems = Vec::new();
    // All names, a fortieth, two words in the other order, one of them, ids and their prefixes, two
    // letters, and no match.
    let reversed = format!("{} {}", words[1], words[0]);
    let whole = format!("765432 jager {reversed}");
    for (text, expected) in [
        ("jager", true),
        ("J\u{c4}GER", true),
        (words[0], true),
        (&reversed, true),
        (&whole, true),
        ("765432", true),
        ("ws-765432", true),
        ("ws-7654", true),
        ("ws-", true),
        (&id, true),
        (&id[..8], true),
        ("j\u{e4}", true),
        ("qx", false),
        ("no such thing", false),
        ("jager zzzz", false),
        // Punctuation has no trigrams in the index, and single letters occur in nearly every name.
        ("%%", false),
        ("c++", false),
        ("jager & zzzz", false),
        ("x y", false),
        ("jager, ws-765432", true),
    ] {
        let encoded = encode(text);
        for path in [
            format!("/v1/workspaces?filter[q]={encoded}"),
            format!("/v1/workspaces?filter[q]={encoded}&sort=-updated_at&filter[status]=any"),
        ] {
            let answer = reader.api.get(&path).await;
            problems.extend(search_problems(
                answer.header("x-request-id"),
                &path,
                !answer.ids().is_empty(),
                expected,
            ));
        }
        for (function, form) in [
            ("search-read", vec![("text", text)]),
            ("candidates-read", vec![("group", group.as_str()), ("search", text)]),
        ] {
            let request = admin.http.post(reader.app.url(&format!("/api/fn/{function}"))).form(&form);
            let request =
                request.header("accept", "application/json").header("sec-fetch-site", "same-origin");
            let answer = request.send().await.unwrap();
            let request_id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
            let found: Value = answer.json().await.unwrap();
            let is_found = found.as_array().is_some_and(|found| !found.is_empty());
            problems.extend(search_problems(&request_id, &format!("{function} {text}"), is_found, expected));
        }
    }
    reader.app.close().await;
    assert_eq!(problems, Vec::<String>::new());
}
