//! The operations on enrollments. Each change runs in the caller's transaction.

pub mod matching;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

use sqlx::PgConnection;

use super::model::{
    BulkRemoval, EnrollResult, Enrollment, EnrollmentInclude, EnrollmentWithRelated, NewEnrollment,
    RestoreSummary,
};
use super::rules::{EnrollVerdict, emptying_confirmed, enroll_verdict};
use super::store;
use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::page::Page;
use crate::kernel::problem::Problem;
use crate::platform::call::{Attribute, Call, Includes, Write};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::enrollment_events::model::{EventAction, Removal};
use crate::resources::enrollment_events::ops::{event_removals, event_removed_by};
use crate::resources::workspace_groups::ops::group_get;

pub use store::candidates::{enrollment_candidates, enrollment_group_candidates};
pub use store::list::{
    comparison_counts, enrollment_count, enrollment_counts_of, enrollment_get, enrollment_list,
    enrollment_live_counts, enrollment_removed_after,
};
pub use store::members::enrollment_members;
pub use store::restore::enrollment_restore_steps;
pub use store::{enrollment_lock_by_creator_for_no_key_update, enrollment_lock_for_no_key_update};

/// A refusal lists at most this number of problems.
const MAX_PROBLEMS: usize = 20;

/// A pair is tried again if its live row was removed before the refusal could name it.
const MAX_ATTEMPTS: usize = 3;

/// The rows that one statement changes at most, so that it stays well below the time limit. Larger batches would not be
/// faster, because nearly all of the time goes into index entries.
pub const BATCH: u16 = 5_000;

/// Enrolls a workspace; the actor is the creator. Fails with `GroupNotFound`, `WorkspaceNotFound`, `AlreadyEnrolled` with
/// the live row, or `SignedOut` if the actor was deleted.
pub async fn enrollment_enroll<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: NewEnrollment,
) -> Outcome<Enrollment> {
    let actor = actor_of(call);
    enroll(connection, call, new, actor).await.map_err(|failure| without_actor(failure, actor))
}

fn actor_of<P>(call: &Call<P>) -> Option<PersonId> {
    call.actor.person.as_ref().map(|person| person.id)
}

/// A deleted actor is no mistake in the request; the session or token has lost its person.
fn without_actor(failure: Failure, actor: Option<PersonId>) -> Failure {
    match failure {
        Failure::Problem(Problem::PersonNotFound(missing)) if actor == Some(missing) => {
            Problem::SignedOut.into()
        }
        failure => failure,
    }
}

/// [`enrollment_enroll`] for a creator other than the actor, who may be `PersonNotFound`, or for none.
pub async fn enrollment_enroll_attributed<P: Includes<Attribute> + Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: NewEnrollment,
    created_by: Option<PersonId>,
) -> Outcome<Enrollment> {
    enroll(connection, call, new, created_by).await
}

async fn enroll<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    NewEnrollment { group, workspace }: NewEnrollment,
    created_by: Option<PersonId>,
) -> Outcome<Enrollment> {
    for _ in 0..MAX_ATTEMPTS {
        let verdicts = enroll_all(connection, call, group, &[workspace], true, created_by).await?;
        let Some((_, verdict)) = verdicts.into_iter().next() else {
            return Err(Failure::fault("an attempt to enroll returned no row"));
        };
        if let Some((id, created_at)) = verdict.map_err(Problem::gathered)? {
            let (updated_at, deleted_at) = (Some(created_at), None);
            return Ok(Enrollment { id, group, workspace, created_by, created_at, updated_at, deleted_at });
        }
        if let Some(live) = store::live_of_pair(connection, group, workspace).await? {
            return Err(Problem::AlreadyEnrolled(Box::new(live)).into());
        }
    }
    Err(Failure::Conflict("the pair was enrolled and removed by others during each attempt".into()))
}

/// Tries to enroll distinct workspaces, and records an event for each new row, in the order of the workspaces.
async fn enroll_all<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    workspaces: &[WorkspaceId],
    all_or_none: bool,
    created_by: Option<PersonId>,
) -> Outcome<Vec<(WorkspaceId, EnrollVerdict)>> {
    if workspaces.is_empty() {
        return Ok(Vec::new());
    }
    let attempts = store::insert(connection, call, group, workspaces, all_or_none, created_by).await?;
    let enrolled: Vec<EnrollmentId> = attempts.iter().filter_map(|attempt| attempt.enrollment).collect();
    call.pending_metrics.add(EventAction::Enrolled.into_str(), enrolled.len());
    call.pending_metrics.add_made(enrolled.iter().map(|id| id.uuid()));
    let verdict = |attempt| enroll_verdict(attempt, group, created_by);
    Ok(attempts.iter().map(|attempt| (attempt.workspace, verdict(attempt))).collect())
}

