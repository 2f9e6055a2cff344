//! Patroni replaces the primary of a Postgres cluster while the server runs under load. `script/faults` starts the
//! cluster by `script/cluster`, and runs these tests in its network, one after the other.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::sleep;

use crate::ack_log::AckLog;
use crate::check::check_in;
use crate::load::Load;
use crate::program::{Server, run, wait_until};
use crate::report::{RECOVERY_LIMIT, Recovery, assert_recovered_within};
use crate::site::{Contents, TOKEN, output_of, settings};

/// The time until a standby is promoted. The lock of the primary expires after 20 seconds (`ttl` in
/// `packaging/cluster/patroni.yml`), and the nodes wait some seconds for the answers of the one that has failed.
const PROMOTION_LIMIT: Duration = Duration::from_secs(35);

/// How the server reaches the primary.
#[derive(Debug, Clone, Copy)]
enum Route {
    /// The URL names all nodes.
    Nodes,
    /// The URL names `HAProxy`, which asks Patroni for the primary.
    Proxy,
}

/// A cluster under Patroni.
struct Patroni {
    script: PathBuf,
    urls: BTreeMap<String, String>,
}

impl Patroni {
    /// The cluster that `script/faults` has started. Earlier faults are repaired.
    async fn of_script() -> Self {
        let script = std::env::var_os("GROUPDESK_FAULTS_CLUSTER").expect("set by script/faults");
        let mut patroni = Self { script: script.into(), urls: BTreeMap::new() };
        patroni.run(&["repair"]).await;
        let urls = patroni.run(&["env"]).await;
        let pairs = urls.lines().filter_map(|line| line.split_once('='));
        patroni.urls = pairs.map(|(name, url)| (name.to_owned(), url.to_owned())).collect();
        patroni
    }

    async fn run(&self, args: &[&str]) -> String {
        let output =
            Command::new(&self.script).args(args).stdin(Stdio::null()).kill_on_drop(true).output().await;
        let output = output.unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The node that is the primary, if there is one.
    async fn primary(&self) -> Option<String> {
        let output = Command::new(&self.script).arg("primary").stdin(Stdio::null()).output().await.unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }

    fn url(&self, name: &str, database: &str) -> String {
        let url = &self.urls[name];
        format!("{}/{database}", url.rsplit_once('/').unwrap().0)
    }

    fn route_url(&self, route: Route, database: &str) -> String {
        match route {
            Route::Nodes => self.url("DATABASE_URL_NODES", database),
            Route::Proxy => self.url("DATABASE_URL_PROXY", database),
        }
    }

    /// A connection to this database of the primary, with all privileges.
    async fn connect(&self, database: &str) -> PgConnection {
        PgConnection::connect(&self.url("DATABASE_URL_SUPERUSER", database)).await.unwrap()
    }

    /// A new database with groups and workspaces.
    async fn database(&self, name: &str) -> Contents {
        let mut connection = self.connect("postgres").await;
        for statement in [
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            format!("CREATE DATABASE {name} OWNER groupdesk"),
        ] {
            sqlx::raw_sql(&statement).execute(&mut connection).await.unwrap();
        }
        let url = self.route_url(Route::Proxy, name);
        output_of(&run(&["migrate", "--database-url", &url]).await);
        let token = output_of(&run(&[&TOKEN[..], &["--database-url", &url]].concat()).await);
        Contents::insert(&mut self.connect(name).await, token).await
    }
}

/// A change of the cluster during which the server runs.
struct Fault {
    what: &'static str,
    /// The command of `script/cluster`. `OLD` is the primary.
    command: &'static [&'static str],
    /// Whether another node replaces the primary.
    is_replaced: bool,
    /// How long changes may be interrupted after there is a new primary.
    limit: Duration,
}

const OLD: &str = "OLD";

const KILLED: Fault = Fault {
    what: "the node of the primary is killed",
    command: &["kill", OLD],
    is_replaced: true,
    limit: RECOVERY_LIMIT,
};

const FROZEN: Fault = Fault {
    what: "the node of the primary is frozen, and resumes",
    command: &["freeze", OLD],
    is_replaced: true,
    limit: RECOVERY_LIMIT,
};

const SWITCHOVER: Fault = Fault {
    what: "planned switchover",
    command: &["switchover"],
    is_replaced: true,
    limit: Duration::from_secs(5),
};

