//! `groupdesk export`: the log, or enrollments, as a file.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use indicatif::ProgressBar;
use sqlx::PgPool;
use tokio::fs::File;
use tokio::io::{AsyncWrite, AsyncWriteExt, BufWriter};

use super::database::with_database;
use super::output::{parse_id, progress_bar};
use super::{Done, Trouble, settings};
use crate::export::table::Format;
use crate::export::{Export, Subject};
use crate::kernel::id::GroupId;
use crate::kernel::page::{Status, TimeRange};
use crate::platform::clock;
use crate::platform::config::{CommonArgs, DatabaseArgs};
use crate::resources::enrollment_events::model::EventFilter;
use crate::resources::enrollments::model::{EnrollmentFilter, Liveness};
use crate::resources::workspace_groups::ops::group_get;

#[derive(Subcommand)]
pub(super) enum ExportCommand {
    /// Write the history, newest event first
    Events(ExportArgs),
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
    /// Only what happened, or was enrolled, at this time or later (RFC 3339, as in 2026-05-01T00:00:00Z)
    #[arg(long, value_name = "TIME")]
    from: Option<DateTime<Utc>>,
    /// Only what happened, or was enrolled, before this time
    #[arg(long, value_name = "TIME")]
    before: Option<DateTime<Utc>>,
    /// The format of the file
    #[arg(long, value_enum, default_value = "csv")]
    format: FormatArg,
    /// Write to this file [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatArg {
    /// With a header line; an apostrophe precedes text that a spreadsheet would take for a formula
    Csv,
    /// One JSON object a line
    Ndjson,
}

impl ExportArgs {
    fn groups(&self) -> Vec<GroupId> {
        self.group.into_iter().collect()
    }

    const fn range(&self) -> TimeRange {
        TimeRange { from: self.from, before: self.before }
    }
}

pub(super) async fn run(common: CommonArgs, command: ExportCommand) -> Done {
    let now = clock::system().now();
    let (subject, args) = match command {
        ExportCommand::Events(args) => {
            let (groups, occurred_at) = (args.groups(), args.range());
            let filter = EventFilter { groups, occurred_at, ..EventFilter::default() };
            (Subject::events_until(filter, now), args)
        }
        ExportCommand::Enrollments { as_of, args } => {
            let (groups, created_at, liveness) = (args.groups(), args.range(), liveness(as_of, now)?);
            let filter = EnrollmentFilter { groups, liveness, created_at, ..EnrollmentFilter::default() };
            (Subject::Enrollments(filter), args)
        }
    };
    let ExportArgs { group, format, output, database, .. } = args;
    with_database(&settings(common, database, None)?, async |pool| {
        if let Some(group) = group {
            let mut connection = pool.acquire().await?;
            // An unknown id is an error and not an empty file.
            group_get(&mut connection, group, false).await?;
        }
        let format = match format {
            FormatArg::Csv => Format::Csv,
            FormatArg::Ndjson => Format::Ndjson,
        };
        let progress = progress(&pool, &subject).await?;
        let export = Export::new(pool, subject, format);
        match output {
            None => write(export, tokio::io::stdout(), &progress).await,
            Some(path) => write_file(export, &path, &progress).await,
        }
    })
    .await
}

fn liveness(as_of: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<Liveness, Trouble> {
    match as_of {
        Some(moment) if moment > now => {
            Err(Trouble::Usage("--as-of is in the future; choose an earlier time".to_owned()))
        }
        Some(moment) => Ok(Liveness::AsOf(moment)),
        None => Ok(Liveness::Now(Status::Live)),
    }
}

/// Writes under another name until the file is complete, so that nobody takes a part for the whole.
async fn write_file(export: Export, path: &Path, progress: &ProgressBar) -> Done {
    let failed =
        |error: std::io::Error| Trouble::Failed(format!("cannot write to {}: {error}", path.display()));
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let file = BufWriter::new(File::create(&part).await.map_err(failed)?);
    match write(export, file, progress).await {
        Ok(()) => tokio::fs::rename(&part, path).await.map_err(failed),
        Err(trouble) => {
            // The first error is reported; a partial file that cannot be deleted matters less.
            let _ = tokio::fs::remove_file(&part).await;
            Err(trouble)
        }
    }
}

async fn write(mut export: Export, mut to: impl AsyncWrite + Unpin, progress: &ProgressBar) -> Done {
    while let Some(text) = export.part().await? {
        let outcome = async {
            to.write_all(&text).await?;
            to.flush().await
        };
        match outcome.await {
            Ok(()) => progress.set_position(export.rows),
            // The reader has closed the pipe: `groupdesk export events | head`.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => break,
            Err(error) => return Err(Trouble::Failed(format!("cannot write the file: {error}"))),
        }
    }
    progress.finish();
    Ok(())
}

/// Counts the rows only if the bar is visible.
async fn progress(pool: &PgPool, subject: &Subject) -> Result<ProgressBar, Trouble> {
    let bar = progress_bar(0, "rows");
    if !bar.is_hidden() {
        let rows = subject.count(&mut *pool.acquire().await?).await?;
        bar.set_length(u64::try_from(rows).unwrap_or_default());
    }
    Ok(bar)
}
