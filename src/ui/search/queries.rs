//! Reads what a search finds.

use crate::resources::search::model::Hit;
use crate::resources::search::ops::search_everything;
use crate::ui::error::UiError;
use crate::ui::search::view::{NavTarget, hit_target, page_targets};
use crate::ui::server::session::read;

/// The number of results of each kind.
const MAX_PER_KIND: usize = 8;

/// The targets that match the text, the best of each kind first. An empty text matches all pages.
pub async fn search(text: &str) -> Result<Vec<NavTarget>, UiError> {
    read(async |connection, context| {
        let mut targets = page_targets(context.operator()?.role, text.trim());
        let hits = search_everything(connection, text, MAX_PER_KIND).await?;
        let is_exact = hits.first().is_some_and(Hit::is_exact);
        // Pages come first unless the text is an id.
        let index = if is_exact { 0 } else { targets.len() };
        targets.splice(index..index, hits.into_iter().map(hit_target));
        Ok(targets)
    })
    .await
}
