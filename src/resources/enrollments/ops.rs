//! The operations on enrollments. Each change runs in the caller's transaction.

mod many;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

use sqlx::PgConnection;

use super::model::comparison::{Change, Comparison};
use super::model::{
    AttributionOutcome, EnrollResult, Enrollment, EnrollmentInclude, EnrollmentWithRelated, NewEnrollment,
    RemoveOutcome,
};
use super::rules::{EnrollVerdict, enroll_verdict};
use super::store::{self, Extent};
use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::problem::Problem;
use crate::platform::call::{Attribute, Call, Includes, Write};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::enrollment_events::model::{Correction, EventAction, Removal};
use crate::resources::enrollment_events::ops::{event_record, event_removals};
use crate::resources::workspace_groups::ops::group_get;

pub use many::{
    enrollment_get_many, enrollment_readd_many, enrollment_remove_all, enrollment_remove_many,
    enrollment_restore_bulk,
};
pub use store::candidates::{enrollment_candidates, enrollment_group_candidates};
pub use store::list::{comparison_counts, enrollment_count, enrollment_get, enrollment_list};
pub use store::{enrollment_hold_of_person, enrollment_lock_for_no_key_update};

/// A refusal lists at most this number of problems.
const MAX_PROBLEMS: usize = 20;

/// A pair is tried again if its live row was removed before the refusal could name it.
const MAX_ATTEMPTS: usize = 3;

/// Enrolls a workspace; the actor is the creator.
///
/// # Errors
/// `GroupNotFound`, `WorkspaceNotFound`, `AlreadyEnrolled` with the live row, or `SignedOut` if the actor was deleted.
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
    match (failure, actor) {
        (Failure::Problem(Problem::PersonNotFound(missing)), Some(actor)) if missing == actor => {
            Problem::SignedOut.into()
        }
        (failure, _) => failure,
    }
}

/// Enrolls a workspace for a creator other than the actor, or for none.
///
/// # Errors
/// `GroupNotFound`, `WorkspaceNotFound`, `PersonNotFound`, `AlreadyEnrolled` with the live row.
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
        let verdicts =
            enroll_all(connection, call, group, &[workspace], Extent::AllOrNone, created_by).await?;
        match verdicts.into_iter().next() {
            Some((_, EnrollVerdict::Enrolled(id, created_at))) => {
                return Ok(Enrollment {
                    id,
                    group,
                    workspace,
                    created_by,
                    created_at,
                    updated_at: Some(created_at),
                    deleted_at: None,
                });
            }
            Some((_, EnrollVerdict::Refused(problems))) => return Err(Problem::gathered(problems).into()),
            Some((_, EnrollVerdict::AlreadyLive)) => {
                if let Some(live) = store::live_of_pair(connection, group, workspace).await? {
                    return Err(Problem::AlreadyEnrolled(Box::new(live)).into());
                }
            }
            None => return Err(Failure::fault("an attempt to enroll returned no row")),
        }
    }
    Err(Failure::Conflict("the pair was enrolled and removed by others during each attempt".into()))
}

/// Tries to enroll distinct workspaces, and records an event for each new row. The verdicts and the events are in the
/// order of the workspaces.
async fn enroll_all<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    workspaces: &[WorkspaceId],
    extent: Extent,
    created_by: Option<PersonId>,
) -> Outcome<Vec<(WorkspaceId, EnrollVerdict)>> {
    if workspaces.is_empty() {
        return Ok(Vec::new());
    }
    let attempts = store::insert(connection, group, workspaces, extent, created_by, call.now).await?;
    let enrolled: Vec<EnrollmentId> = attempts.iter().filter_map(|attempt| attempt.enrollment).collect();
    event_record(connection, call, EventAction::Enrolled, &enrolled, None).await?;
    let verdict = |attempt| enroll_verdict(attempt, group, created_by);
    Ok(attempts.iter().map(|attempt| (attempt.workspace, verdict(attempt))).collect())
}

