//! Whether a browser stores the cookies that a sign-in needs. Without this check, a browser that does not would be led
//! back to the sign-in page without a message, because messages wait in the session, which needs a cookie as well.

use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue};

use crate::platform::http::{self, header_text};
use crate::platform::signed::{DEVICE_COOKIE, device_cookie};
use crate::platform::state::AppState;
use crate::ui::cookieless::Cookieless;
use crate::ui::paths;
use crate::ui::server::session::RequestContext;

/// The pages for signing in set it to see whether it comes back with their form. It lives as long as a device cookie,
/// which is longer than anyone leaves the page open.
const CHECK: &str = "groupdesk_check";

/// The cookies of a request, and where it was sent from.
#[derive(Clone)]
pub(super) struct Cookies {
    /// The name of the device cookie.
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
}
