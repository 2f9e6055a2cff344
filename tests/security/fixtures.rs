//! Data for the access tests, created again whenever a test uses it up.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{enroll, group, person, remove, time, workspace};

/// Part of every name, so that no refused caller may see it.
pub(super) const SECRET: &str = "Hush";

/// The request that emptied the group, and its time.
pub(super) const EMPTIED_BY: &str = "0123456789abcdef0123456789abcdef";
pub(super) const EMPTIED_AT: &str = "2026-05-02T00:00:00Z";

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Public ids of the data.
pub(super) struct Fixtures {
    pub person: String,
    /// First name, last name and e-mail address, as a form shows them.
    pub person_shown: [String; 3],
    pub group: String,
    pub group_name: String,
    /// Has no enrollments, so that it can be removed.
    pub empty_group: String,
    /// Enrolled in the group.
    pub workspace: String,
    pub enrollment: String,
    /// Not enrolled in any group.
    pub free_workspace: String,
    pub free_workspace_name: String,
    /// The removed enrollment of another workspace in the group.
    pub removed: String,
    pub event: String,
    /// The change set of the event.
    pub change_set: String,
    pub admin_event: String,
    pub prepared_import: String,
    pub running_import: String,
    pub finished_import: String,
    pub operator: String,
    pub token: String,
    /// The secret of a sign-in link.
    pub link: String,
}

impl Fixtures {
    pub async fn make(pool: &PgPool) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = |what: &str| format!("{SECRET} {what} {number}");
        let (group_name, free_workspace_name) = (name("group"), name("free workspace"));
        let person_shown =
            [SECRET.to_owned(), format!("Person {number}"), format!("hush{number}@example.com")];
        let [first, last, email] = &person_shown;
        let person = person(pool, first, last, email).await;
        let (group, empty_group) = (group(pool, &group_name).await, group(pool, &name("empty group")).await);
        let in_it = workspace(pool, &name("workspace")).await;
        let enrollment = enroll(pool, &group, &in_it, time("2026-05-01T00:00:00Z")).await;
        let out_of_it = workspace(pool, &name("gone workspace")).await;
        let removed = enroll(pool, &group, &out_of_it, time("2026-05-01T00:00:00Z")).await;
        remove(pool, &removed, time(EMPTIED_AT)).await;
        let event = event(pool, &removed).await;
        Self {
            change_set: change_set(pool, &event).await,
            event,
            admin_event: admin_event(pool, &group, &person).await,
            prepared_import: import(pool, &group, &in_it, "prepared").await,
            running_import: import(pool, &group, &in_it, "running").await,
            finished_import: import(pool, &group, &in_it, "finished").await,
            operator: another_operator(pool, number).await,
            token: token(pool, &name("token")).await,
            link: link(pool).await,
            free_workspace: workspace(pool, &free_workspace_name).await,
            workspace: in_it,
            person,
            person_shown,
            group,
            group_name,
            empty_group,
            enrollment,
            free_workspace_name,
            removed,
        }
    }
}

async fn id(pool: &PgPool, statement: &str, values: &[&str]) -> String {
    let mut query = sqlx::query_scalar::<_, Uuid>(statement);
    for value in values {
        query = query.bind((*value).to_owned());
    }
    query.fetch_one(pool).await.unwrap_or_else(|error| panic!("{error}: {statement}")).to_string()
}

/// The event of a removal on the pages.
async fn event(pool: &PgPool, removed: &str) -> String {
    let statement = "INSERT INTO groupdesk.enrollment_events
             (action, occurred_at, source, request_id, change_set_id, workspace_group_workspace_pk, workspace_group_pk,
              workspace_pk)
         SELECT 'removed', $2::timestamptz, 'web', $3, gen_random_uuid(), pk, workspace_group_pk, workspace_pk
         FROM core_api.workspace_group_workspaces WHERE workspace_group_workspace_id = $1::uuid
         RETURNING enrollment_event_id";
    id(pool, statement, &[removed, EMPTIED_AT, EMPTIED_BY]).await
}

