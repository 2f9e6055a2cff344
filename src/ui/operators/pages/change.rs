//! `/operators/{id}/link`, `…/role`, `…/disable`: explains the change, and asks.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;

use crate::kernel::actor::Role;
use crate::kernel::text::isolated;
use crate::resources::operators::model::{LINK_VALID_HOURS, OperatorStatus, OperatorSummary};
use crate::ui::components::{ConfirmPage, FormButtons, NotFoundPage, PostForm, crumb, page_with_id};
use crate::ui::operators::actions::{OperatorDisable, OperatorLink, OperatorSetRole};
use crate::ui::operators::components::provider;
use crate::ui::operators::queries;
use crate::ui::operators::view::role_summary;
use crate::ui::paths::{self, OperatorChange};

#[component]
pub fn OperatorChangePage() -> impl IntoView {
    let change = use_params_map().with_untracked(|params| params.get("change")).unwrap_or_default();
    match change.parse().ok() {
        Some(change) => page_with_id(async move |id| {
            let operator = queries::operator(id).await?;
            Ok(view! { <Confirm operator change /> })
        }),
        None => view! { <NotFoundPage /> }.into_any(),
    }
}

const fn other(role: Role) -> Role {
    match role {
        Role::Support => Role::Admin,
        Role::Admin => Role::Support,
    }
}

fn title(operator: &OperatorSummary, change: OperatorChange) -> String {
    let name = isolated(operator.name());
    match (change, operator.role) {
        (OperatorChange::Link, _) => format!("Create a new sign-in link for {name}?"),
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
                OperatorStatus::LinkPending(_) => "Their current link stops working. ",
                OperatorStatus::LinkExpired
                | OperatorStatus::Disabled(_)
                | OperatorStatus::WithoutPerson => "",
            };
            let identity = match operator.linked_at {
                Some(_) => format!(" They can still sign in with {}.", provider()),
                None => String::new(),
            };
            format!(
                "{lost}With the new link they can choose a password within {LINK_VALID_HOURS} hours. The link is shown \
                 once.{identity}"
            )
        }
        OperatorChange::Role => {
            let summary = role_summary(other(operator.role));
            format!("{summary} They are signed out everywhere and must sign in again.")
        }
        OperatorChange::Disable => "They are signed out everywhere at once and cannot sign in any more; their sign-in \
                                    link stops working. Their changes stay in the history, and you can enable them \
                                    again. API tokens that act for them keep working."
            .to_owned(),
    }
}

#[component]
fn Confirm(operator: OperatorSummary, change: OperatorChange) -> impl IntoView {
    let tokens = (change == OperatorChange::Disable)
        .then(|| view! { <p><a href=paths::TOKENS>"See the API tokens"</a></p> });
    let page = paths::operator(operator.id);
    let mut hidden = vec![("operator", operator.id.to_string())];
    let (action, submit) = match (change, other(operator.role)) {
        (OperatorChange::Link, _) => (OperatorLink::url(), "Create link"),
        (OperatorChange::Disable, _) => (OperatorDisable::url(), "Disable"),
        (OperatorChange::Role, role) => {
            hidden.push(("role", role.into_str().to_owned()));
            let text = match role {
                Role::Admin => "Make admin",
                Role::Support => "Make support",
            };
            (OperatorSetRole::url(), text)
        }
    };
    view! {
        <ConfirmPage
            title=title(&operator, change)
            crumbs=vec![crumb(paths::OPERATORS, "Operators"), crumb(page.clone(), operator.name())]
            explanation=consequence(&operator, change)
            may="manage operators"
            facts=view! { <p class="muted">{operator.email}</p> {tokens} }.into_any()
        >
            <PostForm action class="stack" hidden>
                <FormButtons submit danger=true cancel=page />
            </PostForm>
        </ConfirmPage>
    }
}
