//! `/tokens/{id}/revoke`: shows the token that will stop working, and asks.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::text::isolated;
use crate::resources::api_tokens::model::{TokenStatus, TokenSummary};
use crate::ui::components::{ConfirmPage, FormButtons, Moment, MomentOrNever, PostForm, crumb, page_with_id};
use crate::ui::paths;
use crate::ui::tokens::actions::TokenRevoke;
use crate::ui::tokens::components::{HolderName, StatusTag, scope_words};
use crate::ui::tokens::queries;
use crate::ui::viewer::Viewer;

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
