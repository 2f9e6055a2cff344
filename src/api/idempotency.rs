//! `Idempotency-Key`: the same request under the same key is performed once, however often it is
//! sent, and answered the same each time.
//!
//! The key is written in the transaction of what it stands for, together with the answer, so there is
//! no moment at which one is there without the other. An advisory lock that ends with the transaction
//! says that a request is still running: over all processes, and gone by itself when one dies.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::{Answer, Refusal, unauthorized};
use crate::api::auth;
use crate::api::auth::Caller;
use crate::api::error_response;
use crate::api::transaction::SharedTransaction;
use crate::jsonapi::error::{ErrorObject, Source};
use crate::platform::failure::Failure;
use crate::platform::state::AppState;
use crate::resources::idempotency_keys::model::{Found, KEPT_FOR, KeptAnswer, Key, Request as Asked};
use crate::resources::idempotency_keys::ops::{key_find, key_keep};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The headers that an answer is kept with: those that tell of its body.
const KEPT: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];
const SAVEPOINT: &str = "effect";

pub async fn once(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    let Some(caller) = request.extensions().get::<Caller>().cloned() else {
        return Refusal::from(unauthorized()).into_response();
    };
    perform(&state, &caller, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

fn key_of(headers: &HeaderMap) -> Result<Key, ErrorObject> {
    let mut values = headers.get_all(KEY).iter();
    let text = values.next().and_then(|value| value.to_str().ok());
    match (text.and_then(Key::parse), values.next()) {
        (Some(key), None) => Ok(key),
        _ => Err(ErrorObject::bad_request(
            "Idempotency-Key is one value of 1 to 255 visible ASCII characters.",
        )
        .at(Source::Header("Idempotency-Key"))),
    }
}

async fn perform(state: &AppState, caller: &Caller, request: Request, next: Next) -> Answer<Response> {
    let key = key_of(request.headers())?;
    let (mut parts, body) = request.into_parts();
    let body = auth::body(Request::from_parts(parts.clone(), body), state).await?;
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let asked = Asked::new(caller.token_id(), key, parts.method.as_str(), path, &body, caller.now());

    let mut transaction = state.pool.begin().await?;
    let known = match key_find(&mut transaction, &asked).await? {
        Found::Nothing => None,
        Found::Running => Some(Err(in_use().into())),
        Found::OfAnotherRequest => Some(Err(reused().into())),
        Found::Answered(kept) => Some(replay(kept)),
    };
    if let Some(answer) = known {
        // Now and not when dropped: the client may be back before that, and find its key in use.
        transaction.rollback().await?;
        return answer;
    }
    savepoint(&mut transaction, "SAVEPOINT").await?;
    let lender = SharedTransaction::new(transaction);
    parts.extensions.insert(caller.clone().with_lender(lender.clone()));
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    settle(caller, lender, &asked, response).await
}

/// Keeps the answer and commits; an answer that is not to be kept leaves nothing behind.
async fn settle(
    caller: &Caller,
    lender: SharedTransaction,
    asked: &Asked,
    response: Response,
) -> Answer<Response> {
    let (mut transaction, is_kept) =
        lender.settle().ok_or_else(|| Failure::fault("a handler went off with the transaction"))?;
    let response = error_response::told(response, caller.request_id());
    let status = response.status();
    if status.is_server_error()
        || status == StatusCode::UNAUTHORIZED
        || status == StatusCode::TOO_MANY_REQUESTS
    {
        transaction.rollback().await?;
        return Ok(response);
    }
    if !is_kept {
        savepoint(&mut transaction, "ROLLBACK TO SAVEPOINT").await?;
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(Failure::fault)?;
    let headers = KEPT.iter().filter_map(|name| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    let answer = KeptAnswer { status: status.as_u16(), headers: headers.collect(), body: body.to_vec() };
    key_keep(&mut transaction, asked, &answer, KEPT_FOR).await?;
    transaction.commit().await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

async fn savepoint(connection: &mut super::Connection, verb: &str) -> Answer<()> {
    use sqlx::Executor as _;
    connection.execute(format!("{verb} {SAVEPOINT}").as_str()).await?;
    Ok(())
}

fn replay(kept: KeptAnswer) -> Answer<Response> {
    let mut response = Response::new(Body::from(Bytes::from(kept.body)));
    *response.status_mut() = StatusCode::from_u16(kept.status).map_err(Failure::fault)?;
    for (name, value) in kept.headers {
        let name = HeaderName::try_from(name).map_err(Failure::fault)?;
        response.headers_mut().insert(name, HeaderValue::try_from(value).map_err(Failure::fault)?);
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    // It is whole: what the first request's errors said is said again, with its trace id.
    Ok(error_response::as_it_is(response))
}

fn in_use() -> ErrorObject {
    ErrorObject::new(
        409,
        "IDEMPOTENCY_KEY_IN_USE",
        "Idempotency key in use",
        "The first request with this Idempotency-Key is still running; try again when it has ended.",
    )
    .at(Source::Header("Idempotency-Key"))
}

fn reused() -> ErrorObject {
    ErrorObject::new(
        422,
        "IDEMPOTENCY_KEY_REUSED",
        "Idempotency key reused",
        "This Idempotency-Key was sent with another method, path or body; a new request takes a new key.",
    )
    .at(Source::Header("Idempotency-Key"))
}
