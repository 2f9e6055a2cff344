//! Moments as people read them.

use chrono::{DateTime, SecondsFormat, Utc};
use leptos::prelude::*;

use crate::ui::locale::formats::Formats;

/// A moment: when, in the viewer's zone, and how long ago. The exact instant is in `datetime` and on
/// hover. What is ago is counted on by `islands/everywhere.rs`.
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
