//! Reads what the pages of imports show.

use axum::http::{HeaderValue, header};
use leptos_axum::ResponseOptions;

use crate::resources::imports::model::{
    Import, ImportCounts, ImportLine, ImportState, LineKind, import_position, line_position,
};
use crate::resources::imports::ops::{import_get, import_lines, import_list, import_preview};
use crate::resources::workspace_groups::model::GroupSummary;
use crate::resources::workspace_groups::ops::group_summary;
use crate::ui::server::prelude::*;

pub struct ImportView {
    pub import: Import,
    /// The outcomes of its lines; before the import is started, the outcomes that they would have now.
    pub counts: ImportCounts,
    pub kind: LineKind,
    pub lines: ListPage<ImportLine>,
}

pub async fn group_imports(id: GroupId) -> Result<(GroupSummary, ListPage<Import>), UiError> {
    read_on_primary(async |connection, context| {
        let group = group_summary(connection, id).await?;
        let imports = list_page(
            connection,
            context,
            "imports",
            async |connection, request| import_list(connection, id, request).await,
            import_position,
        )
        .await?;
        Ok((group, imports))
    })
    .await
}

/// Without a kind, the first kind that has lines: the failed ones if there are any.
pub async fn import(group: GroupId, id: ImportId, kind: Option<LineKind>) -> Result<ImportView, UiError> {
    read_on_primary(async |connection, context| {
        let import = import_get(connection, id).await?;
        if import.group != group {
            return Err(Problem::ImportNotFound(id).into());
        }
        reload_while_running(context, import.state);
        let mut counts = import.counts;
        let lines = list_page(
            connection,
            context,
            // The position of a line does not depend on the kind that is shown.
            &format!("import-lines:{id}"),
            async |connection, request| {
                if import.state == ImportState::Prepared {
                    let (preview, page) = import_preview(connection, id, kind, request).await?;
                    counts = preview;
                    return Ok(page);
                }
                let kind = kind.unwrap_or_else(|| counts.first_kind());
                import_lines(connection, id, Some(kind), request).await
            },
            line_position,
        )
        .await?;
        Ok(ImportView { kind: kind.unwrap_or_else(|| counts.first_kind()), import, counts, lines })
    })
    .await
}

/// Makes a browser without JavaScript reload the page of a running import every 2 seconds. A browser that has reported
/// its time zone has JavaScript, and live updates.
fn reload_while_running(context: &RequestContext, state: ImportState) {
    let has_script = context.viewer.locale.browser_zone.is_some();
    if state.is_under_way()
        && !has_script
        && let Some(response) = use_context::<ResponseOptions>()
    {
        response.insert_header(header::REFRESH, HeaderValue::from_static("2"));
    }
}
