//! Operations on imports.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{PgConnection, PgPool};

pub use super::store::list::{import_get, import_lines, import_list};
pub use super::store::preview::{import_preview, import_unlisted_version};
pub use super::store::{import_claim_next, import_delete_expired, import_end, import_requeue};

use super::model::{
    Import, ImportCounts, ImportMode, ImportState, LineAction, LineFault, LineOutcome, NewLine,
};
use super::rules::removals::{RemovalCheck, Removals, check_removals};
use super::rules::{BATCH_LINES, DoneLine, KnownLine, ListForm, ListReader, classify_lines, of_one_action};
use super::store;
use crate::kernel::id::{EnrollmentId, GroupId, ImportId, WorkspaceId};
use crate::kernel::page::PageRequest;
use crate::kernel::problem::{ImportFault, Problem};
use crate::kernel::version::Version;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::enrollments::ops::{
    enrollment_enroll_each, enrollment_remove_each, enrollment_remove_pairs, enrollment_removed_after,
};
use crate::resources::workspace_groups::model::settings::ReasonPolicy;
use crate::resources::workspace_groups::ops::{group_settings_get, group_summary};

impl From<ImportFault> for Failure {
    fn from(fault: ImportFault) -> Self {
        Problem::ImportRefused(fault).into()
    }
}

/// Written at once.
const LINES: usize = 2_000;

/// A list that is to be received.
#[derive(Debug, Clone, Copy)]
pub struct NewList<'a> {
    /// `None` if the list is pasted.
    pub file_name: Option<&'a str>,
    pub form: ListForm,
    pub mode: ImportMode,
    /// An empty list is otherwise refused.
    pub may_be_empty: bool,
}

impl<'a> NewList<'a> {
    pub const fn new(form: ListForm, mode: ImportMode, file_name: Option<&'a str>) -> Self {
        Self { file_name, form, mode, may_be_empty: false }
    }
}

/// Receives a list piece by piece: [`Self::begin`], [`Self::push`] for each piece, [`Self::end`], then [`Self::prepare`],
/// which makes the import visible; [`import_discard`] after a failure. Neither the list nor its lines are ever in memory as a
/// whole, and no connection is held between two pieces.
pub struct ListReceiver {
    pub id: ImportId,
    action: LineAction,
    is_exact: bool,
    reader: ListReader,
    lines: Vec<NewLine>,
}

impl ListReceiver {
    /// Fails with `GroupNotFound`, also for a removed group.
    pub async fn begin<P: Includes<Write>>(
        connection: &mut PgConnection,
        call: &Call<P>,
        group: GroupId,
        NewList { file_name, form, mode, may_be_empty }: NewList<'_>,
    ) -> Outcome<Self> {
        let person = call.actor.person.as_ref();
        let id = store::insert(connection, group, (file_name, mode), person, call.now).await?;
        let id = id.ok_or(Problem::GroupNotFound(group))?;
        let reader = ListReader::new(form).or_empty(may_be_empty);
        let is_exact = mode == ImportMode::Exact;
        Ok(Self { id, action: mode.action(), is_exact, reader, lines: Vec::new() })
    }

    /// Fails with `ImportRefused`.
    pub async fn push(&mut self, pool: &PgPool, bytes: &[u8]) -> Outcome<()> {
        self.lines.extend(self.reader.push(bytes)?);
        if self.lines.len() >= LINES { self.write(pool).await } else { Ok(()) }
    }

    /// Fails with `ImportRefused`.
    pub async fn end(&mut self, pool: &PgPool) -> Outcome<()> {
        let lines = self.reader.finish()?;
        // The quote may have swallowed the rest of the list, whose workspaces an exact list would remove.
        let is_cut = lines.iter().any(|line| line.fault == Some(LineFault::QuoteNotClosed));
        if is_cut && self.is_exact {
            return Err(ImportFault::QuoteNotClosed.into());
        }
        self.lines.extend(lines);
        self.write(pool).await
    }

    async fn write(&mut self, pool: &PgPool) -> Outcome<()> {
        let mut connection = pool.acquire().await?;
        for lines in self.lines.chunks(LINES) {
            if !store::append(&mut connection, self.id, self.action, lines).await? {
                return Err(Problem::ImportNotFound(self.id).into());
            }
        }
        self.lines.clear();
        Ok(())
    }

