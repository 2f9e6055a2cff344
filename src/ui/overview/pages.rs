//! `/`: the numbers of live enrollments and groups, and the latest activity.

use crate::resources::enrollment_events::model::BusyGroup;
use crate::ui::audit::view::View;
use crate::ui::components::prelude::*;
use crate::ui::overview::components::{ActivityChart, with_numbers};
use crate::ui::overview::queries::{DAYS, Overview, overview};

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
