//! `groupdesk import`: the list of a CSV file, enrolled in one group.
//!
//! It runs the import itself, so no server need run; where one does, both take turns. If it is stopped, a
//! server goes on with what is left, or `--resume` does.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgGroup, Args};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sqlx::PgPool;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::database::with_database;
use super::operator::usage;
use super::{Done, Trouble, administrator, settings};
use crate::kernel::actor::PersonRef;
use crate::kernel::id::{GroupId, ImportId};
use crate::kernel::page::{PAGE_SIZE_MAX, PageRequest, Start};
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::Email;
use crate::platform::call::{Administer, Call};
use crate::platform::clock;
use crate::platform::config::{CommonArgs, DatabaseArgs};
use crate::platform::failure::Failure;
use crate::resources::imports::model::{Import, ImportState, LineKind, NewImport, line_position};
use crate::resources::imports::ops::{
    import_append, import_begin, import_discard, import_get, import_lines, import_prepare, import_refused,
    import_start,
};
use crate::resources::imports::rules::{ListForm, ListReader};
use crate::resources::imports::worker::{Turn, turn};
use crate::resources::people::ops::person_find_by_email;
use crate::ui::locale::formats::Formats;
use crate::ui::locale::viewer_locale::ViewerLocale;
use crate::ui::messages::line_sentence;

/// How often to look at what another process does.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How often a turn that the database was too busy for is tried again, and after what time.
const TRIES: u32 = 10;
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// As much of a file as is read at once.
const PIECE: usize = 64 * 1024;

#[derive(Args)]
#[command(group = ArgGroup::new("what").required(true).args(["group", "resume"]))]
pub(super) struct ImportCommand {
    /// The group to enroll in
    #[arg(long, value_name = "ID", value_parser = parse_id::<GroupId>, requires = "file")]
    group: Option<GroupId>,
    /// Go on with an import that was stopped
    #[arg(long, value_name = "IMPORT", value_parser = parse_id::<ImportId>, conflicts_with_all = ["file", "person"])]
    resume: Option<ImportId>,
    /// A CSV file with a workspace a line, by id or external id; "-" for standard input
    ///
    /// The column workspace_id, external_workspace_id, id, workspace or external_id is read, else the first one.
    /// Commas, semicolons or tabs separate columns, or what a first line such as "sep=|" names. What "groupdesk
    /// export" writes can be imported again, as CSV or NDJSON, and so can the result of an import.
    #[arg(value_name = "FILE", requires = "group")]
    file: Option<PathBuf>,
    /// Enroll in the name of the person with this e-mail address [default: in nobody's]
    #[arg(long, value_name = "EMAIL")]
    person: Option<String>,
    #[command(flatten)]
    database: DatabaseArgs,
}

fn parse_id<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| "an id has the form a1b2c3d4-e5f6-7890-abcd-ef1234567890".to_owned())
}

pub(super) async fn run(common: CommonArgs, command: ImportCommand) -> Done {
    let email = command.person.as_deref().map(Email::parse).transpose();
    let email = usage(email.map_err(|fault| Problem::invalid(Field::Email, fault)))?;
    let settings = settings(common, command.database, None)?;
    with_database(&settings, async |pool| {
        let call = acting(&pool, email.as_ref()).await?;
        let id = match (command.group, &command.file, command.resume) {
            (Some(group), Some(file), _) => receive(&pool, &call, group, file).await?,
            (_, _, Some(id)) => id,
            (_, None, None) | (None, _, None) => {
                return Err(Trouble::Usage("a group and a file, or an import to resume".to_owned()));
            }
        };
        import_start(&mut *pool.acquire().await?, &call, id).await?;
        finish(&pool, id).await?;
        report(&pool, id).await
    })
    .await
}

async fn acting(pool: &PgPool, email: Option<&Email>) -> Result<Call<Administer>, Trouble> {
    let mut call = administrator();
    if let Some(email) = email {
        let person = person_find_by_email(&mut *pool.acquire().await?, email).await?;
        let person = person.ok_or_else(|| Problem::PersonEmailUnknown(email.to_string()))?;
        call.actor.person = Some(PersonRef { id: person.id, name: person.display_name() });
    }
    Ok(call)
}

