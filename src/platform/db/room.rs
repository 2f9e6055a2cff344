//! Whether the database has room for what is written.
//!
//! On a full disk reads go on and writes fail, and the server is not ready for anybody. That is noticed by the
//! first write that fails for this reason. It is also suspected where connections end: the server may have ended
//! because its log had no room, and be back for as long as little is written. From then on each question is
//! answered by a write that takes up room and is rolled back, until one succeeds; as long as nothing fails, no
//! question costs anything.

use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::{Executor as _, PgPool};

/// Has a write failed since the last one that was tried for this reason? For the whole process, because
/// errors do not say which database they are from; a doubt too many costs one small write.
static DOUBTFUL: AtomicBool = AtomicBool::new(false);

/// SQLSTATE `disk_full` and `io_error`.
const UNWRITABLE: [&str; 2] = ["53100", "58030"];
/// A quota that is used up and a disk that was mounted again as read-only have no SQLSTATE of their own: the first is
/// an internal error, the second a lack of privileges (Postgres's `errcode_for_file_access`). The system's words
/// follow what Postgres could not do.
const UNWRITABLE_OTHERWISE: [&str; 2] = ["XX000", "42501"];
const UNWRITABLE_IN_WORDS: [&str; 2] = [": Disk quota exceeded", ": Read-only file system"];
/// `admin_shutdown`, `crash_shutdown` and `cannot_connect_now`.
const ENDED: [&str; 3] = ["57P01", "57P02", "57P03"];
/// Classes of errors after which a write may succeed or fail alike: of the connection, of a transaction that may not
/// write, of resources, of an operator, of the system.
const UNDECIDED: [&str; 5] = ["08", "25", "53", "57", "58"];

/// A large object of 64 KiB that cannot be compressed. Any role may make one, in a database of any version, and
/// rows of that size do not fit in what the last pages happen to have left.
const TRIAL: &str = "SELECT lo_from_bytea(0, string_agg(sha256(n::text::bytea), ''::bytea))
     FROM generate_series(1, 2048) n";

/// Looks at every error of the database.
pub(in crate::platform) fn note(error: &sqlx::Error) {
    let has_ended = match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| ENDED.contains(&&*code)),
        _ => false,
    };
    if has_ended || is_unwritable(error) {
        DOUBTFUL.store(true, Ordering::Relaxed);
    }
}

/// Can something be written?
///
/// # Errors
/// Those of the connection: the question could not be asked.
pub async fn is_left(pool: &PgPool) -> Result<bool, sqlx::Error> {
    if !DOUBTFUL.load(Ordering::Relaxed) {
        return Ok(true);
    }
    let mut transaction = pool.begin().await?;
    let tried = transaction.execute(TRIAL).await;
    transaction.rollback().await?;
    match tried {
        Ok(_) => {}
        Err(error) if is_unwritable(&error) => return Ok(false),
        Err(error) if is_undecided(&error) => return Err(error),
        // The attempt failed for a reason of its own, as where its functions were taken from this role.
        Err(error) => tracing::warn!(%error, "whether the database has room cannot be tried"),
    }
    DOUBTFUL.store(false, Ordering::Relaxed);
    Ok(true)
}

/// Does the disk take nothing, for now?
pub(in crate::platform) fn is_unwritable(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else { return false };
    let in_words = || UNWRITABLE_IN_WORDS.iter().any(|words| error.message().contains(words));
    error.code().is_some_and(|code| {
        UNWRITABLE.contains(&&*code) || (UNWRITABLE_OTHERWISE.contains(&&*code) && in_words())
    })
}

fn is_undecided(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_none_or(|code| UNDECIDED.iter().any(|class| code.starts_with(class)))
}
