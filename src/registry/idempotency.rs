//! `Idempotency-Key`: a request is performed once for each key, and every repetition gets the first response.
//!
//! Both are stored in the transaction of the request's changes, so neither exists without the other. An advisory lock
//! marks a request that is running; Postgres releases it at the end of the transaction, and when a process dies.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sqlx::Executor as _;

use crate::api::caller::{Caller, SharedTransaction};
use crate::api::document::read_body;
use crate::api::error::{ApiResult, Refusal, mark_complete, render_errors, unauthorized};
use crate::api::error_code;
use crate::jsonapi::error::{ErrorObject, Source};
use crate::platform::failure::Failure;
use crate::platform::state::AppState;
use crate::resources::idempotency_keys::model::{
    Key, KeyState, Request as KeyedRequest, StoredResponse, VALID_FOR,
};
use crate::resources::idempotency_keys::ops::{key_find, key_store};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const STORED: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];
const SOURCE: Source = Source::Header("Idempotency-Key");
const IN_USE: &str =
    "The first request with this Idempotency-Key is still running; retry after it has ended.";
const REUSED: &str =
    "This Idempotency-Key was used with a different method, path or body; a new request requires a new key.";

pub async fn once(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    let Some(caller) = request.extensions().get::<Caller>().cloned() else {
        return Refusal::from(unauthorized()).into_response();
    };
    perform(&state, &caller, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

fn parse_key(headers: &HeaderMap) -> Result<Key, ErrorObject> {
    let mut values = headers.get_all(KEY).iter();
    let text = values.next().and_then(|value| value.to_str().ok());
    match (text.and_then(Key::parse), values.next()) {
        (Some(key), None) => Ok(key),
        _ => Err(error_code::BAD_REQUEST
            .error("Idempotency-Key must be one value of 1 to 255 visible ASCII characters.")
            .at(SOURCE)),
    }
}

async fn perform(state: &AppState, caller: &Caller, request: Request, next: Next) -> ApiResult {
    let key = parse_key(request.headers())?;
    let (mut parts, body) = request.into_parts();
    let body = read_body(Request::from_parts(parts.clone(), body), state).await?;
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let keyed =
        KeyedRequest::new(caller.token, key, (parts.method.as_str(), path), &caller.note, &body, caller.now);

    let mut transaction = caller.begin().await?;
    let known = match key_find(&mut transaction, &keyed).await? {
        KeyState::Unused => None,
        KeyState::Running => Some(Err(error_code::IDEMPOTENCY_KEY_IN_USE.error(IN_USE).at(SOURCE).into())),
        KeyState::OfAnotherRequest => {
            Some(Err(error_code::IDEMPOTENCY_KEY_REUSED.error(REUSED).at(SOURCE).into()))
        }
        KeyState::Answered(stored) => Some(replay(stored)),
    };
    if let Some(response) = known {
        // Dropping the transaction would release the lock later, and a quick repetition would find the key in use. With
        // synchronous replication the commit waits until a standby has the stored answer, too.
        transaction.commit().await?;
        return response;
    }
    transaction.execute("SAVEPOINT effect").await?;
    let shared = SharedTransaction::new(transaction);
    parts.extensions.insert(Caller { shared: Some(shared.clone()), ..caller.clone() });
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    store_response(caller, shared, &keyed, response).await
}

/// Stores the response and commits. A response that another attempt may improve on is not stored.
async fn store_response(
    caller: &Caller,
    shared: SharedTransaction,
    keyed: &KeyedRequest,
    response: Response,
) -> ApiResult {
    let (mut transaction, is_committed) = shared.into_inner()?;
    let response = render_errors(response, &caller.request_id);
    let status = response.status();
    if status.is_server_error()
        || status == StatusCode::UNAUTHORIZED
        || status == StatusCode::TOO_MANY_REQUESTS
    {
        transaction.rollback().await?;
        return Ok(response);
    }
    if !is_committed {
        transaction.execute("ROLLBACK TO SAVEPOINT effect").await?;
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(Failure::fault)?;
    let headers = STORED.iter().filter_map(|name| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    let stored = StoredResponse { status: status.as_u16(), headers: headers.collect(), body: body.to_vec() };
    key_store(&mut transaction, keyed, &stored, VALID_FOR).await?;
    transaction.commit().await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn replay(stored: StoredResponse) -> ApiResult {
    let mut response = Response::new(Body::from(Bytes::from(stored.body)));
    *response.status_mut() = StatusCode::from_u16(stored.status).map_err(Failure::fault)?;
    for (name, value) in stored.headers {
        let name = HeaderName::try_from(name).map_err(Failure::fault)?;
        response.headers_mut().insert(name, HeaderValue::try_from(value).map_err(Failure::fault)?);
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    // Errors keep the trace id of the first request.
    Ok(mark_complete(response))
}
