//! Browser sessions: a random id in a cookie, and data in a store.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tower::{Layer as _, ServiceExt as _};
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};

use super::state::AppState;
use crate::kernel::id::OperatorId;

const COOKIE: &str = "groupdesk_session";
const IDLE: time::Duration = time::Duration::hours(8);
/// A session ends this long after its sign-in ([`SignIn`]), even in use. The library only knows the idle limit.
pub const ABSOLUTE: TimeDelta = TimeDelta::hours(24);

pub const SIGN_IN: &str = "sign_in";
/// The key of the message that the next page shows and removes.
pub const FLASH: &str = "flash";
/// The key of the messages that were shown, with which a form that is submitted twice is answered.
pub const READ: &str = "read";

/// The key of the last reason and reference, which the next form suggests.
pub const NOTE: &str = "note";

/// The key of the position in the write-ahead log that the pages of the session require.
pub const POSITION: &str = "position";

/// Who is signed in, since when, and from where. The fields with a default are missing in sessions of older versions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignIn {
    pub operator: OperatorId,
    pub at: DateTime<Utc>,
    /// When the idle time was last restarted.
    pub seen: DateTime<Utc>,
    /// The generation of the operator's sessions that this one belongs to.
    #[serde(default)]
    pub generation: i32,
    #[serde(default)]
    pub user_agent: String,
    #[serde(default)]
    pub address: Option<IpAddr>,
}

/// Provides the session of a request. The layer is made for each request, because the name of the cookie may depend on
/// the address that the browser uses ([`super::origin`]). `SameSite=Lax` and not `Strict`, or a reader who follows a
/// link in a chat would be signed out. Cross-site forms are refused by [`super::http::guards`].
pub async fn provide<Store: SessionStore + Clone>(
    State((state, store)): State<(AppState, Store)>,
    request: Request,
    next: Next,
) -> Response {
    let layer = SessionManagerLayer::new(store)
        .with_name(state.origin.cookie(COOKIE, request.headers()))
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(state.cookies_need_tls)
        .with_expiry(Expiry::OnInactivity(IDLE));
    let Ok(response) = layer.layer(next).oneshot(request).await;
    response
}
