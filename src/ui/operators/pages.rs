//! The pages of operators: `/operators`, `/operators/new`, `/operators/{id}`, and `/operators/{id}/{change}`, which asks.

use leptos_router::hooks::use_params_map;

use crate::kernel::actor::Role;
use crate::kernel::text::{EMAIL_MAX, NAME_MAX, SHORT_TEXT_MAX};
use crate::resources::operators::model::{LINK_VALID_HOURS, OperatorStatus, OperatorSummary};
use crate::ui::components::prelude::*;
use crate::ui::messages::ADMINISTER;
use crate::ui::operators::actions::{
    OperatorDisable, OperatorEnable, OperatorInvite, OperatorLink, OperatorLinkIdentity, OperatorSetRole,
    OperatorUnlink,
};
use crate::ui::operators::queries;
use crate::ui::paths::OperatorChange;

#[component]
pub fn OperatorsPage() -> impl IntoView {
    load_page(async {
        // Only an address that begins after the last operator has no rows, because the viewer is an operator.
        let empty = ("No operators", "The list ends before this page.");
        let list = list_or_empty("operators", queries::operators().await?, empty, table);
        Ok(view! {
            <IndexPage title="Operators" new=(paths::NEW_OPERATOR, "Invite") topics=vec![Topic::OPERATORS, Topic::PEOPLE]>
                <p class="muted">
                    "The people who can sign in. Their changes to anything but enrollments are in the "
                    <a href=paths::ADMIN_LOG>"administrative log"</a> "."
                </p>
                {list}
            </IndexPage>
        })
    })
}

fn table(items: Vec<OperatorSummary>) -> impl IntoView {
    let columns = vec![
        Column::name("Person", |operator: &OperatorSummary| {
            let person = operator.person.clone();
            view! {
                {person.map(|person| view! { <PersonName person=Some(person) /> <br /> })}
                <span class="muted">{operator.email.clone()}</span>
            }
        }),
        Column::text("Role", |operator: &OperatorSummary| operator.role.into_str()),
        Column::text("Status", status_text),
        Column::text(
            "Last sign-in",
            |operator: &OperatorSummary| view! { <MomentOr at=operator.last_signed_in_at /> },
        ),
        Column::actions(|operator: &OperatorSummary| {
            let label = format!("Manage {}", operator.name());
            let path = paths::operator(operator.id);
            view! { <a class="button button--small" href=path aria-label=label>"Manage"</a> }
        }),
    ];
    let row_id = |operator: &OperatorSummary| format!("operator-{}", operator.id);
    view! { <DataTable caption="Operators, last added first" columns items row_id /> }
}

#[component]
pub fn NewOperatorPage() -> impl IntoView {
    let form = FormFields::new(&["email", "name"]);
    let roles = Role::VARIANTS.iter().map(|&role| (role.into_str(), role.into_str(), role_summary(role)));
    view! {
        <FormPage title="Invite an operator" crumbs=vec![crumb(paths::OPERATORS, "Operators")] may=ADMINISTER>
            <PostForm action=OperatorInvite::url()>
                <p class="muted">"You will get a link to send to them. With it they choose a password."</p>
                <TextField
                    form
                    name="email"
                    kind="email"
                    max=EMAIL_MAX
                    required=true
                    autocomplete="off"
                    hint="If a person has this address, the operator acts as that person."
                >
                    "E-mail address"
                </TextField>
                <TextField form name="name" max=NAME_MAX required=true autocomplete="off">"Name"</TextField>
                <RadioGroup name="role" legend="Role" default=Role::Support.into_str() choices=roles.collect() />
                <FormButtons submit="Invite" cancel=paths::OPERATORS />
            </PostForm>
        </FormPage>
    }
}

#[component]
pub fn OperatorPage() -> impl IntoView {
    let own = Viewer::current().operator.map(|operator| operator.id);
    page_with_id(async move |id| {
        let operator = queries::operator(id).await?;
        let (name, crumbs) = (operator.name().to_owned(), vec![crumb(paths::OPERATORS, "Operators")]);
        let changes = if own == Some(id) {
            view! {
                <p class="muted">
                    "This is you. Another admin can change your role or disable you. You can change your password in "
                    <a href=paths::ACCOUNT>"your account"</a> "."
                </p>
            }
            .into_any()
        } else {
            view! { <Changes operator=operator.clone() /> }.into_any()
        };
        Ok(view! {
            <Page title=name.clone() crumbs topics=vec![Topic::OPERATORS, Topic::PEOPLE] narrow=true>
                <h1 id="heading" data-live><bdi>{name}</bdi></h1>
                <section class="card stack" id="facts" data-live aria-label="Details">
                    <Facts operator=operator.clone() />
                    <p><a href=paths::admin_log_of(&operator.email)>"Administrative log of this operator"</a></p>
                </section>
                <div id="changes" data-live>{changes}</div>
            </Page>
        })
    })
}

