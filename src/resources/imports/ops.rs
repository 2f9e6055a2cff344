//! Operations on imports. Each runs in a transaction of the caller.

mod receive;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

pub use self::receive::ListReceiver;
use super::model::{CancelOutcome, Import, ImportCounts, ImportState, NewImport, NewLine, StartOutcome};
use super::rules::{BATCH_LINES, DoneLine, KnownLine, LineClass, classify_lines, done_line};
use super::store;
pub use super::store::list::{lines as import_lines, list as import_list};
pub use super::store::preview::preview as import_preview;
pub use super::store::run::{claim_next as import_claim_next, requeue as import_requeue};
use crate::kernel::id::{GroupId, ImportId};
use crate::kernel::problem::{ImportFault, Problem};
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::enrollments::ops::enrollment_enroll_each;

/// A list that has been arriving for longer than this was interrupted.
const RECEIVING_FOR: TimeDelta = TimeDelta::hours(1);
/// How long a prepared import waits to be started.
pub const PREPARED_FOR: TimeDelta = TimeDelta::days(7);

fn not_found(id: ImportId) -> Failure {
    Problem::ImportNotFound(id).into()
}

/// Begins to receive a list. The import is invisible until it is prepared.
///
/// # Errors
/// `GroupNotFound`, also for a removed group.
pub async fn import_begin<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: &NewImport,
) -> Outcome<ImportId> {
    let id = store::insert(connection, new, call.actor.person.as_ref(), call.now).await?;
    id.ok_or_else(|| Problem::GroupNotFound(new.group).into())
}

/// # Errors
/// `ImportNotFound` unless the import is receiving its list.
pub async fn import_append<P: Includes<Write>>(
    connection: &mut PgConnection,
    _call: &Call<P>,
    id: ImportId,
    lines: &[NewLine],
) -> Outcome<()> {
    if store::append(connection, id, lines).await? { Ok(()) } else { Err(not_found(id)) }
}

/// Ends the list. From now on the import is visible and can be started.
///
/// # Errors
/// `ImportNotFound` unless the import is receiving its list.
pub async fn import_prepare<P: Includes<Write>>(
    connection: &mut PgConnection,
    _call: &Call<P>,
    id: ImportId,
    column_name: Option<&str>,
) -> Outcome<()> {
    if store::set_prepared(connection, id, column_name).await? { Ok(()) } else { Err(not_found(id)) }
}

/// # Errors
/// `ImportNotFound`, also while the list is being received.
pub async fn import_get(connection: &mut PgConnection, id: ImportId) -> Outcome<Import> {
    store::list::get(connection, id).await?.ok_or_else(|| not_found(id))
}

/// Queues the import, with the caller's person as its owner.
///
/// # Errors
/// `ImportNotFound`; `GroupNotFound` if the group was removed in the meantime.
pub async fn import_start<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: ImportId,
) -> Outcome<StartOutcome> {
    let import = store::lock_for_no_key_update(connection, id).await?.ok_or_else(|| not_found(id))?;
    if import.state.is_started() {
        return Ok(StartOutcome::StartedBefore);
    }
    if import.state == ImportState::Receiving {
        return Err(not_found(id));
    }
    if import.group_is_removed {
        return Err(Problem::GroupNotFound(import.group).into());
    }
    store::set_queued(connection, id, call.actor.person.as_ref(), call.now).await?;
    Ok(StartOutcome::Started)
}

/// Deletes an import that was not started and so has changed nothing. An unknown id is no error.
///
/// # Errors
/// `ImportStarted`.
pub async fn import_discard<P: Includes<Write>>(
    connection: &mut PgConnection,
    _call: &Call<P>,
    id: ImportId,
) -> Outcome<()> {
    match store::lock_for_no_key_update(connection, id).await? {
        Some(import) if import.state.is_started() => Err(Problem::ImportStarted(id).into()),
        Some(_) => store::delete(connection, id).await,
        None => Ok(()),
    }
}

/// Cancels the import after the current batch.
///
/// # Errors
/// `ImportNotFound`, also for an import that was not started.
pub async fn import_cancel<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: ImportId,
) -> Outcome<CancelOutcome> {
    let import = store::lock_for_no_key_update(connection, id).await?;
    let import = import.filter(|import| import.state.is_started()).ok_or_else(|| not_found(id))?;
    if !import.state.is_under_way() {
        return Ok(CancelOutcome::EndedBefore);
    }
    let name = call.actor.person.as_ref().map(|person| person.name.as_str());
    store::set_cancelled(connection, id, name, call.now).await?;
    Ok(CancelOutcome::Cancelled)
}

/// Cancels an import whose owner was deleted.
pub async fn import_end_orphan(
    connection: &mut PgConnection,
    import: &Import,
    now: DateTime<Utc>,
) -> Outcome<()> {
    store::set_cancelled(connection, import.id, None, now).await
}

/// Processes the next lines of a claimed import on behalf of its owner.
///
/// # Errors
/// `SignedOut` if the owner was deleted in the meantime.
pub async fn import_batch<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    import: &Import,
) -> Outcome<ImportCounts> {
    let lines = store::run::next_lines(connection, import.id, import.counts.done, BATCH_LINES).await?;
    let done = process_lines(connection, call, import.group, &lines).await?;
    let written = store::run::set_outcomes(connection, import.id, &done).await?;
    if usize::try_from(written).ok() != Some(done.len()) {
        return Err(Failure::fault(format!("{} lines but {written} without an outcome", done.len())));
    }
    let mut counts = import.counts;
    for line in &done {
        counts.add(line.outcome);
    }
    store::run::set_counts(connection, import.id, &counts, call.now).await?;
    Ok(counts)
}

async fn process_lines<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    lines: &[KnownLine],
) -> Outcome<Vec<DoneLine>> {
    let classes = classify_lines(lines);
    let workspaces: Vec<_> = classes
        .iter()
        .filter_map(|class| match class {
            LineClass::Enroll(workspace) => Some(*workspace),
            LineClass::Unknown | LineClass::Duplicate(..) | LineClass::Unreadable => None,
        })
        .collect();
    let results = match enrollment_enroll_each(connection, call, group, &workspaces).await {
        Ok(results) => Some(results),
        Err(Failure::Problem(Problem::GroupNotFound(_))) => None,
        Err(failure) => return Err(failure),
    };
    let done = lines.iter().zip(classes);
    Ok(done.map(|(line, class)| done_line(line.position, class, results.as_ref())).collect())
}

/// Deletes imports that were never started. Returns how many.
pub async fn import_delete_expired(connection: &mut PgConnection, now: DateTime<Utc>) -> Outcome<u64> {
    store::delete_unstarted(connection, now - RECEIVING_FOR, now - PREPARED_FOR).await
}

/// The refusal of a list.
pub fn import_refused(fault: ImportFault) -> Failure {
    Problem::ImportRefused(fault).into()
}
