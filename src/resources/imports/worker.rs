//! Runs started imports, in every server process and in `groupdesk import`. The rights of an owner were checked at the start.

use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::watch;

use super::model::ImportCounts;
use super::ops::{import_batch, import_claim_next, import_end, import_requeue};
use crate::kernel::actor::{Actor, Source};
use crate::kernel::clock::Clock;
use crate::kernel::id::ImportId;
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Write};
use crate::platform::db;
use crate::platform::failure::{Failure, Outcome};
use crate::platform::metrics;
use crate::resources::enrollment_events::model::EventActor;

/// Nothing announces the work that a crashed process leaves behind, so polling an index that is nearly always empty is
/// needed anyway, and at this interval notifications gain nothing.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// The pause after a fault, and while the database is unavailable.
const FAULT_PAUSE: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchOutcome {
    /// No import waits that other workers do not have.
    Idle,
    /// A batch of this import was processed; the counts are those after it.
    Done(ImportId, ImportCounts),
    /// The import was cancelled because its owner was deleted.
    Orphaned(ImportId),
    /// The import was cancelled because the group requires a reason since it was started.
    Unexplained(ImportId),
}

/// Runs one batch in one transaction: of the import `only`, or of the one that has waited longest.
pub async fn run_batch(pool: &PgPool, clock: &Clock, only: Option<ImportId>) -> Outcome<BatchOutcome> {
    let mut transaction = pool.begin().await?;
    let Some(import) = import_claim_next(&mut transaction, only).await? else {
        return Ok(BatchOutcome::Idle);
    };
    let person = match &import.by {
        EventActor::Person(owner) => Some(owner.clone()),
        EventActor::System | EventActor::Unrecorded => None,
        EventActor::FormerPerson(_) => {
            import_end(&mut transaction, import.id, None, clock.now()).await?;
            transaction.commit().await?;
            return Ok(BatchOutcome::Orphaned(import.id));
        }
    };
    let actor = Actor { person, source: Source::Import, token_name: None };
    let call: Call<Write> = Call::granted(actor, clock.now(), None)
        .in_change_set(import.change_set())
        .with_note(import.note.clone());
    match import_batch(&mut transaction, &call, &import).await {
        Ok(counts) => {
            transaction.commit().await?;
            call.pending_metrics.flush();
            metrics::import_batch("done");
            Ok(BatchOutcome::Done(import.id, counts))
        }
        // The group requires a reason since the start, so no batch will succeed.
        Err(Failure::Problem(Problem::ReasonRequired { .. })) => {
            transaction.rollback().await?;
            import_end(&mut *pool.acquire().await?, import.id, None, clock.now()).await?;
            Ok(BatchOutcome::Unexplained(import.id))
        }
        Err(failure) => {
            transaction.rollback().await?;
            metrics::import_batch("failed");
            // An import that fails repeatedly must not block the others.
            import_requeue(&mut *pool.acquire().await?, import.id, clock.now()).await?;
            Err(failure)
        }
    }
}

/// Runs batches until `stop` is set, and then ends after the current batch.
pub async fn run_worker(pool: PgPool, clock: Clock, mut stop: watch::Receiver<bool>) {
    // An error means that the sender is gone, which also ends the work.
    while !*stop.borrow_and_update() && stop.has_changed().is_ok() {
        let pause = match run_batch(&pool, &clock, None).await {
            Ok(BatchOutcome::Idle) => POLL_INTERVAL,
            Ok(BatchOutcome::Done(id, counts)) => {
                if counts.not_done() == 0 {
                    tracing::info!(import = %id, enrolled = counts.enrolled, failed = counts.failed(), "import finished");
                }
                continue;
            }
            Ok(BatchOutcome::Orphaned(id)) => {
                tracing::info!(import = %id, "import cancelled because its owner was deleted");
                continue;
            }
            Ok(BatchOutcome::Unexplained(id)) => {
                tracing::info!(import = %id, "import cancelled because the group requires a reason now");
                continue;
            }
            Err(failure) => log_and_pause(&failure),
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}

/// After a conflict the pause is short, because the next import may not be affected.
fn log_and_pause(failure: &Failure) -> Duration {
    match failure {
        Failure::Conflict(error) => {
            tracing::info!(%error, "import batch conflicts with another transaction; retrying");
            return db::jitter();
        }
        Failure::Unavailable(error) => tracing::warn!(%error, "database unavailable; imports wait"),
        Failure::Fault(error) => tracing::error!(%error, "import batch failed"),
        Failure::Problem(problem) => tracing::error!(?problem, "import batch failed"),
    }
    FAULT_PAUSE
}
