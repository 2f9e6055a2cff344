//! The chart of the overview, and the columns that it shares with the tables.

use crate::resources::enrollment_events::model::Activity;
use crate::ui::audit::view::{View, instant};
use crate::ui::components::prelude::*;
use crate::ui::overview::queries::DayActivity;

/// The columns of both numbers after this one.
pub fn with_numbers<T: 'static>(heading: Column<T>, activity: fn(&T) -> Activity) -> Vec<Column<T>> {
    let number = |of: fn(Activity) -> i64| {
        let formats = Formats::current();
        move |item: &T| formats.number(of(activity(item)))
    };
    vec![
        heading,
        Column::number("Enrolled", number(|activity| activity.enrolled)),
        Column::number("Removed", number(|activity| activity.removed)),
    ]
}

/// The address of the events of a day.
fn events_of(day: &DayActivity) -> String {
    let link = Address::of(View::Events.path()).with("from", &instant(day.begins));
    link.with("until", &instant(day.ends)).to_string()
}

/// A chart of enrollments and removals per day. Enrollments point up and removals down, so that colors are not needed to
/// tell them apart. A table contains the same numbers and links.
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
    let day = move |day: &DayActivity| {
        view! { <a href=events_of(day)>{formats.calendar_day(day.day)}</a> }
    };
    let columns = with_numbers(Column::name("Day", day), |day| day.activity);
    let items = days.iter().rev().cloned().collect();
    let caption = "Enrollments and removals a day, the last day first";
    view! {
        <figure class="chart card">
            <figcaption>{summary.clone()}</figcaption>
            <p class="chart__legend">
                <span><span class="dot dot--enrolled" aria-hidden="true"></span> "Enrolled (up)"</span>
                <span><span class="dot dot--removed" aria-hidden="true"></span> "Removed (down)"</span>
            </p>
            <Drawing days summary />
            <details>
                <summary>"Show as a table"</summary>
                <DataTable caption columns items />
            </details>
        </figure>
    }
}

/// In percent of the drawing: the height of the bars of both directions, above the names of days, and the width of a bar in
/// its column.
const PLOT: f64 = 90.0;
const BAR: f64 = 0.7;
/// The number of days that are named at most.
const NAMED: usize = 6;

/// The scale of the drawing. `up` and `down` are the largest numbers, which share its height.
#[derive(Clone, Copy)]
struct Scale {
    up: i64,
    down: i64,
}

impl Scale {
    /// The height of a bar. A small number stays visible.
    #[expect(clippy::cast_precision_loss, reason = "a few digits")]
    fn height(self, number: i64) -> f64 {
        let height = number as f64 * PLOT / (self.up + self.down).max(1) as f64;
        if number > 0 { height.max(1.0) } else { 0.0 }
    }

    fn axis(self) -> f64 {
        self.height(self.up)
    }

    /// The distance of the grid lines: 1, 2 or 5 times a power of ten, so that the larger direction has two or three.
    fn step(self) -> i64 {
        let most = self.up.max(self.down);
        let mut power = 1;
        while power * 10 <= most / 2 {
            power *= 10;
        }
        [5, 2].into_iter().map(|times| times * power).find(|step| *step <= most / 2).unwrap_or(power)
    }

    /// The number and height of each grid line.
    fn lines(self) -> Vec<(i64, f64)> {
        let lines =
            |most: i64| (1..).map(|times| times * self.step()).take_while(move |number| *number <= most);
        let up = lines(self.up).map(|number| (number, self.axis() - self.height(number)));
        let down = lines(self.down).map(|number| (number, self.axis() + self.height(number)));
        up.chain(down).collect()
    }
}

fn percent(number: f64) -> String {
    format!("{number:.2}%")
}

/// Its numbers are percentages and not units of a view box, which would stretch the texts.
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
    let scale = Scale { up: most(|day| day.activity.enrolled), down: most(|day| day.activity.removed) };
    let axis = percent(scale.axis());
    let lines = scale.lines().into_iter().map(|(number, y)| {
        view! {
            <line class="chart__line" x2="100%" y1=percent(y) y2=percent(y) />
            <text class="chart__number" y=percent(y) dy="-3">{formats.number(number)}</text>
        }
    });
    #[expect(clippy::cast_precision_loss, reason = "at most 90 days")]
    let column = 100.0 / days.len().max(1) as f64;
    let named_step = days.len().div_ceil(NAMED).max(1);
    let bars = days.iter().enumerate().map(|(index, day)| {
        #[expect(clippy::cast_precision_loss, reason = "at most 90 days")]
        let left = index as f64 * column;
        let (x, width) = (percent(left + column * (1.0 - BAR) / 2.0), percent(column * BAR));
        let (up, down) = (scale.height(day.activity.enrolled), scale.height(day.activity.removed));
        let rect = |class: &'static str, top: f64, height: f64| {
            let (x, width) = (x.clone(), width.clone());
            (height > 0.0)
                .then(|| view! { <rect class=class x=x y=percent(top) width=width height=percent(height) /> })
        };
        let from_end = days.len() - 1 - index;
        let name = (from_end.is_multiple_of(named_step)).then(|| {
            let (anchor, x) = match (index, from_end) {
                (_, 0) => ("end", 100.0),
                (0, _) => ("start", 0.0),
                _ => ("middle", left + column / 2.0),
            };
            let name = formats.calendar_day(day.day);
            view! { <text class="chart__name" x=percent(x) y="99%" text-anchor=anchor aria-hidden="true">{name}</text> }
        });
        // The links of the table can be reached by Tab.
        view! {
            <a href=events_of(day) tabindex="-1" aria-label=words(day)>
                <rect class="chart__day" x=percent(left) width=percent(column) height=percent(PLOT) />
                {rect("chart__enrolled", scale.axis() - up, up)}
                {rect("chart__removed", scale.axis(), down)}
                <text class="chart__tip" x="100%" y="12" text-anchor="end" aria-hidden="true">{words(day)}</text>
            </a>
            {name}
        }
    });
    view! {
        <svg class="chart__drawing" role="group" aria-labelledby="chart-title" aria-describedby="chart-description">
            <title id="chart-title">{summary}</title>
            <desc id="chart-description">{described}</desc>
            {lines.collect_view()}
            {bars.collect_view()}
            <line class="chart__axis" x2="100%" y1=axis.clone() y2=axis />
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_share_the_height() {
        let scale = Scale { up: 300, down: 100 };
        assert_eq!(
            (percent(scale.height(300)), percent(scale.height(100))),
            ("67.50%".into(), "22.50%".into())
        );
        assert_eq!((percent(scale.height(1)), percent(scale.height(0))), ("1.00%".into(), "0.00%".into()));
        assert_eq!(percent(Scale { up: 0, down: 0 }.axis()), "0.00%");
    }

    #[test]
    fn grid_lines_have_round_numbers() {
        let numbers =
            |up, down| Scale { up, down }.lines().into_iter().map(|(number, _)| number).collect::<Vec<_>>();
        assert_eq!(numbers(300, 100), [100, 200, 300, 100]);
        assert_eq!(numbers(0, 7), [2, 4, 6]);
        assert_eq!(numbers(1, 0), [1]);
        assert_eq!(numbers(47, 3), [20, 40]);
        assert_eq!(numbers(0, 0), Vec::<i64>::new());
    }
}
