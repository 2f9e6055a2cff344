//! `groupdesk export`: a log, or enrollments, as a file.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use indicatif::ProgressBar;
use sqlx::PgPool;
use tokio::fs::File;
use tokio::io::{AsyncWrite, AsyncWriteExt, BufWriter};

use super::database::with_database;
use super::output::{parse_id, progress_bar};
use super::{CommandError, CommandResult, cannot, settings};
use crate::export::table::Format;
use crate::export::{Export, Subject};
use crate::kernel::id::GroupId;
use crate::kernel::page::{Status, TimeRange};
use crate::platform::clock;
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs};
use crate::platform::db::availability::Database;
use crate::platform::db::replicas::Reads;
use crate::resources::admin_events::model::AdminEventFilter;
use crate::resources::enrollment_events::model::EventFilter;
use crate::resources::enrollments::model::{EnrollmentFilter, Liveness};
use crate::resources::workspace_groups::ops::group_get;

#[derive(Subcommand)]
pub(super) enum ExportCommand {
    /// Write the history, newest event first
    Events(ExportArgs),
    /// Write the administration log, newest event first: sign-ins, and changes of operators, tokens, groups, workspaces and
    /// people
    AdminEvents(FileArgs),
    /// Write enrollments, the newest first: which workspaces are, or were, in which groups
    Enrollments {
        /// Enrollments that were live at this time (RFC 3339) [default: now]
        #[arg(long, value_name = "TIME")]
        as_of: Option<DateTime<Utc>>,
        #[command(flatten)]
        args: ExportArgs,
    },
}

#[derive(Args)]
pub(super) struct ExportArgs {
    /// Only in this group
    #[arg(long, value_name = "ID", value_parser = parse_id::<GroupId>)]
    group: Option<GroupId>,
    #[command(flatten)]
    file: FileArgs,
}

#[derive(Args)]
pub(super) struct FileArgs {
    /// Only what happened, or was enrolled, at this time or later (RFC 3339, as in 2026-05-01T00:00:00Z)
    #[arg(long, value_name = "TIME")]
    from: Option<DateTime<Utc>>,
    /// Only what happened, or was enrolled, before this time
    #[arg(long, value_name = "TIME")]
    before: Option<DateTime<Utc>>,
    /// The format of the file
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
    /// Write to this file [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) async fn run(common: CommonArgs, command: ExportCommand) -> CommandResult {
    let now = clock::system().now();
    let of = |file: &FileArgs| TimeRange { from: file.from, before: file.before };
    let (subject, group, args) = match command {
        ExportCommand::Events(ExportArgs { group, file }) => {
            let (groups, occurred_at) = (group.into_iter().collect(), of(&file));
            let filter = EventFilter { groups, occurred_at, ..EventFilter::default() };
            (Subject::events_until(filter, now), group, file)
        }
        ExportCommand::AdminEvents(file) => {
            let filter = AdminEventFilter { occurred_at: of(&file), ..AdminEventFilter::default() };
            (Subject::admin_events_until(filter, now), None, file)
        }
        ExportCommand::Enrollments { as_of, args: ExportArgs { group, file } } => {
            let (groups, created_at, liveness) =
                (group.into_iter().collect(), of(&file), liveness(as_of, now)?);
            let filter = EnrollmentFilter { groups, liveness, created_at, ..EnrollmentFilter::default() };
            (Subject::Enrollments(filter), group, file)
        }
    };
    with_database(&settings(common, args.database, ServingArgs::default())?, async |pool| {
        if let Some(group) = group {
            // An unknown id is an error and not an empty file.
            group_get(&mut *pool.acquire().await?, group, false).await?;
        }
        let progress = progress(&pool, &subject).await?;
        let export = Export::new(Reads::on(Database::of(pool)), subject, args.format);
        match args.output {
            None => write(export, tokio::io::stdout(), &progress).await,
            Some(path) => write_file(export, &path, &progress).await,
        }
    })
    .await
}

fn liveness(as_of: Option<DateTime<Utc>>, now: DateTime<Utc>) -> CommandResult<Liveness> {
    match as_of {
        Some(moment) if moment > now => {
            Err(CommandError::Usage("--as-of is in the future; choose an earlier time".to_owned()))
        }
        Some(moment) => Ok(Liveness::AsOf(moment)),
        None => Ok(Liveness::Now(Status::Live)),
    }
}

/// Writes to a file with the suffix `.part` and renames it when it is complete, so that a partial file is not mistaken
/// for the export.
async fn write_file(export: Export, path: &Path, progress: &ProgressBar) -> CommandResult {
    let failed = cannot(format!("write to {}", path.display()));
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let file = BufWriter::new(File::create(&part).await.map_err(&failed)?);
    if let Err(error) = write(export, file, progress).await {
        // The first error is reported; a partial file that cannot be deleted matters less.
        let _ = tokio::fs::remove_file(&part).await;
        return Err(error);
    }
    tokio::fs::rename(&part, path).await.map_err(failed)
}

async fn write(mut export: Export, mut to: impl AsyncWrite + Unpin, progress: &ProgressBar) -> CommandResult {
    while let Some(text) = export.part().await? {
        let outcome = async {
            to.write_all(&text).await?;
            to.flush().await
        };
        match outcome.await {
            Ok(()) => progress.set_position(export.rows),
            // The reader has closed the pipe: `groupdesk export events | head`.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => break,
            Err(error) => return Err(cannot("write the file")(error)),
        }
    }
    progress.finish();
    Ok(())
}

async fn progress(pool: &PgPool, subject: &Subject) -> CommandResult<ProgressBar> {
    let bar = progress_bar(0, "rows");
    if !bar.is_hidden() {
        let rows = subject.count(&mut *pool.acquire().await?).await?;
        bar.set_length(u64::try_from(rows).unwrap_or_default());
    }
    Ok(bar)
}
