//! `groupdesk import`: enrolls the list of a CSV file in one group, or removes it, or makes the group exactly this list. The
//! command runs the import itself, together with the servers that are running. If it is stopped, a server or `--resume`
//! continues with the rest.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgGroup, Args};
use sqlx::PgPool;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::database::with_database;
use super::note_args::NoteArgs;
use super::output::{for_each, note, parse_id, parsed, person_of, print, progress_bar};
use super::removal_args::RemovalArgs;
use super::{CommandError, CommandResult, administrator, cannot, formats, settings};
use crate::kernel::id::{GroupId, ImportId};
use crate::kernel::page::PageRequest;
use crate::kernel::problem::Field;
use crate::kernel::text::Email;
use crate::platform::call::{Administer, Call};
use crate::platform::clock;
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::imports::model::{
    Import, ImportCounts, ImportMode, ImportState, LineKind, line_position,
};
use crate::resources::imports::ops::{
    ListReceiver, NewList, import_discard, import_get, import_lines, import_start,
};
use crate::resources::imports::rules::removals::RemovalCheck;
use crate::resources::imports::rules::{ListForm, file_name};
use crate::resources::imports::worker::{BatchOutcome, run_batch};
use crate::ui::messages::line_sentence;

const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// How often a batch is retried in a row while the database is busy or unavailable.
const RETRIES: u32 = 10;
const RETRY_PAUSE: Duration = Duration::from_secs(1);
const PIECE: usize = 64 * 1024;

#[derive(Args)]
#[command(group = ArgGroup::new("what").required(true).args(["group", "resume"]))]
pub(super) struct ImportCommand {
    /// The group to enroll in, or to remove from
    #[arg(long, value_name = "ID", value_parser = parse_id::<GroupId>, requires = "file")]
    group: Option<GroupId>,
    /// Continue an import that was stopped
    #[arg(long, value_name = "IMPORT", value_parser = parse_id::<ImportId>, conflicts_with_all = ["file", "person"])]
    resume: Option<ImportId>,
    /// A CSV file with one workspace a line, by id or external id; "-" for standard input
    ///
    /// Uses the column workspace_id, external_workspace_id, id, workspace or external_id if present; otherwise the first
    /// column. Columns are separated by commas, semicolons or tabs, or by what a first line such as "sep=|" names. A file
    /// from "groupdesk export", CSV or NDJSON, can be imported again, and so can the result of an import.
    #[arg(value_name = "FILE", requires = "group")]
    file: Option<PathBuf>,
    /// Remove the workspaces of the list from the group
    #[arg(long, conflicts_with_all = ["exact", "resume"])]
    remove: bool,
    /// Make the group exactly this list: also remove the workspaces that are not on it
    #[arg(long, conflicts_with = "resume")]
    exact: bool,
    #[command(flatten)]
    removals: RemovalArgs,
    /// Make the person with this e-mail address the creator [default: no creator]
    #[arg(long, value_name = "EMAIL")]
    person: Option<String>,
    #[command(flatten)]
    note: NoteArgs,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) async fn run(common: CommonArgs, command: ImportCommand) -> CommandResult {
    let email = command.person.as_deref().map(Email::parse).transpose();
    let email = parsed(Field::Email, email)?;
    let note = command.note.note()?;
    let (mode, RemovalArgs { max_removals: limit, allow_empty: may_empty }) =
        (mode(&command), command.removals);
    with_database(&settings(common, command.database, ServingArgs::default())?, async |pool| {
        let mut call = administrator().with_note(note.clone());
        call.actor.person = person_of(&pool, email.as_ref()).await?;
        let id = match (command.group, &command.file, command.resume) {
            (Some(group), Some(file), _) => receive(&pool, &call, (group, mode, may_empty), file).await?,
            (_, _, Some(id)) => id,
            (_, None, None) | (None, _, None) => {
                return Err(CommandError::Usage("a group and a file, or an import to resume".to_owned()));
            }
        };
        let started = start(&pool, &call, id, RemovalCheck::Limited { limit, may_empty }).await;
        if matches!(started, Err(Failure::Problem(_))) && command.resume.is_none() {
            // Nobody looks at this list again.
            import_discard(&mut *pool.acquire().await?, &call, id).await?;
        }
        started?;
        finish(&pool, id).await?;
        report(&pool, id).await
    })
    .await
}

async fn start(pool: &PgPool, call: &Call<Administer>, id: ImportId, check: RemovalCheck) -> Outcome<()> {
    let mut transaction = pool.begin().await?;
    import_start(&mut transaction, call, id, check).await?;
    Ok(transaction.commit().await?)
}

