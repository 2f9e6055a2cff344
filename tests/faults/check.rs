//! The check after each fault: every acknowledged change is there, no change is partial, and the log agrees
//! with the rows.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use crate::ack_log::{AckLog, Pair, UnknownChange};
use crate::client::Client;
use crate::invariants::violations;
use crate::site::{Contents, Site};

/// The number of replayed requests, in addition to those that had to be retried.
const REPLAYS: usize = 20;

/// Runs the check with the site's database and the server at `base`.
pub async fn check(site: &Site, base: &str, ack_log: &AckLog) {
    let mut connection = site.cluster.connect().await.unwrap();
    check_in(&mut connection, site, base, ack_log).await;
}

/// Like [`check`], with this connection to the database.
pub async fn check_in(connection: &mut PgConnection, site: &Contents, base: &str, ack_log: &AckLog) {
    let mut problems = violations(connection).await;
    let found = pairs(connection).await;
    for ((group, workspace), pair) in &ack_log.pairs {
        let existing = found.get(&(group.clone(), workspace.clone())).copied().unwrap_or_default();
        if existing != *pair {
            problems.push(format!("{workspace} in {group}: acknowledged {pair:?}, found {existing:?}"));
        }
    }
    problems.extend(ack_log.unknown_changes.iter().filter_map(|change| partial_change(change, &found)));
    problems.extend(contested(connection, ack_log).await);
    problems.extend(replays(site, base, ack_log).await);
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

async fn pairs(connection: &mut PgConnection) -> BTreeMap<(String, String), Pair> {
    let rows: Vec<(String, String, i64, bool)> = sqlx::query_as(
        "SELECT g.workspace_group_id::text, w.workspace_id::text, count(*), bool_or(e.deleted_at IS NULL)
         FROM core_api.workspace_group_workspaces e
         JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
         JOIN core_api.workspaces w ON w.pk = e.workspace_pk
         GROUP BY 1, 2",
    )
    .fetch_all(connection)
    .await
    .unwrap();
    let pair = |(group, workspace, rows, is_live)| ((group, workspace), Pair { rows, is_live });
    rows.into_iter().map(pair).collect()
}

/// A change with an unknown result must be complete or absent.
fn partial_change(change: &UnknownChange, found: &BTreeMap<(String, String), Pair>) -> Option<String> {
    let changed = |before: &Pair| {
        let rows = if before.is_live { before.rows } else { before.rows + 1 };
        Pair { rows, is_live: !before.is_live }
    };
    let existing = |workspace: &String| {
        found.get(&(change.group.clone(), workspace.clone())).copied().unwrap_or_default()
    };
    let is_before = change.workspaces.iter().all(|(workspace, before)| existing(workspace) == *before);
    let is_after = change.workspaces.iter().all(|(workspace, before)| existing(workspace) == changed(before));
    (!is_before && !is_after).then(|| {
        let now: Vec<Pair> = change.workspaces.iter().map(|(workspace, _)| existing(workspace)).collect();
        format!("partially applied: {change:?}, now {now:?}")
    })
}

async fn contested(connection: &mut PgConnection, ack_log: &AckLog) -> Vec<String> {
    let rows: Vec<(String, bool)> = sqlx::query_as(
        "SELECT workspace_group_workspace_id::text, deleted_at IS NULL FROM core_api.workspace_group_workspaces",
    )
    .fetch_all(connection)
    .await
    .unwrap();
    let rows: BTreeMap<String, bool> = rows.into_iter().collect();
    let problem = |(id, problem): (&String, &crate::ack_log::Contested)| match rows.get(id) {
        None => Some(format!("{id} was acknowledged but is missing")),
        Some(true) if problem.removal_was_acknowledged => Some(format!("{id} was removed but is live")),
        Some(false) if !problem.removal_was_requested => {
            Some(format!("{id} is removed, but no client requested that"))
        }
        Some(_) => None,
    };
    ack_log.contested.iter().filter_map(problem).collect()
}

async fn replays(site: &Contents, base: &str, ack_log: &AckLog) -> Vec<String> {
    let mut client = Client::new(base, &site.token, "replays".to_owned());
    let mut problems = Vec::new();
    let doubtful = ack_log.keyed.iter().filter(|keyed| keyed.was_retried);
    let some = ack_log.keyed.iter().filter(|keyed| !keyed.was_retried).take(REPLAYS);
    for keyed in doubtful.chain(some) {
        let (status, is_replay, answer) = client.replay(keyed).await;
        if (status, &answer) != (keyed.status, &keyed.answer) || !is_replay {
            problems.push(format!("{keyed:?} was replayed ({is_replay}) as {status} {answer}"));
        }
    }
    problems
}
