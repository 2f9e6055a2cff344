//! Changes to imports. The list itself is received by `http.rs`.

use crate::resources::imports::ops;
use crate::ui::server::prelude::*;

#[server(prefix = "/api/fn", endpoint = "import-start")]
pub async fn import_start(group: String, import: String) -> Result<(), UiError> {
    let page = paths::import_at(&group, &import);
    change_at(&page, async |connection, call| {
        let (_, id) = ids(&group, &import)?;
        let started = ops::import_start(connection, call, id).await?;
        let group = started.map(|import| Named { id: import.group, name: import.group_name });
        let notice = group.map_or(Notice::ImportStartedBefore, |group| Notice::ImportStarted { group });
        Ok(Changed { notice, go_to: page.clone() })
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "import-discard")]
pub async fn import_discard(group: String, import: String) -> Result<(), UiError> {
    change_at(&paths::import_at(&group, &import), async |connection, call| {
        let (group, id) = ids(&group, &import)?;
        ops::import_discard(connection, call, id).await?;
        Ok(Changed { notice: Notice::ImportDiscarded, go_to: paths::group_imports(group) })
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "import-cancel")]
pub async fn import_cancel(group: String, import: String) -> Result<(), UiError> {
    let page = paths::import_at(&group, &import);
    change_at(&page, async |connection, call| {
        let (_, id) = ids(&group, &import)?;
        let is_cancelled = ops::import_cancel(connection, call, id).await?;
        let notice = if is_cancelled { Notice::ImportCancelled } else { Notice::ImportEndedBefore };
        Ok(Changed { notice, go_to: page.clone() })
    })
    .await
}

fn ids(group: &str, import: &str) -> Result<(GroupId, ImportId), Problem> {
    Ok((form_id(group)?, form_id(import)?))
}
