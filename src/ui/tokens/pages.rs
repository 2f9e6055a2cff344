//! The pages of API tokens: `/tokens`, `/tokens/new`, `/tokens/{id}/revoke`.

use chrono::{DateTime, Utc};

use crate::kernel::text::NAME_MAX;
use crate::resources::api_tokens::model::{Holder, Scope, TokenStatus, TokenSummary};
use crate::ui::components::prelude::*;
use crate::ui::messages::ADMINISTER;
use crate::ui::tokens::actions::{TokenCreate, TokenRevoke};
use crate::ui::tokens::queries;

#[component]
pub fn TokensPage() -> impl IntoView {
    let now = Viewer::current().now;
    load_page(async move {
        let empty = ("No tokens yet", "Create a token to let a program use the API.");
        let list = list_or_empty("tokens", queries::tokens().await?, empty, |tokens| table(tokens, now));
        Ok(view! {
            <IndexPage title="API tokens" new=(paths::NEW_TOKEN, "New token") topics=vec![Topic::TOKENS, Topic::PEOPLE]>
                <p class="muted">
                    "Programs use the " <a href=paths::API_DOCS>"API"</a>
                    " with these tokens. The history shows the token that made a change."
                </p>
                {list}
            </IndexPage>
        })
    })
}

fn table(items: Vec<TokenSummary>, now: DateTime<Utc>) -> impl IntoView {
    let columns = vec![
        Column::name("Name", move |token: &TokenSummary| {
            view! {
                <span class="name" dir="auto">{token.name.clone()}</span> " " <StatusTag status=token.status(now) /> <br />
                <code class="muted">{format!("{}…", token.prefix)}</code>
            }
        }),
        Column::text("Acts for", |token: &TokenSummary| view! { <HolderName holder=token.holder.clone() /> }),
        Column::text("Scopes", |token: &TokenSummary| scope_words(&token.scopes)),
        Column::text("Created", |token: &TokenSummary| view! { <Moment at=token.created_at /> }),
        Column::text("Expires", |token: &TokenSummary| view! { <MomentOr at=token.expires_at /> }),
        Column::text("Last used", |token: &TokenSummary| view! { <MomentOr at=token.last_used_at /> }),
        Column::actions(move |token: &TokenSummary| {
            let may_still_work =
                matches!(token.status(now), TokenStatus::Active | TokenStatus::WithoutPerson);
            let (path, label) = (paths::token_revocation(token.id), format!("Revoke {}", token.name));
            may_still_work
                .then(|| view! { <a class="button button--small" href=path aria-label=label>"Revoke"</a> })
        }),
    ];
    let row_id = |token: &TokenSummary| format!("token-{}", token.id);
    view! { <DataTable caption="API tokens, newest first" columns items row_id /> }
}

#[component]
fn HolderName(holder: Holder) -> impl IntoView {
    match holder {
        Holder::Person(person) => view! { <PersonName person=Some(person) /> }.into_any(),
        Holder::DeletedPerson => view! { <span class="muted">"a deleted person"</span> }.into_any(),
        Holder::System => view! { <span class="muted">"no one (system)"</span> }.into_any(),
    }
}

#[component]
fn StatusTag(status: TokenStatus) -> impl IntoView {
    let (class, text) = match status {
        TokenStatus::Active => ("tag tag--done", "active"),
        TokenStatus::Expired => ("tag", "expired"),
        TokenStatus::Revoked(_) => ("tag tag--danger", "revoked"),
        TokenStatus::WithoutPerson => ("tag tag--danger", "person deleted"),
    };
    view! { <span class=class>{text}</span> }
}

/// `read, write`
fn scope_words(scopes: &[Scope]) -> String {
    scopes.iter().map(Scope::into_str).collect::<Vec<_>>().join(", ")
}

#[component]
pub fn NewTokenPage() -> impl IntoView {
    // The names by which refusals know the fields.
    let form = FormFields::new(&["name", "scopes", "email", "day"]);
    view! {
        <FormPage title="New API token" crumbs=vec![crumb(paths::TOKENS, "API tokens")] may=ADMINISTER>
            <PostForm action=TokenCreate::url()>
                <TextField form name="name" max=NAME_MAX required=true hint="What the token is for. The history shows this name.">
                    "Name"
                </TextField>
                <Scopes form />
                <HolderChoice form />
                <RadioGroup name="expiry" legend="Expires" default="90" choices=EXPIRIES.into()>
                    <TextField form name="day" kind="date" hidden_label=true>"The last day on which it works"</TextField>
                </RadioGroup>
                <FormButtons submit="Create token" cancel=paths::TOKENS />
            </PostForm>
        </FormPage>
    }
}

