//! `/`: how much there is, and what happened of late.

use leptos::prelude::*;

use crate::kernel::topic::Topic;
use crate::resources::enrollment_events::model::activity::BusyGroup;
use crate::ui::address::Address;
use crate::ui::audit::query::View;
use crate::ui::components::entity_links::GroupName;
use crate::ui::components::live_updates::Live;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::components::table::Empty;
use crate::ui::components::timeline::{Timeline, ToldOn};
use crate::ui::locale::formats::Formats;
use crate::ui::overview::components::ActivityChart;
use crate::ui::overview::queries::{DAYS, OverviewShown, overview_read};
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn OverviewPage() -> impl IntoView {
    let asked = Viewer::current().query("days").and_then(|days| days.parse().ok());
    let days = DAYS.into_iter().find(|known| Some(*known) == asked).unwrap_or(DAYS[0]);
    let page = async move {
        match overview_read(days).await {
            Ok(shown) => view! { <Overview shown days /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }
}

#[component]
fn Overview(shown: OverviewShown, days: u16) -> impl IntoView {
    let OverviewShown { live, groups, ungrouped, days: chart, busiest, latest } = shown;
    view! {
        <Page title="Overview">
            <h1>"Overview"</h1>
            <ul class="figures" id="figures" data-live>
                <Figure number=live one="live enrollment" many="live enrollments" to=View::AsOf.path().to_owned() />
                <Figure number=groups one="group" many="groups" to=paths::GROUPS.to_owned() />
                <Figure number=ungrouped one="workspace in no group" many="workspaces in no group" to=paths::ungrouped_workspaces() />
            </ul>
            <section class="stack" aria-labelledby="activity">
                <div class="heading">
                    <h2 id="activity">"Activity"</h2>
                    <Spans current=days />
                </div>
                <div id="chart" data-live><ActivityChart days=chart /></div>
            </section>
            <div class="columns">
                <section class="stack" aria-labelledby="latest">
                    <div class="heading">
                        <h2 id="latest">"Latest"</h2>
                        <a class="button button--small" href=paths::AUDIT>"All activity"</a>
                    </div>
                    <div id="events" data-live>
                        {if latest.is_empty() {
                            view! { <Empty title="Nothing happened yet">"What is enrolled and removed will be told here."</Empty> }.into_any()
                        } else {
                            view! { <Timeline events=latest on=ToldOn::All /> }.into_any()
                        }}
                    </div>
                </section>
                <section class="stack" aria-labelledby="busiest">
                    <h2 id="busiest">"Changed most"</h2>
                    <div id="busy" data-live><Busiest groups=busiest /></div>
                </section>
            </div>
            <Live topics=vec![Topic::ENROLLMENTS, Topic::GROUPS, Topic::WORKSPACES] />
        </Page>
    }
}

#[component]
fn Figure(number: i64, one: &'static str, many: &'static str, to: String) -> impl IntoView {
    let formats = Formats::current();
    let text = formats.count(number, one, many);
    // The number apart, however the region writes it.
    let what = text.split_once(' ').map_or(many, |(_, what)| what).to_owned();
    view! {
        <li>
            <a class="figure card" href=to>
                <strong class="figure__number">{formats.number(number)}</strong> " " <span>{what}</span>
            </a>
        </li>
    }
}

/// Over how many days.
#[component]
fn Spans(current: u16) -> impl IntoView {
    let here = Viewer::current().address();
    let mut spans = DAYS;
    spans.sort_unstable();
    view! {
        <nav class="spans" aria-label="Days shown">
            {spans
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
        return view! { <Empty title="No group changed">"Nothing was enrolled or removed in these days."</Empty> }
            .into_any();
    }
    let formats = Formats::current();
    view! {
        <table class="table">
            <caption class="visually-hidden">"Groups in which most was enrolled and removed in these days"</caption>
            <thead>
                <tr>
                    <th scope="col">"Group"</th>
                    <th scope="col" class="number">"Enrolled"</th>
                    <th scope="col" class="number">"Removed"</th>
                </tr>
            </thead>
            <tbody>
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
            </tbody>
        </table>
    }
    .into_any()
}
