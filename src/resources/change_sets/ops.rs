//! Operations on change sets. Those that change enrollments are in `resources/flows`.

use sqlx::PgConnection;

use super::model::UndoPlan;
use super::store;
use crate::kernel::id::{ChangeSetId, HistoryId, ImportId};
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::enrollment_events::model::origin::ChangeOrigin;

pub use store::{change_set_get, change_set_groups, history_begin, history_current};

/// Records why the change set of the call exists, once.
pub async fn change_set_record<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    origin: &ChangeOrigin,
) -> Outcome<()> {
    store::insert(connection, call, origin).await
}

/// The import that undoes the change set and has not ended.
pub async fn change_set_undo_under_way(
    connection: &mut PgConnection,
    id: ChangeSetId,
) -> Outcome<Option<ImportId>> {
    store::undo_under_way(connection, id).await
}

/// Whether another change set has undone this one, or a part of it.
pub async fn change_set_is_undone(connection: &mut PgConnection, id: ChangeSetId) -> Outcome<bool> {
    Ok(!store::undone_by(connection, id).await?.is_empty())
}

/// What undoing the change set would do now.
pub async fn change_set_undo_plan(connection: &mut PgConnection, id: ChangeSetId) -> Outcome<UndoPlan> {
    let history = history_current(connection).await?;
    Ok(UndoPlan { steps: store::undo_steps(connection, id).await?, history })
}

/// Fails with `OtherHistory` if the database was restored since `seen` was read.
pub async fn history_ensure(connection: &mut PgConnection, seen: HistoryId) -> Outcome<()> {
    if history_current(connection).await? == seen { Ok(()) } else { Err(Problem::OtherHistory.into()) }
}
