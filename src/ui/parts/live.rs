//! Changes by others, on the page that shows them.

use leptos::prelude::*;

use crate::kernel::topic::Topic;
use crate::ui::islands::live::LiveUpdates;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

/// When one of these topics changes, what differs on this page is brought over: in elements with `data-live`
/// and an `id`, see `islands/live.rs`. Without script nothing is here.
#[component]
pub fn Live(topics: Vec<Topic>) -> impl IntoView {
    let since = Viewer::current().now.timestamp_millis();
    view! { <LiveUpdates attr:data-news=paths::live(since, &topics) /> }
}