/// Enrolls the workspaces that are not in the group yet, all or none, and returns the new rows in their order. Fails with
/// `GroupNotFound`, `SignedOut`, and every missing workspace as `WorkspaceNotFound`.
pub async fn enrollment_ensure_all<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    workspaces: &[WorkspaceId],
) -> Outcome<Vec<EnrollmentId>> {
    let (workspaces, actor) = (distinct(workspaces), actor_of(call));
    let (mut enrolled, mut problems) = (Vec::with_capacity(workspaces.len()), Vec::new());
    for (_, verdict) in enroll_all(connection, call, group, &workspaces, true, actor).await? {
        match verdict {
            Ok(new) => enrolled.extend(new.map(|(id, _)| id)),
            Err(missing) => problems.extend(missing),
        }
    }
    refuse(problems).map_err(|failure| without_actor(failure, actor))?;
    Ok(enrolled)
}

/// Refuses every missing workspace as `WorkspaceNotFound`, before a change that would have to be rolled back.
pub async fn enrollment_check_workspaces(
    connection: &mut PgConnection,
    workspaces: &[WorkspaceId],
) -> Outcome<()> {
    if workspaces.is_empty() {
        return Ok(());
    }
    let missing = store::missing_workspaces(connection, &distinct(workspaces), MAX_PROBLEMS).await?;
    refuse(missing.into_iter().map(Problem::WorkspaceNotFound).collect())
}

/// Enrolls those of these workspaces that can be enrolled, and returns the result for each, or `GroupNotFound` or
/// `SignedOut`, after which none is enrolled and the transaction is still usable.
pub async fn enrollment_enroll_each<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    workspaces: &[WorkspaceId],
) -> Outcome<BTreeMap<WorkspaceId, EnrollResult>> {
    let (workspaces, actor) = (distinct(workspaces), actor_of(call));
    let mut results = BTreeMap::new();
    for (workspace, verdict) in enroll_all(connection, call, group, &workspaces, false, actor).await? {
        let result = match verdict {
            Ok(Some((id, _))) => EnrollResult::Enrolled(id),
            Ok(None) => EnrollResult::AlreadyIn,
            Err(mut problems) => {
                problems.retain(|problem| *problem != Problem::WorkspaceNotFound(workspace));
                // A missing group or actor concerns all workspaces.
                refuse(problems).map_err(|failure| without_actor(failure, actor))?;
                EnrollResult::WorkspaceNotFound
            }
        };
        results.insert(workspace, result);
    }
    Ok(results)
}

/// Fails if there are problems, with each of them once, those of workspaces last, at most [`MAX_PROBLEMS`].
fn refuse(mut problems: Vec<Problem>) -> Outcome<()> {
    problems.sort_by_key(|problem| matches!(problem, Problem::WorkspaceNotFound(_)));
    let mut listed: Vec<Problem> = Vec::new();
    for problem in problems {
        if listed.len() < MAX_PROBLEMS && !listed.contains(&problem) {
            listed.push(problem);
        }
    }
    if listed.is_empty() { Ok(()) } else { Err(Problem::gathered(listed).into()) }
}

/// Each item once, in the order of the first occurrences.
fn distinct<T: Copy + Eq + Hash>(items: &[T]) -> Vec<T> {
    let mut seen = HashSet::with_capacity(items.len());
    items.iter().copied().filter(|item| seen.insert(*item)).collect()
}

fn count_removals<P>(call: &Call<P>, count: usize) {
    call.pending_metrics.add(EventAction::Removed.into_str(), count);
}

/// Removes those of these workspaces from the group that are in it, all or none, and returns the removed rows in their
/// order.
pub async fn enrollment_ensure_none<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    workspaces: &[WorkspaceId],
) -> Outcome<Vec<EnrollmentId>> {
    let removed = store::set_deleted_of_pairs(connection, call, group, &distinct(workspaces)).await?;
    count_removals(call, removed.len());
    Ok(removed.into_iter().map(|(_, enrollment)| enrollment).collect())
}

/// [`enrollment_ensure_none`] with the removed row of each workspace that was in the group.
pub async fn enrollment_remove_pairs<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    workspaces: &[WorkspaceId],
) -> Outcome<BTreeMap<WorkspaceId, EnrollmentId>> {
    let removed = store::set_deleted_of_pairs(connection, call, group, &distinct(workspaces)).await?;
    count_removals(call, removed.len());
    Ok(removed.into_iter().collect())
}

