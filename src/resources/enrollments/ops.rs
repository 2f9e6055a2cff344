//! What can be done with enrollments. Each write runs in the caller's transaction, which the caller
//! commits; dropping it undoes everything.

pub mod comparison;
mod many;

use std::collections::{BTreeMap, HashMap, HashSet};

use sqlx::PgConnection;

use super::model::{
    AttributionOutcome, Candidate, EnrollResult, Enrollment, EnrollmentFilter, EnrollmentInclude,
    EnrollmentSort, EnrollmentWithRelated, GroupCandidate, NewEnrollment, RemoveOutcome,
};
use super::rules::{EnrollVerdict, enroll_verdict};
use super::store::{self, Extent};
use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::problem::Problem;
use crate::platform::call::{Attribute, Call, Includes, Write};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::enrollment_events::model::Correction;
use crate::resources::enrollment_events::ops::{event_attribution_corrected, event_enrolled, event_removed};
use crate::resources::workspace_groups::ops::group_get;

pub use many::{
    enrollment_get_many, enrollment_readd_many, enrollment_remove_all, enrollment_remove_many,
    enrollment_restore_bulk,
};

/// As many as one answer tells.
const PROBLEMS_TOLD: usize = 20;

/// How often a pair is tried that is neither free nor taken: the live row that stood in the way was
/// removed before it could be named, so the pair is free now.
const TRIES: usize = 3;

/// Enrolls, in the actor's name.
///
/// # Errors
/// `GroupNotFound`, `WorkspaceNotFound`, or `AlreadyEnrolled` with the live row.
pub async fn enrollment_enroll<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: NewEnrollment,
) -> Outcome<Enrollment> {
    let actor = call.actor.person.as_ref().map(|person| person.id);
    enroll(connection, call, new, actor).await.map_err(|failure| without_actor(failure, actor))
}

/// Who acts was deleted meanwhile: that is no mistake in what was asked, but the end of who asked.
fn without_actor(failure: Failure, actor: Option<PersonId>) -> Failure {
    match (failure, actor) {
        (Failure::Problem(Problem::PersonNotFound(missing)), Some(actor)) if missing == actor => {
            Problem::SignedOut.into()
        }
        (failure, _) => failure,
    }
}

/// Enrolls in the name of somebody who need not be the actor, or of nobody.
///
/// # Errors
/// Those of [`enrollment_enroll`], and `PersonNotFound`.
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
    new: NewEnrollment,
    created_by: Option<PersonId>,
) -> Outcome<Enrollment> {
    for _ in 0..TRIES {
        let workspaces = [new.workspace];
        let attempts =
            store::insert(connection, new.group, &workspaces, Extent::AllOrNone, created_by, call.now)
                .await?;
        let attempt = attempts.first().ok_or_else(|| Failure::fault("no answer for the pair asked about"))?;
        match enroll_verdict(attempt, new.group, created_by) {
            EnrollVerdict::Enrolled(id, at) => {
                event_enrolled(connection, call, &[id]).await?;
                return Ok(Enrollment {
                    id,
                    group: new.group,
                    workspace: new.workspace,
                    created_by,
                    created_at: at,
                    updated_at: Some(at),
                    deleted_at: None,
                });
            }
            EnrollVerdict::Refused(problems) => {
                return Err(Problem::gathered(problems).into());
            }
            EnrollVerdict::AlreadyLive => {
                if let Some(live) = store::live_of_pair(connection, new.group, new.workspace).await? {
                    return Err(Problem::AlreadyEnrolled(Box::new(live)).into());
                }
            }
        }
    }
    Err(Failure::Conflict("the pair was enrolled and removed by others as fast as it was tried".into()))
}

/// Enrolls each of these workspaces that is not in the group yet, all or none; what was in already
/// stays as it is. Twice the same is once. The events are in the order of the workspaces.
///
/// # Errors
/// `GroupNotFound`, and every missing workspace as `WorkspaceNotFound`.
pub async fn enrollment_ensure_all<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    workspaces: &[WorkspaceId],
) -> Outcome<Vec<EnrollmentId>> {
    let distinct = distinct(workspaces);
    let actor = call.actor.person.as_ref().map(|person| person.id);
    let attempts = store::insert(connection, group, &distinct, Extent::AllOrNone, actor, call.now).await?;
    let mut enrolled = Vec::with_capacity(attempts.len());
    let mut problems = Vec::new();
    for attempt in attempts {
        match enroll_verdict(&attempt, group, actor) {
            EnrollVerdict::Enrolled(id, _) => enrolled.push(id),
            EnrollVerdict::AlreadyLive => {}
            EnrollVerdict::Refused(missing) => problems.extend(missing),
        }
    }
    if !problems.is_empty() {
        return Err(without_actor(all_of(problems, workspaces).into(), actor));
    }
    if !enrolled.is_empty() {
        event_enrolled(connection, call, &enrolled).await?;
    }
    Ok(enrolled)
}

