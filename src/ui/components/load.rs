//! Pages that read something before they are shown.

use std::str::FromStr;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::ErrorPage;
use crate::ui::error::UiError;

/// Shows the page that `load` makes, or why it cannot.
pub fn load_page<V: IntoView + 'static>(
    load: impl Future<Output = Result<V, UiError>> + Send + 'static,
) -> AnyView {
    let page = async move {
        match load.await {
            Ok(view) => view.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

/// [`load_page`] for an address with an `{id}`; any other text in its place leads nowhere.
pub fn page_with_id<I, V, F>(load: impl FnOnce(I) -> F) -> AnyView
where
    I: FromStr,
    V: IntoView + 'static,
    F: Future<Output = Result<V, UiError>> + Send + 'static,
{
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    match id.parse() {
        Ok(id) => load_page(load(id)),
        Err(_) => view! { <NotFoundPage /> }.into_any(),
    }
}
