//! A chart of enrollments and removals per day. Enrollments point up and removals down, so that it needs neither colors
//! nor a legend. A table contains the same numbers. The texts are HTML, because the drawing is stretched.

use leptos::prelude::*;

use crate::resources::enrollment_events::model::activity::Activity;
use crate::ui::address::Address;
use crate::ui::audit::view::{View, instant};
use crate::ui::components::Table;
use crate::ui::locale::formats::Formats;
use crate::ui::overview::queries::DayActivity;

/// In units of the drawing: the width of a day, the width of its bar, and the height of the whole.
const DAY: usize = 10;
const BAR: usize = 7;
const HEIGHT: i64 = 100;

/// The height of a bar; at least one unit, unless nothing happened. `most` is the sum of the largest bars of both
/// directions, which share the height of the drawing.
fn height(number: i64, most: i64) -> i64 {
    (number * HEIGHT / most.max(1)).max(i64::from(number > 0))
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
    let [first, last] = [days.first(), days.last()].map(|day| day.map(|day| formats.calendar_day(day.day)));
    let row = |day: &DayActivity| {
        let link = Address::of(View::Events.path()).with("from", &instant(day.begins));
        let link = link.with("until", &instant(day.ends)).to_string();
        (None, view! { <a href=link>{formats.calendar_day(day.day)}</a> }.into_any(), day.activity)
    };
    let rows = days.iter().rev().map(row).collect();
    let caption = "Enrollments and removals a day, the last day first";
    view! {
        <figure class="chart card">
            <figcaption>{summary.clone()}</figcaption>
            <Drawing days summary />
            <p class="chart__ends" aria-hidden="true"><span>{first}</span> <span>{last}</span></p>
            <details>
                <summary>"Show as a table"</summary>
                <ActivityTable caption columns=&["Day", "Enrolled", "Removed"] rows />
            </details>
        </figure>
    }
}

#[component]
fn Drawing(days: Vec<DayActivity>, summary: String) -> impl IntoView {
    let formats = Formats::current();
    let words = |day: &DayActivity| {
        let Activity { enrolled, removed } = day.activity;
        let (enrolled, removed) = (formats.number(enrolled), formats.number(removed));
        format!("{}: {enrolled} enrolled, {removed} removed", formats.calendar_day(day.day))
    };
    let busiest = days.iter().max_by_key(|day| day.activity.enrolled + day.activity.removed);
    let busiest = busiest.filter(|day| day.activity.enrolled + day.activity.removed > 0);
    let described =
        busiest.map_or_else(|| "Nothing happened.".to_owned(), |day| format!("Most on {}.", words(day)));
    let most = |number: fn(&DayActivity) -> i64| days.iter().map(number).max().unwrap_or_default();
    let (up, down) = (most(|day| day.activity.enrolled), most(|day| day.activity.removed));
    let height = |number| height(number, up + down);
    let (width, axis) = (days.len() * DAY, height(up));
    let bars = days.iter().enumerate().map(|(index, day)| {
        let (up, down) = (height(day.activity.enrolled), height(day.activity.removed));
        let x = index * DAY + (DAY - BAR) / 2;
        view! {
            <g>
                <title>{words(day)}</title>
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

#[component]
pub fn ActivityTable(
    caption: &'static str,
    columns: &'static [&'static str],
    rows: Vec<(Option<String>, AnyView, Activity)>,
) -> impl IntoView {
    let formats = Formats::current();
    let rows = rows.into_iter().map(move |(id, heading, activity)| {
        view! {
            <tr id=id>
                <th scope="row">{heading}</th>
                <td class="number" data-label="Enrolled">{formats.number(activity.enrolled)}</td>
                <td class="number" data-label="Removed">{formats.number(activity.removed)}</td>
            </tr>
        }
    });
    view! { <Table caption columns numeric=true>{rows.collect_view()}</Table> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_share_the_height() {
        assert_eq!((height(300, 400), height(100, 400)), (75, 25));
        assert_eq!((height(1, 400), height(0, 400)), (1, 0));
        assert_eq!(height(0, 0), 0);
    }
}
