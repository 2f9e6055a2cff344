//! Fields for a moment.

use leptos::prelude::*;

use crate::ui::locale::days::DayTime;

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
