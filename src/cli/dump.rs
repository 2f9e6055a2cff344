//! `groupdesk dump`: writes what groups contain as a file for `groupdesk plan`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use sqlx::PgPool;

use super::database::with_database;
use super::output::{collect, parse_id, print};
use super::plan_file::{parse_format, write_complete};
use super::{CommandResult, settings};
use crate::kernel::id::GroupId;
use crate::kernel::page::{NamedSortKey, PageRequest, Sort};
use crate::kernel::problem::Problem;
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs};
use crate::platform::csv::CsvText;
use crate::platform::failure::Failure;
use crate::resources::enrollments::model::members::Member;
use crate::resources::enrollments::ops::enrollment_members;
use crate::resources::flows::plan::file::FileFormat;
use crate::resources::workspace_groups::model::{GroupFilter, WorkspaceGroup, group_position};
use crate::resources::workspace_groups::ops::{group_get, group_list};

/// The columns of a CSV file. The names are for readers; a plan ignores them.
const COLUMNS: [&str; 4] = ["group", "workspace", "group_name", "workspace_name"];

#[derive(Args)]
pub(super) struct DumpCommand {
    /// Only this group; may be given several times [default: all groups]
    #[arg(long = "group", value_name = "ID", value_parser = parse_id::<GroupId>)]
    groups: Vec<GroupId>,
    /// The format of the file: csv or toml
    #[arg(long, value_name = "FORMAT", value_parser = parse_format, default_value = "csv")]
    format: FileFormat,
    /// Write to this file [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) async fn dump(common: CommonArgs, command: DumpCommand) -> CommandResult {
    let settings = settings(common, command.database, ServingArgs::default())?;
    let text = with_database(&settings, async |pool| {
        let groups = groups(&pool, &command.groups).await?;
        let mut file = GroupFile::begin(command.format)?;
        for group in &groups {
            let members = enrollment_members(&mut *pool.acquire().await?, group.id).await?;
            file.push(group, &members)?;
        }
        file.end()
    });
    let text = text.await?;
    if let Some(path) = &command.output {
        return write_complete(path, &text).await;
    }
    print(text.trim_end());
    Ok(())
}

/// The named groups in their order, or all live ones by name. An archived group cannot be planned.
async fn groups(pool: &PgPool, ids: &[GroupId]) -> CommandResult<Vec<WorkspaceGroup>> {
    let mut groups = Vec::with_capacity(ids.len());
    for id in ids {
        let group = group_get(&mut *pool.acquire().await?, *id, false).await?.group;
        if !group.is_live() {
            return Err(Failure::from(Problem::GroupNotFound(*id)).into());
        }
        groups.push(group);
    }
    if !ids.is_empty() {
        return Ok(groups);
    }
    let (filter, sort) = (GroupFilter::default(), Sort(vec![(NamedSortKey::Name, false)]));
    let list = async |request: &PageRequest| {
        group_list(&mut *pool.acquire().await?, &filter, &sort, request, false).await
    };
    let listed = collect(list, |with| group_position(&sort, &with.group)).await?;
    Ok(listed.into_iter().map(|with| with.group).collect())
}

enum GroupFile {
    Csv(Box<CsvText>),
    Toml(String),
}

impl GroupFile {
    fn begin(format: FileFormat) -> CommandResult<Self> {
        Ok(match format {
            FileFormat::Csv => {
                let mut csv = CsvText::with_capacity(0);
                csv.row(COLUMNS)?;
                Self::Csv(Box::new(csv))
            }
            FileFormat::Toml => Self::Toml(String::new()),
        })
    }

    fn push(&mut self, group: &WorkspaceGroup, members: &[Member]) -> CommandResult {
        let id = group.id.to_string();
        match self {
            Self::Csv(csv) => {
                if members.is_empty() {
                    csv.row([id.as_str(), "", &group.name, ""])?;
                }
                for member in members {
                    csv.row([id.as_str(), &member.workspace.to_string(), &group.name, &member.name])?;
                }
            }
            Self::Toml(text) => {
                let separator = if text.is_empty() { "" } else { "\n" };
                write!(
                    text,
                    "{separator}[[group]]\ngroup = \"{id}\" # {}\nworkspaces = [",
                    comment(&group.name)
                )?;
                for member in members {
                    write!(text, "\n    \"{}\", # {}", member.workspace, comment(&member.name))?;
                }
                text.push_str(if members.is_empty() { "]\n" } else { "\n]\n" });
            }
        }
        Ok(())
    }

    fn end(self) -> CommandResult<String> {
        Ok(match self {
            Self::Csv(csv) => String::from_utf8(csv.into_bytes()?)?,
            Self::Toml(text) => text,
        })
    }
}

/// Names that another system wrote may have line breaks, which would end the comment.
fn comment(name: &str) -> String {
    name.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}