/// Asks whether all of these workspaces are there, before something is made that is undone where they are not.
///
/// # Errors
/// Every missing workspace as `WorkspaceNotFound`.
pub async fn enrollment_check_workspaces(
    connection: &mut PgConnection,
    workspaces: &[WorkspaceId],
) -> Outcome<()> {
    let present = store::present(connection, &distinct(workspaces)).await?;
    let missing = workspaces.iter().filter(|id| !present.contains(*id));
    let problems: Vec<Problem> = missing.map(|id| Problem::WorkspaceNotFound(*id)).collect();
    if problems.is_empty() { Ok(()) } else { Err(all_of(problems, workspaces).into()) }
}

/// Enrolls each of these workspaces that can be, and says of each what came of it; twice the same is once.
///
/// # Errors
/// `GroupNotFound`, `SignedOut`: then none was enrolled. The transaction can go on.
pub async fn enrollment_enroll_each<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    workspaces: &[WorkspaceId],
) -> Outcome<BTreeMap<WorkspaceId, EnrollResult>> {
    let actor = call.actor.person.as_ref().map(|person| person.id);
    let workspaces = distinct(workspaces);
    let attempts = store::insert(connection, group, &workspaces, Extent::Each, actor, call.now).await?;
    let mut tried = BTreeMap::new();
    let mut enrolled = Vec::with_capacity(attempts.len());
    for attempt in attempts {
        let outcome = match enroll_verdict(&attempt, group, actor) {
            EnrollVerdict::Enrolled(id, _) => {
                enrolled.push(id);
                EnrollResult::Enrolled(id)
            }
            EnrollVerdict::AlreadyLive => EnrollResult::AlreadyIn,
            EnrollVerdict::Refused(missing) if missing == [Problem::WorkspaceNotFound(attempt.workspace)] => {
                EnrollResult::WorkspaceNotFound
            }
            // Group or person: of all of them or of none.
            EnrollVerdict::Refused(mut missing) => {
                missing.retain(|problem| *problem != Problem::WorkspaceNotFound(attempt.workspace));
                return Err(without_actor(Problem::gathered(missing).into(), actor));
            }
        };
        tried.insert(attempt.workspace, outcome);
    }
    if !enrolled.is_empty() {
        event_enrolled(connection, call, &enrolled).await?;
    }
    Ok(tried)
}

/// Each problem once, those of workspaces in the order in which these were named.
fn all_of(mut problems: Vec<Problem>, workspaces: &[WorkspaceId]) -> Problem {
    let mut places: HashMap<WorkspaceId, usize> = HashMap::with_capacity(workspaces.len());
    for (place, workspace) in workspaces.iter().enumerate() {
        places.entry(*workspace).or_insert(place);
    }
    let place = |problem: &Problem| {
        if let Problem::WorkspaceNotFound(id) = problem { places.get(id).copied() } else { None }
    };
    problems.sort_by_key(place);
    problems.dedup();
    problems.truncate(PROBLEMS_TOLD);
    Problem::gathered(problems)
}

/// Each once, in the order in which they are named, which is the order of their events. Locks are taken in the order
/// that the store chooses.
fn distinct(workspaces: &[WorkspaceId]) -> Vec<WorkspaceId> {
    let mut seen = HashSet::with_capacity(workspaces.len());
    workspaces.iter().copied().filter(|workspace| seen.insert(*workspace)).collect()
}

/// Takes each of these workspaces out of the group that is in it, all or none. The events are in the order of the
/// workspaces.
pub async fn enrollment_ensure_none<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    workspaces: &[WorkspaceId],
) -> Outcome<Vec<EnrollmentId>> {
    let removed = store::set_deleted_of_pairs(connection, group, &distinct(workspaces), call.now).await?;
    if !removed.is_empty() {
        event_removed(connection, call, &removed).await?;
    }
    Ok(removed)
}

/// The live enrollment of a pair.
///
/// # Errors
/// `NotEnrolled`.
pub async fn enrollment_of_pair(connection: &mut PgConnection, pair: NewEnrollment) -> Outcome<EnrollmentId> {
    let live = store::live_of_pair(connection, pair.group, pair.workspace).await?;
    let missing = Problem::NotEnrolled { group: pair.group, workspace: pair.workspace };
    live.map(|live| live.id).ok_or_else(|| missing.into())
}

