//! A database for each test: a copy of a template that is migrated once, which takes a tenth of the time of
//! running the migrations. `#[database_test]` calls [`run`].

use std::env;
use std::pin::Pin;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use groupdesk::platform::db::migrate::{self, MIGRATIONS};
use sha2::{Digest as _, Sha256};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, Executor as _, PgConnection, PgPool};

/// An arbitrary number that no other advisory lock uses.
const TEMPLATE_LOCK: i64 = 0x6772_7064_7465_7374;

const TEMPLATES: &str = "groupdesk_test_template_";

/// What a test's database contains at the start.
#[derive(Clone, Copy)]
pub enum Contents {
    Migrated,
    Empty,
}

type TestFuture = Pin<Box<dyn Future<Output = ()>>>;

/// Runs the test of this path with a database of its own, which is dropped unless the test fails.
pub fn run(path: &str, contents: Contents, test: fn(PgPool) -> TestFuture) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let name = name_of(path);
        create(&name, contents).await;
        let retained = RetainIfFailed(&name);
        let pool = PgPoolOptions::new()
            .max_connections(5)
            .idle_timeout(Duration::from_secs(1))
            .parent(server().clone())
            .connect_with(server().connect_options().as_ref().clone().database(&name))
            .await
            .unwrap();
        test(pool.clone()).await;
        let closed = tokio::time::timeout(Duration::from_secs(10), pool.close()).await;
        assert!(closed.is_ok(), "a connection was not released");
        // A connection that was released while the pool was closing is still in it.
        drop(pool);
        assert!(drop_unused(&name).await, "a client is still connected to {name}");
        drop(retained);
    });
}

/// Prints the name of the database of a failed test, so that it can be inspected.
struct RetainIfFailed<'a>(&'a str);

impl Drop for RetainIfFailed<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("the database is kept until the test runs again: {}", self.0);
        }
    }
}

/// Connections to the database of `DATABASE_URL`, from which the others are created. All tests of the
/// process share them, so that the tests do not exhaust the server's connections.
fn server() -> &'static PgPool {
    static SERVER: OnceLock<PgPool> = OnceLock::new();
    SERVER.get_or_init(|| {
        let url = env::var("DATABASE_URL").expect("DATABASE_URL, of a superuser");
        PgPoolOptions::new()
            .max_connections(20)
            // Each test has its own runtime, and a connection cannot outlive the runtime that opened it.
            .after_release(|_, _| Box::pin(async { Ok(false) }))
            .connect_lazy_with(url.parse().unwrap())
    })
}

/// The name is the same in each run, so that a database that a failed test left is replaced. Postgres
/// allows 63 bytes.
fn name_of(path: &str) -> String {
    let (_, test) = path.rsplit_once("::").unwrap();
    let mut name = format!("groupdesk_test_{}_{test}", digest(&[path.as_bytes()]));
    name.truncate(63);
    name
}

fn digest(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    let bytes = digest.finalize();
    format!("{:016x}", u64::from_be_bytes(bytes[..8].try_into().unwrap()))
}

async fn create(name: &str, contents: Contents) {
    let mut connection = server().acquire().await.unwrap();
    drop_database(&mut connection, name).await.unwrap();
    let Contents::Migrated = contents else {
        connection.execute(&*format!("CREATE DATABASE \"{name}\"")).await.unwrap();
        return;
    };
    let template = template();
    // For a small template, copying files is faster than writing each page to the WAL, which is the default
    // since version 15.
    let strategy = if connection.server_version_num() >= Some(150_000) { "STRATEGY file_copy" } else { "" };
    let copy = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\" {strategy}");
    // The tests of another clone drop the template if their migrations differ.
    for _ in 0..10 {
        let Err(error) = connection.execute(&*copy).await else { return };
        let code = error.as_database_error().and_then(|error| error.code().map(String::from));
        assert_eq!(code.as_deref(), Some("3D000"), "copying fails although the template exists: {error}");
        make(&template).await;
    }
    panic!("another run with other migrations uses this server, too");
}

async fn drop_database(connection: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    connection.execute(&*format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)")).await?;
    Ok(())
}

/// Drops the database once its last connection has ended, because a forced drop polls only ten times a
/// second. Returns whether the connections ended within five seconds; the database is dropped in either
/// case.
async fn drop_unused(name: &str) -> bool {
    let mut connection = server().acquire().await.unwrap();
    let started = Instant::now();
    let mut is_used = true;
    while is_used && started.elapsed() < Duration::from_secs(5) {
        is_used = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend')")
            .bind(name)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        if is_used {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    drop_database(&mut connection, name).await.unwrap();
    !is_used
}

/// The template's name, which changes with the migrations.
fn template() -> String {
    let mut parts: Vec<&[u8]> = MIGRATIONS.iter().map(|migration| &*migration.checksum).collect();
    parts.push(include_bytes!("../../src/platform/db/migrate.rs"));
    format!("{TEMPLATES}{}", digest(&parts))
}

/// Creates the template, unless another test or process was faster, and drops the templates of other
/// migrations. The template gets its name only when it is complete, so that an interrupted one is never
/// copied.
async fn make(template: &str) {
    // Advisory locks belong to a database, but templates belong to the server, so the lock is always taken
    // in the same database.
    let options = server().connect_options().as_ref().clone().database("postgres");
    // A connection outside of the pool, because tests that wait for the template may use all of the pool's.
    // Its end releases the lock.
    let mut connection = PgConnection::connect_with(&options).await.unwrap();
    sqlx::query("SELECT pg_advisory_lock($1)").bind(TEMPLATE_LOCK).execute(&mut connection).await.unwrap();
    let found: Vec<String> =
        sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE starts_with(datname::text, $1)")
            .bind(TEMPLATES)
            .fetch_all(&mut connection)
            .await
            .unwrap();
    if !found.iter().any(|name| name == template) {
        for name in found {
            drop_database(&mut connection, &name).await.unwrap();
        }
        let unfinished = format!("{TEMPLATES}unfinished");
        connection.execute(&*format!("CREATE DATABASE \"{unfinished}\"")).await.unwrap();
        let options: PgConnectOptions = options.database(&unfinished);
        migrate::run(&options).await.unwrap();
        // A template cannot be copied while a client is connected to it.
        for change in ["ALLOW_CONNECTIONS false", &format!("RENAME TO \"{template}\"")] {
            connection.execute(&*format!("ALTER DATABASE \"{unfinished}\" {change}")).await.unwrap();
        }
    }
    connection.close().await.unwrap();
}
