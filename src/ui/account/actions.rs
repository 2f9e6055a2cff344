//! Changes to the viewer's own account and browser.

use axum::http::header::SET_COOKIE;
use leptos_axum::ResponseOptions;

use crate::resources::operator_sessions::ops::{operator_session_end, operator_sessions_end_others};
use crate::resources::operators::model::SignedIn;
use crate::resources::operators::ops::{
    Password, operator_change_password, operator_prepare_password, operator_sign_out_everywhere,
};
use crate::resources::sign_in_attempts::model::Attempt;
use crate::ui::locale::viewer_locale::Preference;
use crate::ui::server::prelude::*;
use crate::ui::server::session::{Sender, anonymously, change_session};

/// Sets a new password. Every other session ends, and this one continues under a new id. `username`: the e-mail
/// address, by which the form is recognized if it is submitted twice.
#[server(prefix = "/api/fn", endpoint = "password-change")]
pub async fn password_change(
    old: String,
    new: String,
    #[server(default)] username: String,
) -> Result<(), UiError> {
    change_session(Sender::Account(&username), paths::ACCOUNT, async |context| {
        let signed_in = SignedIn { operator: context.operator()?.clone(), generation: context.generation };
        let new = Password::parse(new)?;
        let pool = &context.state.pool.current();
        let charged = context.charge(Attempt::Confirmation { operator: signed_in.operator.id }).await?;
        let prepared = operator_prepare_password(pool, charged, signed_in, old, new).await?;
        let mut transaction = pool.begin().await?;
        let signed_in = operator_change_password(&mut transaction, &context.anonymous(), prepared).await?;
        let (operator, notice) = (signed_in.operator.id, Some(Notice::PasswordChanged));
        let change =
            context.commit_session_change(transaction, operator, Some(&signed_in), notice, paths::ACCOUNT);
        change.await
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "session-end")]
pub async fn session_end(session: String) -> Result<(), UiError> {
    change_as(RequestContext::own, paths::ACCOUNT, async |connection, context, call| {
        operator_session_end(connection, call, context.operator()?, form_id(&session)?).await?;
        Ok(Changed { notice: Notice::SessionEnded, go_to: paths::ACCOUNT.to_owned() })
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "sessions-end-others")]
pub async fn sessions_end_others() -> Result<(), UiError> {
    change_as(RequestContext::own, paths::ACCOUNT, async |connection, context, call| {
        let (operator, key) = (context.operator()?, context.session_key());
        let ended = operator_sessions_end_others(connection, call, operator, &key).await?;
        Ok(Changed { notice: Notice::OtherSessionsEnded { ended }, go_to: paths::ACCOUNT.to_owned() })
    })
    .await
}

/// Ends all of the viewer's sessions. `username`: as in [`password_change`].
#[server(prefix = "/api/fn", endpoint = "sign-out-everywhere")]
pub async fn sign_out_everywhere(#[server(default)] username: String) -> Result<(), UiError> {
    change_session(Sender::Account(&username), paths::ACCOUNT, async |context| {
        let (call, operator) = (context.own()?, context.operator()?);
        let mut transaction = context.state.pool.begin().await?;
        context.ensure_signed_in(&mut transaction, operator.id).await?;
        operator_sign_out_everywhere(&mut transaction, &call, operator).await?;
        let notice = Some(Notice::SignedOutEverywhere);
        context.commit_session_change(transaction, operator.id, None, notice, paths::LOGIN).await
    })
    .await
}

/// Stores the given preferences in cookies of the browser; signing in is not required. An unknown value, such as
/// `auto`, resets a preference to its default. An absent one stays.
#[server(prefix = "/api/fn", endpoint = "preferences-set")]
pub async fn preferences_set(
    theme: Option<String>,
    zone: Option<String>,
    region: Option<String>,
    browser_zone: Option<String>,
    #[server(default)] back: String,
) -> Result<(), UiError> {
    anonymously(async |context| {
        let needs_tls = context.state.origin.as_str().starts_with("https://");
        let values = [
            (Preference::Theme, theme),
            (Preference::Zone, zone),
            (Preference::Region, region),
            (Preference::BrowserZone, browser_zone),
        ];
        let response = expect_context::<ResponseOptions>();
        for (preference, value) in values {
            let Some(value) = value.map(|value| preference.accepted(&value)) else { continue };
            if let Some(cookie) = preference.cookie(value.as_deref().unwrap_or_default(), needs_tls) {
                response.append_header(SET_COOKIE, cookie);
            }
        }
        // The script that reports the browser's zone stays on its page.
        if !back.is_empty() {
            leptos_axum::redirect(paths::local_or_home(&back));
        }
        Ok(())
    })
    .await
}