async fn receive(
    pool: &PgPool,
    call: &Call<Administer>,
    group: GroupId,
    file: &Path,
) -> Result<ImportId, Trouble> {
    let is_stdin = file == Path::new("-");
    let cannot_read = |error| Trouble::Failed(format!("cannot read {}: {error}", file.display()));
    let input: Box<dyn AsyncRead + Unpin> = if is_stdin {
        Box::new(tokio::io::stdin())
    } else {
        Box::new(tokio::fs::File::open(file).await.map_err(cannot_read)?)
    };
    let name = file.file_name().map(|name| name.to_string_lossy().chars().take(255).collect());
    let new = NewImport { group, file_name: name.filter(|_| !is_stdin) };
    let id = import_begin(&mut *pool.acquire().await?, call, &new).await?;
    match read(pool, call, id, input).await {
        Ok(column) => {
            import_prepare(&mut *pool.acquire().await?, call, id, column.as_deref()).await?;
            Ok(id)
        }
        Err(error) => {
            import_discard(&mut *pool.acquire().await?, call, id).await?;
            Err(match error {
                Unread::File(error) => cannot_read(error),
                Unread::Refused(failure) => failure.into(),
            })
        }
    }
}

/// Why a list was not read to its end.
enum Unread {
    File(std::io::Error),
    Refused(Failure),
}

/// The name of the column that was read.
async fn read(
    pool: &PgPool,
    call: &Call<Administer>,
    id: ImportId,
    mut input: impl AsyncRead + Unpin,
) -> Result<Option<String>, Unread> {
    let mut reader = ListReader::new(ListForm::Csv);
    let mut piece = vec![0; PIECE];
    let append = async |lines: Vec<_>| {
        if !lines.is_empty() {
            import_append(&mut *pool.acquire().await?, call, id, &lines).await?;
        }
        Ok(())
    };
    loop {
        let length = input.read(&mut piece).await.map_err(Unread::File)?;
        if length == 0 {
            break;
        }
        let lines = reader.push(&piece[..length]).map_err(import_refused).map_err(Unread::Refused)?;
        append(lines).await.map_err(Unread::Refused)?;
    }
    append(reader.finish().map_err(import_refused).map_err(Unread::Refused)?)
        .await
        .map_err(Unread::Refused)?;
    Ok(reader.column_name().map(str::to_owned))
}

/// Takes turns at it with whoever else does, until it has ended.
#[expect(clippy::print_stderr, reason = "what to do when it is stopped")]
async fn finish(pool: &PgPool, id: ImportId) -> Done {
    let clock = clock::system();
    let import = import_get(&mut *pool.acquire().await?, id).await?;
    eprintln!("import {id}: {}; if it is stopped, --resume {id} goes on", lines_counted(&import));
    let bar = progress(import.counts.lines);
    let mut failures = 0;
    loop {
        match turn(pool, &clock, Some(id)).await {
            Ok(Turn::Done(_, counts)) => {
                failures = 0;
                bar.set_position(counts.done.unsigned_abs().into());
            }
            Ok(Turn::Idle | Turn::Orphaned(_)) => {
                let import = import_get(&mut *pool.acquire().await?, id).await?;
                bar.set_position(import.counts.done.unsigned_abs().into());
                if !import.state.is_under_way() {
                    break;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
            Err(Failure::Unavailable(_) | Failure::Conflict(_)) if failures < TRIES => {
                failures += 1;
                tokio::time::sleep(TRY_AGAIN).await;
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    bar.finish_and_clear();
    Ok(())
}

fn formats() -> Formats {
    ViewerLocale::nowhere().formats(clock::system().now())
}

fn lines_counted(import: &Import) -> String {
    formats().count(import.counts.lines.into(), "line", "lines")
}

fn progress(lines: i32) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(lines.unsigned_abs().into()), target).with_style(style)
}

/// What it came to: the sums for programs, what failed for people.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the command's answer")]
async fn report(pool: &PgPool, id: ImportId) -> Done {
    let mut connection = pool.acquire().await?;
    let import = import_get(&mut connection, id).await?;
    let mut request = PageRequest::first(PAGE_SIZE_MAX);
    loop {
        let page = import_lines(&mut connection, id, Some(LineKind::Failed), &request).await?;
        for line in &page.items {
            eprintln!("line {}: {}: {}", line.line_number, line.text, line_sentence(line, &formats()));
        }
        match page.items.last().filter(|_| page.has_next) {
            Some(last) => request.start = Start::After(line_position(last)),
            None => break,
        }
    }
    let counts = import.counts;
    println!(
        "{} enrolled, {} already in {}, {} duplicate, {} failed",
        counts.enrolled,
        counts.already_in,
        import.group_name,
        counts.duplicate,
        counts.failed()
    );
    match (import.state, counts.failed()) {
        (ImportState::Finished, 0) => Ok(()),
        (ImportState::Finished, failed) => {
            Err(Trouble::Failed(format!("{failed} of {} failed", lines_counted(&import))))
        }
        (
            ImportState::Receiving
            | ImportState::Prepared
            | ImportState::Queued
            | ImportState::Running
            | ImportState::Cancelled,
            _,
        ) => Err(Trouble::Failed(format!(
            "the import was cancelled; {} of {} were not done",
            counts.not_done(),
            lines_counted(&import)
        ))),
    }
}
