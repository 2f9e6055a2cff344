//! Of imports. The list comes in, and the result goes out, through `ui/imports/files.rs`.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::kernel::id::{GroupId, ImportId};
use crate::resources::imports::model::{Import, ImportCounts, ImportLine, LineKind};
use crate::ui::error::UiError;
use crate::ui::pagination::ListPage;

/// The imports of a group, the newest first.
#[server(prefix = "/api/fn", endpoint = "imports-read")]
pub async fn imports_read(
    group: GroupId,
    after: Option<String>,
    before: Option<String>,
) -> Result<ListPage<Import>, UiError> {
    use crate::resources::imports::model::import_position;
    use crate::resources::imports::ops::import_list;
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let key = visit.state.cursor_key(connection).await?;
        let request = list_request(key, "imports", after.as_deref(), before.as_deref())?;
        let page = import_list(connection, group, &request).await?;
        Ok(list_page(page, key, "imports", import_position))
    })
    .await
}

/// An import with lines of one kind.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportView {
    pub import: Import,
    /// What its lines came to; before it is started, what they would come to now.
    pub counts: ImportCounts,
    pub kind: LineKind,
    pub lines: ListPage<ImportLine>,
}

/// `kind`: whose lines; without it, those that failed if any did.
#[server(prefix = "/api/fn", endpoint = "import-read")]
pub async fn import_read(
    group: GroupId,
    import: ImportId,
    kind: Option<LineKind>,
    after: Option<String>,
    before: Option<String>,
) -> Result<ImportView, UiError> {
    use crate::kernel::problem::Problem;
    use crate::resources::imports::model::{ImportState, line_position};
    use crate::resources::imports::ops::{import_get, import_lines, import_preview};
    use crate::ui::imports::files::calls_again;
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let key = visit.state.cursor_key(connection).await?;
        let found = import_get(connection, import).await?;
        if found.group != group {
            return Err(Problem::ImportNotFound(import).into());
        }
        // A place among the lines is one whatever their kind.
        let list = format!("import-lines:{import}");
        let request = list_request(key, &list, after.as_deref(), before.as_deref())?;
        let (counts, kind, page) = if found.state == ImportState::Prepared {
            let (counts, page) = import_preview(connection, import, kind, &request).await?;
            (counts, kind.unwrap_or_else(|| counts.first_kind()), page)
        } else {
            let kind = kind.unwrap_or_else(|| found.counts.first_kind());
            (found.counts, kind, import_lines(connection, import, Some(kind), &request).await?)
        };
        calls_again(visit, found.state);
        let lines = list_page(page, key, &list, line_position);
        Ok(ImportView { import: found, counts, kind, lines })
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "import-start")]
pub async fn import_start(group: String, import: String) -> Result<(), UiError> {
    use crate::resources::imports::model::StartOutcome;
    use crate::resources::imports::ops;
    use crate::ui::flash::{Named, Notice};
    use crate::ui::imports::files::{form_ids, page_of};
    use crate::ui::server::session::{Changed, change_at};
    let form_at = page_of(&group, &import);
    change_at(&form_at, async |connection, call| {
        let id = form_ids(&group, &import)?;
        let notice = match ops::import_start(connection, call, id).await? {
            StartOutcome::Started => {
                let import = ops::import_get(connection, id).await?;
                Notice::ImportStarted { group: Named { id: import.group, name: import.group_name } }
            }
            StartOutcome::StartedBefore => Notice::ImportStartedBefore,
        };
        Ok(Changed { notice, go_to: form_at.clone() })
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "import-discard")]
pub async fn import_discard(group: String, import: String) -> Result<(), UiError> {
    use crate::resources::imports::ops;
    use crate::ui::flash::Notice;
    use crate::ui::imports::files::{bulk_of, form_ids, page_of};
    use crate::ui::server::session::{Changed, change_at};
    change_at(&page_of(&group, &import), async |connection, call| {
        let id = form_ids(&group, &import)?;
        ops::import_discard(connection, call, id).await?;
        Ok(Changed { notice: Notice::ImportDiscarded, go_to: bulk_of(&group) })
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "import-cancel")]
pub async fn import_cancel(group: String, import: String) -> Result<(), UiError> {
    use crate::resources::imports::model::CancelOutcome;
    use crate::resources::imports::ops;
    use crate::ui::flash::Notice;
    use crate::ui::imports::files::{form_ids, page_of};
    use crate::ui::server::session::{Changed, change_at};
    let form_at = page_of(&group, &import);
    change_at(&form_at, async |connection, call| {
        let id = form_ids(&group, &import)?;
        let notice = match ops::import_cancel(connection, call, id).await? {
            CancelOutcome::Cancelled => Notice::ImportCancelled,
            CancelOutcome::EndedBefore => Notice::ImportEndedBefore,
        };
        Ok(Changed { notice, go_to: form_at.clone() })
    })
    .await
}
