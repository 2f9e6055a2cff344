//! `groupdesk undo` and `groupdesk restore`: show what they would do, and do it with `--apply`.

use chrono::{DateTime, Utc};
use clap::Args;
use sqlx::PgPool;

use super::database::{with_database, with_transaction};
use super::import::{finish, report};
use super::note_args::NoteArgs;
use super::output::{parse_id, print};
use super::{CommandError, CommandResult, administrator, settings};
use crate::kernel::actor::ChangeNote;
use crate::kernel::id::{ChangeSetId, GroupId, ImportId};
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs, Settings};
use crate::resources::change_sets::model::{UndoSummary, UndoVerdict};
use crate::resources::change_sets::ops::{change_set_get, change_set_undo_plan};
use crate::resources::enrollments::model::restore::RestoreCounts;
use crate::resources::flows::restore::{group_restore_or_queue, restore_plan};
use crate::resources::flows::undo::{Undone, change_set_undo_or_queue};

#[derive(Args)]
pub(super) struct UndoCommand {
    /// The id of the change set, as the page of the change and the exports show it
    #[arg(value_name = "CHANGE_SET", value_parser = parse_id::<ChangeSetId>)]
    change_set: ChangeSetId,
    /// Make the changes; otherwise only print them
    #[arg(long)]
    apply: bool,
    #[command(flatten)]
    note: NoteArgs,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) async fn undo(common: CommonArgs, command: UndoCommand) -> CommandResult {
    let (settings, note) =
        (settings(common, command.database, ServingArgs::default())?, command.note.note()?);
    let id = command.change_set;
    if command.apply {
        return apply_undo(&settings, &note, id).await;
    }
    let plan = with_transaction(&settings, async |connection, _| {
        change_set_get(connection, id).await?;
        change_set_undo_plan(connection, id).await
    });
    let plan = plan.await?;
    for (verdict, text) in [
        (UndoVerdict::Remove, "would be removed"),
        (UndoVerdict::Enroll, "would be enrolled again"),
        (UndoVerdict::RemovedSince, "removed since, left alone"),
        (UndoVerdict::EnrolledSince, "enrolled again since, left alone"),
        (UndoVerdict::ChangedSince, "enrolled and removed again since, left alone"),
        (UndoVerdict::Gone, "cannot be enrolled: the workspace or the group is archived"),
    ] {
        print(format_args!("{}: {text}", plan.count(verdict)));
    }
    ends(plan.changes())
}

async fn apply_undo(settings: &Settings, note: &ChangeNote, id: ChangeSetId) -> CommandResult {
    with_database(settings, async |pool| {
        let call = administrator().noting(note);
        let mut transaction = pool.begin().await?;
        let done = change_set_undo_or_queue(&mut transaction, &call, id, None).await?;
        transaction.commit().await?;
        match done {
            Undone::AtOnce(UndoSummary { enrolled, removed, left_alone }) => print(format_args!(
                "change set {}: {enrolled} enrolled, {removed} removed, {left_alone} left alone",
                call.change_set
            )),
            Undone::Queued(_, import) => run(&pool, import, call.change_set).await?,
        }
        Ok(())
    })
    .await
}

/// Makes the changes of a plan that are too many for one transaction.
async fn run(pool: &PgPool, import: ImportId, change_set: ChangeSetId) -> CommandResult {
    print(format_args!("change set {change_set}"));
    finish(pool, import).await?;
    report(pool, import).await
}

#[derive(Args)]
pub(super) struct RestoreCommand {
    /// The group whose members are restored
    #[arg(long, value_name = "ID", value_parser = parse_id::<GroupId>)]
    group: GroupId,
    /// The moment, for example 2026-05-28T09:15:00Z
    #[arg(long, value_name = "TIME")]
    as_of: DateTime<Utc>,
    /// Make the changes; otherwise only print them
    #[arg(long)]
    apply: bool,
    #[command(flatten)]
    note: NoteArgs,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) async fn restore(common: CommonArgs, command: RestoreCommand) -> CommandResult {
    let (settings, note) =
        (settings(common, command.database, ServingArgs::default())?, command.note.note()?);
    let (group, as_of) = (command.group, command.as_of);
    if command.apply {
        return apply_restore(&settings, &note, (group, as_of)).await;
    }
    let plan = with_transaction(&settings, async |connection, call| {
        restore_plan(connection, group, as_of, call.now).await
    });
    let counts = plan.await?.counts;
    print_counts(&counts, "would be ");
    ends(counts.enroll + counts.remove)
}

async fn apply_restore(
    settings: &Settings,
    note: &ChangeNote,
    moment: (GroupId, DateTime<Utc>),
) -> CommandResult {
    with_database(settings, async |pool| {
        let call = administrator().noting(note);
        let mut transaction = pool.begin().await?;
        let (plan, import) = group_restore_or_queue(&mut transaction, &call, moment, None).await?;
        transaction.commit().await?;
        if let Some(import) = import {
            return run(&pool, import, call.change_set).await;
        }
        print_counts(&plan.counts, "");
        if plan.counts.enroll + plan.counts.remove > 0 {
            print(format_args!("change set {}", call.change_set));
        }
        Ok(())
    })
    .await
}

fn print_counts(counts: &RestoreCounts, would_be: &str) {
    print(format_args!("{} {would_be}enrolled", counts.enroll));
    print(format_args!("{} {would_be}removed", counts.remove));
    print(format_args!("{} unchanged", counts.unchanged));
    print(format_args!("{} cannot be enrolled: the workspace is archived", counts.gone));
}

fn ends(changes: usize) -> CommandResult {
    if changes == 0 { Ok(()) } else { Err(CommandError::Differs) }
}
