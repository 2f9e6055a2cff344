//! Test data in the database. Ids are returned as text, as clients see them.

use chrono::{DateTime, Utc};
use groupdesk::kernel::actor::{Actor, Source};
use groupdesk::kernel::text::{Email, Name};
use groupdesk::platform::call::{Administer, Call};
use groupdesk::platform::clock;
use groupdesk::resources::api_tokens::model::NewApiToken;
use groupdesk::resources::api_tokens::ops::api_token_create;
use groupdesk::resources::flows::invite_operator::operator_add;
use groupdesk::resources::operators::ops::{NewOperator, Password};
use sqlx::{ConnectOptions, PgPool};
use uuid::Uuid;

/// The password of every operator in the tests.
pub const PASSWORD: &str = "correct horse battery staple";

/// The URL of the test's own database.
pub fn database_url(pool: &PgPool) -> String {
    pool.connect_options().to_url_lossy().to_string()
}

fn administrator() -> Call<Administer> {
    let actor = Actor { person: None, source: Source::Cli, token_name: None };
    Call::granted(actor, clock::system().now(), None)
}

pub async fn operator(pool: &PgPool, email: &str, name: &str, role: &str) {
    let new = NewOperator {
        email: Email::parse(email).unwrap(),
        name: Name::parse(name).unwrap(),
        role: role.parse().unwrap(),
        password: Some(Password::parse(PASSWORD.to_owned()).unwrap()),
    };
    let mut connection = pool.acquire().await.unwrap();
    operator_add(&mut connection, &administrator(), new).await.unwrap();
}

pub(super) async fn token(pool: &PgPool, scopes: &[&str], email: Option<&str>) -> String {
    let new = NewApiToken {
        name: Name::parse("robot").unwrap(),
        person: email.map(|email| Email::parse(email).unwrap()),
        scopes: scopes.iter().map(|word| word.parse().unwrap()).collect(),
        valid_for: None,
    };
    let mut connection = pool.acquire().await.unwrap();
    api_token_create(&mut connection, &administrator(), &new).await.unwrap().text
}

pub async fn person(pool: &PgPool, first: &str, last: &str, email: &str) -> String {
    let id: Uuid = sqlx::query_scalar(
        "INSERT INTO core_api.peoples (first_name, last_name, email) VALUES ($1, $2, $3) RETURNING people_id",
    )
    .bind(first)
    .bind(last)
    .bind(email)
    .fetch_one(pool)
    .await
    .unwrap();
    id.to_string()
}

pub async fn group(pool: &PgPool, name: &str) -> String {
    let id: Uuid = sqlx::query_scalar(
        "INSERT INTO core_api.workspace_groups (name) VALUES ($1) RETURNING workspace_group_id",
    )
    .bind(name)
    .fetch_one(pool)
    .await
    .unwrap();
    id.to_string()
}

/// Creates a workspace. Its external id is its name in lower case with dashes.
pub async fn workspace(pool: &PgPool, name: &str) -> String {
    let id: Uuid = sqlx::query_scalar(
        "INSERT INTO core_api.workspaces (name, external_workspace_id)
         VALUES ($1, replace(lower($1), ' ', '-')) RETURNING workspace_id",
    )
    .bind(name)
    .fetch_one(pool)
    .await
    .unwrap();
    id.to_string()
}

/// Creates this many workspaces, whose external ids are `w-1`, `w-2`, …
pub async fn workspaces(pool: &PgPool, number: i32) {
    sqlx::query(
        "INSERT INTO core_api.workspaces (name, external_workspace_id)
         SELECT 'Workspace ' || n, 'w-' || n FROM generate_series(1, $1) n",
    )
    .bind(number)
    .execute(pool)
    .await
    .unwrap();
    // Autovacuum would analyze the table only later. Until then the planner assumes a handful of rows.
    sqlx::raw_sql("ANALYZE core_api.workspaces").execute(pool).await.unwrap();
}

/// A live enrollment without a creator and without an event, as an older system writes it.
pub async fn enroll(pool: &PgPool, group: &str, workspace: &str, at: DateTime<Utc>) -> String {
    let id: Uuid = sqlx::query_scalar(
        "INSERT INTO core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk, created_at, updated_at)
         SELECT g.pk, w.pk, $3, $3 FROM core_api.workspace_groups g, core_api.workspaces w
         WHERE g.workspace_group_id = $1::uuid AND w.workspace_id = $2::uuid
         RETURNING workspace_group_workspace_id",
    )
    .bind(group)
    .bind(workspace)
    .bind(at)
    .fetch_one(pool)
    .await
    .unwrap();
    id.to_string()
}

/// Marks an enrollment as removed, as an older system does.
pub async fn remove(pool: &PgPool, enrollment: &str, at: DateTime<Utc>) {
    sqlx::query(
        "UPDATE core_api.workspace_group_workspaces SET deleted_at = $2, updated_at = $2
         WHERE workspace_group_workspace_id = $1::uuid",
    )
    .bind(enrollment)
    .bind(at)
    .execute(pool)
    .await
    .unwrap();
}
