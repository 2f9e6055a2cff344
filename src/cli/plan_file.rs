//! What the commands about plans share: the file of wanted groups, its faults in words, and complete files.

use std::path::{Path, PathBuf};

use clap::Args;
use sqlx::PgPool;
use tokio::io::AsyncReadExt;

use super::{CommandError, CommandResult, administrator, cannot};
use crate::resources::flows::plan::document::Plan;
use crate::resources::flows::plan::file::{FileFault, FileFormat, PlanMode, WantedGroup, read_file};
use crate::resources::flows::plan::plan_make;
use crate::resources::flows::plan::rules::GroupFault;

#[derive(Args)]
pub(super) struct PlanFileArgs {
    /// A file that says which workspaces belong to which groups; "-" for standard input
    ///
    /// CSV with the columns group and workspace, or TOML with a table [[group]] for each group: group = "<id or name>",
    /// workspaces = ["ws-1", …], and mode = "exact" (the default) or "at_least". A group is named by its id, or by its name if
    /// no other group has it; a workspace by its id or external id. Groups that the file does not name are not touched. A row
    /// with an empty workspace, or workspaces = [], means that the group is empty.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The format of the file: csv or toml [default: by the ending of its name, otherwise csv]
    #[arg(long, value_name = "FORMAT", value_parser = parse_format)]
    format: Option<FileFormat>,
    /// What a CSV list means: exact (the group contains nothing else) or at_least (nothing is removed) [default: exact]
    #[arg(long, value_name = "MODE", value_parser = parse_mode)]
    mode: Option<PlanMode>,
}

pub(super) fn parse_format(text: &str) -> Result<FileFormat, String> {
    text.parse().map_err(|_| "the formats are csv and toml".to_owned())
}

fn parse_mode(text: &str) -> Result<PlanMode, String> {
    text.parse().map_err(|_| "the modes are exact and at_least".to_owned())
}

impl PlanFileArgs {
    pub(super) async fn read(&self) -> CommandResult<Vec<WantedGroup>> {
        let name = self.file.display().to_string();
        let format = self.format.unwrap_or_else(|| FileFormat::of_name(&name));
        if format == FileFormat::Toml && self.mode.is_some() {
            let message = "--mode is for CSV; in TOML each group has a mode";
            return Err(CommandError::Usage(message.to_owned()));
        }
        let bytes = read_bytes(&self.file).await?;
        let groups = read_file(&bytes, format, self.mode.unwrap_or_default());
        groups.map_err(|fault| CommandError::Usage(format!("{name}: {}", file_sentence(&fault))))
    }
}

pub(super) async fn read_bytes(file: &Path) -> CommandResult<Vec<u8>> {
    let failed = cannot(format!("read {}", file.display()));
    if file != Path::new("-") {
        return tokio::fs::read(file).await.map_err(failed);
    }
    let mut bytes = Vec::new();
    tokio::io::stdin().read_to_end(&mut bytes).await.map_err(failed)?;
    Ok(bytes)
}

/// Writes to a file with the suffix `.part` and renames it, so that no reader sees a part of it.
pub(super) async fn write_complete(path: &Path, text: &str) -> CommandResult {
    let failed = cannot(format!("write to {}", path.display()));
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    tokio::fs::write(&part, text).await.map_err(&failed)?;
    tokio::fs::rename(&part, path).await.map_err(failed)
}

pub(super) async fn make_plan(pool: &PgPool, wanted: &[WantedGroup]) -> CommandResult<Plan> {
    let plan = plan_make(&mut *pool.acquire().await?, &administrator(), wanted).await?;
    plan.map_err(|faults| {
        let sentences: Vec<_> = faults.iter().map(group_sentence).collect();
        CommandError::Failed(sentences.join("\n"))
    })
}

fn file_sentence(fault: &FileFault) -> String {
    match fault {
        FileFault::NotText => "the file is not UTF-8 text".to_owned(),
        FileFault::Empty => {
            "the file names no group; to empty a group, name it with an empty list".to_owned()
        }
        FileFault::ColumnMissing(name) => format!("the first line has no column {name}"),
        FileFault::GroupMissing { line } => format!("line {line}: the name or id of the group is missing"),
        FileFault::GroupRepeated { line, first } => {
            format!("line {line}: this group is already listed on line {first}")
        }
        FileFault::Malformed { line, why } => format!("line {line}: {why}"),
    }
}

fn group_sentence(fault: &GroupFault) -> String {
    match fault {
        GroupFault::Unknown { line, text } => {
            format!("line {line}: {text}: no group has this id or name, or it was archived")
        }
        GroupFault::Ambiguous { line, text, groups } => {
            format!("line {line}: {text}: {groups} groups have this name; use an id")
        }
        GroupFault::Repeated { line, text, first } => {
            format!("line {line}: {text}: this group is already listed on line {first}")
        }
    }
}
