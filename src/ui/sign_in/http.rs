//! Signing in with the identity provider. It begins with a link and not with a form, because browsers apply the
//! `form-action` of the page, which is this site only, to redirects that follow a form. The link changes only the session
//! of the browser that follows it, so that a portal of the provider can have one, too.

use axum::Extension;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::kernel::problem::ProviderFault;
use crate::platform::oidc::{Answer, Fault, Provider};
use crate::resources::operators::model::{Identity, SignedIn};
use crate::resources::operators::ops::operator_sign_in_by;
use crate::ui::server::prelude::*;
use crate::ui::server::session::count_sign_in;

/// `GET /login/oidc?next=…`
pub async fn begin(Extension(context): Extension<RequestContext>, headers: HeaderMap) -> Response {
    let next = context.viewer.query("next").unwrap_or_default();
    let next = paths::local_or_home(&next);
    // The provider sends the browser back to the public address, which does not receive cookies of another one.
    let origin = &context.state.origin;
    if origin.is_elsewhere(&headers) {
        return Redirect::to(&format!("{}{}", origin.as_str(), paths::oidc_for(next))).into_response();
    }
    if let Some(reason) = context.cookieless(context.comes_from_cookie_page()) {
        return Redirect::to(&paths::login_without_cookies(next, reason)).into_response();
    }
    let url = async {
        let provider = provider(&context)?;
        let (url, flow) =
            provider.begin(next).await.map_err(|fault| logged_refusal(&context, provider, fault))?;
        context.store_flow(flow).await?;
        Ok(url)
    };
    match url.await {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(failure) => context.refuse_at(failure, &paths::login_for(next)).await,
    }
}

/// `GET /login/oidc/callback`: the browser returns with the provider's answer.
pub async fn end(Extension(context): Extension<RequestContext>) -> Response {
    let mut next = paths::HOME.to_owned();
    let outcome = async {
        let signed_in = sign_in(&context, &mut next).await?;
        context.start_session(&signed_in, &next).await
    }
    .await;
    // A callback that is reloaded, or repeated in another tab, needs no second sign-in.
    if matches!(&outcome, Err(Failure::Problem(Problem::NotSignedInBy { fault: ProviderFault::Stale, .. })))
        && context.operator().is_ok()
    {
        return Redirect::to(paths::HOME).into_response();
    }
    count_sign_in(&outcome);
    match outcome {
        Ok(device_cookie) => {
            let mut response = Redirect::to(&next).into_response();
            if let Some(cookie) = device_cookie {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(failure) => context.refuse_at(failure, &paths::login_for(&next)).await,
    }
}

/// `next` is set as soon as the address that the sign-in leads to is known, so that a refusal keeps it.
async fn sign_in(context: &RequestContext, next: &mut String) -> Outcome<SignedIn> {
    let provider = provider(context)?;
    let flow = match context.viewer.query("state") {
        Some(state) => context.take_flow(&state).await?,
        None => None,
    };
    let Some(flow) = flow else { return Err(refusal(provider, ProviderFault::Stale)) };
    paths::local_or_home(&flow.next).clone_into(next);
    let answer = Answer {
        code: context.viewer.query("code"),
        error: context.viewer.query("error"),
        issuer: context.viewer.query("iss"),
    };
    let vouched =
        provider.finish(flow, answer).await.map_err(|fault| logged_refusal(context, provider, fault))?;
    let is_partial = vouched.is_partial;
    let identity = Identity {
        provider: provider.name().to_owned(),
        issuer: provider.issuer().to_owned(),
        subject: vouched.subject,
        email: vouched.email,
        email_verified: vouched.email_verified,
    };
    let mut transaction = context.state.pool.begin().await?;
    let admitted = operator_sign_in_by(&mut transaction, &context.anonymous(), &identity).await?;
    transaction.commit().await?;
    match &admitted {
        Err(Problem::NotSignedInBy {
            fault: ProviderFault::EmailUnvouched { .. } | ProviderFault::EmailUnverified { .. },
            ..
        }) if is_partial => return Err(refusal(provider, ProviderFault::Away)),
        Err(Problem::NotSignedInBy { fault: ProviderFault::EmailUnvouched { .. }, .. }) => {
            context.log_provider_refusal(EMAIL_UNVOUCHED);
        }
        Ok(_) | Err(_) => {}
    }
    Ok(admitted?)
}

/// The log explains to the person who runs the server what the page does not say.
const EMAIL_UNVOUCHED: &str = "the provider sends no email_verified: if it lets nobody use an address that is not theirs, set \
    oidc_trust_email = true; otherwise link the operator to the account id (on their page, or by groupdesk operator \
    link-identity)";

/// The routes exist only if a provider is set up.
fn provider(context: &RequestContext) -> Outcome<&Provider> {
    context.state.provider.as_deref().ok_or_else(|| Failure::fault("there is no identity provider"))
}

fn refusal(provider: &Provider, fault: ProviderFault) -> Failure {
    Problem::NotSignedInBy { provider: provider.name().to_owned(), fault }.into()
}

fn logged_refusal(context: &RequestContext, provider: &Provider, Fault { fault, note }: Fault) -> Failure {
    context.log_provider_refusal(&note);
    refusal(provider, fault)
}
