//! `groupdesk plan` and `groupdesk drift`: show how groups differ from what a file says.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::database::with_database;
use super::output::{note, print};
use super::plan_file::{PlanFileArgs, make_plan, write_complete};
use super::{CommandError, CommandResult, formats, settings};
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs};
use crate::resources::flows::plan::document::{FailedLine, FailedWhy, GroupPlan, Plan};
use crate::resources::flows::plan::file::PlanMode;

#[derive(Args)]
pub(super) struct PlanCommand {
    #[command(flatten)]
    file: PlanFileArgs,
    /// Write the plan to this file, for "groupdesk apply"
    #[arg(long, value_name = "PLAN")]
    out: Option<PathBuf>,
    /// Print the plan as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) async fn plan(common: CommonArgs, command: PlanCommand) -> CommandResult {
    let wanted = command.file.read().await?;
    let settings = settings(common, command.database, ServingArgs::default())?;
    let plan = with_database(&settings, async |pool| make_plan(&pool, &wanted).await).await?;
    if let Some(path) = &command.out {
        write_complete(path, &json(&plan)?).await?;
        note(format_args!("the plan is in {}", path.display()));
    }
    if command.json {
        print(json(&plan)?.trim_end());
    } else {
        for group in &plan.groups {
            print_steps(group);
        }
        let (groups, workspaces) =
            (plan.groups.iter().filter(|group| group.changes() > 0).count(), plan.changes());
        print(format_args!(
            "{} in {}",
            count(workspaces, "change", "changes"),
            count(groups, "group", "groups")
        ));
    }
    ends(&plan)
}

fn json(plan: &Plan) -> CommandResult<String> {
    Ok(serde_json::to_string_pretty(plan)? + "\n")
}

fn count(number: usize, one: &str, many: &str) -> String {
    formats().count(i64::try_from(number).unwrap_or(i64::MAX), one, many)
}

fn print_steps(plan: &GroupPlan) {
    let mode = match plan.mode {
        PlanMode::Exact => "exactly this list",
        PlanMode::AtLeast => "at least this list",
    };
    print(format_args!("{} ({}), {mode}", plan.name, plan.group));
    for step in &plan.enroll {
        print(format_args!("  + {} (line {})", step.text, step.line));
    }
    for step in &plan.remove {
        print(format_args!("  - {}", step.text));
    }
    for failed in &plan.failed {
        print(format_args!("  ! {}", failed_sentence(failed)));
    }
    print(format_args!("  {}", summary(plan)));
}

fn failed_sentence(FailedLine { line, text, why }: &FailedLine) -> String {
    let why = match why {
        FailedWhy::Unknown => "no workspace has this id or external id, or it was archived",
        FailedWhy::Unreadable => "not readable as an id",
    };
    format!("line {line}: {text}: {why}")
}

/// `1 would be enrolled, 2 would be removed, 3 unchanged, 1 cannot be enrolled`
fn summary(plan: &GroupPlan) -> String {
    let mut summary = format!(
        "{} would be enrolled, {} would be removed, {} unchanged",
        plan.enroll.len(),
        plan.remove.len(),
        plan.unchanged
    );
    for (number, what) in [(plan.duplicates, "duplicate"), (plan.failed.len(), "cannot be enrolled")] {
        if number > 0 {
            let _ = write!(summary, ", {number} {what}");
        }
    }
    summary
}

/// A line that names no workspace is a failure even if nothing else differs.
fn ends(plan: &Plan) -> CommandResult {
    match (plan.changes(), plan.failed()) {
        (0, 0) => Ok(()),
        (0, failed) => Err(failed_lines(failed)),
        (_, _) => Err(CommandError::Differs),
    }
}

pub(super) fn failed_lines(failed: usize) -> CommandError {
    CommandError::Failed(format!(
        "{} no workspace that can be enrolled",
        count(failed, "line names", "lines name")
    ))
}

#[derive(Args)]
pub(super) struct DriftCommand {
    #[command(flatten)]
    file: PlanFileArgs,
    /// Print the plan that would end the drift, as JSON
    #[arg(long)]
    json: bool,
    /// Write the numbers to this file for the textfile collector of Prometheus
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) async fn drift(common: CommonArgs, command: DriftCommand) -> CommandResult {
    let wanted = command.file.read().await?;
    let settings = settings(common, command.database, ServingArgs::default())?;
    let plan = with_database(&settings, async |pool| make_plan(&pool, &wanted).await).await?;
    if let Some(path) = &command.metrics {
        write_complete(path, &metrics(&plan)).await?;
    }
    if command.json {
        print(json(&plan)?.trim_end());
    } else {
        for group in &plan.groups {
            print(format_args!("{} ({}): {}", group.name, group.group, summary(group)));
        }
    }
    ends(&plan)
}

type Value = fn(&GroupPlan) -> usize;

fn metrics(plan: &Plan) -> String {
    let mut text = String::new();
    let gauges: [(&str, &str, Value); 2] = [
        ("groupdesk_drift_enrollments", "Enrollments that differ from the file.", GroupPlan::changes),
        ("groupdesk_drift_failed_lines", "Lines of the file that name no workspace.", |group| {
            group.failed.len()
        }),
    ];
    for (name, help, value) in gauges {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for group in &plan.groups {
            let _ = writeln!(text, "{name}{{group=\"{}\"}} {}", group.group, value(group));
        }
    }
    let name = "groupdesk_drift_checked_timestamp_seconds";
    let _ = writeln!(text, "# HELP {name} When the file was last compared.\n# TYPE {name} gauge");
    let _ = writeln!(text, "{name} {}", plan.made_at.timestamp());
    text
}
