//! The SQLSTATE of errors, and whether the database has disk space. The first write that fails for lack of space raises a
//! doubt, and so does a connection that ends, because the server may have stopped for the same reason and run again as long
//! as little is written. As long as there is a doubt, each check writes something and rolls it back.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;
use sqlx::{Executor as _, PgPool};

/// Whether a write has failed since the last successful trial, in any database: a needless doubt costs one small write.
static DOUBTFUL: AtomicBool = AtomicBool::new(false);

/// `disk_full` and `io_error`.
const UNWRITABLE: [&str; 2] = ["53100", "58030"];
/// An exhausted quota and a read-only disk are an internal error and a lack of privileges with the words of the operating
/// system (Postgres's `errcode_for_file_access`).
const UNSPECIFIC: [&str; 2] = ["XX000", "42501"];
const UNWRITABLE_MESSAGES: [&str; 2] = [": Disk quota exceeded", ": Read-only file system"];
/// `admin_shutdown`, `crash_shutdown` and `cannot_connect_now`.
const ENDED: [&str; 3] = ["57P01", "57P02", "57P03"];
const UNDECIDED: [&str; 5] = ["08", "25", "53", "57", "58"];

/// A large object, which any role may create. Its 64 KiB cannot be compressed and do not fit into existing pages.
const TRIAL: &str = "SELECT lo_from_bytea(0, string_agg(sha256(n::text::bytea), ''::bytea))
     FROM generate_series(1, 2048) n";

/// The SQLSTATE (PostgreSQL documentation, appendix A).
pub fn code(error: &sqlx::Error) -> Option<Cow<'_, str>> {
    error.as_database_error().and_then(DatabaseError::code)
}

/// Whether the error has one of the codes, or a code of one of the classes, which are the beginnings of codes.
pub fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    code(error).is_some_and(|code| codes.iter().any(|beginning| code.starts_with(beginning)))
}

/// Whether a unique index with this column refused a value. In adopted tables its name is another one.
pub fn is_taken(error: &sqlx::Error, column: &str) -> bool {
    let error = error.as_database_error().filter(|error| error.is_unique_violation());
    let detail = error.and_then(|error| error.try_downcast_ref::<PgDatabaseError>()?.detail());
    // "Key (external_workspace_id)=(x) already exists.", or "Key (lower(email::text))=…".
    detail.and_then(|detail| detail.split_once(")=(")).is_some_and(|(key, _)| key.contains(column))
}

pub(in crate::platform) fn note_disk_space(error: &sqlx::Error) {
    if matches!(error, sqlx::Error::Io(_)) || has_code(error, &ENDED) || is_unwritable(error) {
        DOUBTFUL.store(true, Ordering::Relaxed);
    }
}

/// Whether a write is possible. An error: it is not known, because the connection failed.
pub async fn has_disk_space(pool: &PgPool) -> sqlx::Result<bool> {
    if !DOUBTFUL.load(Ordering::Relaxed) {
        return Ok(true);
    }
    let mut transaction = pool.begin().await?;
    let tried = transaction.execute(TRIAL).await;
    transaction.rollback().await?;
    match tried {
        Ok(_) => {}
        Err(error) if is_unwritable(&error) => return Ok(false),
        Err(error) if code(&error).is_none() || has_code(&error, &UNDECIDED) => return Err(error),
        // The trial failed for another reason, for example because this role may not execute its functions.
        Err(error) => tracing::warn!(%error, "the disk space of the database cannot be checked"),
    }
    DOUBTFUL.store(false, Ordering::Relaxed);
    Ok(true)
}

pub(in crate::platform) fn is_unwritable(error: &sqlx::Error) -> bool {
    let message = error.as_database_error().map_or("", DatabaseError::message);
    let has_message = UNWRITABLE_MESSAGES.iter().any(|words| message.contains(words));
    has_code(error, &UNWRITABLE) || (has_code(error, &UNSPECIFIC) && has_message)
}