    pub async fn prepare(&self, connection: &mut PgConnection) -> Outcome<()> {
        let prepared = store::set_prepared(connection, self.id, self.reader.column_name()).await?;
        if prepared { Ok(()) } else { Err(Problem::ImportNotFound(self.id).into()) }
    }
}

/// Queues the import, with the caller's person as its owner. Returns the import, or `None` if it was started before. Fails
/// with `ImportNotFound`, `GroupNotFound` if the group was removed in the meantime, what [`check_removals`] refuses, or
/// `ReasonRequired`, so that the database does not refuse a reason after the first batches. The transaction is rolled back
/// after a refusal, because the lines of an exact list are appended before.
pub async fn import_start<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: ImportId,
    check: RemovalCheck,
) -> Outcome<Option<Import>> {
    let import = store::list::import_lock_for_no_key_update(connection, id).await?;
    if import.state != ImportState::Prepared {
        return Ok(None);
    }
    if import.group_is_removed {
        return Err(Problem::GroupNotFound(import.group).into());
    }
    let policy = match call.note.reason {
        Some(_) => ReasonPolicy::Off,
        None => group_settings_get(connection, import.group).await?.reason_policy,
    };
    if policy != ReasonPolicy::Off || import.mode != ImportMode::Enroll {
        let (expected, _) = import_preview(connection, id, None, &PageRequest::first(1)).await?;
        let removals = ensure_removals_allowed(connection, &import, expected, check).await?;
        if policy.requires(i64::from(expected.enrolled) + removals) {
            return Err(Problem::ReasonRequired { group: import.group, above: policy.above() }.into());
        }
    }
    store::set_queued(connection, id, call.actor.person.as_ref(), &call.note, call.now).await?;
    Ok(Some(import))
}

/// Returns the number of removals, after the lines of an exact list are appended.
async fn ensure_removals_allowed(
    connection: &mut PgConnection,
    import: &Import,
    expected: ImportCounts,
    check: RemovalCheck,
) -> Outcome<i64> {
    let version = match import.mode {
        ImportMode::Exact => import_unlisted_version(connection, import.id).await?,
        _ => Version::of([None]),
    };
    let removals = match import.mode {
        // Those of a plan are counted when it is queued.
        ImportMode::Enroll | ImportMode::Restore | ImportMode::Undo => return Ok(0),
        ImportMode::Remove => i64::from(expected.removed),
        // What is appended counts, because others may have changed the group after the preview was read.
        ImportMode::Exact => store::preview::append_unlisted(connection, import.id).await?.into(),
    };
    let members = group_summary(connection, import.group).await?.live;
    let remaining = expected.remaining();
    check_removals(
        import.mode,
        Removals { group: import.group, removals, version, members, remaining },
        check,
    )?;
    Ok(removals)
}

/// Changes of one group that a plan has determined.
#[derive(Debug, Clone, Copy)]
pub struct PlannedChanges<'a> {
    pub group: GroupId,
    pub mode: ImportMode,
    pub enroll: &'a [WorkspaceId],
    pub remove: &'a [EnrollmentId],
}

/// Queues the changes as an import, which is the change set of the call. Fails with `GroupNotFound`, or `ReasonRequired`.
pub async fn import_queue<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    changes: &PlannedChanges<'_>,
) -> Outcome<ImportId> {
    let policy = group_settings_get(connection, changes.group).await?.reason_policy;
    let number = i64::try_from(changes.enroll.len() + changes.remove.len()).unwrap_or(i64::MAX);
    if call.note.reason.is_none() && policy.requires(number) {
        return Err(Problem::ReasonRequired { group: changes.group, above: policy.above() }.into());
    }
    if !store::insert_planned(connection, call, changes).await? {
        return Err(Problem::GroupNotFound(changes.group).into());
    }
    Ok(ImportId::new(call.change_set.uuid()))
}

