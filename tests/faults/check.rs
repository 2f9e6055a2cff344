//! The question after each fault: is everything there that was acknowledged, nothing by half, and does the
//! log say the same as the rows?

use std::collections::BTreeMap;

use sqlx::PgConnection;

use crate::client::Client;
use crate::invariants::violations;
use crate::ledger::{Doubt, Ledger, Pair};
use crate::site::{Contents, Site};

/// As many replays as are asked for, besides those whose first answer was long in coming.
const REPLAYS: usize = 20;

/// Asks it, of a database that is there and of a server that answers at `base`.
pub async fn check(site: &Site, base: &str, ledger: &Ledger) {
    let mut connection = site.cluster.connect().await.unwrap();
    check_in(&mut connection, site, base, ledger).await;
}

/// The same, by way of this connection to the database.
pub async fn check_in(connection: &mut PgConnection, site: &Contents, base: &str, ledger: &Ledger) {
    let mut wrong = violations(connection).await;
    let found = pairs(connection).await;
    for ((group, workspace), pair) in &ledger.pairs {
        let there = found.get(&(group.clone(), workspace.clone())).copied().unwrap_or_default();
        if there != *pair {
            wrong.push(format!("{workspace} in {group}: acknowledged {pair:?}, found {there:?}"));
        }
    }
    wrong.extend(ledger.doubts.iter().filter_map(|doubt| half(doubt, &found)));
    wrong.extend(fought(connection, ledger).await);
    wrong.extend(replays(site, base, ledger).await);
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
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

/// Each of its pairs is as it was, or each is as it was to be.
fn half(doubt: &Doubt, found: &BTreeMap<(String, String), Pair>) -> Option<String> {
    let changed = |before: &Pair| {
        let rows = if before.is_live { before.rows } else { before.rows + 1 };
        Pair { rows, is_live: !before.is_live }
    };
    let there = |workspace: &String| {
        found.get(&(doubt.group.clone(), workspace.clone())).copied().unwrap_or_default()
    };
    let is_before = doubt.workspaces.iter().all(|(workspace, before)| there(workspace) == *before);
    let is_after = doubt.workspaces.iter().all(|(workspace, before)| there(workspace) == changed(before));
    (!is_before && !is_after).then(|| {
        let now: Vec<Pair> = doubt.workspaces.iter().map(|(workspace, _)| there(workspace)).collect();
        format!("done by half: {doubt:?}, now {now:?}")
    })
}

async fn fought(connection: &mut PgConnection, ledger: &Ledger) -> Vec<String> {
    let rows: Vec<(String, bool)> = sqlx::query_as(
        "SELECT workspace_group_workspace_id::text, deleted_at IS NULL FROM core_api.workspace_group_workspaces",
    )
    .fetch_all(connection)
    .await
    .unwrap();
    let rows: BTreeMap<String, bool> = rows.into_iter().collect();
    let told = |(id, told): (&String, &crate::ledger::Fought)| match rows.get(id) {
        None => Some(format!("{id} was acknowledged, and is not there")),
        Some(true) if told.removal_was_acknowledged => Some(format!("{id} was removed, and is live")),
        Some(false) if !told.removal_was_asked => Some(format!("{id} is removed, and nobody asked for that")),
        Some(_) => None,
    };
    ledger.fought.iter().filter_map(told).collect()
}

async fn replays(site: &Contents, base: &str, ledger: &Ledger) -> Vec<String> {
    let mut client = Client::new(base, &site.token, "replays".to_owned());
    let mut wrong = Vec::new();
    let doubtful = ledger.keyed.iter().filter(|keyed| keyed.was_in_doubt);
    let some = ledger.keyed.iter().filter(|keyed| !keyed.was_in_doubt).take(REPLAYS);
    for keyed in doubtful.chain(some) {
        let (status, is_replay, answer) = client.replay(keyed).await;
        if (status, &answer) != (keyed.status, &keyed.answer) || !is_replay {
            wrong.push(format!("{keyed:?} was replayed ({is_replay}) as {status} {answer}"));
        }
    }
    wrong
}