/// Takes the workspace out of the group.
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
        // A group that is not there is told as such.
        group_get(connection, pair.group, false).await?;
        return Err(Problem::NotEnrolled { group: pair.group, workspace: pair.workspace }.into());
    }
    Ok(())
}

/// Removes; of a row that is removed already nothing changes.
///
/// # Errors
/// `EnrollmentNotFound`.
pub async fn enrollment_remove<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: EnrollmentId,
) -> Outcome<RemoveOutcome> {
    if store::set_deleted(connection, id, call.now).await? {
        event_removed(connection, call, &[id]).await?;
        return Ok(RemoveOutcome::Removed);
    }
    if store::exists(connection, id).await? {
        Ok(RemoveOutcome::AlreadyRemoved)
    } else {
        Err(Problem::EnrollmentNotFound(id).into())
    }
}

/// Enrolls the pair of a removed row again: a new row, in the actor's name.
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

/// Says in whose name the row stands from now on; `None`: in nobody's. What it says already is not
/// written again.
///
/// # Errors
/// `EnrollmentNotFound`, `PersonNotFound`.
pub async fn enrollment_correct_attribution<P: Includes<Attribute>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: EnrollmentId,
    created_by: Option<PersonId>,
) -> Outcome<AttributionOutcome> {
    if !store::lock(connection, id).await? {
        return Err(Problem::EnrollmentNotFound(id).into());
    }
    let from = store::attribution(connection, id).await?.ok_or(Problem::EnrollmentNotFound(id))?;
    let before = from.person;
    if before != created_by {
        let to = match created_by {
            None => None,
            Some(person) => {
                let name = store::set_created_by(connection, id, person, call.now).await?;
                Some(name.ok_or(Problem::PersonNotFound(person))?)
            }
        };
        if to.is_none() {
            store::clear_created_by(connection, id, call.now).await?;
        }
        event_attribution_corrected(connection, call, id, &Correction { from: from.name, to }).await?;
    }
    let now = enrollment_get(connection, id, EnrollmentInclude::default()).await?;
    Ok(AttributionOutcome { from: before, enrollment: now.enrollment })
}

/// # Errors
/// `EnrollmentNotFound`.
pub async fn enrollment_get(
    connection: &mut PgConnection,
    id: EnrollmentId,
    include: EnrollmentInclude,
) -> Outcome<EnrollmentWithRelated> {
    store::list::get(connection, id, include).await?.ok_or_else(|| Problem::EnrollmentNotFound(id).into())
}

/// Reads it, and keeps everybody else from changing it until the transaction ends.
///
/// # Errors
/// `EnrollmentNotFound`.
pub async fn enrollment_hold(connection: &mut PgConnection, id: EnrollmentId) -> Outcome<Enrollment> {
    store::lock(connection, id).await?;
    Ok(enrollment_get(connection, id, EnrollmentInclude::default()).await?.enrollment)
}

/// Keeps everybody else from changing what stands in the person's name, until the transaction ends.
pub async fn enrollment_hold_of_person(connection: &mut PgConnection, person: PersonId) -> Outcome<()> {
    store::lock_of_person(connection, person).await
}

pub async fn enrollment_list(
    connection: &mut PgConnection,
    filter: &EnrollmentFilter,
    sort: &EnrollmentSort,
    page: &PageRequest,
    include: EnrollmentInclude,
) -> Outcome<Page<EnrollmentWithRelated>> {
    store::list::list(connection, filter, sort, page, include).await
}

/// How many, exactly; the cost grows with the answer.
pub async fn enrollment_count(connection: &mut PgConnection, filter: &EnrollmentFilter) -> Outcome<i64> {
    store::list::count(connection, filter).await
}

/// Workspaces whose name or external id matches, the best first, each with "is it in the group?".
pub async fn enrollment_candidates(
    connection: &mut PgConnection,
    group: Option<GroupId>,
    search: &str,
    limit: u16,
) -> Outcome<Vec<Candidate>> {
    store::candidates::workspaces(connection, group, search, limit).await
}

/// Groups whose name matches, the best first, each with "is the workspace in it?".
pub async fn enrollment_group_candidates(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    search: &str,
    limit: u16,
) -> Outcome<Vec<GroupCandidate>> {
    store::candidates::groups(connection, workspace, search, limit).await
}