async fn change_set(pool: &PgPool, event: &str) -> String {
    let statement =
        "SELECT change_set_id FROM groupdesk.enrollment_events WHERE enrollment_event_id = $1::uuid";
    id(pool, statement, &[event]).await
}

/// The event of a change of a group by this person.
async fn admin_event(pool: &PgPool, group: &str, person: &str) -> String {
    let statement = "INSERT INTO groupdesk.admin_events
             (action, occurred_at, source, actor_people_pk, subject_type, subject_id)
         SELECT 'workspace_group_updated', now(), 'web', pk, 'workspace_group', $1::uuid
         FROM core_api.peoples WHERE people_id = $2::uuid
         RETURNING admin_event_id";
    id(pool, statement, &[group, person]).await
}

/// An import with one line.
async fn import(pool: &PgPool, group: &str, workspace: &str, state: &str) -> String {
    let statement = "WITH made AS (
             INSERT INTO groupdesk.imports
                 (workspace_group_pk, state, created_at, started_at, moved_at, ended_at, lines, done, already_in)
             SELECT pk, $3, now(), CASE WHEN $3 <> 'prepared' THEN now() END, now(),
                    CASE WHEN $3 = 'finished' THEN now() END, 1, ($3 = 'finished')::int, ($3 = 'finished')::int
             FROM core_api.workspace_groups WHERE workspace_group_id = $1::uuid
             RETURNING pk, import_id),
         line AS (
             INSERT INTO groupdesk.import_lines (import_pk, position, line_number, text, workspace_id, outcome)
             SELECT pk, 1, 1, $2, $2::uuid, CASE WHEN $3 = 'finished' THEN 'already_in' END FROM made)
         SELECT import_id FROM made";
    id(pool, statement, &[group, workspace, state]).await
}

/// Another operator, with a password hash that matches no password.
async fn another_operator(pool: &PgPool, number: u32) -> String {
    let email = format!("hush-operator{number}@example.com");
    let statement = "WITH person AS (
             INSERT INTO core_api.peoples (first_name, last_name, email) VALUES ('Hush', 'Operator', $1) RETURNING pk)
         INSERT INTO groupdesk.operators (people_pk, email, role, password_hash, created_at, updated_at)
         SELECT pk, $1, 'support', '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$none', now(), now()
         FROM person RETURNING operator_id";
    id(pool, statement, &[&email]).await
}

async fn token(pool: &PgPool, name: &str) -> String {
    let statement =
        "INSERT INTO groupdesk.api_tokens (name, prefix, token_hash, is_system, scopes, created_at)
         VALUES ($1, 'groupdesk_hush00', sha256($1::bytea), true, '{read}', now()) RETURNING api_token_id";
    id(pool, statement, &[name]).await
}

/// A sign-in link for a new operator.
async fn link(pool: &PgPool) -> String {
    let secret = format!("{:0>43}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let email = format!("hush-invited{}@example.com", NUMBER.fetch_add(1, Ordering::Relaxed));
    let statement = "WITH person AS (
             INSERT INTO core_api.peoples (first_name, last_name, email) VALUES ('Hush', 'Invited', $1) RETURNING pk),
         operator AS (
             INSERT INTO groupdesk.operators (people_pk, email, role, created_at, updated_at)
             SELECT pk, $1, 'support', now(), now() FROM person RETURNING pk, operator_id),
         link AS (
             INSERT INTO groupdesk.sign_in_links (operator_pk, link_hash, created_at, expires_at)
             SELECT pk, sha256($2::bytea), now(), now() + interval '1 day' FROM operator)
         SELECT operator_id FROM operator";
    id(pool, statement, &[&email, &secret]).await;
    secret
}

/// Another session of this operator, by the id that pages show.
pub(super) async fn session_of(pool: &PgPool, email: &str) -> String {
    let statement =
        "INSERT INTO groupdesk.sessions (id, data, expiry_date, operator_pk, signed_in_at, seen_at)
         SELECT gen_random_uuid()::text, '', now() + interval '1 hour', pk, now(), now()
         FROM groupdesk.operators WHERE email = $1
         RETURNING public_id";
    id(pool, statement, &[email]).await
}