/// The live enrollment of a pair, or `NotEnrolled`.
pub async fn enrollment_of_pair(connection: &mut PgConnection, pair: NewEnrollment) -> Outcome<EnrollmentId> {
    let live = store::live_of_pair(connection, pair.group, pair.workspace).await?;
    live.map(|live| live.id).ok_or_else(|| not_enrolled(pair).into())
}

const fn not_enrolled(NewEnrollment { group, workspace }: NewEnrollment) -> Problem {
    Problem::NotEnrolled { group, workspace }
}

/// The live enrollments of these workspaces in the group, each once, or every workspace without one as `NotEnrolled`.
pub async fn enrollment_of_workspaces(
    connection: &mut PgConnection,
    group: GroupId,
    workspaces: &[WorkspaceId],
) -> Outcome<Vec<EnrollmentId>> {
    let workspaces = distinct(workspaces);
    let live = store::live_of_workspaces(connection, group, &workspaces).await?;
    let missing = workspaces.iter().filter(|workspace| !live.contains_key(workspace));
    let problem = |workspace: &WorkspaceId| not_enrolled(NewEnrollment { group, workspace: *workspace });
    refuse(missing.map(problem).collect())?;
    Ok(workspaces.iter().filter_map(|workspace| live.get(workspace).copied()).collect())
}

/// Removes the workspace from the group, or fails with `NotEnrolled` or `GroupNotFound`.
pub async fn enrollment_remove_of_pair<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    pair: NewEnrollment,
) -> Outcome<()> {
    if enrollment_ensure_none(connection, call, pair.group, &[pair.workspace]).await?.is_empty() {
        group_get(connection, pair.group, false).await?;
        return Err(not_enrolled(pair).into());
    }
    Ok(())
}

/// Removes an enrollment, or fails with `EnrollmentNotFound`. Returns whether it was live; a removed one stays as it is.
pub async fn enrollment_remove<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: EnrollmentId,
) -> Outcome<bool> {
    let removed = store::set_deleted(connection, call, &[id]).await?;
    if removed.is_empty() {
        enrollment_get(connection, id, EnrollmentInclude::default()).await?;
    }
    count_removals(call, removed.len());
    Ok(!removed.is_empty())
}

/// [`enrollment_enroll`] for the pair of a removed row, which may be `EnrollmentNotFound`.
pub async fn enrollment_readd<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: EnrollmentId,
) -> Outcome<Enrollment> {
    let old = enrollment_get(connection, id, EnrollmentInclude::default()).await?.enrollment;
    enrollment_enroll(connection, call, NewEnrollment { group: old.group, workspace: old.workspace }).await
}

/// Changes or clears the creator of a live or removed enrollment, and returns the previous creator and the enrollment. Fails
/// with `EnrollmentNotFound` or `PersonNotFound`. The present creator writes nothing.
pub async fn enrollment_change_creator<P: Includes<Attribute>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: EnrollmentId,
    created_by: Option<PersonId>,
) -> Outcome<(Option<PersonId>, Enrollment)> {
    let include = EnrollmentInclude { created_by: true, ..EnrollmentInclude::default() };
    let before = enrollment_lock_for_no_key_update(connection, id, include).await?;
    let from = before.enrollment.created_by;
    if from == created_by {
        return Ok((from, before.enrollment));
    }
    let name = before.created_by.map(|person| person.display_name());
    store::set_created_by(connection, call, id, (name, created_by)).await?;
    call.pending_metrics.add(EventAction::AttributionCorrected.into_str(), 1);
    Ok((from, enrollment_get(connection, id, EnrollmentInclude::default()).await?.enrollment))
}

/// Adds to each removed enrollment who removed it, if that is known.
pub async fn enrollment_with_removals(
    connection: &mut PgConnection,
    page: Page<EnrollmentWithRelated>,
) -> Outcome<Page<(EnrollmentWithRelated, Option<Removal>)>> {
    let removed = page.items.iter().map(|item| &item.enrollment).filter(|enrollment| !enrollment.is_live());
    let removed: Vec<EnrollmentId> = removed.map(|enrollment| enrollment.id).collect();
    let mut removals = event_removals(connection, &removed).await?;
    Ok(page.map(|item| {
        let removal = removals.remove(&item.enrollment.id);
        (item, removal)
    }))
}

/// These live or removed enrollments, each once, in the given order, or `EnrollmentNotFound` for the first that does not
/// exist.
pub async fn enrollment_get_many(
    connection: &mut PgConnection,
    ids: &[EnrollmentId],
    include: EnrollmentInclude,
) -> Outcome<Vec<EnrollmentWithRelated>> {
    let rows = store::list::get_many(connection, ids, include).await?;
    let mut rows: HashMap<_, _> = rows.into_iter().map(|row| (row.enrollment.id, row)).collect();
    let take = |id| rows.remove(&id).ok_or_else(|| Problem::EnrollmentNotFound(id).into());
    distinct(ids).into_iter().map(take).collect()
}

