//! `/`: the numbers of live enrollments and groups, and the latest activity.

use crate::resources::enrollment_events::model::{Activity, BusyGroup};
use crate::ui::audit::view::{View, instant};
use crate::ui::components::prelude::*;
use crate::ui::overview::queries::{DAYS, DayActivity, Overview, overview};

#[component]
pub fn OverviewPage() -> impl IntoView {
    let parameter = Viewer::current().query("days").and_then(|days| days.parse().ok());
    let number = parameter.filter(|days| DAYS.contains(days)).unwrap_or(DAYS[0]);
    load_page(async move {
        let Overview { live, groups, ungrouped, days, busiest, latest } = overview(number).await?;
        let empty = ("Nothing happened yet", "Enrollments and removals will appear here.");
        let latest =
            rows_or_empty(latest, empty, |events| view! { <Timeline events of=TimelineOf::Everything /> });
        let empty = ("No active groups", "Nothing was enrolled or removed in these days.");
        let busiest = rows_or_empty(busiest, empty, busiest_table);
        Ok(view! {
            <Page title="Overview" topics=vec![Topic::ENROLLMENTS, Topic::GROUPS, Topic::WORKSPACES]>
                <h1>"Overview"</h1>
                <ul class="figures" id="figures" data-live>
                    <Figure number=live one="live enrollment" many="live enrollments" to=View::AsOf.path().to_owned() />
                    <Figure number=groups one="group" many="groups" to=paths::GROUPS.to_owned() />
                    <Figure number=ungrouped one="workspace in no group" many="workspaces in no group" to=paths::UNGROUPED_WORKSPACES.to_owned() />
                </ul>
                <section class="stack" aria-labelledby="activity">
                    <div class="heading">
                        <h2 id="activity">"Activity"</h2>
                        <Periods current=number />
                    </div>
                    <div id="chart" data-live><ActivityChart days /></div>
                </section>
                <div class="columns">
                    <section class="stack" aria-labelledby="latest">
                        <div class="heading">
                            <h2 id="latest">"Latest"</h2>
                            <a class="button button--small" href=paths::AUDIT>"All activity"</a>
                        </div>
                        <div id="events" data-live>{latest}</div>
                    </section>
                    <section class="stack" aria-labelledby="busiest">
                        <h2 id="busiest">"Most active groups"</h2>
                        <div id="busy" data-live>{busiest}</div>
                    </section>
                </div>
            </Page>
        })
    })
}

#[component]
fn Figure(number: i64, one: &'static str, many: &'static str, to: String) -> impl IntoView {
    let formats = Formats::current();
    let noun = if number == 1 { one } else { many };
    view! {
        <li>
            <a class="figure card" href=to>
                <strong class="figure__number">{formats.number(number)}</strong> " " <span>{noun}</span>
            </a>
        </li>
    }
}

#[component]
fn Periods(current: u16) -> impl IntoView {
    let here = Viewer::current().address();
    let mut periods = DAYS;
    periods.sort_unstable();
    let links = periods.map(|days| {
        let is_default = days == DAYS[0];
        let link = if is_default { here.without("days") } else { here.with("days", &days.to_string()) };
        let current = (days == current).then_some("true");
        view! { <a class="spans__one" href=link.to_string() aria-current=current>{format!("{days} days")}</a> }
    });
    view! { <nav class="spans" aria-label="Days shown">{links.collect_view()}</nav> }
}

fn busiest_table(items: Vec<BusyGroup>) -> impl IntoView {
    let group = |busy: &BusyGroup| view! { <GroupName id=busy.group name=busy.name.clone() /> };
    let columns = with_numbers(Column::name("Group", group), |busy| busy.activity);
    let row_id = |busy: &BusyGroup| format!("busy-{}", busy.group);
    let caption = "Groups with the most enrollments and removals in these days";
    view! { <DataTable caption columns items row_id /> }
}

fn with_numbers<T: 'static>(heading: Column<T>, activity: fn(&T) -> Activity) -> Vec<Column<T>> {
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

/// In units of the drawing: the width of a day, the width of its bar, and the height of the whole.
const DAY: usize = 10;
const BAR: usize = 7;
const HEIGHT: i64 = 100;

/// The height of a bar; at least one unit, unless nothing happened. `most` is the sum of the largest bars of both
/// directions, which share the height of the drawing.
fn height(number: i64, most: i64) -> i64 {
    (number * HEIGHT / most.max(1)).max(i64::from(number > 0))
}

/// A chart of enrollments and removals per day. Enrollments point up and removals down, so that it needs neither colors
/// nor a legend. A table contains the same numbers. The texts are HTML, because the drawing is stretched.
#[component]
fn ActivityChart(days: Vec<DayActivity>) -> impl IntoView {
    let formats = Formats::current();
    let total = |number: fn(&DayActivity) -> i64| -> i64 { days.iter().map(number).sum() };
    let summary = format!(
        "{} and {} in the last {}",
        formats.count(total(|day| day.activity.enrolled), "enrollment", "enrollments"),
        formats.count(total(|day| day.activity.removed), "removal", "removals"),
        formats.count(i64::try_from(days.len()).unwrap_or_default(), "day", "days"),
    );
    let [first, last] = [days.first(), days.last()].map(|day| day.map(|day| formats.calendar_day(day.day)));
    let day = move |day: &DayActivity| {
        let link = Address::of(View::Events.path()).with("from", &instant(day.begins));
        let link = link.with("until", &instant(day.ends)).to_string();
        view! { <a href=link>{formats.calendar_day(day.day)}</a> }
    };
    let columns = with_numbers(Column::name("Day", day), |day| day.activity);
    let items = days.iter().rev().cloned().collect();
    let caption = "Enrollments and removals a day, the last day first";
    view! {
        <figure class="chart card">
            <figcaption>{summary.clone()}</figcaption>
            <Drawing days summary />
            <p class="chart__ends" aria-hidden="true"><span>{first}</span> <span>{last}</span></p>
            <details>
                <summary>"Show as a table"</summary>
                <DataTable caption columns items />
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
