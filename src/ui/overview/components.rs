//! A chart of enrollments and removals per day. Enrollments point up and removals down, so that it needs neither colors
//! nor a legend. A table contains the same numbers.
//!
//! The drawing is stretched to the available width. Its texts are HTML beside it, where they keep their size.

use leptos::prelude::*;

use crate::ui::address::Address;
use crate::ui::audit::view::{View, instant};
use crate::ui::components::Table;
use crate::ui::locale::formats::Formats;
use crate::ui::overview::view::DayActivity;

/// In units of the drawing: the width of a day, the width of its bar, and the height of the whole.
const DAY: usize = 10;
const BAR: usize = 7;
const HEIGHT: i64 = 100;

/// The largest bars of both directions share the height, at one scale.
struct Scale {
    up: i64,
    down: i64,
}

impl Scale {
    fn of(days: &[DayActivity]) -> Self {
        let most = |number: fn(&DayActivity) -> i64| days.iter().map(number).max().unwrap_or_default();
        Self { up: most(|day| day.activity.enrolled), down: most(|day| day.activity.removed) }
    }

    /// In units of the drawing; at least one, unless nothing happened.
    fn height(&self, number: i64) -> i64 {
        let all = (self.up + self.down).max(1);
        (number * HEIGHT / all).max(i64::from(number > 0))
    }

    fn axis(&self) -> i64 {
        self.height(self.up)
    }
}

#[component]
pub fn ActivityChart(days: Vec<DayActivity>) -> impl IntoView {
    let formats = Formats::current();
    let total = |number: fn(&DayActivity) -> i64| -> i64 { days.iter().map(number).sum() };
    let summary = format!(
        "{} and {} in the last {}",
        formats.count(total(|day| day.activity.enrolled), "enrollment", "enrollments"),
        formats.count(total(|day| day.activity.removed), "removal", "removals"),
        formats.count(i64::try_from(days.len()).unwrap_or_default(), "day", "days"),
    );
    let ends = [days.first(), days.last()].map(|day| day.map(|day| formats.calendar_day(day.day)));
    let [first, last] = ends;
    view! {
        <figure class="chart card">
            <figcaption>{summary.clone()}</figcaption>
            <Drawing days=days.clone() summary />
            <p class="chart__ends" aria-hidden="true"><span>{first}</span> <span>{last}</span></p>
            <details>
                <summary>"Show as a table"</summary>
                <DayTable days />
            </details>
        </figure>
    }
}

#[component]
fn Drawing(days: Vec<DayActivity>, summary: String) -> impl IntoView {
    let formats = Formats::current();
    let scale = Scale::of(&days);
    let busiest = days.iter().max_by_key(|day| day.activity.enrolled + day.activity.removed);
    let busiest = busiest.filter(|day| day.activity.enrolled + day.activity.removed > 0);
    let described = match busiest {
        Some(day) => format!("Most on {}.", day_words(&formats, day)),
        None => "Nothing happened.".to_owned(),
    };
    let (width, axis) = (days.len() * DAY, scale.axis());
    let bars = days.iter().enumerate().map(|(index, day)| {
        let (up, down) = (scale.height(day.activity.enrolled), scale.height(day.activity.removed));
        let x = index * DAY + (DAY - BAR) / 2;
        view! {
            <g>
                <title>{day_words(&formats, day)}</title>
                <rect class="chart__day" x=index * DAY y="0" width=DAY height=HEIGHT />
                {(up > 0).then(|| view! { <rect class="chart__enrolled" x=x y=axis - up width=BAR height=up /> })}
                {(down > 0).then(|| view! { <rect class="chart__removed" x=x y=axis width=BAR height=down /> })}
            </g>
        }
    });
    view! {
        <svg
            class="chart__drawing"
            viewBox=format!("0 0 {width} {HEIGHT}")
            preserveAspectRatio="none"
            role="img"
            aria-labelledby="chart-title"
            aria-describedby="chart-description"
        >
            <title id="chart-title">{summary}</title>
            <desc id="chart-description">{described}</desc>
            {bars.collect_view()}
            <line class="chart__axis" x1="0" x2=width y1=axis y2=axis vector-effect="non-scaling-stroke" />
        </svg>
    }
}

/// `3 May: 12 enrolled, 3 removed`
fn day_words(formats: &Formats, day: &DayActivity) -> String {
    format!(
        "{}: {} enrolled, {} removed",
        formats.calendar_day(day.day),
        formats.number(day.activity.enrolled),
        formats.number(day.activity.removed)
    )
}

/// The last day first, each with a link to its events.
#[component]
fn DayTable(days: Vec<DayActivity>) -> impl IntoView {
    let formats = Formats::current();
    let row = move |day: DayActivity| {
        let link = Address::of(View::Events.path())
            .with("from", &instant(day.begins))
            .with("until", &instant(day.ends));
        view! {
            <tr>
                <th scope="row"><a href=link.to_string()>{formats.calendar_day(day.day)}</a></th>
                <td class="number" data-label="Enrolled">{formats.number(day.activity.enrolled)}</td>
                <td class="number" data-label="Removed">{formats.number(day.activity.removed)}</td>
            </tr>
        }
    };
    view! {
        <Table caption="Enrollments and removals a day, the last day first" columns=&["Day", "Enrolled", "Removed"] numeric=true>
            {days.into_iter().rev().map(row).collect_view()}
        </Table>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_share_the_height() {
        let scale = Scale { up: 300, down: 100 };
        assert_eq!((scale.height(300), scale.height(100), scale.axis()), (75, 25, 75));
        assert_eq!((scale.height(1), scale.height(0)), (1, 0));
        assert_eq!(Scale { up: 0, down: 0 }.axis(), 0);
    }
}