/// Sorts rows of enrollments of one group into the order in which statements lock them, for changes in several batches.
pub async fn enrollment_in_locking_order<T>(
    connection: &mut PgConnection,
    mut rows: Vec<T>,
    id: impl Fn(&T) -> EnrollmentId,
) -> Outcome<Vec<T>> {
    let ids: Vec<EnrollmentId> = rows.iter().map(&id).collect();
    let ids = store::list::in_locking_order(connection, &ids).await?;
    let places: HashMap<EnrollmentId, usize> = ids.into_iter().zip(0..).collect();
    rows.sort_by_key(|row| places.get(&id(row)).copied());
    Ok(rows)
}

/// [`enrollment_get_many`] for enrollments of one group. No page submits those of several, so they are `FormMalformed`.
pub async fn enrollment_of_group(
    connection: &mut PgConnection,
    group: GroupId,
    ids: &[EnrollmentId],
) -> Outcome<Vec<EnrollmentWithRelated>> {
    let rows = enrollment_get_many(connection, ids, EnrollmentInclude::default()).await?;
    let is_same = rows.iter().all(|row| row.enrollment.group == group);
    if is_same { Ok(rows) } else { Err(Problem::FormMalformed.into()) }
}

/// Removes the live ones among these enrollments of a group, and returns their ids in the given order. Fails with
/// `EnrollmentNotFound`, or `FormMalformed` if one belongs to another group.
pub async fn enrollment_remove_many<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    ids: &[EnrollmentId],
) -> Outcome<Vec<EnrollmentId>> {
    enrollment_of_group(connection, group, ids).await?;
    let removed = store::set_deleted(connection, call, &distinct(ids)).await?;
    count_removals(call, removed.len());
    Ok(removed)
}

/// Removes the live ones among these distinct enrollments of any groups, and returns their ids.
pub async fn enrollment_remove_each<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    ids: &[EnrollmentId],
) -> Outcome<Vec<EnrollmentId>> {
    let removed = store::set_deleted(connection, call, ids).await?;
    count_removals(call, removed.len());
    Ok(removed)
}

/// Removes all workspaces from the group, or fails with `GroupNotFound`, or with `EnrollmentsChanged` if their number is not
/// the one that the user confirmed.
pub async fn enrollment_remove_all<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    expected: usize,
) -> Outcome<()> {
    group_get(connection, group, false).await?;
    let (mut count, mut last) = (0, None);
    loop {
        let removed = store::set_deleted_of_group(connection, call, group, &mut last, BATCH.into()).await?;
        if removed.is_empty() {
            break;
        }
        count_removals(call, removed.len());
        count += removed.len();
    }
    if count == expected { Ok(()) } else { Err(Problem::EnrollmentsChanged(count).into()) }
}

/// [`enrollment_remove_all`] for a user who typed the number to confirm it, or `NotConfirmed`.
pub async fn enrollment_remove_all_confirmed<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    expected: usize,
    typed: &str,
) -> Outcome<()> {
    emptying_confirmed(expected, typed)?;
    enrollment_remove_all(connection, call, group, expected).await
}

/// Enrolls the workspaces again that one request removed from a group, or fails with `GroupNotFound` or `SignedOut`. They
/// are read from the log, because their number is not limited.
pub async fn enrollment_restore_bulk<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    removal: &BulkRemoval,
) -> Outcome<RestoreSummary> {
    let removed = event_removed_by(connection, removal.group, removal.at, &removal.request).await?;
    let mut summary = RestoreSummary::default();
    // They are in the order in which rows are locked.
    for workspaces in removed.chunks(BATCH.into()) {
        for result in enrollment_enroll_each(connection, call, removal.group, workspaces).await?.values() {
            match result {
                EnrollResult::Enrolled(_) => summary.enrolled += 1,
                EnrollResult::AlreadyIn => summary.already += 1,
                EnrollResult::WorkspaceNotFound => summary.gone += 1,
            }
        }
    }
    Ok(summary)
}

/// [`enrollment_ensure_all`] for the workspaces of these rows of the group, with the errors of [`enrollment_remove_many`].
pub async fn enrollment_readd_many<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    ids: &[EnrollmentId],
) -> Outcome<Vec<EnrollmentId>> {
    let removed = enrollment_of_group(connection, group, ids).await?;
    let workspaces: Vec<WorkspaceId> = removed.iter().map(|row| row.enrollment.workspace).collect();
    enrollment_ensure_all(connection, call, group, &workspaces).await
}
