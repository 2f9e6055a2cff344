//! Live updates of a page.

use leptos::prelude::*;

use crate::kernel::topic::Topic;
use crate::ui::islands::live::LiveUpdates;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

/// After a change of one of these topics, elements with `data-live` and an `id` are replaced if they differ
/// (`islands/live.rs`). Topics that the viewer may not see are left out.
#[component]
pub fn Live(mut topics: Vec<Topic>) -> impl IntoView {
    let viewer = Viewer::current();
    let since = viewer.now.timestamp_millis();
    topics.retain(|topic| viewer.operator.as_ref().is_some_and(|operator| topic.is_for(operator.role)));
    view! { <LiveUpdates attr:data-news=paths::live(since, &topics) /> }
}
