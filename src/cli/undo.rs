//! `groupdesk undo` and `groupdesk restore`: show what they would do, and do it with `--apply`.

use chrono::{DateTime, Utc};
use clap::Args;

use super::database::with_transaction;
use super::note_args::NoteArgs;
use super::output::{parse_id, print};
use super::{CommandError, CommandResult, settings};
use crate::kernel::id::{ChangeSetId, GroupId};
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs};
use crate::resources::change_sets::model::{UndoSummary, UndoVerdict};
use crate::resources::change_sets::ops::{change_set_get, change_set_undo_plan};
use crate::resources::flows::restore::{group_restore, restore_plan};
use crate::resources::flows::undo::change_set_undo;

#[derive(Args)]
pub(super) struct UndoCommand {
    /// The id of the change set, as the page of the change and the exports show it
    #[arg(value_name = "CHANGE_SET", value_parser = parse_id::<ChangeSetId>)]
    change_set: ChangeSetId,
    /// Do it; otherwise only print what would be done
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
        let done = with_transaction(&settings, async |connection, call| {
            let call = call.noting(&note);
            Ok((change_set_undo(connection, &call, id, None).await?, call.change_set))
        });
        let (UndoSummary { enrolled, removed, left_alone }, change_set) = done.await?;
        print(format_args!(
            "change set {change_set}: {enrolled} enrolled, {removed} removed, {left_alone} left alone"
        ));
        return Ok(());
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

#[derive(Args)]
pub(super) struct RestoreCommand {
    /// The group whose members are restored
    #[arg(long, value_name = "ID", value_parser = parse_id::<GroupId>)]
    group: GroupId,
    /// The moment, for example 2026-05-28T09:15:00Z
    #[arg(long, value_name = "TIME")]
    as_of: DateTime<Utc>,
    /// Do it; otherwise only print what would be done
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
    let (group, as_of, apply) = (command.group, command.as_of, command.apply);
    let done = with_transaction(&settings, async |connection, call| {
        if !apply {
            return Ok((restore_plan(connection, group, as_of).await?, call.change_set));
        }
        let call = call.noting(&note);
        Ok((group_restore(connection, &call, (group, as_of), None).await?, call.change_set))
    });
    let (plan, change_set) = done.await?;
    let counts = plan.counts;
    let would = if apply { "" } else { "would be " };
    print(format_args!("{} {would}enrolled", counts.enroll));
    print(format_args!("{} {would}removed", counts.remove));
    print(format_args!("{} unchanged", counts.unchanged));
    print(format_args!("{} cannot be enrolled: the workspace is archived", counts.gone));
    let changes = counts.enroll + counts.remove;
    if !apply {
        return ends(changes);
    }
    if changes > 0 {
        print(format_args!("change set {change_set}"));
    }
    Ok(())
}

fn ends(changes: usize) -> CommandResult {
    if changes == 0 { Ok(()) } else { Err(CommandError::Differs) }
}
