//! Moments as people read them.

use chrono::{DateTime, SecondsFormat, Utc};
use leptos::prelude::*;

use crate::ui::locale::formats::Formats;

/// A moment in the viewer's time zone, and how long ago it was. The exact instant is in `datetime` and on hover.
/// `islands/page_enhancements.rs` keeps "ago" up to date.
#[component]
pub fn Moment(at: DateTime<Utc>) -> impl IntoView {
    let formats = Formats::current();
    let instant = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    view! {
        <time class="moment" datetime=instant.clone() title=instant>
            <span>{formats.moment(at)}</span>
            " "
            <span>{formats.ago(at)}</span>
        </time>
    }
}

/// A moment, or "never".
#[component]
pub fn MomentOrNever(at: Option<DateTime<Utc>>) -> impl IntoView {
    match at {
        Some(at) => view! { <Moment at /> }.into_any(),
        None => view! { <span class="muted">"never"</span> }.into_any(),
    }
}
