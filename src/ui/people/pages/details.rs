//! `/people/{id}`: what a person enrolled, did and created.

use leptos::prelude::*;
use strum::VariantArray;

use crate::kernel::id::PersonId;
use crate::kernel::topic::Topic;
use crate::resources::people::model::{Person, PersonTraces};
use crate::resources::people::rules::confirmation;
use crate::resources::workspace_groups::model::GroupSummary;
use crate::ui::components::{
    Choose, Crumbs, Empty, GroupName, Live, Moment, Page, Timeline, TimelineOf, crumb, page_with_id,
    paged_list,
};
use crate::ui::enrollments::components::rows::{EnrollmentRows, RowsOf};
use crate::ui::error::UiError;
use crate::ui::locale::formats::Formats;
use crate::ui::paths::{self, PersonTab};
use crate::ui::people::queries::{self, person_activity, person_enrollments, person_groups};
use crate::ui::people::view::PersonDetails;
use crate::ui::viewer::Viewer;

#[component]
pub fn PersonPage() -> impl IntoView {
    let viewer = Viewer::current();
    page_with_id(async move |id| {
        let PersonDetails { person, traces } = queries::person(id).await?;
        let tab = viewer.query("tab").and_then(|word| word.parse().ok()).unwrap_or(PersonTab::Enrolled);
        let shown = tab_view(id, tab, &viewer).await?;
        Ok(view! {
            <Page title=confirmation(&person)>
                <Heading person traces=traces.clone() />
                <Tabs id current=tab traces />
                {shown}
                <Live topics=vec![Topic::person(id), Topic::ENROLLMENTS, Topic::GROUPS, Topic::OPERATORS, Topic::TOKENS] />
            </Page>
        })
    })
}

async fn tab_view(id: PersonId, tab: PersonTab, viewer: &Viewer) -> Result<AnyView, UiError> {
    Ok(match tab {
        PersonTab::Enrolled => {
            let page = person_enrollments(id, &viewer.query("status").unwrap_or_default()).await?;
            let list = paged_list(
                "shown",
                page,
                || {
                    view! { <Empty title="No enrollments">"This person has not enrolled any workspace."</Empty> }
                        .into_any()
                },
                |rows| view! { <EnrollmentRows rows of=RowsOf::Person /> }.into_any(),
            );
            view! { <Status id />{list} }.into_any()
        }
        PersonTab::Activity => paged_list(
            "shown",
            person_activity(id).await?,
            || {
                view! { <Empty title="Nothing happened yet">"Enrollments and removals by this person will appear here."</Empty> }
                    .into_any()
            },
            |events| view! { <Timeline events of=TimelineOf::Everything /> }.into_any(),
        ),
        PersonTab::Groups => paged_list(
            "shown",
            person_groups(id).await?,
            || view! { <Empty title="No groups">"This person created none."</Empty> }.into_any(),
            |groups| view! { <Groups groups /> }.into_any(),
        ),
    })
}

#[component]
fn Heading(person: Person, traces: PersonTraces) -> impl IntoView {
    let id = person.id;
    let accounts = traces.accounts.iter().map(|account| (account.email.clone(), paths::operator(account.id)));
    let tokens = traces.tokens.iter().map(|token| (token.name.clone(), paths::token_at(token.id)));
    let (accounts, tokens) = (for_admins(accounts), for_admins(tokens));
    view! {
        <Crumbs crumbs=vec![crumb(paths::PEOPLE, "People")] />
        <div class="heading" id="heading" data-live>
            <h1><bdi>{confirmation(&person)}</bdi></h1>
            {Viewer::current()
                .may_write()
                .then(|| {
                    view! {
                        <div class="actions heading__actions">
                            <a class="button" href=paths::person_edit(id)>"Edit"</a>
                            <a class="button button--quiet" href=paths::person_deletion(id)>"Delete person"</a>
                        </div>
                    }
                })}
        </div>
        <dl class="facts" id="facts" data-live>
            {person.email.map(|email| view! { <dt>"E-mail address"</dt> <dd>{email}</dd> })}
            <dt>"Id"</dt>
            <dd><code>{id.to_string()}</code></dd>
            <dt>"Created"</dt>
            <dd><Moment at=person.created_at /></dd>
            {accounts.map(|accounts| view! { <dt>"Signs in as"</dt> <dd>{accounts}</dd> })}
            {tokens.map(|tokens| view! { <dt>"API tokens"</dt> <dd>{tokens}</dd> })}
            <dt>"Enrollments"</dt>
            <dd>{enrollments_told(&traces)}</dd>
        </dl>
    }
}

/// Names with commas between, each leading to a page of admins for those who may see it. `None`: there are none.
fn for_admins(names: impl Iterator<Item = (String, String)>) -> Option<AnyView> {
    let may_follow = Viewer::current().may_administer();
    let told: Vec<AnyView> = names
        .enumerate()
        .map(|(index, (name, path))| {
            let comma = (index > 0).then_some(", ");
            if may_follow {
                view! { {comma} <a href=path dir="auto">{name}</a> }.into_any()
            } else {
                view! { {comma} <bdi>{name}</bdi> }.into_any()
            }
        })
        .collect();
    (!told.is_empty()).then(|| told.into_any())
}

/// `12 live, 3 removed since`
fn enrollments_told(traces: &PersonTraces) -> String {
    let formats = Formats::current();
    format!("{} live, {} removed since", formats.number(traces.live), formats.number(traces.removed))
}

#[component]
fn Tabs(id: PersonId, current: PersonTab, traces: PersonTraces) -> impl IntoView {
    let formats = Formats::current();
    let text = move |tab| {
        let (name, number) = match tab {
            PersonTab::Enrolled => ("Enrolled", traces.enrollments()),
            PersonTab::Activity => ("Activity", traces.events),
            PersonTab::Groups => ("Groups created", traces.groups),
        };
        format!("{name} ({})", formats.number(number))
    };
    view! {
        <nav class="tabs" id="tabs" data-live="text" aria-label="Parts of this person">
            {PersonTab::VARIANTS
                .iter()
                .map(|&tab| {
                    let current = (tab == current).then_some("page");
                    view! { <a href=paths::person_tab(id, tab) aria-current=current>{text(tab)}</a> }
                })
                .collect_view()}
        </nav>
    }
}

/// Which of the enrollments to show.
#[component]
fn Status(id: PersonId) -> impl IntoView {
    view! {
        <form class="toolbar" method="get" action=paths::person(id)>
            <Choose name="status" label="Status" options=vec![("", "Any"), ("live", "Live"), ("removed", "Removed")] />
            <button class="button">"Show"</button>
        </form>
    }
}

#[component]
fn Groups(groups: Vec<GroupSummary>) -> impl IntoView {
    view! {
        <table class="table">
            <caption class="visually-hidden">"Groups that the person created, newest first"</caption>
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col" class="number">"Workspaces"</th>
                    <th scope="col">"Created"</th>
                </tr>
            </thead>
            <tbody>
                {groups
                    .into_iter()
                    .map(|GroupSummary { group, live, creator: _ }| {
                        view! {
                            <tr id=format!("group-{}", group.id)>
                                <th scope="row"><GroupName id=group.id name=group.name removed=group.deleted_at.is_some() /></th>
                                <td class="number" data-label="Workspaces">{Formats::current().number(live)}</td>
                                <td data-label="Created"><Moment at=group.created_at /></td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
}
