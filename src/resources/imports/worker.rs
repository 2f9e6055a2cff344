//! Runs what was started: in every server process, and in `groupdesk import`. A door like the others: who
//! started an import was let in then, and acts again here.

use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::watch;

use super::model::{ImportCounts, ImportOwner};
use super::ops::{import_batch, import_claim_next, import_end_orphan, import_requeue};
use crate::kernel::actor::{Actor, Source};
use crate::kernel::clock::Clock;
use crate::kernel::id::ImportId;
use crate::platform::call::{Call, Write};
use crate::platform::db::retry;
use crate::platform::failure::{Failure, Outcome};
use crate::platform::metrics;

/// How often somebody who has nothing to do looks again. Looking is one search in an index that is nearly
/// always empty. It has to be done anyway to find what a process that died left behind, of which nothing
/// tells; and a quarter of a second is too short a wait to be told of anything else.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long to leave a database alone that is away.
const AWAY_FOR: Duration = Duration::from_secs(2);

/// What a turn came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Nothing waits, or others are at it.
    Idle,
    /// A batch of this import was done; how it stands now.
    Done(ImportId, ImportCounts),
    /// It ended before its last line, since who started it was deleted.
    Orphaned(ImportId),
}

/// One batch, in one transaction: of the import that has waited longest, or of this one.
pub async fn turn(pool: &PgPool, clock: &Clock, only: Option<ImportId>) -> Outcome<Turn> {
    let mut transaction = pool.begin().await?;
    let Some(held) = import_claim_next(&mut transaction, only).await? else { return Ok(Turn::Idle) };
    let person = match &held.starter {
        ImportOwner::Person(person) => Some(person.clone()),
        ImportOwner::System => None,
        ImportOwner::Gone => {
            import_end_orphan(&mut transaction, &held, clock.now()).await?;
            transaction.commit().await?;
            return Ok(Turn::Orphaned(held.id));
        }
    };
    let actor = Actor { person, source: Source::Import, token_name: None };
    let call: Call<Write> = Call::granted(actor, clock.now(), None);
    match import_batch(&mut transaction, &call, &held).await {
        Ok(counts) => {
            transaction.commit().await?;
            call.tally.tell();
            metrics::import_batch_done();
            Ok(Turn::Done(held.id, counts))
        }
        Err(failure) => {
            transaction.rollback().await?;
            metrics::import_batch_failed();
            // One that fails again and again must not stand before all others for ever.
            import_requeue(&mut *pool.acquire().await?, held.id, clock.now()).await?;
            Err(failure)
        }
    }
}

/// Takes one turn after the other, until told to stop: then it ends after the batch that runs, and what is
/// left is for another process, or for the next start.
pub async fn work(pool: PgPool, clock: Clock, mut stop: watch::Receiver<bool>) {
    // An error: who could tell to stop is gone.
    while !*stop.borrow_and_update() && stop.has_changed().is_ok() {
        let pause = match turn(&pool, &clock, None).await {
            Ok(Turn::Idle) => LOOK_EVERY,
            Ok(Turn::Done(id, counts)) => {
                if counts.not_done() == 0 {
                    tracing::info!(import = %id, enrolled = counts.enrolled, failed = counts.failed(), "import finished");
                }
                continue;
            }
            Ok(Turn::Orphaned(id)) => {
                tracing::info!(import = %id, "import ended: who started it was deleted");
                continue;
            }
            Err(failure) => {
                report(&failure);
                pause_after(&failure)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Who is in the way of one import need not be in that of the next, which has its turn at once.
fn pause_after(failure: &Failure) -> Duration {
    match failure {
        Failure::Conflict(_) => retry::moment(),
        Failure::Unavailable(_) | Failure::Fault(_) | Failure::Problem(_) => AWAY_FOR,
    }
}

fn report(failure: &Failure) {
    match failure {
        Failure::Unavailable(error) => tracing::warn!(%error, "imports wait for the database"),
        Failure::Conflict(error) => tracing::info!(%error, "an import waits for others"),
        Failure::Fault(error) => tracing::error!(%error, "an import could not go on"),
        Failure::Problem(problem) => tracing::error!(?problem, "an import could not go on"),
    }
}
