//! `/`: the numbers of live enrollments and groups, and the latest activity.

use leptos::prelude::*;

use crate::kernel::topic::Topic;
use crate::resources::enrollment_events::model::activity::BusyGroup;
use crate::ui::address::Address;
use crate::ui::audit::view::View;
use crate::ui::components::{Empty, GroupName, Live, Page, Table, Timeline, TimelineOf, load_page};
use crate::ui::locale::formats::Formats;
use crate::ui::overview::components::ActivityChart;
use crate::ui::overview::queries::{DAYS, overview};
use crate::ui::overview::view::Overview;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn OverviewPage() -> impl IntoView {
    let parameter = Viewer::current().query("days").and_then(|days| days.parse().ok());
    let number = DAYS.into_iter().find(|known| Some(*known) == parameter).unwrap_or(DAYS[0]);
    load_page(async move {
        let Overview { live, groups, ungrouped, days, busiest, latest } = overview(number).await?;
        let latest = if latest.is_empty() {
            view! { <Empty title="Nothing happened yet">"Enrollments and removals will appear here."</Empty> }
                .into_any()
        } else {
            view! { <Timeline events=latest of=TimelineOf::Everything /> }.into_any()
        };
        Ok(view! {
            <Page title="Overview">
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
                        <div id="busy" data-live><Busiest groups=busiest /></div>
                    </section>
                </div>
                <Live topics=vec![Topic::ENROLLMENTS, Topic::GROUPS, Topic::WORKSPACES] />
            </Page>
        })
    })
}

#[component]
fn Figure(number: i64, one: &'static str, many: &'static str, to: String) -> impl IntoView {
    let formats = Formats::current();
    let text = formats.count(number, one, many);
    // The number has its own element.
    let noun = text.split_once(' ').map_or(many, |(_, noun)| noun).to_owned();
    view! {
        <li>
            <a class="figure card" href=to>
                <strong class="figure__number">{formats.number(number)}</strong> " " <span>{noun}</span>
            </a>
        </li>
    }
}

/// Links to other numbers of days.
#[component]
fn Periods(current: u16) -> impl IntoView {
    let here = Viewer::current().address();
    let mut periods = DAYS;
    periods.sort_unstable();
    view! {
        <nav class="spans" aria-label="Days shown">
            {periods
                .map(|days| {
                    let link = address(&here, days).to_string();
                    let current = (days == current).then_some("true");
                    view! { <a class="spans__one" href=link aria-current=current>{format!("{days} days")}</a> }
                })
                .collect_view()}
        </nav>
    }
}

fn address(here: &Address, days: u16) -> Address {
    if days == DAYS[0] { here.without("days") } else { here.with("days", &days.to_string()) }
}

#[component]
fn Busiest(groups: Vec<BusyGroup>) -> impl IntoView {
    if groups.is_empty() {
        return view! { <Empty title="No active groups">"Nothing was enrolled or removed in these days."</Empty> }
            .into_any();
    }
    let formats = Formats::current();
    view! {
        <Table caption="Groups with the most enrollments and removals in these days" columns=&["Group", "Enrolled", "Removed"] numeric=true>
            {groups
                    .into_iter()
                    .map(|BusyGroup { group, name, activity }| {
                        view! {
                            <tr id=format!("busy-{group}")>
                                <th scope="row"><GroupName id=group name /></th>
                                <td class="number" data-label="Enrolled">{formats.number(activity.enrolled)}</td>
                                <td class="number" data-label="Removed">{formats.number(activity.removed)}</td>
                            </tr>
                        }
                    })
                    .collect_view()}
        </Table>
    }
    .into_any()
}