const fn explanation(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "Read everything but the administrative log.",
        Scope::Write => {
            "Enroll and remove workspaces; create, change and archive groups and workspaces; create, change and delete people. Includes read."
        }
        Scope::Pipeline => "Set and change the creator of enrollments. Includes read.",
        Scope::Audit => "Read the history of enrollments and the administrative log, and nothing else.",
    }
}

#[component]
fn Scopes(form: FormFields) -> impl IntoView {
    let viewer = Viewer::current();
    let state = FieldState::of(&viewer, "scopes");
    // A refused form without a scope comes back without one.
    let chosen =
        if viewer.flash.is_some() { viewer.typed("scopes") } else { Scope::Read.into_str().to_owned() };
    let choices = Scope::VARIANTS.iter().copied().enumerate().map(|(index, scope)| {
        let word = scope.into_str();
        view! {
            <Choice
                kind="checkbox"
                id=format!("scope-{word}")
                name="scopes[]"
                value=word
                checked=chosen.split_whitespace().any(|one| one == word)
                autofocus=index == 0 && form.is_focused("scopes")
                hint=explanation(scope)
                label=view! { <code>{word}</code> }.into_any()
            />
        }
    });
    view! {
        <fieldset class="stack" aria-describedby=state.described_by()>
            <legend>"Scopes"</legend>
            {choices.collect_view()}
            {state.fault()}
        </fieldset>
    }
}

#[component]
fn HolderChoice(form: FormFields) -> impl IntoView {
    let viewer = Viewer::current();
    let holder = viewer.typed_or("holder", "person");
    let own = viewer.operator.map(|operator| operator.email).unwrap_or_default();
    view! {
        <fieldset class="stack">
            <legend>"Acts for"</legend>
            <Choice
                kind="radio"
                id="holder-person"
                name="holder"
                value="person"
                checked=holder == "person"
                hint="This person is the creator of what the token enrolls. It stops working when they are deleted."
                label="A person".into_any()
            >
                <TextField form name="person" fault="email" value=own kind="email" autocomplete="off">
                    "E-mail address of the person"
                </TextField>
            </Choice>
            <Choice
                kind="radio"
                id="holder-system"
                name="holder"
                value="system"
                checked=holder == "system"
                hint="What the token enrolls has no creator. The history still names the token."
                label="No one (system)".into_any()
            />
        </fieldset>
    }
}

const EXPIRIES: [(&str, &str, &str); 5] = [
    ("30", "In 30 days", ""),
    ("90", "In 90 days", ""),
    ("365", "In a year", ""),
    ("never", "Never", ""),
    ("day", "After this day:", ""),
];

#[component]
pub fn RevocationPage() -> impl IntoView {
    let now = Viewer::current().now;
    page_with_id(async move |id| {
        let token = queries::token(id).await?;
        let (id, status) = (token.id, token.status(now));
        let facts = view! {
            <dl class="facts">
                <Fact name="Token"><code>{format!("{}…", token.prefix)}</code> " " <StatusTag status /></Fact>
                <Fact name="Acts for"><HolderName holder=token.holder /></Fact>
                <Fact name="Scopes">{scope_words(&token.scopes)}</Fact>
                <Fact name="Created"><Moment at=token.created_at /></Fact>
                <Fact name="Last used"><MomentOr at=token.last_used_at /></Fact>
            </dl>
        };
        Ok(view! {
            <ConfirmPage
                title=format!("Revoke {}?", isolated(&token.name))
                crumbs=vec![crumb(paths::TOKENS, "API tokens")]
                explanation="Requests with this token will be refused at once. This cannot be undone; programs that use it need a new token."
                may="revoke tokens"
                facts=facts.into_any()
            >
                {match status {
                    TokenStatus::Revoked(at) => {
                        view! { <p class="message message--error">"This token is already revoked: " <Moment at /></p> }.into_any()
                    }
                    TokenStatus::Active | TokenStatus::Expired | TokenStatus::WithoutPerson => {
                        let hidden = vec![("token", id.to_string())];
                        view! { <ConfirmForm action=TokenRevoke::url() hidden submit="Revoke" cancel=paths::TOKENS /> }.into_any()
                    }
                }}
            </ConfirmPage>
        })
    })
}
