//! `/tokens/{id}/revoke`: says which token ends, and asks.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::id::TokenId;
use crate::kernel::text::isolated;
use crate::resources::api_tokens::model::{TokenStatus, TokenSummary};
use crate::ui::components::moment::Moment;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::paths;
use crate::ui::tokens::actions::{TokenRevoke, token_read};
use crate::ui::tokens::pages::list::{HolderName, LastUse, StatusTag, scope_words};
use crate::ui::viewer::Viewer;

#[component]
pub fn RevocationPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    let Ok(id) = id.parse::<TokenId>() else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let page = async move {
        match token_read(id).await {
            Ok(token) => view! { <Confirm token /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

#[component]
fn Confirm(token: TokenSummary) -> impl IntoView {
    let status = token.status(Viewer::current().now);
    let title = format!("Revoke {}?", isolated(&token.name));
    view! {
        <Page title=title.clone() narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb"><a href=paths::TOKENS>"API tokens"</a></nav>
            <div class="card stack">
                <h1>{title}</h1>
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
                    <dd><LastUse at=token.last_used_at /></dd>
                </dl>
                {match status {
                    TokenStatus::Revoked(at) => {
                        view! { <p class="message message--error">"It was revoked already: " <Moment at /></p> }.into_any()
                    }
                    TokenStatus::Active | TokenStatus::Expired | TokenStatus::WithoutPerson => {
                        view! { <RevokeForm token=token.id /> }.into_any()
                    }
                }}
            </div>
        </Page>
    }
}

#[component]
fn RevokeForm(token: TokenId) -> impl IntoView {
    let revoke = ServerAction::<TokenRevoke>::new();
    view! {
        <p>"From the next request on it is refused. This cannot be undone: whoever needs it has to get a new one."</p>
        <ActionForm action=revoke attr:class="actions">
            <input type="hidden" name="token" value=token.to_string() />
            <button class="button button--danger">"Revoke"</button>
            <a class="button button--quiet" href=paths::TOKENS>"Keep it"</a>
        </ActionForm>
    }
}
