//! `/audit/as-of`: what was in a group, or which groups held a workspace, at one moment.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::kernel::text::isolated;
use crate::resources::people::model::Person;
use crate::ui::audit::components::{Files, QuestionForm, Questions};
use crate::ui::audit::queries::{AsOfRows, AsOfShown, as_of_read};
use crate::ui::audit::query::{Asked, Form, Noun, View};
use crate::ui::components::actor::ActorName;
use crate::ui::components::date_time_fields::When;
use crate::ui::components::entity_links::{GroupName, PersonName, WorkspaceName};
use crate::ui::components::moment::Moment;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::components::pager::Pager;
use crate::ui::components::table::Empty;
use crate::ui::enrollments::actions::RemovedRow;
use crate::ui::locale::formats::Formats;
use crate::ui::viewer::Viewer;
use crate::ui::{messages, paths};

#[component]
pub fn AsOfPage() -> impl IntoView {
    let here = Viewer::current().here;
    let page = async move {
        match as_of_read(here).await {
            Ok(shown) => view! { <AsOf shown /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }
}

#[component]
fn AsOf(shown: AsOfShown) -> impl IntoView {
    let AsOfShown { form, at, answer } = shown;
    let field = form.moment("at");
    view! {
        <Page title="As of a moment">
            <Questions view=View::AsOf />
            <QuestionForm view=View::AsOf form=form.clone() button="Show">
                <When name="at" label="At" value=field />
            </QuestionForm>
            <p class="hint">"A day alone means its end, after all that happened on it. Without a day it is now."</p>
            {match answer {
                Asked::Complete(rows) => view! { <Answer form at rows /> }.into_any(),
                Asked::ToCome | Asked::Incomplete => {
                    view! { <p class="message message--error" role="alert">{messages::TO_COME}</p> }.into_any()
                }
            }}
        </Page>
    }
}

/// `3 workspaces were in EMEA`
fn headline(form: &Form, count: i64) -> String {
    let formats = Formats::current();
    let was = if count == 1 { "was" } else { "were" };
    let name = |noun| form.chosen(noun).map(|choice| isolated(&choice.name));
    match (name(Noun::Group), name(Noun::Workspace)) {
        (Some(group), Some(workspace)) if count == 0 => format!("{workspace} was not in {group}"),
        (Some(group), Some(workspace)) => format!("{workspace} was in {group}"),
        (Some(group), None) => {
            format!("{} {was} in {group}", formats.count(count, "workspace", "workspaces"))
        }
        (None, Some(workspace)) => {
            format!("{workspace} was in {}", formats.count(count, "group", "groups"))
        }
        (None, None) => format!("{} {was} live", formats.count(count, "enrollment", "enrollments")),
    }
}

#[component]
fn Answer(form: Form, at: DateTime<Utc>, rows: AsOfRows) -> impl IntoView {
    let AsOfRows { count, page } = rows;
    let base = Viewer::current().address().first_page().to_string();
    let title = headline(&form, count);
    view! {
        <div class="heading">
            <h2>{title.clone()}</h2>
            <p class="muted">"as of " <Moment at /></p>
        </div>
        {if page.items.is_empty() {
            view! { <Empty title="Nothing was enrolled then">"Ask for another moment."</Empty> }.into_any()
        } else {
            view! { <Files view=View::AsOf /><Rows rows=page.items title /> }.into_any()
        }}
        <Pager base before=page.before after=page.after />
    }
}

#[component]
fn Rows(rows: Vec<RemovedRow>, title: String) -> impl IntoView {
    view! {
        <table class="table">
            <caption class="visually-hidden">{title}", last enrolled first"</caption>
            <thead>
                <tr>
                    <th scope="col">"Workspace"</th>
                    <th scope="col">"Group"</th>
                    <th scope="col">"Enrolled by"</th>
                    <th scope="col">"Enrolled"</th>
                    <th scope="col">"Since"</th>
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(|row| view! { <Row row /> }).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn Row(row: RemovedRow) -> impl IntoView {
    let RemovedRow { item, removal, in_again } = row;
    let since = match item.enrollment.deleted_at {
        None => view! { <span class="tag tag--done">"still in"</span> }.into_any(),
        Some(at) => view! {
            <span class="tag tag--danger">"removed"</span>
            {in_again.then(|| view! { " " <span class="tag">"in again"</span> })}
            <br />
            {removal.map(|removal| view! { <ActorName actor=removal.actor source=removal.source token_name=removal.token_name /> <br /> })}
            <Moment at />
        }
        .into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                {item
                    .workspace
                    .map(|workspace| {
                        view! {
                            <WorkspaceName
                                id=workspace.id
                                name=workspace.name
                                external_workspace_id=workspace.external_workspace_id
                                removed=workspace.deleted_at.is_some()
                            />
                        }
                    })}
            </th>
            <td data-label="Group">
                {item.group.map(|group| view! { <GroupName id=group.id name=group.name removed=group.deleted_at.is_some() /> })}
            </td>
            <td data-label="Enrolled by"><PersonName person=item.created_by.as_ref().map(Person::reference) /></td>
            <td data-label="Enrolled">
                <a class="quiet" href=paths::enrollment(item.enrollment.id)><Moment at=item.enrollment.created_at /></a>
            </td>
            <td data-label="Since">{since}</td>
        </tr>
    }
}
