//! The page for unknown addresses.

use leptos::prelude::*;

use crate::ui::components::page::Page;
use crate::ui::error::AnswerStatus;
use crate::ui::paths;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    AnswerStatus::set(404);
    view! {
        <Page title="Not found" narrow=true>
            <div class="card stack">
                <h1>"Not found"</h1>
                <p>"There is no page at this address. The link may be outdated or incomplete."</p>
                <p><a class="button" href=paths::GROUPS>"All groups"</a></p>
            </div>
        </Page>
    }
}
