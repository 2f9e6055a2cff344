//! The search of the palette.

use leptos::prelude::*;

use crate::ui::error::UiError;
use crate::ui::search::queries::search;
use crate::ui::search::view::NavTarget;

#[server(prefix = "/api/fn", endpoint = "search-read")]
pub async fn search_read(text: String) -> Result<Vec<NavTarget>, UiError> {
    search(&text).await
}
