//! Authentication of API requests by bearer token (RFC 6750), with the rate limit of the token.

use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};

use crate::api::caller::Caller;
use crate::api::error::{ApiResult, unauthorized};
use crate::api::rate_limit::too_many_requests;
use crate::api::{Preconditions, note};
use crate::kernel::actor::{Actor, Source};
use crate::platform::call::{PendingMetrics, RequestId, new_change_set};
use crate::platform::db::lending_pool::LentConnection;
use crate::platform::secret;
use crate::platform::state::AppState;
use crate::platform::token_cache::KnownToken;
use crate::registry::types::TYPES;
use crate::resources::api_tokens::ops::api_token_find;

/// Passes on requests with a valid token that is within its rate limit, with their [`Caller`] as an extension.
pub async fn authenticate(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let request_id = RequestId::of(request.extensions());
    let caller = match caller(state, request.headers(), request.uri(), request_id).await {
        Ok(caller) => caller,
        Err(refusal) => return refusal.into_response(),
    };
    let allowance = caller.state.limiter.as_ref().map(|limiter| limiter.count(&caller.token));
    if let Some(refused) = allowance.and_then(too_many_requests) {
        return refused;
    }
    request.extensions_mut().insert(caller.clone());
    let mut response = next.run(request).await;
    if response.status().is_success() {
        caller.changes.flush();
    } else {
        caller.changes.discard();
    }
    if let Some(allowance) = allowance {
        allowance.write_headers(response.headers_mut());
    }
    response
}

async fn caller(state: AppState, headers: &HeaderMap, uri: &Uri, request_id: RequestId) -> ApiResult<Caller> {
    let text = bearer_token(headers).ok_or_else(unauthorized)?;
    let now = state.clock.now();
    let (token, connection) = known_token(&state, text, now).await?;
    // A request holds no connection while it waits for its body, however slowly the client sends it.
    let idle = match connection {
        Some(connection) if has_body(headers) => {
            connection.hand_over();
            None
        }
        connection => connection,
    };
    let note = note::of_headers(headers)?;
    let change_set = new_change_set(Some(&request_id));
    Ok(Caller {
        state,
        token: token.id,
        grants: token.grants,
        actor: token.actor,
        types: &TYPES,
        now,
        request_id,
        query: uri.query().map(str::to_owned),
        preconditions: Preconditions::of(headers),
        change_set,
        note,
        changes: PendingMetrics::of(Source::Api),
        idle: Arc::new(Mutex::new(idle)),
        shared: None,
    })
}

/// The valid token with this text, and the connection if the database was asked for it.
async fn known_token(
    state: &AppState,
    text: &str,
    now: DateTime<Utc>,
) -> ApiResult<(KnownToken, Option<LentConnection>)> {
    let hash = secret::hash(text);
    let asked = match state.tokens.get(&hash, now) {
        Ok(token) => return Ok((token, None)),
        Err(generation) => generation,
    };
    let mut connection = state.pool.lend().await?;
    let token = api_token_find(&mut connection, text, now).await?.ok_or_else(unauthorized)?;
    if token.should_record_use(now) {
        state.last_uses.note(token.id, now);
    }
    let known = KnownToken {
        id: token.id,
        usable: token.usable(now),
        grants: token.scopes.iter().flat_map(|scope| scope.privileges()).copied().collect(),
        actor: Actor { person: token.person, source: Source::Api, token_name: Some(token.name) },
    };
    state.tokens.store(hash, known.clone(), asked);
    Ok((known, Some(connection)))
}

/// Whether a body follows (RFC 9112 section 6.3).
fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|length| length != "0")
}

/// RFC 6750 section 2.1; the name of the scheme is case-insensitive (RFC 9110 section 11.1).
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
