//! What can be done with imports. Each write runs in the caller's transaction, which the caller commits;
//! dropping it undoes everything.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::model::{
    CancelOutcome, ClaimedImport, Import, ImportCounts, ImportLine, ImportState, LineKind, NewImport,
    NewLine, StartOutcome,
};
use super::rules::{BATCH, DoneLine, KnownLine, Verdict, done_line, judge};
use super::store;
use crate::kernel::id::{GroupId, ImportId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::problem::{ImportFault, Problem};
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::enrollments::ops::enrollment_enroll_each;

/// How long a list may take to come in. What is older was broken off.
const RECEIVING_FOR: TimeDelta = TimeDelta::hours(1);
/// How long an import waits to be started.
pub const PREPARED_FOR: TimeDelta = TimeDelta::days(7);

/// Begins to receive a list; nobody sees it until it is whole.
///
/// # Errors
/// `GroupNotFound`, also for a removed one.
pub async fn import_begin<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: &NewImport,
) -> Outcome<ImportId> {
    let id = store::insert(connection, new, call.actor.person.as_ref(), call.now).await?;
    id.ok_or_else(|| Problem::GroupNotFound(new.group).into())
}

/// # Errors
/// `ImportNotFound`: no list is coming in under this id.
pub async fn import_append<P: Includes<Write>>(
    connection: &mut PgConnection,
    _call: &Call<P>,
    id: ImportId,
    lines: &[NewLine],
) -> Outcome<()> {
    if store::append(connection, id, lines).await? { Ok(()) } else { Err(Problem::ImportNotFound(id).into()) }
}

/// The list is whole: from now on the import can be looked at, and started.
///
/// # Errors
/// `ImportNotFound`: no list is coming in under this id.
pub async fn import_prepare<P: Includes<Write>>(
    connection: &mut PgConnection,
    _call: &Call<P>,
    id: ImportId,
    column_name: Option<&str>,
) -> Outcome<()> {
    if store::set_prepared(connection, id, column_name).await? {
        Ok(())
    } else {
        Err(Problem::ImportNotFound(id).into())
    }
}

/// # Errors
/// `ImportNotFound`, also while its list is coming in.
pub async fn import_get(connection: &mut PgConnection, id: ImportId) -> Outcome<Import> {
    store::list::get(connection, id).await?.ok_or_else(|| Problem::ImportNotFound(id).into())
}

/// Of a group, the newest first.
pub async fn import_list(
    connection: &mut PgConnection,
    group: GroupId,
    page: &PageRequest,
) -> Outcome<Page<Import>> {
    store::list::list(connection, group, page).await
}

/// What it would come to if it ran now, and a page of the lines of one kind; `None`: of the first kind of
/// which there are any. The cost grows with the list.
pub async fn import_preview(
    connection: &mut PgConnection,
    id: ImportId,
    kind: Option<LineKind>,
    page: &PageRequest,
) -> Outcome<(ImportCounts, Page<ImportLine>)> {
    store::preview::preview(connection, id, kind, page).await
}

/// What its lines came to, in their order; `None`: lines of all kinds.
pub async fn import_lines(
    connection: &mut PgConnection,
    id: ImportId,
    kind: Option<LineKind>,
    page: &PageRequest,
) -> Outcome<Page<ImportLine>> {
    store::list::lines(connection, id, kind, page).await
}

/// Has it run from now on, in the actor's name.
///
/// # Errors
/// `ImportNotFound`, `GroupNotFound` where the group was removed meanwhile.
pub async fn import_start<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: ImportId,
) -> Outcome<StartOutcome> {
    let found = store::lock(connection, id).await?.ok_or(Problem::ImportNotFound(id))?;
    match found.state {
        ImportState::Receiving => Err(Problem::ImportNotFound(id).into()),
        ImportState::Prepared if found.group_is_removed => Err(Problem::GroupNotFound(found.group).into()),
        ImportState::Prepared => {
            store::set_queued(connection, id, call.actor.person.as_ref(), call.now).await?;
            Ok(StartOutcome::Started)
        }
        ImportState::Queued | ImportState::Running | ImportState::Finished | ImportState::Cancelled => {
            Ok(StartOutcome::StartedBefore)
        }
    }
}

