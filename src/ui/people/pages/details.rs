//! `/people/{id}`: what a person enrolled, did and created.

use leptos::prelude::*;

use crate::kernel::id::PersonId;
use crate::kernel::topic::Topic;
use crate::resources::people::model::{Person, PersonTraces};
use crate::resources::people::rules::confirmation;
use crate::ui::components::{
    Choose, DetailsPage, Moment, Timeline, TimelineOf, crumb, list_or_empty, page_with_id, tabs,
};
use crate::ui::enrollments::components::rows::{EnrollmentRows, RowsOf};
use crate::ui::error::UiError;
use crate::ui::groups::components::GroupTable;
use crate::ui::locale::formats::Formats;
use crate::ui::paths::{self, PersonTab};
use crate::ui::people::queries::{self, person_activity, person_enrollments, person_groups};
use crate::ui::viewer::Viewer;

#[component]
pub fn PersonPage() -> impl IntoView {
    let viewer = Viewer::current();
    page_with_id(async move |id| {
        let (person, traces) = queries::person(id).await?;
        let tab = viewer.query("tab").and_then(|word| word.parse().ok()).unwrap_or_default();
        let shown = tab_view(id, tab, &viewer).await?;
        let formats = Formats::current();
        let text = |tab| {
            let (name, number) = match tab {
                PersonTab::Enrolled => ("Enrolled", traces.enrollments()),
                PersonTab::Activity => ("Activity", traces.events),
                PersonTab::Groups => ("Groups created", traces.groups),
            };
            format!("{name} ({})", formats.number(number))
        };
        let tabs = tabs("Parts of this person", tab, |tab| paths::person_tab(id, tab), text);
        let edit = [(paths::person_edit(id), "Edit"), (paths::person_deletion(id), "Delete person")];
        Ok(view! {
            <DetailsPage
                name=confirmation(&person)
                list=crumb(paths::PEOPLE, "People")
                links=if viewer.may_write() { edit.into() } else { Vec::new() }
                topics=vec![Topic::person(id), Topic::ENROLLMENTS, Topic::GROUPS, Topic::OPERATORS, Topic::TOKENS]
            >
                <Facts person traces />
                {tabs}
                {shown}
            </DetailsPage>
        })
    })
}

async fn tab_view(id: PersonId, tab: PersonTab, viewer: &Viewer) -> Result<AnyView, UiError> {
    Ok(match tab {
        PersonTab::Enrolled => {
            let page = person_enrollments(id, &viewer.query("status").unwrap_or_default()).await?;
            let empty = ("No enrollments", "This person has not enrolled any workspace.");
            let list = list_or_empty(
                "shown",
                page,
                empty,
                |rows| view! { <EnrollmentRows rows of=RowsOf::Person /> },
            );
            let options = vec![("", "Any"), ("live", "Live"), ("removed", "Removed")];
            view! {
                <form class="toolbar" method="get" action=paths::person(id)>
                    <Choose name="status" label="Status" options />
                    <button class="button">"Show"</button>
                </form>
                {list}
            }
            .into_any()
        }
        PersonTab::Activity => {
            let empty = ("Nothing happened yet", "Enrollments and removals by this person will appear here.");
            list_or_empty("shown", person_activity(id).await?, empty, |events| {
                view! { <Timeline events of=TimelineOf::Everything /> }
            })
        }
        PersonTab::Groups => {
            let empty = ("No groups", "This person created none.");
            list_or_empty("shown", person_groups(id).await?, empty, |groups| {
                view! { <GroupTable caption="Groups that the person created, newest first" groups of_one_creator=true /> }
            })
        }
    })
}

#[component]
fn Facts(person: Person, traces: PersonTraces) -> impl IntoView {
    let formats = Formats::current();
    let enrollments =
        format!("{} live, {} removed since", formats.number(traces.live), formats.number(traces.removed));
    let accounts = traces.accounts.into_iter().map(|account| (account.email, paths::operator(account.id)));
    let tokens = traces.tokens.into_iter().map(|token| (token.name, paths::token_at(token.id)));
    let (accounts, tokens) = (for_admins(accounts), for_admins(tokens));
    view! {
        <dl class="facts" id="facts" data-live>
            {person.email.map(|email| view! { <dt>"E-mail address"</dt> <dd>{email}</dd> })}
            <dt>"Id"</dt>
            <dd><code>{person.id.to_string()}</code></dd>
            <dt>"Created"</dt>
            <dd><Moment at=person.created_at /></dd>
            {accounts.map(|accounts| view! { <dt>"Signs in as"</dt> <dd>{accounts}</dd> })}
            {tokens.map(|tokens| view! { <dt>"API tokens"</dt> <dd>{tokens}</dd> })}
            <dt>"Enrollments"</dt>
            <dd>{enrollments}</dd>
        </dl>
    }
}

/// Names with commas between, each leading to a page of admins for those who may see it. `None`: there are none.
fn for_admins(names: impl Iterator<Item = (String, String)>) -> Option<AnyView> {
    let may_follow = Viewer::current().may_administer();
    let links = names.enumerate().map(|(index, (name, path))| {
        let comma = (index > 0).then_some(", ");
        if may_follow {
            view! { {comma} <a href=path dir="auto">{name}</a> }.into_any()
        } else {
            view! { {comma} <bdi>{name}</bdi> }.into_any()
        }
    });
    let links = links.collect_view();
    (!links.is_empty()).then(|| links.into_any())
}
