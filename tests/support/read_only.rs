//! Simulates the effects of a database failover on connections.

use sqlx::{Connection as _, PgConnection, PgPool};

/// Controls a test's database from a connection to another database of the same Postgres.
pub struct Failover {
    connection: PgConnection,
    database: String,
}

impl Failover {
    pub async fn of(pool: &PgPool) -> Self {
        let url = std::env::var("DATABASE_URL").expect("DATABASE_URL, of a role that may create databases");
        let connection = PgConnection::connect(&url).await.unwrap();
        let database = pool.connect_options().get_database().expect("a database with a name").to_owned();
        Self { connection, database }
    }

    /// Ends the program's connections, and makes new connections read-only.
    pub async fn begin(&mut self) {
        self.execute("SET default_transaction_read_only = on").await;
        self.end_connections().await;
    }

    /// New connections are writable. Existing ones stay read-only.
    pub async fn end(&mut self) {
        self.execute("RESET default_transaction_read_only").await;
    }

    /// Refuses new connections and ends the existing ones.
    pub async fn shut(&mut self) {
        self.execute("WITH ALLOW_CONNECTIONS false").await;
        self.end_connections().await;
    }

    pub async fn open(&mut self) {
        self.execute("WITH ALLOW_CONNECTIONS true").await;
    }

    async fn execute(&mut self, change: &str) {
        let statement = format!("ALTER DATABASE \"{}\" {change}", self.database);
        sqlx::raw_sql(&statement).execute(&mut self.connection).await.unwrap();
    }

    async fn end_connections(&mut self) {
        sqlx::query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = $1 AND application_name LIKE 'groupdesk%'",
        )
        .bind(&self.database)
        .execute(&mut self.connection)
        .await
        .unwrap();
    }
}
