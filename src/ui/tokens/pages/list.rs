//! `/tokens`

use leptos::prelude::*;

use crate::kernel::topic::Topic;
use crate::resources::api_tokens::model::{Holder, Scope, TokenStatus, TokenSummary};
use crate::ui::components::entity_links::PersonName;
use crate::ui::components::live_updates::Live;
use crate::ui::components::moment::Moment;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::components::pager::Pager;
use crate::ui::components::table::Empty;
use crate::ui::pagination::ListPage;
use crate::ui::paths;
use crate::ui::tokens::actions::tokens_read;
use crate::ui::viewer::Viewer;

#[component]
pub fn TokensPage() -> impl IntoView {
    let viewer = Viewer::current();
    let (after, before) = (viewer.query("after"), viewer.query("before"));
    let page = async move {
        match tokens_read(after, before).await {
            Ok(page) => view! { <Tokens page /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }
}

#[component]
fn Tokens(page: ListPage<TokenSummary>) -> impl IntoView {
    view! {
        <Page title="API tokens">
            <div class="heading">
                <h1>"API tokens"</h1>
                <a class="button button--primary" href=paths::NEW_TOKEN>"New token"</a>
            </div>
            <p class="muted">
                "By these, programs use the " <a href=paths::API_DOCS>"API"</a>
                ". What one does stands in the history under its name."
            </p>
            <div id="tokens" data-live>
                {if page.items.is_empty() {
                    view! { <Empty title="No tokens yet">"No program uses the API."</Empty> }.into_any()
                } else {
                    view! { <TokenTable tokens=page.items /> }.into_any()
                }}
            </div>
            <Pager base=paths::TOKENS.to_owned() before=page.before after=page.after />
            <Live topics=vec![Topic::TOKENS, Topic::PEOPLE] />
        </Page>
    }
}

#[component]
fn TokenTable(tokens: Vec<TokenSummary>) -> impl IntoView {
    view! {
        <table class="table">
            <caption class="visually-hidden">"API tokens, newest first"</caption>
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"Acts for"</th>
                    <th scope="col">"Scopes"</th>
                    <th scope="col">"Created"</th>
                    <th scope="col">"Expires"</th>
                    <th scope="col">"Last used"</th>
                    <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{tokens.into_iter().map(|token| view! { <TokenRow token /> }).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn TokenRow(token: TokenSummary) -> impl IntoView {
    let status = token.status(Viewer::current().now);
    let may_still_work = matches!(status, TokenStatus::Active | TokenStatus::WithoutPerson);
    let label = format!("Revoke {}", token.name);
    view! {
        <tr id=format!("token-{}", token.id)>
            <th scope="row">
                <span class="name" dir="auto">{token.name}</span> " " <StatusTag status /> <br />
                <code class="muted">{format!("{}…", token.prefix)}</code>
            </th>
            <td data-label="Acts for"><HolderName holder=token.holder /></td>
            <td data-label="Scopes">{scope_words(&token.scopes)}</td>
            <td data-label="Created"><Moment at=token.created_at /></td>
            <td data-label="Expires">
                {match token.expires_at {
                    Some(at) => view! { <Moment at /> }.into_any(),
                    None => view! { <span class="muted">"never"</span> }.into_any(),
                }}
            </td>
            <td data-label="Last used"><LastUse at=token.last_used_at /></td>
            <td class="table__action">
                {may_still_work
                    .then(|| {
                        view! { <a class="button button--small" href=paths::revocation(token.id) aria-label=label>"Revoke"</a> }
                    })}
            </td>
        </tr>
    }
}

#[component]
pub fn HolderName(holder: Holder) -> impl IntoView {
    match holder {
        Holder::Person(person) => view! { <PersonName person=Some(person) /> }.into_any(),
        Holder::DeletedPerson => view! { <span class="muted">"a person deleted since"</span> }.into_any(),
        Holder::System => view! { <span class="muted">"no one (system)"</span> }.into_any(),
    }
}

#[component]
pub fn LastUse(at: Option<chrono::DateTime<chrono::Utc>>) -> impl IntoView {
    match at {
        Some(at) => view! { <Moment at /> }.into_any(),
        None => view! { <span class="muted">"never"</span> }.into_any(),
    }
}

pub fn scope_words(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.word()).collect::<Vec<_>>().join(", ")
}

#[component]
pub fn StatusTag(status: TokenStatus) -> impl IntoView {
    let (class, text) = match status {
        TokenStatus::Active => ("tag tag--done", "active"),
        TokenStatus::Expired => ("tag", "expired"),
        TokenStatus::Revoked(_) => ("tag tag--danger", "revoked"),
        TokenStatus::WithoutPerson => ("tag tag--danger", "without its person"),
    };
    view! { <span class=class>{text}</span> }
}
