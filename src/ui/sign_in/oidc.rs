//! Signing in by the identity provider: there, and back.
//!
//! It begins with a link and not with a form: browsers hold the redirect that follows a form to the page's
//! `form-action`, which knows this site alone and is to stay so. A link changes nothing but that a sign-in is
//! under way, in the browser that followed it; a portal of the provider's may have one, too.

use axum::Extension;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::kernel::problem::{Problem, ProviderFault};
use crate::platform::failure::{Failure, Outcome};
use crate::platform::oidc::{Answer, Fault, Provider};
use crate::resources::operators::model::{Identity, SignedIn};
use crate::resources::operators::ops::operator_sign_in_by;
use crate::ui::paths;
use crate::ui::server::session::{RequestContext, count_sign_in};

/// `GET /login/oidc?next=…`
pub async fn begin(Extension(visit): Extension<RequestContext>, headers: HeaderMap) -> Response {
    let next = visit.viewer().query("next").unwrap_or_default();
    let next = paths::local_or_home(&next);
    // The provider sends the browser back to one address, and the cookie of another one would be missing there.
    let origin = &visit.state.origin;
    if origin.is_elsewhere(&headers) {
        return Redirect::to(&format!("{}{}", origin.as_str(), paths::oidc_for(next))).into_response();
    }
    if let Some(why) = visit.cookieless(visit.was_checked()) {
        return Redirect::to(&paths::login_without_cookies(next, why)).into_response();
    }
    match there(&visit, next).await {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(failure) => visit.refuse_at(failure, &paths::login_for(next)).await,
    }
}

async fn there(visit: &RequestContext, next: &str) -> Outcome<String> {
    let provider = provider(visit)?;
    let begun = provider.begin(next).await;
    let (url, flow) = begun.map_err(|fault| not_signed_in(visit, provider, fault))?;
    visit.keep_flow(flow).await?;
    Ok(url)
}

/// `GET /login/oidc/callback`: the browser comes back with an answer.
pub async fn end(Extension(visit): Extension<RequestContext>) -> Response {
    let mut next = paths::HOME.to_owned();
    let outcome = async {
        let signed_in = back(&visit, &mut next).await?;
        visit.sign_in_marked(&signed_in, &next).await
    }
    .await;
    // Whoever is signed in has what they came for: it was another tab, or this page loaded again.
    if is_stale(&outcome) && visit.operator().is_ok() {
        return Redirect::to(paths::HOME).into_response();
    }
    count_sign_in(&outcome);
    match outcome {
        Ok(mark) => {
            let mut response = Redirect::to(&next).into_response();
            if let Some(mark) = mark {
                response.headers_mut().append(header::SET_COOKIE, mark);
            }
            response
        }
        Err(failure) => visit.refuse_at(failure, &paths::login_for(&next)).await,
    }
}

fn is_stale<T>(outcome: &Outcome<T>) -> bool {
    matches!(outcome, Err(Failure::Problem(Problem::NotSignedInBy { fault: ProviderFault::Stale, .. })))
}

/// `next` is where the sign-in was to lead, as soon as that is known: after a refusal, too.
async fn back(visit: &RequestContext, next: &mut String) -> Outcome<SignedIn> {
    let provider = provider(visit)?;
    let asked = visit.viewer();
    let flow = match asked.query("state") {
        Some(state) => visit.take_flow(&state).await?,
        None => None,
    };
    let Some(flow) = flow else { return Err(refusal(provider, ProviderFault::Stale)) };
    paths::local_or_home(&flow.next).clone_into(next);
    let answer =
        Answer { code: asked.query("code"), error: asked.query("error"), issuer: asked.query("iss") };
    let vouched = provider.finish(flow, answer).await;
    let vouched = vouched.map_err(|fault| not_signed_in(visit, provider, fault))?;
    let identity = Identity {
        provider: provider.name().to_owned(),
        issuer: provider.issuer().to_owned(),
        subject: vouched.subject,
        email: vouched.email,
        email_verified: vouched.email_verified,
    };
    let is_partial = vouched.is_partial;
    let mut transaction = visit.state.pool.begin().await?;
    let admitted = operator_sign_in_by(&mut transaction, &visit.stranger(), &identity).await?;
    transaction.commit().await?;
    match &admitted {
        Err(Problem::NotSignedInBy {
            fault: ProviderFault::EmailUnvouched { .. } | ProviderFault::EmailUnverified { .. },
            ..
        }) if is_partial => return Err(refusal(provider, ProviderFault::Away)),
        Err(Problem::NotSignedInBy { fault: ProviderFault::EmailUnvouched { .. }, .. }) => {
            visit.note(UNVOUCHED);
        }
        Ok(_) | Err(_) => {}
    }
    Ok(admitted?)
}

/// What the log says beside the sentence on the page.
const UNVOUCHED: &str = "the provider sends no email_verified: if it lets nobody use an address that is not theirs, set \
    oidc_trust_email = true; otherwise link the operator to the account id (on their page, or by groupdesk operator \
    link-identity)";

/// The routes are there only where there is one.
fn provider(visit: &RequestContext) -> Outcome<&Provider> {
    visit.state.provider.as_deref().ok_or_else(|| Failure::fault("there is no identity provider"))
}

fn refusal(provider: &Provider, fault: ProviderFault) -> Failure {
    Problem::NotSignedInBy { provider: provider.name().to_owned(), fault }.into()
}

fn not_signed_in(visit: &RequestContext, provider: &Provider, Fault { fault, note }: Fault) -> Failure {
    visit.note(&note);
    refusal(provider, fault)
}
