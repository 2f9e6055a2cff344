//! A revoked token is refused by every process within a second, although the processes keep tokens in memory.

use std::time::{Duration, Instant};

use futures::future::join_all;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tokio::time::{sleep, timeout};

use crate::support::{ApiClient, Server, database_url, run};

const PATH: &str = "/v1/people";

async fn execute(pool: &PgPool, statement: &str) {
    sqlx::raw_sql(statement).execute(pool).await.expect(statement);
}

/// Several servers, and a client of each with the same token, which all of them keep in memory.
struct Desk {
    servers: Vec<Server>,
    clients: Vec<ApiClient>,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn start(pool: &PgPool, servers: usize) -> Self {
        let (folder, url) = (tempfile::tempdir().unwrap(), database_url(pool));
        let start = async |_| Server::start(folder.path(), &["--database-url", &url]).await;
        let servers = join_all((0..servers).map(start)).await;
        let token = servers[0].api_client(pool, &["read"]).await.token().to_owned();
        let clients: Vec<_> = servers.iter().map(|server| server.with_token(&token)).collect();
        for _ in 0..50 {
            for client in &clients {
                assert_eq!(client.get(PATH).await.status, 200);
            }
            sleep(Duration::from_millis(10)).await;
        }
        // No token can be read.
        let mut transaction = pool.begin().await.unwrap();
        let lock = "LOCK TABLE groupdesk.api_tokens IN ACCESS EXCLUSIVE MODE";
        sqlx::raw_sql(lock).execute(&mut *transaction).await.unwrap();
        for client in &clients {
            assert_eq!(client.get(PATH).await.status, 200, "the token is not in memory");
        }
        transaction.rollback().await.unwrap();
        Self { servers, clients, _folder: folder }
    }

    /// Sends requests to all servers until they refuse the token. Returns the time from the end of `revoke`.
    async fn refused_after(&self, revoke: impl Future<Output = ()>) -> Duration {
        let refusals = self.clients.iter().map(async |client| {
            while client.get(PATH).await.status == 200 {
                sleep(Duration::from_millis(5)).await;
            }
            assert_eq!(client.get(PATH).await.status, 401);
            Instant::now()
        });
        let revoked = async {
            revoke.await;
            Instant::now()
        };
        let both = async { tokio::join!(revoked, join_all(refusals)) };
        let (revoked, refused) = timeout(Duration::from_secs(20), both).await.expect("a refusal");
        refused.into_iter().max().unwrap().saturating_duration_since(revoked)
    }
}

#[database_test]
async fn token_revoked_by_a_command_is_refused_by_all_servers(pool: PgPool) {
    let desk = Desk::start(&pool, 2).await;
    let id: String = sqlx::query_scalar("SELECT api_token_id::text FROM groupdesk.api_tokens")
        .fetch_one(&pool)
        .await
        .unwrap();
    let delay = desk
        .refused_after(async {
            let revoked = run(&["token", "revoke", &id, "--database-url", &database_url(&pool)]).await;
            assert_eq!(revoked.status, 0, "{revoked:?}");
        })
        .await;
    assert!(delay < Duration::from_secs(1), "{delay:?}");
    drop(desk.servers);
}

/// A process of Postgres that is stopped, until the value is dropped.
struct Frozen(Pid);

impl Drop for Frozen {
    fn drop(&mut self) {
        kill(self.0, Signal::SIGCONT).unwrap();
    }
}

/// The notification is never delivered, and the connection is not closed.
#[database_test]
async fn revoked_token_is_refused_while_the_listener_is_frozen(pool: PgPool) {
    let desk = Desk::start(&pool, 1).await;
    let pid: i32 = sqlx::query_scalar(
        "SELECT pid FROM pg_stat_activity
         WHERE application_name = 'groupdesk tokens' AND datname = current_database()",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let process = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap();
    assert!(process.starts_with("postgres"), "Postgres runs on another machine: {process}");
    kill(Pid::from_raw(pid), Signal::SIGSTOP).unwrap();
    let frozen = Frozen(Pid::from_raw(pid));
    let revoke = execute(&pool, "UPDATE groupdesk.api_tokens SET revoked_at = now()");
    let delay = desk.refused_after(revoke).await;
    assert!(delay < Duration::from_secs(1), "{delay:?}");
    drop(frozen);
    drop(desk.servers);
}
