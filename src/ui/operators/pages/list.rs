//! `/operators`

use leptos::prelude::*;

use crate::kernel::topic::Topic;
use crate::resources::operators::model::OperatorSummary;
use crate::ui::components::{Live, MomentOrNever, Page, PersonName, Table, load_page, paged_list};
use crate::ui::operators::components::StatusText;
use crate::ui::operators::queries::operators;
use crate::ui::paths;

#[component]
pub fn OperatorsPage() -> impl IntoView {
    load_page(async {
        let table = |operators| view! { <OperatorTable operators /> }.into_any();
        // The list is never empty, because its viewer is an operator.
        let list = paged_list("operators", operators().await?, move || table(Vec::new()), table);
        Ok(view! {
            <Page title="Operators">
                <div class="heading">
                    <h1>"Operators"</h1>
                    <a class="button button--primary" href=paths::NEW_OPERATOR>"Invite"</a>
                </div>
                <p class="muted">
                    "The people who can sign in. Their changes to anything but enrollments are in the "
                    <a href=paths::ADMIN_LOG>"administrative log"</a> "."
                </p>
                {list}
                <Live topics=vec![Topic::OPERATORS, Topic::PEOPLE] />
            </Page>
        })
    })
}

#[component]
fn OperatorTable(operators: Vec<OperatorSummary>) -> impl IntoView {
    view! {
        <Table caption="Operators, last added first" columns=&["Person", "Role", "Status", "Last sign-in"] actions=true>
            {operators.into_iter().map(|operator| view! { <OperatorRow operator /> }).collect_view()}
        </Table>
    }
}

#[component]
fn OperatorRow(operator: OperatorSummary) -> impl IntoView {
    let label = format!("Manage {}", operator.name());
    let OperatorSummary { id, email, role, person, status, last_signed_in_at, .. } = operator;
    view! {
        <tr id=format!("operator-{id}")>
            <th scope="row">
                {person.map(|person| view! { <PersonName person=Some(person) /> <br /> })}
                <span class="muted">{email}</span>
            </th>
            <td data-label="Role">{role.into_str()}</td>
            <td data-label="Status"><StatusText status has_signed_in=last_signed_in_at.is_some() /></td>
            <td data-label="Last sign-in"><MomentOrNever at=last_signed_in_at /></td>
            <td class="table__action">
                <a class="button button--small" href=paths::operator(id) aria-label=label>"Manage"</a>
            </td>
        </tr>
    }
}
