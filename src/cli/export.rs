//! `groupdesk export`: the log, or enrollments, as a file.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sqlx::PgPool;
use tokio::fs::File;
use tokio::io::{AsyncWrite, AsyncWriteExt, BufWriter};

use super::database::with_database;
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
    /// Write what happened, newest first
    Events(EventsCommand),
    /// Write which workspaces are, or were, in which groups, last enrolled first
    Enrollments(EnrollmentsCommand),
}

#[derive(Args)]
pub(super) struct EventsCommand {
    /// What happened in this group alone
    #[arg(long, value_name = "ID", value_parser = parse_group)]
    group: Option<GroupId>,
    /// What happened at this moment or later (RFC 3339, as in 2026-05-01T00:00:00Z)
    #[arg(long, value_name = "TIME")]
    from: Option<DateTime<Utc>>,
    /// What happened before this moment
    #[arg(long, value_name = "TIME")]
    before: Option<DateTime<Utc>>,
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Args)]
pub(super) struct EnrollmentsCommand {
    /// Those of this group alone
    #[arg(long, value_name = "ID", value_parser = parse_group)]
    group: Option<GroupId>,
    /// Those that were live at this moment (RFC 3339) [default: those that are live now]
    #[arg(long, value_name = "TIME")]
    as_of: Option<DateTime<Utc>>,
    /// Of those, the ones enrolled at this moment or later
    #[arg(long, value_name = "TIME")]
    from: Option<DateTime<Utc>>,
    /// Of those, the ones enrolled before this moment
    #[arg(long, value_name = "TIME")]
    before: Option<DateTime<Utc>>,
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Args)]
struct FileArgs {
    /// The form of the file
    #[arg(long, value_enum, default_value = "csv")]
    format: FormatArg,
    /// Write to this file [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatArg {
    /// With a line of names; an apostrophe stands before what a spreadsheet would take for a formula
    Csv,
    /// A JSON object a line
    Ndjson,
}

fn parse_group(text: &str) -> Result<GroupId, String> {
    text.parse().map_err(|_| "the id of a group is a UUID".to_owned())
}

pub(super) async fn run(common: CommonArgs, command: ExportCommand) -> Done {
    let now = clock::system().now();
    let (group, subject, file, database) = match command {
        ExportCommand::Events(EventsCommand { group, from, before, file, database }) => {
            let filter = EventFilter {
                groups: group.into_iter().collect(),
                occurred_at: TimeRange { from, before },
                ..EventFilter::default()
            };
            (group, Subject::events_until(filter, now), file, database)
        }
        ExportCommand::Enrollments(EnrollmentsCommand { group, as_of, from, before, file, database }) => {
            let filter = EnrollmentFilter {
                groups: group.into_iter().collect(),
                liveness: liveness(as_of, now)?,
                created_at: TimeRange { from, before },
                ..EnrollmentFilter::default()
            };
            (group, Subject::Enrollments(filter), file, database)
        }
    };
    let settings = settings(common, database, None)?;
    with_database(&settings, async |pool| {
        if let Some(group) = group {
            let mut connection = pool.acquire().await?;
            // A mistyped id is no empty file.
            group_get(&mut connection, group, false).await?;
        }
        export(pool, subject, file).await
    })
    .await
}

fn liveness(as_of: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<Liveness, Trouble> {
    match as_of {
        Some(moment) if moment > now => {
            Err(Trouble::Usage("--as-of is a moment that is not to come".to_owned()))
        }
        Some(moment) => Ok(Liveness::AsOf(moment)),
        None => Ok(Liveness::Now(Status::Live)),
    }
}

async fn export(pool: PgPool, subject: Subject, file: FileArgs) -> Done {
    let format = match file.format {
        FormatArg::Csv => Format::Csv,
        FormatArg::Ndjson => Format::Ndjson,
    };
    let progress = progress(&pool, &subject).await?;
    let export = Export::new(pool, subject, format);
    match file.output {
        None => write(export, tokio::io::stdout(), &progress).await,
        Some(path) => write_file(export, &path, &progress).await,
    }
}

/// Under another name until it is whole: half a file should not be taken for one.
async fn write_file(export: Export, path: &Path, progress: &ProgressBar) -> Done {
    let failed =
        |error: std::io::Error| Trouble::Failed(format!("cannot write to {}: {error}", path.display()));
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let file = BufWriter::new(File::create(&part).await.map_err(failed)?);
    let written = write(export, file, progress).await;
    match written {
        Ok(()) => tokio::fs::rename(&part, path).await.map_err(failed),
        Err(trouble) => {
            // What it could not hold is told; that it is still there matters less.
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
            Ok(()) => progress.set_position(export.rows()),
            // Whoever reads it has read enough: `groupdesk export events | head`.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => break,
            Err(error) => return Err(Trouble::Failed(format!("cannot write the file: {error}"))),
        }
    }
    progress.finish();
    Ok(())
}

/// Counts first only for somebody who watches.
async fn progress(pool: &PgPool, subject: &Subject) -> Result<ProgressBar, Trouble> {
    if !std::io::stderr().is_terminal() {
        return Ok(ProgressBar::hidden());
    }
    let mut connection = pool.acquire().await?;
    let rows = u64::try_from(subject.count(&mut connection).await?).unwrap_or_default();
    let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos} of {human_len} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::with_draw_target(Some(rows), ProgressDrawTarget::stderr());
    Ok(bar.with_style(style).with_message("rows"))
}
