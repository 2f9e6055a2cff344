//! Servers on one database share the rate limits.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tokio::time::sleep;

use crate::support::{ApiClient, Server, database_url, wait_until};

const PATH: &str = "/v1/people";
const RATE: usize = 20;
const BURST: usize = 2 * RATE;

/// Waits until the server accepts bursts of this size from a token.
async fn wait_for_share(client: &ApiClient, burst: usize) {
    let policy = format!("\"token\";q={burst};w=2");
    wait_until(5, &policy, async || client.get(PATH).await.header("ratelimit-policy") == policy).await;
}

/// Two servers with these arguments, and a client of each with the same token.
async fn two_servers(
    pool: &PgPool,
    folder: &std::path::Path,
    limits: &[&str],
) -> ([Server; 2], [ApiClient; 2]) {
    let url = database_url(pool);
    let arguments = [&["--database-url", &url], limits].concat();
    let servers = [Server::start(folder, &arguments).await, Server::start(folder, &arguments).await];
    let first = servers[0].api_client(pool, &["read"]).await;
    let second = servers[1].with_token(first.token());
    (servers, [first, second])
}

#[database_test]
async fn servers_together_accept_the_limit_of_a_token(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let limits = ["--rate-limit", &RATE.to_string(), "--address-rate-limit", "off"];
    let (mut servers, clients) = two_servers(&pool, folder.path(), &limits).await;
    for client in &clients {
        wait_for_share(client, BURST / 2).await;
    }
    // Until the burst is available again.
    sleep(Duration::from_millis(2200)).await;
    let (started, seconds) = (Instant::now(), 4);
    let (mut accepted, mut refused) = (0, 0);
    while started.elapsed() < Duration::from_secs(seconds) {
        for client in &clients {
            let answer = client.get(PATH).await;
            match answer.status {
                200 => accepted += 1,
                429 => {
                    refused += 1;
                    assert_eq!(answer.header("retry-after"), "1");
                    let detail = &answer.body["errors"][0]["detail"];
                    assert_eq!(detail, "This token exceeds 10 requests per second; retry in 1 s.");
                }
                status => panic!("{status}"),
            }
        }
    }
    // Without sharing it would be twice as many. On a busy machine the requests come late.
    let expected = BURST + RATE * usize::try_from(started.elapsed().as_secs()).unwrap();
    let tolerated = expected * 6 / 10..=expected * 14 / 10;
    assert!(tolerated.contains(&accepted), "{accepted} of {expected} were accepted, {refused} were refused");
    assert!(refused > 0);

    servers[0].signal(Signal::SIGKILL);
    assert_eq!(servers[0].end().await, None);
    wait_for_share(&clients[1], BURST).await;
}

#[database_test]
async fn servers_share_the_limit_of_an_address(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let limits = ["--rate-limit", "off", "--address-rate-limit", "10"];
    let (mut servers, clients) = two_servers(&pool, folder.path(), &limits).await;
    let policy = async |client: &ApiClient| {
        let mut answer = client.get(PATH).await;
        while answer.status != 429 {
            answer = client.get(PATH).await;
        }
        answer.header("ratelimit-policy").to_owned()
    };
    wait_until(5, "half of the limit", async || {
        policy(&clients[0]).await == "\"address\";q=20;w=4"
            && policy(&clients[1]).await == "\"address\";q=20;w=4"
    })
    .await;
    servers[0].signal(Signal::SIGTERM);
    assert_eq!(servers[0].end().await, Some(0));
    wait_until(5, "the whole limit", async || policy(&clients[1]).await == "\"address\";q=40;w=4").await;
}
