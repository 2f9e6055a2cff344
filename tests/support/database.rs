//! A database for each test: a copy of one that was migrated once, which takes a tenth of the time that the
//! migrations take. `#[database_test]` calls [`run`].

use std::env;
use std::pin::Pin;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use groupdesk::platform::db::migrate::{self, MIGRATIONS};
use sha2::{Digest as _, Sha256};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, Executor as _, PgConnection, PgPool};

/// Any number that nobody else's advisory locks use.
const TEMPLATE_LOCK: i64 = 0x6772_7064_7465_7374;

const TEMPLATES: &str = "groupdesk_test_template_";

/// What is in a database as its test gets it.
#[derive(Clone, Copy)]
pub enum Contents {
    Migrated,
    Empty,
}

type Running = Pin<Box<dyn Future<Output = ()>>>;

/// Runs the test of this path with a database of its own, which is dropped unless the test fails.
pub fn run(path: &str, contents: Contents, test: fn(PgPool) -> Running) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let name = name_of(path);
        create(&name, contents).await;
        let kept = KeptIfFailed(&name);
        let pool = PgPoolOptions::new()
            .max_connections(5)
            .idle_timeout(Duration::from_secs(1))
            .parent(server().clone())
            .connect_with(server().connect_options().as_ref().clone().database(&name))
            .await
            .unwrap();
        test(pool.clone()).await;
        let closed = tokio::time::timeout(Duration::from_secs(10), pool.close()).await;
        assert!(closed.is_ok(), "a connection was not given back");
        // A connection that was given back while the pool closed is still in it.
        drop(pool);
        assert!(drop_unused(&name).await, "somebody is still connected to {name}");
        drop(kept);
    });
}

/// Says which database shows what went wrong.
struct KeptIfFailed<'a>(&'a str);

impl Drop for KeptIfFailed<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("the database is kept until the test runs again: {}", self.0);
        }
    }
}

/// The connections to the database of `DATABASE_URL`, in which the others are made. All tests of the process
/// share its number of connections, so that they do not take all that the server has.
fn server() -> &'static PgPool {
    static SERVER: OnceLock<PgPool> = OnceLock::new();
    SERVER.get_or_init(|| {
        let url = env::var("DATABASE_URL").expect("DATABASE_URL, of a superuser");
        PgPoolOptions::new()
            .max_connections(20)
            // Each test has a runtime of its own, which a connection does not outlive.
            .after_release(|_, _| Box::pin(async { Ok(false) }))
            .connect_lazy_with(url.parse().unwrap())
    })
}

/// The same in each run, so that a database that was kept is replaced; short enough for Postgres.
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
    // Copying so few pages as files is faster than writing each to the log, which newer versions do by default.
    let strategy = if connection.server_version_num() >= Some(150_000) { "STRATEGY file_copy" } else { "" };
    let copy = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\" {strategy}");
    // The tests of another clone drop the template where their migrations differ.
    for _ in 0..10 {
        let Err(error) = connection.execute(&*copy).await else { return };
        let code = error.as_database_error().and_then(|error| error.code().map(String::from));
        assert_eq!(code.as_deref(), Some("3D000"), "it fails although the template is there: {error}");
        make(&template).await;
    }
    panic!("another run with other migrations uses this server, too");
}

async fn drop_database(connection: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    connection.execute(&*format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)")).await?;
    Ok(())
}

/// Drops it when the last connection has ended, which Postgres itself looks for ten times a second only. Whether that
/// happened within some seconds; it is dropped in any case.
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

/// Makes it, unless another test or process was faster, and drops those of other migrations. It has its name
/// only when it is whole, so that one that was interrupted is never copied.
async fn make(template: &str) {
    // Advisory locks belong to a database, and templates to the server: the lock is always taken in the same database.
    let options = server().connect_options().as_ref().clone().database("postgres");
    // Not of the pool, whose connections may all be with tests that wait for this. The lock ends with it.
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
        // It cannot be copied while somebody is connected to it.
        for change in ["ALLOW_CONNECTIONS false", &format!("RENAME TO \"{template}\"")] {
            connection.execute(&*format!("ALTER DATABASE \"{unfinished}\" {change}")).await.unwrap();
        }
    }
    connection.close().await.unwrap();
}