/// Runs the server under load during the fault and the repair, and checks that every acknowledged change is stored.
async fn survive(database: &str, fault: Fault, route: Route) -> AckLog {
    let patroni = Patroni::of_script().await;
    let contents = patroni.database(database).await;
    let logs = TempDir::new().unwrap();
    let url = patroni.route_url(route, database);
    let settings = [&settings(&url)[..], &["--database-connections", "20"]].concat();
    let server = Server::start(logs.path(), &settings).await;
    let base = server.url("");
    let load = Load::start(&contents, std::slice::from_ref(&base));
    sleep(Duration::from_secs(2)).await;

    let old = patroni.primary().await.expect("a primary");
    let command: Vec<&str> =
        fault.command.iter().map(|word| if *word == OLD { old.as_str() } else { *word }).collect();
    patroni.run(&command).await;
    let at = Instant::now();
    if fault.is_replaced {
        wait_until(PROMOTION_LIMIT.as_secs(), "another node is the primary", async || {
            sleep(Duration::from_millis(200)).await;
            patroni.primary().await.is_some_and(|primary| primary != old)
        })
        .await;
    } else {
        sleep(PROMOTION_LIMIT).await;
        assert_eq!(patroni.primary().await.as_ref(), Some(&old));
    }
    let promoted_after = at.elapsed();
    wait_until(RECOVERY_LIMIT.as_secs(), "the server is ready", async || {
        reqwest::get(server.url("/readyz")).await.is_ok_and(|answer| answer.status() == 200)
    })
    .await;
    sleep(Duration::from_secs(3)).await;
    // The old primary returns as a standby while the load continues.
    patroni.run(&["repair"]).await;
    sleep(Duration::from_secs(2)).await;
    assert_eq!(patroni.primary().await.as_ref() == Some(&old), !fault.is_replaced);

    let times = [Recovery { at, until: Instant::now() }];
    let ack_log = load.end().await;
    check_in(&mut patroni.connect(database).await, &contents, &base, &ack_log).await;
    let with = match route {
        Route::Nodes => "Patroni",
        Route::Proxy => "Patroni and HAProxy",
    };
    let name = format!("{with}: {}", fault.what);
    assert_recovered_within(promoted_after + fault.limit, &name, &ack_log, &times);
    for exchange in &ack_log.exchanges {
        assert!(exchange.status.is_some_and(|status| status != 500), "{exchange:?}");
    }
    ack_log
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_primary_is_replaced_without_loss() {
    let ack_log = survive("killed", KILLED, Route::Nodes).await;
    assert!(ack_log.unknown() > 0, "no request was running when it was killed");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_primary_is_replaced_behind_haproxy() {
    let ack_log = survive("killed_proxy", KILLED, Route::Proxy).await;
    assert!(ack_log.unknown() > 0, "no request was running when it was killed");
}

#[tokio::test(flavor = "multi_thread")]
async fn frozen_primary_is_replaced_without_loss() {
    let ack_log = survive("frozen", FROZEN, Route::Nodes).await;
    assert!(ack_log.unknown() > 0, "no request was running when it was frozen");
}

#[tokio::test(flavor = "multi_thread")]
async fn frozen_primary_is_replaced_behind_haproxy() {
    let ack_log = survive("frozen_proxy", FROZEN, Route::Proxy).await;
    assert!(ack_log.unknown() > 0, "no request was running when it was frozen");
}

/// The server still reaches the old primary, which must not acknowledge anything.
#[tokio::test(flavor = "multi_thread")]
async fn isolated_primary_acknowledges_nothing() {
    let fault = Fault {
        what: "the primary is cut off from etcd and the standbys",
        command: &["cut", OLD, "etcd", "nodes"],
        is_replaced: true,
        limit: RECOVERY_LIMIT,
    };
    let ack_log = survive("isolated", fault, Route::Nodes).await;
    assert!(ack_log.unknown() > 0, "no request was running when it was cut off");
}

/// All nodes confirm to the primary that none of them takes over (`failsafe_mode`).
#[tokio::test(flavor = "multi_thread")]
async fn primary_without_etcd_continues() {
    let fault = Fault {
        what: "the primary is cut off from etcd",
        command: &["cut", OLD, "etcd"],
        is_replaced: false,
        limit: RECOVERY_LIMIT,
    };
    let ack_log = survive("no_etcd", fault, Route::Nodes).await;
    assert_eq!(ack_log.unknown(), 0, "a request failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn planned_switchover_loses_nothing() {
    survive("switchover", SWITCHOVER, Route::Nodes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn planned_switchover_loses_nothing_behind_haproxy() {
    survive("switchover_proxy", SWITCHOVER, Route::Proxy).await;
}
