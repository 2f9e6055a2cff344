//! Operations on imports.

use sqlx::{PgConnection, PgPool};

pub use super::store::list::{import_get, import_lines, import_list, import_preview};
pub use super::store::{import_claim_next, import_delete_expired, import_end, import_requeue};

use super::model::{Import, ImportCounts, ImportState, LineOutcome, NewLine};
use super::rules::{BATCH_LINES, ListForm, ListReader, classify_lines};
use super::store;
use crate::kernel::id::{GroupId, ImportId};
use crate::kernel::problem::{ImportFault, Problem};
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::enrollments::ops::enrollment_enroll_each;

impl From<ImportFault> for Failure {
    fn from(fault: ImportFault) -> Self {
        Problem::ImportRefused(fault).into()
    }
}

/// Written at once.
const LINES: usize = 2_000;

/// Receives a list piece by piece: [`Self::begin`], [`Self::push`] for each piece, [`Self::end`], then [`Self::prepare`],
/// which makes the import visible; [`import_discard`] after a failure. Neither the list nor its lines are ever in memory as a
/// whole, and no connection is held between two pieces.
pub struct ListReceiver {
    pub id: ImportId,
    reader: ListReader,
    lines: Vec<NewLine>,
}

impl ListReceiver {
    /// `file_name`: `None` if the list was pasted. Fails with `GroupNotFound`, also for a removed group.
    pub async fn begin<P: Includes<Write>>(
        connection: &mut PgConnection,
        call: &Call<P>,
        group: GroupId,
        file_name: Option<&str>,
        form: ListForm,
    ) -> Outcome<Self> {
        let id = store::insert(connection, group, file_name, call.actor.person.as_ref(), call.now).await?;
        let id = id.ok_or(Problem::GroupNotFound(group))?;
        Ok(Self { id, reader: ListReader::new(form), lines: Vec::new() })
    }

    /// Fails with `ImportRefused`.
    pub async fn push(&mut self, pool: &PgPool, bytes: &[u8]) -> Outcome<()> {
        self.lines.extend(self.reader.push(bytes)?);
        if self.lines.len() >= LINES { self.write(pool).await } else { Ok(()) }
    }

    /// Fails with `ImportRefused`.
    pub async fn end(&mut self, pool: &PgPool) -> Outcome<()> {
        self.lines.extend(self.reader.finish()?);
        self.write(pool).await
    }

    async fn write(&mut self, pool: &PgPool) -> Outcome<()> {
        let mut connection = pool.acquire().await?;
        for lines in self.lines.chunks(LINES) {
            if !store::append(&mut connection, self.id, lines).await? {
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
/// with `ImportNotFound`, or `GroupNotFound` if the group was removed in the meantime.
pub async fn import_start<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: ImportId,
) -> Outcome<Option<Import>> {
    let import = store::list::import_lock_for_no_key_update(connection, id).await?;
    if import.state != ImportState::Prepared {
        return Ok(None);
    }
    if import.group_is_removed {
        return Err(Problem::GroupNotFound(import.group).into());
    }
    store::set_queued(connection, id, call.actor.person.as_ref(), call.now).await?;
    Ok(Some(import))
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
    let mut done = classify_lines(&lines);
    let new = done.iter().filter(|line| line.outcome == LineOutcome::Enrolled);
    let workspaces: Vec<_> = new.filter_map(|line| line.workspace).collect();
    let results = match enrollment_enroll_each(connection, call, import.group, &workspaces).await {
        Ok(results) => Some(results),
        Err(Failure::Problem(Problem::GroupNotFound(_))) => None,
        Err(failure) => return Err(failure),
    };
    let mut counts = import.counts;
    for line in &mut done {
        line.apply(results.as_ref());
        counts.add(line.outcome);
    }
    store::end_batch(connection, import.id, &done, &counts, call.now).await?;
    Ok(counts)
}