/// Deletes an import that was not started. An unknown id is no error. Fails with `ImportStarted`.
pub async fn import_discard<P: Includes<Write>>(
    connection: &mut PgConnection,
    _: &Call<P>,
    id: ImportId,
) -> Outcome<()> {
    if store::delete(connection, id).await? {
        return Ok(());
    }
    match import_get(connection, id).await {
        Ok(_) => Err(Problem::ImportStarted(id).into()),
        Err(Failure::Problem(Problem::ImportNotFound(_))) => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// Returns false if the import had ended before. Fails with `ImportNotFound`, also for an import that was not started.
pub async fn import_cancel<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: ImportId,
) -> Outcome<bool> {
    let import = store::list::import_lock_for_no_key_update(connection, id).await?;
    if import.state == ImportState::Prepared {
        return Err(Problem::ImportNotFound(id).into());
    }
    let is_under_way = import.state.is_under_way();
    if is_under_way {
        let name = call.actor.person.as_ref().map(|person| person.name.as_str());
        import_end(connection, id, name, call.now).await?;
    }
    Ok(is_under_way)
}

/// Processes the next lines of a claimed import. Fails with `SignedOut` if its owner was deleted in the meantime.
pub async fn import_batch<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    import: &Import,
) -> Outcome<ImportCounts> {
    let lines = store::next_lines(connection, import.id, import.counts.done, BATCH_LINES).await?;
    let lines = of_one_action(lines);
    let mut done = classify_lines(&lines);
    match lines.first().map(|line| line.action) {
        Some(LineAction::Remove) => {
            let workspaces = workspaces(&done, LineOutcome::Removed);
            let removed = if lines.iter().any(|line| line.planned.is_some()) {
                remove_planned(connection, call, &lines).await?
            } else {
                enrollment_remove_pairs(connection, call, import.group, &workspaces).await?
            };
            for line in &mut done {
                line.apply_removing(&removed);
            }
        }
        Some(LineAction::Enroll) | None => {
            if !import.mode.has_list() {
                leave_out_decided(connection, import, &mut done).await?;
            }
            let workspaces = workspaces(&done, LineOutcome::Enrolled);
            let results = match enrollment_enroll_each(connection, call, import.group, &workspaces).await {
                Ok(results) => Some(results),
                Err(Failure::Problem(Problem::GroupNotFound(_))) => None,
                Err(failure) => return Err(failure),
            };
            for line in &mut done {
                line.apply_enrolling(results.as_ref());
            }
        }
    }
    let mut counts = import.counts;
    for line in &done {
        counts.add(line.outcome);
    }
    store::end_batch(connection, import.id, &done, &counts, call.now).await?;
    Ok(counts)
}

/// Leaves out workspaces that were enrolled and removed again since the plan was made, because others have decided.
async fn leave_out_decided(
    connection: &mut PgConnection,
    import: &Import,
    lines: &mut [DoneLine],
) -> Outcome<()> {
    let since = import.started_at.unwrap_or(import.created_at);
    let workspaces = workspaces(lines, LineOutcome::Enrolled);
    let decided = enrollment_removed_after(connection, import.group, &workspaces, since).await?;
    for line in lines.iter_mut().filter(|line| line.workspace.is_some_and(|id| decided.contains(&id))) {
        line.outcome = LineOutcome::NotIn;
    }
    Ok(())
}

/// Leaves a workspace alone that was removed and enrolled again since the plan was made.
async fn remove_planned<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    lines: &[KnownLine],
) -> Outcome<BTreeMap<WorkspaceId, EnrollmentId>> {
    let planned: Vec<_> = lines.iter().filter_map(|line| line.workspace.zip(line.planned)).collect();
    let enrollments: Vec<EnrollmentId> = planned.iter().map(|(_, enrollment)| *enrollment).collect();
    let removed = enrollment_remove_each(connection, call, &enrollments).await?;
    let removed: BTreeSet<EnrollmentId> = removed.into_iter().collect();
    Ok(planned.into_iter().filter(|(_, enrollment)| removed.contains(enrollment)).collect())
}

fn workspaces(lines: &[DoneLine], outcome: LineOutcome) -> Vec<WorkspaceId> {
    lines.iter().filter(|line| line.outcome == outcome).filter_map(|line| line.workspace).collect()
}
