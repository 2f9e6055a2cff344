//! `/operators/{id}/link`, `…/role`, `…/disable`: says what will happen to whom, and asks.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::actor::Role;
use crate::kernel::id::OperatorId;
use crate::kernel::text::isolated;
use crate::resources::operators::model::{LINK_VALID_HOURS, OperatorStatus, OperatorSummary};
use crate::ui::components::form_key::FormKey;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::operators::actions::{OperatorDisable, OperatorLink, OperatorSetRole, operator_read};
use crate::ui::operators::pages::details::provider;
use crate::ui::operators::pages::new::may;
use crate::ui::paths::{self, OperatorChange};

#[component]
pub fn OperatorChangePage() -> impl IntoView {
    let param = |name: &str| use_params_map().with_untracked(|params| params.get(name)).unwrap_or_default();
    let (Ok(id), Some(change)) =
        (param("id").parse::<OperatorId>(), OperatorChange::from_word(&param("change")))
    else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let page = async move {
        match operator_read(id).await {
            Ok(operator) => view! { <Confirm operator change /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

/// The role that an operator is given who has this one.
const fn other(role: Role) -> Role {
    match role {
        Role::Support => Role::Admin,
        Role::Admin => Role::Support,
    }
}

fn title(operator: &OperatorSummary, change: OperatorChange) -> String {
    let name = isolated(operator.name());
    match (change, operator.role) {
        (OperatorChange::Link, _) => format!("Make a new sign-in link for {name}?"),
        (OperatorChange::Role, Role::Support) => format!("Make {name} an admin?"),
        (OperatorChange::Role, Role::Admin) => format!("Make {name} support?"),
        (OperatorChange::Disable, _) => format!("Disable {name}?"),
    }
}

fn consequence(operator: &OperatorSummary, change: OperatorChange) -> String {
    match change {
        OperatorChange::Link => {
            let lost = match operator.status {
                OperatorStatus::Active => "Their password stops working and they are signed out everywhere. ",
                OperatorStatus::LinkPending(_) => "The link that they have stops working. ",
                OperatorStatus::LinkExpired
                | OperatorStatus::Disabled(_)
                | OperatorStatus::WithoutPerson => "",
            };
            let stays = operator.linked_at.map(|_| format!(" {} lets them in as before.", provider()));
            format!(
                "{lost}With the new link they choose a password, within {LINK_VALID_HOURS} hours. You see it once.{}",
                stays.unwrap_or_default()
            )
        }
        OperatorChange::Role => {
            format!("{} They are signed out everywhere and sign in anew.", may(other(operator.role)))
        }
        OperatorChange::Disable => "They are signed out everywhere at once and cannot sign in any more; a link \
                                    that they have stops working. What they did stays in the history, and you can \
                                    enable them again. API tokens that act for them go on working."
            .to_owned(),
    }
}

#[component]
fn Confirm(operator: OperatorSummary, change: OperatorChange) -> impl IntoView {
    let title = title(&operator, change);
    let back = paths::operator(operator.id);
    view! {
        <Page title=title.clone() narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=paths::OPERATORS>"Operators"</a>
                <a href=back.clone()>{operator.name().to_owned()}</a>
            </nav>
            <div class="card stack">
                <h1>{title}</h1>
                <p class="muted">{operator.email.clone()}</p>
                <p>{consequence(&operator, change)}</p>
                {(change == OperatorChange::Disable)
                    .then(|| view! { <p><a href=paths::TOKENS>"See the API tokens"</a></p> })}
                <ChangeForm operator change back />
            </div>
        </Page>
    }
}

#[component]
fn ChangeForm(operator: OperatorSummary, change: OperatorChange, back: String) -> impl IntoView {
    let id = operator.id.to_string();
    let keep = view! { <a class="button button--quiet" href=back>"Leave it"</a> };
    let hidden = view! { <input type="hidden" name="operator" value=id /> };
    match change {
        OperatorChange::Link => {
            let make = ServerAction::<OperatorLink>::new();
            view! {
                <ActionForm action=make attr:class="actions">
                    <FormKey />
                    {hidden} <button class="button button--danger">"Make the link"</button> {keep}
                </ActionForm>
            }
            .into_any()
        }
        OperatorChange::Role => {
            let give = ServerAction::<OperatorSetRole>::new();
            let role = other(operator.role);
            let text = match role {
                Role::Admin => "Make admin",
                Role::Support => "Make support",
            };
            view! {
                <ActionForm action=give attr:class="actions">
                    {hidden} <input type="hidden" name="role" value=role.word() />
                    <button class="button button--danger">{text}</button> {keep}
                </ActionForm>
            }
            .into_any()
        }
        OperatorChange::Disable => {
            let disable = ServerAction::<OperatorDisable>::new();
            view! {
                <ActionForm action=disable attr:class="actions">
                    {hidden} <button class="button button--danger">"Disable"</button> {keep}
                </ActionForm>
            }
            .into_any()
        }
    }
}