const fn mode(command: &ImportCommand) -> ImportMode {
    match (command.remove, command.exact) {
        (true, _) => ImportMode::Remove,
        (false, true) => ImportMode::Exact,
        (false, false) => ImportMode::Enroll,
    }
}

async fn receive(
    pool: &PgPool,
    call: &Call<Administer>,
    (group, mode, may_empty): (GroupId, ImportMode, bool),
    file: &Path,
) -> CommandResult<ImportId> {
    let is_stdin = file == Path::new("-");
    let failed = cannot(format!("read {}", file.display()));
    let mut input: Box<dyn AsyncRead + Unpin> = if is_stdin {
        Box::new(tokio::io::stdin())
    } else {
        Box::new(tokio::fs::File::open(file).await.map_err(&failed)?)
    };
    let name = file.file_name().filter(|_| !is_stdin);
    let name = name.map(|name| file_name(&name.to_string_lossy()));
    let mut connection = pool.acquire().await?;
    let may_be_empty = mode == ImportMode::Exact && may_empty;
    let new = NewList { may_be_empty, ..NewList::new(ListForm::Csv, mode, name.as_deref()) };
    let mut list = ListReceiver::begin(&mut connection, call, group, new).await?;
    drop(connection);
    let read = async {
        let mut piece = vec![0; PIECE];
        loop {
            match input.read(&mut piece).await.map_err(&failed)? {
                0 => return CommandResult::Ok(list.end(pool).await?),
                length => list.push(pool, &piece[..length]).await?,
            }
        }
    };
    let outcome = read.await;
    let mut connection = pool.acquire().await?;
    if outcome.is_ok() {
        list.prepare(&mut connection).await?;
    } else {
        import_discard(&mut connection, call, list.id).await?;
    }
    outcome.map(|()| list.id)
}

/// Runs batches, as other processes may do too, until the import has ended.
pub(super) async fn finish(pool: &PgPool, id: ImportId) -> CommandResult {
    let clock = clock::system();
    let import = import_get(&mut *pool.acquire().await?, id).await?;
    note(format_args!("import {id}: {}; if it is stopped, --resume {id} continues", count_lines(&import)));
    let bar = progress_bar(import.counts.lines.unsigned_abs().into(), "lines");
    let mut failures = 0;
    loop {
        match run_batch(pool, &clock, Some(id)).await {
            Ok(BatchOutcome::Done(_, counts)) => {
                failures = 0;
                bar.set_position(counts.done.unsigned_abs().into());
            }
            Ok(BatchOutcome::Idle | BatchOutcome::Orphaned(_) | BatchOutcome::Unexplained(_)) => {
                let import = import_get(&mut *pool.acquire().await?, id).await?;
                bar.set_position(import.counts.done.unsigned_abs().into());
                if !import.state.is_under_way() {
                    break;
                }
                tokio::time::sleep(POLL_INTERVAL).await;
            }
            Err(Failure::Unavailable(_) | Failure::Conflict(_)) if failures < RETRIES => {
                failures += 1;
                tokio::time::sleep(RETRY_PAUSE).await;
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    bar.finish_and_clear();
    Ok(())
}

fn count_lines(import: &Import) -> String {
    formats().count(import.counts.lines.into(), "line", "lines")
}

pub(super) async fn report(pool: &PgPool, id: ImportId) -> CommandResult {
    let mut connection = pool.acquire().await?;
    let import = import_get(&mut connection, id).await?;
    let failed = async |request: &PageRequest| {
        import_lines(&mut connection, id, Some(LineKind::Failed), request).await
    };
    for_each(failed, line_position, |line| {
        let place =
            if line.is_listed() { format!("line {}", line.line_number) } else { "not listed".to_owned() };
        note(format_args!("{place}: {}: {}", line.text, line_sentence(line, &formats())));
    })
    .await?;
    let (counts, group, failed) = (import.counts, &import.group_name, import.counts.failed());
    let ImportCounts { enrolled, already_in, removed, not_in, duplicate, .. } = counts;
    let done = match import.mode {
        ImportMode::Enroll => format!("{enrolled} enrolled, {already_in} already in {group}"),
        ImportMode::Remove => format!("{removed} removed, {not_in} not in {group}"),
        ImportMode::Exact | ImportMode::Restore | ImportMode::Undo => {
            format!("{enrolled} enrolled, {removed} removed, {already_in} already in {group}")
        }
    };
    print(format_args!("{done}, {duplicate} duplicate, {failed} failed"));
    let lines = count_lines(&import);
    let failure = if import.state != ImportState::Finished {
        format!("the import was cancelled; {} of {lines} were not done", counts.not_done())
    } else if failed > 0 {
        format!("{failed} of {lines} failed")
    } else {
        return Ok(());
    };
    Err(CommandError::Failed(failure))
}
