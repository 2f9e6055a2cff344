//! A moment as one types it: a day, and a time if that matters.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What a pair of fields holds for a moment; the time is empty where the day alone means it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayTime {
    pub day: String,
    pub time: String,
    /// The moment itself, as addresses have it, which a day and minutes tell in part: of a field that nobody
    /// touched it is what was meant. Empty where the fields are.
    pub exact: String,
}

/// Two fields, `{name}_day` and `{name}_time`, and hidden in `{name}` the moment that they were filled in with. Two, since one that holds both cannot be left half empty,
/// and most questions are about a day.
#[component]
pub fn When(name: &'static str, label: &'static str, value: DayTime) -> impl IntoView {
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
