//! Changes by others, on the page that shows them.

use leptos::prelude::*;

use crate::kernel::topic::Topic;
use crate::ui::islands::live::LiveUpdates;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

/// When one of these topics changes, what differs on this page is brought over: in elements with `data-live`
/// and an `id`, see `islands/live.rs`. Of what the viewer may not see the page shows nothing, and does not ask.
/// Without script nothing is here.
#[component]
pub fn Live(mut topics: Vec<Topic>) -> impl IntoView {
    let viewer = Viewer::current();
    let since = viewer.now.timestamp_millis();
    topics.retain(|topic| viewer.operator.as_ref().is_some_and(|operator| topic.is_for(operator.role)));
    view! { <LiveUpdates attr:data-news=paths::live(since, &topics) /> }
}
