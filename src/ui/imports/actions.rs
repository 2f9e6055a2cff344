//! Changes to imports. The list itself is received by `http.rs`.

use crate::resources::enrollments::rules::confirmed_number;
use crate::resources::imports::ops;
use crate::resources::imports::rules::removals::RemovalCheck;
use crate::ui::server::prelude::*;

/// `unlisted`: which enrollments an exact list removes, as the page showed them. `confirm`: their number, which the user typed
/// to confirm it.
#[server(prefix = "/api/fn", endpoint = "import-start")]
pub async fn import_start(
    group: String,
    import: String,
    #[server(default)] unlisted: String,
    #[server(default)] confirm: String,
) -> Result<(), UiError> {
    let page = paths::import_at(&group, &import);
    change_at(&page, async |connection, call| {
        let (_, id) = ids(&group, &import)?;
        let seen = if unlisted.is_empty() { None } else { Some(form_id(&unlisted)?) };
        let check = RemovalCheck::Previewed { seen, typed: confirmed_number(&confirm) };
        let started = ops::import_start(connection, call, id, check).await?;
        let notice = started.map_or(Notice::ImportStartedBefore, |import| Notice::ImportStarted {
            group: Named { id: import.group, name: import.group_name },
            mode: import.mode,
        });
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