#[component]
fn Facts(operator: OperatorSummary) -> impl IntoView {
    let status = status_text(&operator);
    let OperatorSummary { email, role, person, created_at, last_signed_in_at, linked_at, .. } = operator;
    let person = match person {
        Some(person) => view! { <PersonName person=Some(person) /> }.into_any(),
        None => view! { <span class="muted">"a deleted person"</span> }.into_any(),
    };
    view! {
        <dl class="facts">
            <Fact name="Acts as">{person}</Fact>
            <Fact name="E-mail address">{email}</Fact>
            <Fact name="Role">{role.into_str()} <br /> <span class="muted">{role_summary(role)}</span></Fact>
            <Fact name="Status">{status}</Fact>
            <Fact name="Added"><Moment at=created_at /></Fact>
            <Fact name="Last sign-in"><MomentOr at=last_signed_in_at /></Fact>
            {linked_at.map(|at| view! { <Fact name=provider()>"Linked since " <Moment at /></Fact> })}
        </dl>
    }
}

#[component]
fn Changes(operator: OperatorSummary) -> impl IntoView {
    let id = operator.id;
    match operator.status {
        OperatorStatus::Active | OperatorStatus::LinkPending(_) | OperatorStatus::LinkExpired => {
            let path = |change| paths::operator_change(id, change);
            let (_, role) = other_role(operator.role);
            let identity = match operator.linked_at {
                Some(_) => view! { <UnlinkForm id /> }.into_any(),
                None => view! { <LinkIdentityForm id /> }.into_any(),
            };
            view! {
                <div class="stack">
                    <div class="actions">
                        <a class="button" href=path(OperatorChange::Link)>"New sign-in link"</a>
                        <a class="button" href=path(OperatorChange::Role)>{role}</a>
                        <a class="button button--danger" href=path(OperatorChange::Disable)>"Disable"</a>
                    </div>
                    {identity}
                </div>
            }
            .into_any()
        }
        OperatorStatus::Disabled(_) => view! {
            <PostForm action=OperatorEnable::url() class="actions" hidden=vec![("operator", id.to_string())]>
                <button class="button button--primary">"Enable"</button>
            </PostForm>
        }
        .into_any(),
        OperatorStatus::WithoutPerson => view! {
            <p class="muted">
                "The person was deleted, so nobody can sign in as this operator. "
                <a href=paths::NEW_OPERATOR>"Invite the e-mail address again"</a> " to restore access."
            </p>
        }
        .into_any(),
    }
}

/// The status of an operator. Someone without a password is "invited" before their first sign-in only.
fn status_text(operator: &OperatorSummary) -> impl IntoView + use<> {
    let has_signed_in = operator.last_signed_in_at.is_some();
    let (class, text, at) = match operator.status {
        OperatorStatus::Active => ("tag tag--done", "active", None),
        OperatorStatus::LinkPending(until) if has_signed_in => {
            ("tag", "new password", Some((" until ", until)))
        }
        OperatorStatus::LinkPending(until) => ("tag", "invited", Some((" until ", until))),
        OperatorStatus::LinkExpired => ("tag tag--danger", "link expired", None),
        OperatorStatus::Disabled(since) => ("tag tag--danger", "disabled", Some((" ", since))),
        OperatorStatus::WithoutPerson => ("tag tag--danger", "person deleted", None),
    };
    view! {
        <span class=class>{text}</span>
        {at.map(|(preposition, at)| view! { {preposition} <Moment at /> })}
    }
}

/// The name of the identity provider. An operator may be linked to one that is no longer set up.
fn provider() -> String {
    Viewer::current().provider.unwrap_or_else(|| "Identity provider".to_owned())
}