/// Forgets a list that was not started: it has changed nothing. One that is not there is no error.
///
/// # Errors
/// `ImportStarted`.
pub async fn import_discard<P: Includes<Write>>(
    connection: &mut PgConnection,
    _call: &Call<P>,
    id: ImportId,
) -> Outcome<()> {
    let Some(found) = store::lock(connection, id).await? else { return Ok(()) };
    match found.state {
        ImportState::Receiving | ImportState::Prepared => store::delete(connection, id).await,
        ImportState::Queued | ImportState::Running | ImportState::Finished | ImportState::Cancelled => {
            Err(Problem::ImportStarted(id).into())
        }
    }
}

/// Ends it after the batch that runs.
///
/// # Errors
/// `ImportNotFound`, also for one that was not started.
pub async fn import_cancel<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: ImportId,
) -> Outcome<CancelOutcome> {
    let found = store::lock(connection, id).await?.ok_or(Problem::ImportNotFound(id))?;
    match found.state {
        ImportState::Receiving | ImportState::Prepared => Err(Problem::ImportNotFound(id).into()),
        ImportState::Queued | ImportState::Running => {
            let name = call.actor.person.as_ref().map(|person| person.name.as_str());
            store::set_cancelled(connection, id, name, call.now).await?;
            Ok(CancelOutcome::Cancelled)
        }
        ImportState::Finished | ImportState::Cancelled => Ok(CancelOutcome::EndedBefore),
    }
}

/// The import that has waited longest, or this one, held until the transaction ends; `None` where there is
/// none, or another process has it.
pub async fn import_claim_next(
    connection: &mut PgConnection,
    only: Option<ImportId>,
) -> Outcome<Option<ClaimedImport>> {
    store::run::claim_next(connection, only).await
}

/// Ends one whose person was deleted.
pub async fn import_end_orphan(
    connection: &mut PgConnection,
    held: &ClaimedImport,
    now: DateTime<Utc>,
) -> Outcome<()> {
    store::set_cancelled(connection, held.id, None, now).await
}

/// Does the next lines of an import that is held, for who started it.
///
/// # Errors
/// `SignedOut` where who started it was deleted meanwhile.
pub async fn import_batch<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    held: &ClaimedImport,
) -> Outcome<ImportCounts> {
    let lines = store::run::next_lines(connection, held.id, held.counts.done, BATCH).await?;
    let done = run_lines(connection, call, held.group, &lines).await?;
    let kept = store::run::set_outcomes(connection, held.id, &done).await?;
    if usize::try_from(kept).ok() != Some(done.len()) {
        return Err(Failure::fault(format!("{} lines but {kept} without an outcome", done.len())));
    }
    let mut counts = held.counts;
    for line in &done {
        counts.add(line.outcome);
    }
    store::run::set_counts(connection, held.id, &counts, call.now).await?;
    Ok(counts)
}

/// Lets all others that wait go first.
pub async fn import_requeue(connection: &mut PgConnection, id: ImportId, now: DateTime<Utc>) -> Outcome<()> {
    store::run::requeue(connection, id, now).await
}

async fn run_lines<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    lines: &[KnownLine],
) -> Outcome<Vec<DoneLine>> {
    let verdicts = judge(lines);
    let wanted: Vec<_> = verdicts
        .iter()
        .filter_map(|verdict| match verdict {
            Verdict::Enroll(workspace) => Some(*workspace),
            Verdict::Unknown | Verdict::Duplicate(..) | Verdict::Unreadable => None,
        })
        .collect();
    let tried = match enrollment_enroll_each(connection, call, group, &wanted).await {
        Ok(tried) => Some(tried),
        Err(Failure::Problem(Problem::GroupNotFound(_))) => None,
        Err(failure) => return Err(failure),
    };
    let line = |(line, verdict): (&KnownLine, Verdict)| done_line(line.position, verdict, tried.as_ref());
    Ok(lines.iter().zip(verdicts).map(line).collect())
}

/// Forgets what was never started.
pub async fn import_sweep(connection: &mut PgConnection, now: DateTime<Utc>) -> Outcome<u64> {
    store::delete_unstarted(connection, now - RECEIVING_FOR, now - PREPARED_FOR).await
}

/// The problem of a list that cannot be taken.
pub fn import_refused(fault: ImportFault) -> Failure {
    Problem::ImportRefused(fault).into()
}
