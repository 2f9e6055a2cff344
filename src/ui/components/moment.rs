//! Moments as people read and enter them.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::ui::components::prelude::*;
use crate::ui::locale::viewer_locale::DayTime;

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

#[component]
pub fn MomentOr(at: Option<DateTime<Utc>>, #[prop(default = "never")] none: &'static str) -> impl IntoView {
    match at {
        Some(at) => view! { <Moment at /> }.into_any(),
        None => view! { <span class="muted">{none}</span> }.into_any(),
    }
}

/// The fields `{name}_day` and `{name}_time`, and in the hidden field `{name}` the exact moment that they show. They are
/// two because a `datetime-local` field cannot be left without a time, and most questions are about days.
#[component]
pub fn DayTimeFields(name: &'static str, label: &'static str, value: DayTime) -> impl IntoView {
    let (day, time) = (format!("{name}_day"), format!("{name}_time"));
    let time_label = format!("{label}, time (optional)");
    view! {
        <div class="toolbar__field">
            <label for=day.clone()>{label}</label>
            <span class="when">
                <input id=day.clone() name=day type="date" value=value.day />
                <input name=time type="time" value=value.time aria-label=time_label />
                {(!value.exact.is_empty()).then(|| view! { <input type="hidden" name=name value=value.exact /> })}
            </span>
        </div>
    }
}
