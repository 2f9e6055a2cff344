//! The pages of API tokens: `/tokens`, `/tokens/new`, `/tokens/{id}/revoke`.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use strum::VariantArray;

use crate::kernel::text::{NAME_MAX, isolated};
use crate::kernel::topic::Topic;
use crate::resources::api_tokens::model::{Holder, Scope, TokenStatus, TokenSummary};
use crate::ui::components::{
    Choice, ConfirmPage, Empty, FieldState, FormButtons, FormFields, FormPage, Live, Moment, MomentOrNever,
    Page, PersonName, PostForm, Table, TextField, crumb, load_page, page_with_id, paged_list,
};
use crate::ui::paths;
use crate::ui::tokens::actions::{TokenCreate, TokenRevoke};
use crate::ui::tokens::queries;
use crate::ui::viewer::Viewer;

#[component]
pub fn TokensPage() -> impl IntoView {
    load_page(async {
        let list = paged_list(
            "tokens",
            queries::tokens().await?,
            || view! { <Empty title="No tokens yet">"No program uses the API."</Empty> }.into_any(),
            |tokens| view! { <TokenTable tokens /> }.into_any(),
        );
        Ok(view! {
            <Page title="API tokens">
                <div class="heading">
                    <h1>"API tokens"</h1>
                    <a class="button button--primary" href=paths::NEW_TOKEN>"New token"</a>
                </div>
                <p class="muted">
                    "Programs use the " <a href=paths::API_DOCS>"API"</a>
                    " with these tokens. The history shows the token that made a change."
                </p>
                {list}
                <Live topics=vec![Topic::TOKENS, Topic::PEOPLE] />
            </Page>
        })
    })
}

#[component]
fn TokenTable(tokens: Vec<TokenSummary>) -> impl IntoView {
    view! {
        <Table caption="API tokens, newest first" columns=&["Name", "Acts for", "Scopes", "Created", "Expires", "Last used"] actions=true>
            {tokens.into_iter().map(|token| view! { <TokenRow token /> }).collect_view()}
        </Table>
    }
}

#[component]
fn TokenRow(token: TokenSummary) -> impl IntoView {
    let status = token.status(Viewer::current().now);
    let may_still_work = matches!(status, TokenStatus::Active | TokenStatus::WithoutPerson);
    let label = format!("Revoke {}", token.name);
    let revoke = may_still_work.then(|| {
        view! { <a class="button button--small" href=paths::token_revocation(token.id) aria-label=label>"Revoke"</a> }
    });
    view! {
        <tr id=format!("token-{}", token.id)>
            <th scope="row">
                <span class="name" dir="auto">{token.name}</span> " " <StatusTag status /> <br />
                <code class="muted">{format!("{}…", token.prefix)}</code>
            </th>
            <td data-label="Acts for"><HolderName holder=token.holder /></td>
            <td data-label="Scopes">{scope_words(&token.scopes)}</td>
            <td data-label="Created"><Moment at=token.created_at /></td>
            <td data-label="Expires"><MomentOrNever at=token.expires_at /></td>
            <td data-label="Last used"><MomentOrNever at=token.last_used_at /></td>
            <td class="table__action">{revoke}</td>
        </tr>
    }
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
        <FormPage title="New API token" crumbs=vec![crumb(paths::TOKENS, "API tokens")] may="see and manage this">
            <PostForm action=TokenCreate::url()>
                <TextField form name="name" max=NAME_MAX required=true hint="What the token is for. The history shows this name.">
                    "Name"
                </TextField>
                <Scopes form />
                <HolderChoice form />
                <Expiry form />
                <FormButtons submit="Create token" cancel=paths::TOKENS />
            </PostForm>
        </FormPage>
    }
}

const fn explanation(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "Read everything but the administrative log.",
        Scope::Write => {
            "Enroll, remove and re-add; create, change and remove groups, workspaces and people. Includes read."
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

const EXPIRIES: [(&str, &str); 5] = [
    ("30", "In 30 days"),
    ("90", "In 90 days"),
    ("365", "In a year"),
    ("never", "Never"),
    ("day", "After this day:"),
];

#[component]
fn Expiry(form: FormFields) -> impl IntoView {
    let chosen = Viewer::current().typed_or("expiry", "90");
    let choices = EXPIRIES.map(|(word, text)| {
        let (id, checked) = (format!("expiry-{word}"), chosen == word);
        view! { <Choice kind="radio" id name="expiry" value=word checked label=text.into_any() /> }
    });
    view! {
        <fieldset class="stack">
            <legend>"Expires"</legend>
            {choices.collect_view()}
            <TextField form name="day" kind="date" hidden_label=true>"The last day on which it works"</TextField>
        </fieldset>
    }
}

#[component]
pub fn RevocationPage() -> impl IntoView {
    let now = Viewer::current().now;
    page_with_id(async move |id| {
        let token = queries::token(id).await?;
        let (id, status) = (token.id, token.status(now));
        Ok(view! {
            <ConfirmPage
                title=format!("Revoke {}?", isolated(&token.name))
                crumbs=vec![crumb(paths::TOKENS, "API tokens")]
                explanation="Requests with this token will be refused at once. This cannot be undone; programs that use it need a new token."
                may="revoke tokens"
                facts=view! { <Facts token status /> }.into_any()
            >
                {match status {
                    TokenStatus::Revoked(at) => {
                        view! { <p class="message message--error">"This token is already revoked: " <Moment at /></p> }.into_any()
                    }
                    TokenStatus::Active | TokenStatus::Expired | TokenStatus::WithoutPerson => view! {
                        <PostForm action=TokenRevoke::url() class="stack" hidden=vec![("token", id.to_string())]>
                            <FormButtons submit="Revoke" danger=true cancel=paths::TOKENS cancel_text="Keep it" />
                        </PostForm>
                    }
                        .into_any(),
                }}
            </ConfirmPage>
        })
    })
}

#[component]
fn Facts(token: TokenSummary, status: TokenStatus) -> impl IntoView {
    view! {
        <dl class="facts">
            <dt>"Token"</dt>
            <dd><code>{format!("{}…", token.prefix)}</code> " " <StatusTag status /></dd>
            <dt>"Acts for"</dt>
            <dd><HolderName holder=token.holder /></dd>
            <dt>"Scopes"</dt>
            <dd>{scope_words(&token.scopes)}</dd>
            <dt>"Created"</dt>
            <dd><Moment at=token.created_at /></dd>
            <dt>"Last used"</dt>
            <dd><MomentOrNever at=token.last_used_at /></dd>
        </dl>
    }
}
