//! Signing in and out.

use std::collections::BTreeMap;

use crate::resources::operators::ops::{
    self, Password, operator_prepare_by_link, operator_signed_out, operator_use_link,
};
use crate::ui::server::prelude::*;
use crate::ui::server::session::{Sender, change_session, count_sign_in, refuse, request_context};

/// Leads a browser without the cookie to a page that says so. `cookies`: not empty if the page of the form set one.
fn redirect_cookieless(context: &RequestContext, cookies: &str, next: &str) -> bool {
    let reason = context.cookieless(!cookies.is_empty());
    if let Some(reason) = reason {
        leptos_axum::redirect(&paths::login_without_cookies(next, reason));
    }
    reason.is_some()
}

/// `next`: the page that follows. `cookies`: see `redirect_cookieless`.
#[server(prefix = "/api/fn", endpoint = "sign-in")]
pub async fn operator_sign_in(
    email: String,
    password: String,
    #[server(default)] next: String,
    #[server(default)] cookies: String,
) -> Result<(), UiError> {
    let context = request_context()?;
    let next = paths::local_or_home(&next);
    if redirect_cookieless(&context, &cookies, next) {
        return Ok(());
    }
    let outcome = async {
        let charged = context.charge_sign_in(&email).await?;
        let (pool, call) = (&context.state.pool.current(), context.anonymous());
        let signed_in = ops::operator_sign_in(pool, &call, charged, &email, password).await?;
        context.sign_in(&signed_in, next).await
    }
    .await;
    count_sign_in(&outcome);
    match outcome {
        Ok(()) => leptos_axum::redirect(next),
        Err(failure) => refuse(&context, failure, &paths::login_for(next)).await?,
    }
    Ok(())
}

#[server(prefix = "/api/fn", endpoint = "sign-out")]
pub async fn operator_sign_out() -> Result<(), UiError> {
    let context = request_context()?;
    let outcome = async {
        if let Ok(operator) = context.operator() {
            let mut connection = context.state.pool.acquire().await?;
            operator_signed_out(&mut connection, &context.anonymous(), operator).await?;
        }
        context.end_session().await?;
        context.set_flash(Ok(Notice::SignedOut), BTreeMap::new()).await
    }
    .await;
    outcome.map_err(|failure| context.error(failure))?;
    leptos_axum::redirect(paths::LOGIN);
    Ok(())
}

/// Uses a sign-in link: sets the password and signs in. `cookies`: see `redirect_cookieless`.
#[server(prefix = "/api/fn", endpoint = "invitation-accept")]
pub async fn invitation_accept(
    secret: String,
    password: String,
    #[server(default)] cookies: String,
) -> Result<(), UiError> {
    let context = request_context()?;
    // This is checked before the link is used, so that the link stays valid for a browser that accepts cookies.
    if redirect_cookieless(&context, &cookies, paths::HOME) {
        return Ok(());
    }
    let form_at = paths::invitation(&paths::encode(&secret));
    change_session(Sender::Link(&secret), &form_at, async |context| {
        let password = Password::parse(password)?;
        let (pool, call) = (&context.state.pool.current(), context.anonymous());
        let new = operator_prepare_by_link(pool, &call, &secret, password).await?;
        let mut transaction = context.state.pool.begin().await?;
        let signed_in = operator_use_link(&mut transaction, &call, &secret, new).await?;
        let operator = signed_in.operator.id;
        context.commit_session_change(transaction, operator, Some(&signed_in), None, paths::HOME).await
    })
    .await
}
