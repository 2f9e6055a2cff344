//! `groupdesk apply`: applies a plan that `groupdesk plan --out` wrote.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use sqlx::PgPool;

use super::database::with_database;
use super::note_args::NoteArgs;
use super::output::{note, parsed, person_of, print};
use super::plan::failed_lines;
use super::plan_file::read_bytes;
use super::removal_args::RemovalArgs;
use super::{CommandError, CommandResult, administrator, sentence, settings};
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::Email;
use crate::platform::call::{Administer, Call};
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs};
use crate::platform::db;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::flows::plan::document::{GroupPlan, Plan};
use crate::resources::flows::plan::{GroupState, plan_apply_group, plan_check_group};
use crate::resources::imports::rules::removals::RemovalCheck;

/// How often a group is tried again in a row if another transaction was in the way.
const RETRIES: u32 = 5;

#[derive(Args)]
pub(super) struct ApplyCommand {
    /// The plan that "groupdesk plan --out" wrote; "-" for standard input
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    #[command(flatten)]
    removals: RemovalArgs,
    /// Make the person with this e-mail address the creator [default: no creator]
    #[arg(long, value_name = "EMAIL")]
    person: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    note: NoteArgs,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) async fn apply(common: CommonArgs, command: ApplyCommand) -> CommandResult {
    let email = parsed(Field::Email, command.person.as_deref().map(Email::parse).transpose())?;
    let note = command.note.note()?;
    let name = command.plan.display();
    let plan: Plan = serde_json::from_slice(&read_bytes(&command.plan).await?)
        .map_err(|error| CommandError::Usage(format!("{name} is not a plan: {error}")))?;
    let RemovalArgs { max_removals: limit, allow_empty: may_empty } = command.removals;
    let check = RemovalCheck::Limited { limit, may_empty };
    with_database(&settings(common, command.database, ServingArgs::default())?, async |pool| {
        let mut call = administrator().in_change_set(plan.change_set).with_note(note.clone());
        call.actor.person = person_of(&pool, email.as_ref()).await?;
        // Every group is checked before the first one is changed.
        for group in plan.in_lock_order() {
            let checked = plan_check_group(&mut *pool.acquire().await?, &call, &plan, group, check).await;
            checked.map_err(|failure| of_group(group, failure))?;
        }
        let mut done = Vec::with_capacity(plan.groups.len());
        let mut stopped = None;
        for group in plan.in_lock_order() {
            match apply_group(&pool, &call, &plan, group, check).await {
                Ok(state) => done.push((group, state)),
                Err(failure) => {
                    stopped = Some(of_group(group, failure));
                    break;
                }
            }
        }
        report(&plan, &done, command.json);
        match stopped {
            Some(error) => Err(error),
            None if plan.failed() > 0 => Err(failed_lines(plan.failed())),
            None => Ok(()),
        }
    })
    .await
}

async fn apply_group(
    pool: &PgPool,
    call: &Call<Administer>,
    plan: &Plan,
    group: &GroupPlan,
    check: RemovalCheck,
) -> Outcome<GroupState> {
    let mut attempts = 0;
    loop {
        let outcome = async {
            let mut transaction = pool.begin().await?;
            let state = plan_apply_group(&mut transaction, call, plan, group, check).await?;
            transaction.commit().await?;
            Outcome::Ok(state)
        };
        match outcome.await {
            Err(Failure::Conflict(_)) if attempts < RETRIES => {
                attempts += 1;
                tokio::time::sleep(db::jitter()).await;
            }
            outcome => return outcome,
        }
    }
}

fn of_group(group: &GroupPlan, failure: Failure) -> CommandError {
    let why = match failure {
        Failure::Problem(Problem::PreviewChanged) => {
            "the group has changed since the plan was made; make a new plan".to_owned()
        }
        Failure::Problem(Problem::OtherHistory) => {
            "the database was restored from a backup after the plan was made; make a new plan".to_owned()
        }
        Failure::Problem(problem) => sentence(&problem),
        failure => return failure.into(),
    };
    CommandError::Failed(format!("{} ({}): {why}", group.name, group.group))
}

/// The groups that were done, also after a refusal of a later one.
fn report(plan: &Plan, done: &[(&GroupPlan, GroupState)], as_json: bool) {
    let numbers = |group: &GroupPlan, state| match state {
        GroupState::Ready => (group.enroll.len(), group.remove.len()),
        GroupState::Done => (0, 0),
    };
    if as_json {
        let groups = done.iter().map(|(group, state)| {
            let (enrolled, removed) = numbers(group, *state);
            let result = if *state == GroupState::Ready { "applied" } else { "already" };
            let failed = group.failed.len();
            json!({
                "group": group.group, "name": group.name, "result": result, "enrolled": enrolled,
                "removed": removed, "failed": failed,
            })
        });
        let groups: Vec<_> = groups.collect();
        print(format_args!("{:#}", json!({ "change_set": plan.change_set, "groups": groups })));
        return;
    }
    for (group, state) in done {
        let (enrolled, removed) = numbers(group, *state);
        let name = &group.name;
        match state {
            GroupState::Ready => print(format_args!("{name}: {enrolled} enrolled, {removed} removed")),
            GroupState::Done => print(format_args!("{name}: already as planned")),
        }
    }
    if done.iter().any(|(_, state)| *state == GroupState::Ready) {
        print(format_args!("change set {}", plan.change_set));
    }
    let left = plan.groups.len() - done.len();
    if left > 0 {
        note(format_args!(
            "{left} of {} groups are not done; run the same plan again to continue",
            plan.groups.len()
        ));
    }
}