/// Enrolls the workspaces that are not in the group yet, all or none, and returns the new rows in their order.
///
/// # Errors
/// `GroupNotFound`, `SignedOut`, and every missing workspace as `WorkspaceNotFound`.
pub async fn enrollment_ensure_all<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    workspaces: &[WorkspaceId],
) -> Outcome<Vec<EnrollmentId>> {
    let (workspaces, actor) = (distinct(workspaces), actor_of(call));
    let (mut enrolled, mut problems) = (Vec::with_capacity(workspaces.len()), Vec::new());
    for (_, verdict) in enroll_all(connection, call, group, &workspaces, Extent::AllOrNone, actor).await? {
        match verdict {
            EnrollVerdict::Enrolled(id, _) => enrolled.push(id),
            EnrollVerdict::AlreadyLive => {}
            EnrollVerdict::Refused(missing) => problems.extend(missing),
        }
    }
    if problems.is_empty() { Ok(enrolled) } else { Err(without_actor(gathered(problems).into(), actor)) }
}

/// Checks that all of these workspaces are live, before a change that would have to be rolled back.
///
/// # Errors
/// Every missing workspace as `WorkspaceNotFound`.
pub async fn enrollment_check_workspaces(
    connection: &mut PgConnection,
    workspaces: &[WorkspaceId],
) -> Outcome<()> {
    if workspaces.is_empty() {
        return Ok(());
    }
    let missing = store::missing_workspaces(connection, &distinct(workspaces), MAX_PROBLEMS).await?;
    let problems: Vec<Problem> = missing.into_iter().map(Problem::WorkspaceNotFound).collect();
    if problems.is_empty() { Ok(()) } else { Err(Problem::gathered(problems).into()) }
}

/// Enrolls those of these workspaces that can be enrolled, and returns the result for each.
///
/// # Errors
/// `GroupNotFound` or `SignedOut`, after which none is enrolled and the transaction is still usable.
pub async fn enrollment_enroll_each<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    workspaces: &[WorkspaceId],
) -> Outcome<BTreeMap<WorkspaceId, EnrollResult>> {
    let (workspaces, actor) = (distinct(workspaces), actor_of(call));
    let mut results = BTreeMap::new();
    for (workspace, verdict) in enroll_all(connection, call, group, &workspaces, Extent::Each, actor).await? {
        let result = match verdict {
            EnrollVerdict::Enrolled(id, _) => EnrollResult::Enrolled(id),
            EnrollVerdict::AlreadyLive => EnrollResult::AlreadyIn,
            EnrollVerdict::Refused(mut problems) => {
                problems.retain(|problem| *problem != Problem::WorkspaceNotFound(workspace));
                // A missing group or actor concerns all workspaces.
                if !problems.is_empty() {
                    return Err(without_actor(Problem::gathered(problems).into(), actor));
                }
                EnrollResult::WorkspaceNotFound
            }
        };
        results.insert(workspace, result);
    }
    Ok(results)
}

/// Each problem once, those of workspaces last, at most [`MAX_PROBLEMS`].
fn gathered(mut problems: Vec<Problem>) -> Problem {
    problems.sort_by_key(|problem| matches!(problem, Problem::WorkspaceNotFound(_)));
    let mut listed: Vec<Problem> = Vec::with_capacity(MAX_PROBLEMS);
    for problem in problems {
        if listed.len() < MAX_PROBLEMS && !listed.contains(&problem) {
            listed.push(problem);
        }
    }
    Problem::gathered(listed)
}

/// Each item once, in the order of the first occurrences.
fn distinct<T: Copy + Eq + Hash>(items: &[T]) -> Vec<T> {
    let mut seen = HashSet::with_capacity(items.len());
    items.iter().copied().filter(|item| seen.insert(*item)).collect()
}

/// Removes those of these workspaces from the group that are in it, all or none, and returns the removed rows in their
/// order.
pub async fn enrollment_ensure_none<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    workspaces: &[WorkspaceId],
) -> Outcome<Vec<EnrollmentId>> {
    let removed = store::set_deleted_of_pairs(connection, group, &distinct(workspaces), call.now).await?;
    event_record(connection, call, EventAction::Removed, &removed, None).await?;
    Ok(removed)
}

/// The live enrollment of a pair, or `NotEnrolled`.
pub async fn enrollment_of_pair(connection: &mut PgConnection, pair: NewEnrollment) -> Outcome<EnrollmentId> {
    let live = store::live_of_pair(connection, pair.group, pair.workspace).await?;
    live.map(|live| live.id).ok_or_else(|| not_enrolled(pair).into())
}

