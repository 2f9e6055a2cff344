//! Reads what the pages of imports show.

use axum::http::{HeaderValue, header};
use leptos_axum::ResponseOptions;

use crate::kernel::text::ShortText;
use crate::kernel::version::Version;
use crate::resources::change_sets::ops::change_set_get;
use crate::resources::imports::model::{
    Import, ImportCounts, ImportLine, ImportMode, ImportState, LineKind, import_position, line_position,
};
use crate::resources::imports::ops::{
    import_get, import_lines, import_list, import_preview, import_unlisted_version,
};
use crate::resources::workspace_groups::model::GroupSummary;
use crate::resources::workspace_groups::ops::{group_settings_get, group_summary};
use crate::ui::server::prelude::*;

pub struct ImportView {
    pub import: Import,
    /// The outcomes of its lines; before the import is started, the outcomes that they would have now.
    pub counts: ImportCounts,
    pub kind: LineKind,
    pub lines: ListPage<ImportLine>,
    /// All of its changes belong to its change set; those of earlier versions do not.
    pub can_undo: bool,
    /// Which enrollments an exact list would remove, before it is started.
    pub unlisted: Option<Version>,
}

/// A group with the system that manages it, and its imports.
pub async fn group_imports(
    id: GroupId,
) -> Result<(GroupSummary, Option<ShortText>, ListPage<Import>), UiError> {
    read_on_primary(async |connection, context| {
        let group = group_summary(connection, id).await?;
        let managed_by = group_settings_get(connection, id).await?.managed_by;
        let imports = list_page(
            connection,
            context,
            "imports",
            async |connection, request| import_list(connection, id, request).await,
            import_position,
        )
        .await?;
        Ok((group, managed_by, imports))
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
        let can_undo = can_undo(connection, &import).await?;
        let kind = kind.unwrap_or_else(|| counts.first_kind());
        let is_exact_preview = import.state == ImportState::Prepared && import.mode == ImportMode::Exact;
        let unlisted =
            if is_exact_preview { Some(import_unlisted_version(connection, id).await?) } else { None };
        Ok(ImportView { import, counts, kind, lines, can_undo, unlisted })
    })
    .await
}

async fn can_undo(connection: &mut Connection, import: &Import) -> Outcome<bool> {
    if import.state.is_under_way() || import.counts.changes() == 0 {
        return Ok(false);
    }
    match change_set_get(connection, import.change_set()).await {
        Ok(set) => Ok(set.counts.enrolled + set.counts.removed == i64::from(import.counts.changes())),
        Err(Failure::Problem(Problem::ChangeSetNotFound(_))) => Ok(false),
        Err(failure) => Err(failure),
    }
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
