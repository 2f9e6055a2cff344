//! `/tokens`

use leptos::prelude::*;

use crate::kernel::topic::Topic;
use crate::resources::api_tokens::model::{TokenStatus, TokenSummary};
use crate::ui::components::{Empty, Live, Moment, MomentOrNever, Page, Table, load_page, paged_list};
use crate::ui::paths;
use crate::ui::tokens::components::{HolderName, StatusTag, scope_words};
use crate::ui::tokens::queries::tokens;
use crate::ui::viewer::Viewer;

#[component]
pub fn TokensPage() -> impl IntoView {
    load_page(async {
        let list = paged_list(
            "tokens",
            tokens().await?,
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
