//! `/audit/as-of`: the enrollments that were live at one moment.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::kernel::text::isolated;
use crate::resources::people::model::Person;
use crate::ui::audit::components::{CreatedCells, Files, Heading, QuestionForm, RemovedBy, WorkspaceLink};
use crate::ui::audit::queries::{AsOf, as_of};
use crate::ui::audit::view::{Form, Noun, View};
use crate::ui::components::{DayTimeFields, Empty, GroupName, Moment, Page, Table, load_page, paged_list};
use crate::ui::enrollments::view::EnrollmentRow;
use crate::ui::locale::formats::Formats;
use crate::ui::messages::IN_FUTURE;
use crate::ui::pagination::ListPage;

#[component]
pub fn AsOfPage() -> impl IntoView {
    load_page(async {
        let AsOf { form, at, answer } = as_of().await?;
        let (field, shown) = (form.moment("at"), form.clone());
        Ok(view! {
            <Page title="State at a time">
                <Heading view=View::AsOf />
                <QuestionForm view=View::AsOf form button="Show">
                    <DayTimeFields name="at" label="At" value=field />
                </QuestionForm>
                <p class="hint">"Without a time, the end of that day. Leave both empty for now."</p>
                {match answer {
                    Ok((count, page)) => view! { <Answer form=shown at count page /> }.into_any(),
                    Err(_) => view! { <p class="message message--error" role="alert">{IN_FUTURE}</p> }.into_any(),
                }}
            </Page>
        })
    })
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
fn Answer(form: Form, at: DateTime<Utc>, count: i64, page: ListPage<EnrollmentRow>) -> impl IntoView {
    let title = headline(&form, count);
    let files = (!page.items.is_empty()).then(|| view! { <Files view=View::AsOf /> });
    view! {
        <div class="heading">
            <h2>{title.clone()}</h2>
            <p class="muted">"as of " <Moment at /></p>
        </div>
        {files}
        {paged_list(
            "rows",
            page,
            || view! { <Empty title="Nothing was enrolled then">"Choose another time."</Empty> }.into_any(),
            |rows| view! { <Rows rows title /> }.into_any(),
        )}
    }
}

#[component]
fn Rows(rows: Vec<EnrollmentRow>, title: String) -> impl IntoView {
    view! {
        <Table caption=format!("{title}, last enrolled first") columns=&["Workspace", "Group", "Enrolled by", "Enrolled", "Since"]>
            {rows.into_iter().map(|row| view! { <Row row /> }).collect_view()}
        </Table>
    }
}

#[component]
fn Row(row: EnrollmentRow) -> impl IntoView {
    let EnrollmentRow { item, removal, in_again } = row;
    let since = match item.enrollment.deleted_at {
        None => view! { <span class="tag tag--done">"still in"</span> }.into_any(),
        at @ Some(_) => view! {
            <span class="tag tag--danger">"removed"</span>
            {in_again.then(|| view! { " " <span class="tag">"in again"</span> })}
            <br />
            <RemovedBy removal at />
        }
        .into_any(),
    };
    let creator = item.created_by.as_ref().map(Person::reference);
    view! {
        <tr>
            <th scope="row"><WorkspaceLink workspace=item.workspace /></th>
            <td data-label="Group">
                {item.group.map(|group| view! { <GroupName id=group.id name=group.name removed=group.deleted_at.is_some() /> })}
            </td>
            <CreatedCells enrollment=item.enrollment.id creator at=item.enrollment.created_at />
            <td data-label="Since">{since}</td>
        </tr>
    }
}