const fn not_enrolled(pair: NewEnrollment) -> Problem {
    Problem::NotEnrolled { group: pair.group, workspace: pair.workspace }
}

/// Removes the workspace from the group.
///
/// # Errors
/// `NotEnrolled`, `GroupNotFound`.
pub async fn enrollment_remove_of_pair<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    pair: NewEnrollment,
) -> Outcome<()> {
    let removed = enrollment_ensure_none(connection, call, pair.group, &[pair.workspace]).await?;
    if removed.is_empty() {
        group_get(connection, pair.group, false).await?;
        return Err(not_enrolled(pair).into());
    }
    Ok(())
}

/// Removes an enrollment; removing a removed one changes nothing.
///
/// # Errors
/// `EnrollmentNotFound`.
pub async fn enrollment_remove<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: EnrollmentId,
) -> Outcome<RemoveOutcome> {
    let removed = store::set_deleted(connection, &[id], call.now).await?;
    if removed.is_empty() {
        enrollment_get(connection, id, EnrollmentInclude::default()).await?;
        return Ok(RemoveOutcome::AlreadyRemoved);
    }
    event_record(connection, call, EventAction::Removed, &removed, None).await?;
    Ok(RemoveOutcome::Removed)
}

/// Enrolls the pair of a removed row again, as a new row; the actor is the creator.
///
/// # Errors
/// `EnrollmentNotFound`, and those of [`enrollment_enroll`].
pub async fn enrollment_readd<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: EnrollmentId,
) -> Outcome<Enrollment> {
    let old = enrollment_get(connection, id, EnrollmentInclude::default()).await?.enrollment;
    enrollment_enroll(connection, call, NewEnrollment { group: old.group, workspace: old.workspace }).await
}

/// Changes the creator of a live or removed enrollment, or clears it. The present creator writes nothing.
///
/// # Errors
/// `EnrollmentNotFound`, `PersonNotFound`.
pub async fn enrollment_correct_attribution<P: Includes<Attribute>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: EnrollmentId,
    created_by: Option<PersonId>,
) -> Outcome<AttributionOutcome> {
    let include = EnrollmentInclude { created_by: true, ..EnrollmentInclude::default() };
    let before = enrollment_lock_for_no_key_update(connection, id, include).await?;
    let from = before.enrollment.created_by;
    if from == created_by {
        return Ok(AttributionOutcome { from, enrollment: before.enrollment });
    }
    let to = store::set_created_by(connection, id, created_by, call.now).await?;
    let correction = Correction { from: before.created_by.map(|person| person.display_name()), to };
    event_record(connection, call, EventAction::AttributionCorrected, &[id], Some(&correction)).await?;
    let after = enrollment_get(connection, id, EnrollmentInclude::default()).await?;
    Ok(AttributionOutcome { from, enrollment: after.enrollment })
}

/// Adds to each removed enrollment who removed it, if that is known.
pub async fn enrollment_with_removals(
    connection: &mut PgConnection,
    page: Page<EnrollmentWithRelated>,
) -> Outcome<Page<(EnrollmentWithRelated, Option<Removal>)>> {
    let removed = page.items.iter().filter(|item| !item.enrollment.is_live());
    let removed: Vec<EnrollmentId> = removed.map(|item| item.enrollment.id).collect();
    let removals = if removed.is_empty() { Vec::new() } else { event_removals(connection, &removed).await? };
    let removals = removals.into_iter().map(|removal| (removal.enrollment, removal));
    let mut removals: HashMap<_, _> = removals.collect();
    Ok(page.map(|item| {
        let removal = removals.remove(&item.enrollment.id);
        (item, removal)
    }))
}

/// A page of the rows that show this change, see [`Comparison::rows`].
pub async fn comparison_list(
    connection: &mut PgConnection,
    comparison: &Comparison,
    change: Change,
    page: &PageRequest,
    include: EnrollmentInclude,
) -> Outcome<Page<EnrollmentWithRelated>> {
    enrollment_list(connection, &comparison.rows(change), &Comparison::sort(change), page, include).await
}
