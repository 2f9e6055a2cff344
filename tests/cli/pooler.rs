//! Running behind PgBouncer in transaction mode.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use futures::future::join_all;
use pretty_assertions::assert_eq;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection, PgPool};
use tokio::process::{Child, Command};

use crate::support::{
    PASSWORD, Server, SseClient, database_url, group, groupdesk, live_count, operator, row_count, wait_until,
    workspace,
};

/// A pooler in front of the test's database, with two server connections.
struct Pooler {
    url: String,
    login: String,
    pool: PgPool,
    process: Child,
}

const LIMITS: &str = "ALTER ROLE \"{login}\" SET statement_timeout = '15s';
    ALTER ROLE \"{login}\" SET lock_timeout = '5s'";

impl Pooler {
    /// `setup`: SQL that configures the login of the pooler.
    async fn start(folder: &Path, pool: &PgPool, setup: &str) -> Self {
        let (database, login): (String, String) =
            sqlx::query_as("SELECT current_database()::text, 'pooled_' || md5(current_database())")
                .fetch_one(pool)
                .await
                .unwrap();
        // Roles belong to the cluster, and a failed run may have left this one.
        let make = format!(
            "DROP ROLE IF EXISTS \"{login}\"; CREATE ROLE \"{login}\" LOGIN IN ROLE groupdesk_app; {setup}"
        )
        .replace("{login}", &login);
        sqlx::raw_sql(&make).execute(pool).await.unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let path = folder.join("pgbouncer.ini");
        std::fs::write(&path, settings(pool.connect_options().as_ref(), &login, port)).unwrap();
        // PgBouncer refuses to run as root, and another user cannot read our files. Postgres's socket
        // directory may be accessible only to the user that runs Postgres.
        let mut command = Command::new("pgbouncer");
        if nix::unistd::geteuid().is_root() {
            open_to_all(folder);
            open_to_all(&path);
            command.args(["-u", "postgres"]);
        }
        let log = std::fs::File::create(folder.join("pgbouncer.log")).unwrap();
        let process = command
            .arg(&path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("PgBouncer 1.21 or newer on PATH; script/bootstrap test installs it");
        wait_until(10, "PgBouncer listens", async || {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()
        })
        .await;
        let url = format!("postgres://anybody@127.0.0.1:{port}/{database}");
        Self { url, login, pool: pool.clone(), process }
    }

    async fn server(&self, folder: &Path) -> Server {
        let direct = database_url(&self.pool);
        Server::start(folder, &["--database-url", &self.url, "--database-direct-url", &direct]).await
    }

    /// The role would otherwise outlive the test's database.
    async fn end(mut self) {
        self.process.kill().await.unwrap();
        wait_until(10, "the pooler's connections are gone", async || {
            let drop = format!("DROP OWNED BY \"{0}\"; DROP ROLE \"{0}\"", self.login);
            sqlx::raw_sql(&drop).execute(&self.pool).await.is_ok()
        })
        .await;
    }
}

fn settings(options: &PgConnectOptions, login: &str, port: u16) -> String {
    let host =
        options.get_socket().map_or(options.get_host().to_owned(), |socket| socket.display().to_string());
    let database = options.get_database().unwrap();
    format!(
        "[databases]
{database} = host={host} port={} dbname={database} user={login}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_prepared_statements = 200
",
        options.get_port(),
    )
}

fn open_to_all(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = if path.is_dir() { 0o755 } else { 0o644 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Two servers, more concurrent requests than server connections, and each kind of change.
#[database_test]
async fn two_servers_work_behind_a_pooler(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let pooler = Pooler::start(folder.path(), &pool, LIMITS).await;
    let servers = [pooler.server(folder.path()).await, pooler.server(folder.path()).await];
    let group = group(&pool, "EMEA").await;
    let mut workspaces = Vec::new();
    for number in 0..40 {
        workspaces.push(workspace(&pool, &format!("Workspace {number}")).await);
    }
    let machines =
        [servers[0].api_client(&pool, &["write"]).await, servers[1].api_client(&pool, &["write"]).await];

    // Both servers enroll each workspace at once, so one request of each pair is a conflict.
    let both =
        workspaces.iter().flat_map(|workspace| machines.iter().map(|api| api.enroll(&group, workspace)));
    let mut statuses: Vec<u16> = join_all(both).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![201; 40], vec![409; 40]].concat());
    assert_eq!(live_count(&pool).await, 40);
    let page = machines[0].get("/v1/workspace-group-workspaces?page%5Bsize%5D=100&include=workspace").await;
    assert_eq!((page.status, page.body["data"].as_array().unwrap().len()), (200, 40));

    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let browser = reqwest::Client::builder().cookie_store(true).build().unwrap();
    let sign_in = browser.post(servers[0].url("/api/fn/sign-in")).header("sec-fetch-site", "same-origin");
    let form = [("email", "ana@example.com"), ("password", PASSWORD)];
    let signed_in = sign_in.header("accept", "text/html").form(&form).send().await.unwrap();
    assert_eq!(signed_in.url().path(), "/");
    let live = browser.get(servers[0].url(&format!("/live?topic=group:{group}"))).send().await.unwrap();
    let mut live = SseClient::from_response(live);

    let enrollment = page.body["data"][0]["id"].as_str().unwrap().to_owned();
    let removed = machines[1].delete(&format!("/v1/workspace-group-workspaces/{enrollment}")).await;
    assert_eq!(removed.status, 204);
    assert!(live.next_within(30.0).await.is_some(), "{}", servers[0].log());

    // A connection of the pooler has the name of its last client, which may be the probe for the primary.
    let logins: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT usename::text FROM pg_stat_activity
         WHERE datname = current_database() AND application_name IN ('groupdesk', 'groupdesk watch')",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(logins, std::slice::from_ref(&pooler.login));
    assert_eq!(row_count(&pool).await, 40);
    drop(servers);
    pooler.end().await;
}

#[database_test]
async fn login_without_timeouts_is_refused(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let pooler = Pooler::start(folder.path(), &pool, "").await;
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let direct = database_url(&pool);
    let log = folder.path().join("log");
    let mut server = groupdesk(&[
        "serve",
        "--listen",
        &address,
        "--database-url",
        &pooler.url,
        "--database-direct-url",
        &direct,
    ])
    .stderr(std::fs::File::create(&log).unwrap())
    .spawn()
    .unwrap();
    let ready = format!("http://{address}/readyz");
    wait_until(20, "the server answers", async || reqwest::get(&ready).await.is_ok()).await;
    assert_eq!(reqwest::get(&ready).await.unwrap().status(), 503);
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("has no statement_timeout or no lock_timeout"), "{text}");
    server.kill().await.unwrap();
    pooler.end().await;
}

/// All connections are busy for longer than the database may be silent, which must not count as silence.
#[database_test]
async fn busy_pooler_is_not_an_unavailable_database(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let pooler = Pooler::start(folder.path(), &pool, LIMITS).await;
    let server = pooler.server(folder.path()).await;
    let busy = join_all((0..2).map(async |_| {
        let options: PgConnectOptions = pooler.url.parse().unwrap();
        let mut connection = PgConnection::connect_with(&options.extra_float_digits(None)).await.unwrap();
        sqlx::raw_sql("SELECT pg_sleep(2.5)").execute(&mut connection).await.unwrap();
    }));
    busy.await;
    let log = server.log();
    assert!(!log.contains("the database is unavailable"), "{log}");
    drop(server);
    pooler.end().await;
}
