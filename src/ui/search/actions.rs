//! Of searching everything.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ui::error::UiError;

/// How many of each kind are shown.
pub const OF_EACH: usize = 8;

/// Somewhere to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NavTarget {
    pub path: String,
    /// `Group`; in words, as it is shown.
    pub kind: String,
    pub name: String,
    /// What tells it from others of its name.
    pub detail: Option<String>,
    pub is_removed: bool,
    /// Found by its id: nothing else was meant.
    pub is_exact: bool,
}

/// Where the text may lead, the likeliest first of each kind; all pages for no text.
#[server(prefix = "/api/fn", endpoint = "search-read")]
pub async fn search_read(text: String) -> Result<Vec<NavTarget>, UiError> {
    use crate::resources::search::model::Hit;
    use crate::resources::search::ops::search_everything;
    use crate::ui::search::targets::{of_hit, to_pages};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let mut jumps = to_pages(visit.operator()?.role, text.trim());
        let hits = search_everything(connection, &text, OF_EACH).await?;
        let is_exact = hits.first().is_some_and(Hit::is_exact);
        let found = hits.into_iter().map(of_hit);
        // A page is meant by its name, unless an id was said.
        jumps.splice(if is_exact { 0..0 } else { jumps.len()..jumps.len() }, found);
        Ok(jumps)
    })
    .await
}