#[component]
fn UnlinkForm(id: OperatorId) -> impl IntoView {
    let text = format!(
        "Unlink if this person now uses a different {} account. They are signed out everywhere, and linked again by \
         e-mail address at their next sign-in. To block access, disable the operator instead.",
        provider()
    );
    view! {
        <PostForm action=OperatorUnlink::url() class="stack" hidden=vec![("operator", id.to_string())]>
            <p class="muted">{text}</p>
            <div class="actions"><button class="button">"Unlink"</button></div>
        </PostForm>
    }
}

/// Nothing if no identity provider is set up.
#[component]
fn LinkIdentityForm(id: OperatorId) -> impl IntoView {
    let form = FormFields::unfocused(&["subject"]);
    Viewer::current().provider.map(|name| {
        let hint = format!(
            "Only needed if {name} does not confirm e-mail addresses. The account id is shown to the person when \
             sign-in is refused. Check that it is theirs: the owner of that account can sign in as this operator."
        );
        view! {
            <PostForm action=OperatorLinkIdentity::url() class="stack" hidden=vec![("operator", id.to_string())]>
                <TextField form name="subject" max=SHORT_TEXT_MAX required=true autocomplete="off" no_spellcheck=true hint>
                    {format!("Account id at {name}")}
                </TextField>
                <div class="actions"><button class="button">"Link"</button></div>
            </PostForm>
        }
    })
}

#[component]
pub fn OperatorChangePage() -> impl IntoView {
    let change = use_params_map().with_untracked(|params| params.get("change")).unwrap_or_default();
    match change.parse() {
        Ok(change) => page_with_id(async move |id| {
            let operator = queries::operator(id).await?;
            Ok(view! { <Confirm operator change /> })
        }),
        Err(_) => view! { <NotFoundPage /> }.into_any(),
    }
}

/// The role that an operator with this one can be given, and the button that gives it.
const fn other_role(role: Role) -> (Role, &'static str) {
    match role {
        Role::Support => (Role::Admin, "Make admin"),
        Role::Admin => (Role::Support, "Make support"),
    }
}

fn consequences_of_link(operator: &OperatorSummary) -> String {
    let lost = match operator.status {
        OperatorStatus::Active => "Their password stops working and they are signed out everywhere. ",
        OperatorStatus::LinkPending(_) => "Their current link stops working. ",
        OperatorStatus::LinkExpired | OperatorStatus::Disabled(_) | OperatorStatus::WithoutPerson => "",
    };
    let identity = operator.linked_at.map(|_| format!(" They can still sign in with {}.", provider()));
    format!(
        "{lost}With the new link they can choose a password within {LINK_VALID_HOURS} hours. The link is shown once.{}",
        identity.unwrap_or_default()
    )
}

const CONSEQUENCES_OF_DISABLING: &str = "They are signed out everywhere at once and cannot sign in any more; their \
    sign-in link stops working. Their changes stay in the history, and you can enable them again. API tokens that act \
    for them keep working.";

#[component]
fn Confirm(operator: OperatorSummary, change: OperatorChange) -> impl IntoView {
    let name = isolated(operator.name());
    let page = paths::operator(operator.id);
    let crumbs = vec![crumb(paths::OPERATORS, "Operators"), crumb(page.clone(), operator.name())];
    let mut hidden = vec![("operator", operator.id.to_string())];
    let mut tokens = None;
    let (title, explanation, action, submit) = match change {
        OperatorChange::Link => {
            let title = format!("Create a new sign-in link for {name}?");
            (title, consequences_of_link(&operator), OperatorLink::url(), "Create link")
        }
        OperatorChange::Role => {
            let (role, submit) = other_role(operator.role);
            hidden.push(("role", role.into_str().to_owned()));
            let title = match role {
                Role::Admin => format!("Make {name} an admin?"),
                Role::Support => format!("Make {name} support?"),
            };
            let summary = role_summary(role);
            let explanation = format!("{summary} They are signed out everywhere and must sign in again.");
            (title, explanation, OperatorSetRole::url(), submit)
        }
        OperatorChange::Disable => {
            tokens = Some(view! { <p><a href=paths::TOKENS>"See the API tokens"</a></p> });
            let explanation = CONSEQUENCES_OF_DISABLING.to_owned();
            (format!("Disable {name}?"), explanation, OperatorDisable::url(), "Disable")
        }
    };
    view! {
        <ConfirmPage
            title
            crumbs
            explanation
            may="manage operators"
            facts=view! { <p class="muted">{operator.email}</p> {tokens} }.into_any()
        >
            <ConfirmForm action hidden submit cancel=page cancel_text="Cancel" />
        </ConfirmPage>
    }
}
