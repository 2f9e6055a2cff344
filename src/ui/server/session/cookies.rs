//! Whether a browser keeps the cookies without which nobody is signed in. One that does not would be led back to
//! the sign-in page without a word: a refusal waits in a session, and a session needs a cookie as well.

use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue};
use tower_sessions::cookie::{Cookie, SameSite};

use crate::platform::device_cookie;
use crate::platform::http::cookie;
use crate::platform::state::AppState;
use crate::ui::cookieless::Cookieless;
use crate::ui::paths;
use crate::ui::server::session::RequestContext;

/// The cookie that the pages set on which somebody signs in, to see whether it comes back with their form.
const CHECK: &str = "groupdesk_check";

/// Longer than anybody leaves the page open.
const KEPT: time::Duration = time::Duration::days(180);

/// What a request shows of its browser's cookies.
#[derive(Clone)]
pub(super) struct Cookies {
    /// Under this name the desk knows the browser again.
    pub(super) device: String,
    check: String,
    has_check: bool,
    /// Where the page is from which the request was sent, as far as the browser says: an origin or an address.
    sent_from: Option<String>,
    host: Option<String>,
}

impl Cookies {
    pub(super) fn of(state: &AppState, headers: &HeaderMap) -> Self {
        let text =
            |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let check = state.origin.cookie(CHECK, headers);
        Self {
            device: state.origin.cookie(device_cookie::COOKIE, headers),
            has_check: cookie::value(headers, &check).is_some(),
            check,
            sent_from: text(header::REFERER).or_else(|| text(header::ORIGIN)),
            host: text(header::HOST),
        }
    }

    /// For a page on which somebody signs in: sets the cookie, where it is not there yet.
    pub(super) fn check(&self, needs_tls: bool) -> Option<HeaderValue> {
        if self.has_check {
            return None;
        }
        let cookie = Cookie::build((self.check.as_str(), "1"))
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(needs_tls)
            .path("/")
            .max_age(KEPT);
        cookie.build().to_string().parse().ok()
    }

    fn is_from(&self, scheme: &str) -> bool {
        self.sent_from.as_ref().is_some_and(|from| from.starts_with(scheme))
    }
}

impl RequestContext {
    /// Did a link on a page lead here that sets the cookie?
    pub fn was_checked(&self) -> bool {
        let Cookies { sent_from: Some(from), host: Some(host), .. } = &self.cookies else { return false };
        let path = from.split_once("://").and_then(|(_, rest)| rest.strip_prefix(host.as_str()));
        path.and_then(|path| path.split('?').next()).is_some_and(paths::begins_session)
    }

    /// Why this browser cannot be signed in, if it cannot. `was_checked`: the form says that its page set the
    /// cookie. A form that does not say so (a program's, perhaps) is refused only where it says itself that it
    /// was sent without TLS and the cookies need that.
    pub fn cookieless(&self, was_checked: bool) -> Option<Cookieless> {
        let needs_tls = self.state.cookies_need_tls;
        let is_lost = was_checked || (needs_tls && self.cookies.is_from("http://"));
        if self.cookies.has_check || !is_lost {
            return None;
        }
        let is_plain = needs_tls && !self.cookies.is_from("https://");
        Some(if is_plain { Cookieless::Plain } else { Cookieless::Blocked })
    }
}
