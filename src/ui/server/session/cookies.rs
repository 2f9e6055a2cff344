//! Recognizes browsers in which an account has signed in, whose attempts are charged apart, and browsers that do not
//! store the cookies that a sign-in needs.

use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue};

use crate::platform::db::Connection;
use crate::platform::failure::Outcome;
use crate::platform::http::{self, header_text};
use crate::platform::signed::{DEVICE_COOKIE, device_cookie};
use crate::platform::state::AppState;
use crate::resources::sign_in_attempts::model::{Attempt, account};
use crate::resources::sign_in_attempts::ops::{Charged, sign_in_attempt_charge};
use crate::ui::paths::{self, Cookieless};
use crate::ui::server::session::RequestContext;

/// The pages for signing in set it to see whether it comes back with their form.
const CHECK: &str = "groupdesk_check";

#[derive(Clone)]
pub(super) struct Cookies {
    pub(super) device: String,
    check: String,
    has_check: bool,
    /// The origin or address of the page that sent the request, if the browser names it.
    sent_from: Option<String>,
    host: Option<String>,
}

impl Cookies {
    pub(super) fn of(state: &AppState, headers: &HeaderMap) -> Self {
        let text = |name: HeaderName| header_text(headers, name).map(str::to_owned);
        let check = state.origin.cookie(CHECK, headers);
        Self {
            device: state.origin.cookie(DEVICE_COOKIE, headers),
            has_check: http::cookie(headers, &check).is_some(),
            check,
            sent_from: text(header::REFERER).or_else(|| text(header::ORIGIN)),
            host: text(header::HOST),
        }
    }

    /// The cookie for a page for signing in; `None` if the browser has it.
    pub(super) fn check_cookie(&self, needs_tls: bool) -> Option<HeaderValue> {
        if self.has_check {
            return None;
        }
        device_cookie(&self.check, "1".to_owned(), needs_tls).parse().ok()
    }

    fn is_from(&self, scheme: &str) -> bool {
        self.sent_from.as_ref().is_some_and(|from| from.starts_with(scheme))
    }
}

impl RequestContext {
    /// Whether the request follows a link on a page that sets the cookie.
    pub fn comes_from_cookie_page(&self) -> bool {
        let Cookies { sent_from: Some(from), host: Some(host), .. } = &self.cookies else { return false };
        let path = from.split_once("://").and_then(|(_, rest)| rest.strip_prefix(host.as_str()));
        path.and_then(|path| path.split('?').next()).is_some_and(paths::begins_session)
    }

    /// Why this browser cannot be signed in. `was_checked`: the page of the form set the cookie. Another form, perhaps of a
    /// program, is refused only if it was evidently sent without TLS and the cookies need TLS.
    pub fn cookieless(&self, was_checked: bool) -> Option<Cookieless> {
        let needs_tls = self.state.cookies_need_tls;
        let is_lost = was_checked || (needs_tls && self.cookies.is_from("http://"));
        if self.cookies.has_check || !is_lost {
            return None;
        }
        let is_plain = needs_tls && !self.cookies.is_from("https://");
        Some(if is_plain { Cookieless::Plain } else { Cookieless::Blocked })
    }

    /// Allows one password to be checked for this e-mail address. Fails with `TriedTooOften`.
    pub async fn charge_sign_in(&self, email: &str) -> Outcome<Charged> {
        let device = match self.device_token {
            Some(_) => self.device(&mut *self.state.pool.acquire().await?, email).await?,
            None => None,
        };
        self.charge(match device {
            Some(device) => Attempt::Known { device },
            None => Attempt::Unknown { account: account(email), address: self.client_address },
        })
        .await
    }

    /// The id of this browser, if this account has signed in with it.
    pub(super) async fn device(&self, connection: &mut Connection, email: &str) -> Outcome<Option<String>> {
        let Some(token) = &self.device_token else { return Ok(None) };
        Ok(self.state.device_key(connection).await?.device(token, &account(email)))
    }

    /// Commits at once, so that a failure later does not undo the charge.
    pub async fn charge(&self, attempt: Attempt) -> Outcome<Charged> {
        let mut transaction = self.state.pool.begin().await?;
        let charged = sign_in_attempt_charge(&mut transaction, &attempt, self.viewer.now).await?;
        transaction.commit().await?;
        Ok(charged)
    }

    pub(super) async fn device_cookie(&self, email: &str) -> Outcome<Option<HeaderValue>> {
        let account = account(email);
        let mut connection = self.state.pool.acquire().await?;
        let key = self.state.device_key(&mut connection).await?;
        let known = self.device_token.as_ref().filter(|token| key.device(token, &account).is_some());
        let token = known.cloned().unwrap_or_else(|| key.token(&account));
        Ok(device_cookie(&self.cookies.device, token, self.state.cookies_need_tls).parse().ok())
    }
}
