//! Turns failures into errors that pages show, and into pages for requests that no other page can answer.

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::kernel::id::WorkspaceId;
use crate::kernel::problem::Problem;
use crate::platform::call::RequestId;
use crate::platform::failure::Failure;
use crate::platform::http::trace::FaultNote;
use crate::platform::http::{BODY_MAX, drain, header_text};
use crate::platform::state::AppState;
use crate::resources::workspaces::ops::workspace_get;
use crate::ui::error::{AnswerStatus, UiError, UiErrorKind};
use crate::ui::messages::{self, Names};
use crate::ui::paths;
use crate::ui::server::session::{RequestContext, wants_page};

/// The value of `Retry-After`, in seconds.
const RETRY_AFTER: &str = "2";

pub(super) fn outage(failure: &Failure, request_id: &RequestId) -> Response {
    let (status, note) = match failure {
        Failure::Problem(problem) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{problem:?}")),
        Failure::Fault(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        Failure::Unavailable(error) | Failure::Conflict(error) => {
            (StatusCode::SERVICE_UNAVAILABLE, error.to_string())
        }
    };
    let mut response = outage_page(status, request_id, None);
    response.extensions_mut().insert(FaultNote(note));
    response
}

/// The middleware that limits the requests of one address, because each page costs database time.
pub async fn too_many(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(allowance) = state.over_address_limit(&request) else {
        return next.run(request).await;
    };
    let mut response = outage_page(StatusCode::TOO_MANY_REQUESTS, &RequestId::of(request.extensions()), None);
    allowance.write_headers(response.headers_mut());
    response
}

#[derive(Debug, Clone, Copy)]
struct IsOutage;

/// `form_at`: the page of the form that was sent. The address of the request shows nothing when it is opened.
fn outage_page(status: StatusCode, request_id: &RequestId, form_at: Option<&str>) -> Response {
    let (title, text) = match status {
        StatusCode::SERVICE_UNAVAILABLE if form_at.is_some() => (
            messages::OUTAGE,
            "The desk cannot read or save data at the moment. Your change was not confirmed: go back to the form, and \
             send it again if it was not saved.",
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            messages::OUTAGE,
            "The desk cannot read or save data at the moment. Changes that were confirmed are safe. Try again in a \
             moment.",
        ),
        StatusCode::TOO_MANY_REQUESTS => {
            ("Too many requests", "Your network address has sent too many requests. Try again in a moment.")
        }
        StatusCode::REQUEST_TIMEOUT => (
            "The request timed out",
            "It did not arrive completely in time, so nothing was changed. Send it again.",
        ),
        _ => (
            "Something went wrong",
            "The fault is on our side. If this keeps happening, give an admin the request id below.",
        ),
    };
    let page = include_str!("../../outage.html")
        .replace("{title}", title)
        .replace("{text}", text)
        .replace("{request_id}", request_id.as_str())
        .replace("{link}", &form_at.unwrap_or_default().replace('&', "&amp;").replace('"', "&quot;"))
        .replace("{label}", if form_at.is_some() { "Back to the form" } else { "Try again" })
        .replace("{style}", &crate::platform::assets::package_dir());
    let headers = [
        ("content-type", "text/html; charset=utf-8"),
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        ("retry-after", RETRY_AFTER),
    ];
    (status, headers, Extension(IsOutage), page).into_response()
}

/// The middleware that gives failures without a page, such as a panic or a session that cannot be saved, an error page.
/// Every 503 gets `Retry-After`, also a page that was rendered in part.
pub async fn faults(request: Request, next: Next) -> Response {
    let id = RequestId::of(request.extensions());
    let form_at = (request.method() == Method::POST).then(|| form_at(request.headers()));
    let mut response = fault_page(&id, next.run(request).await);
    if let Some(form_at) = form_at.filter(|_| response.extensions().get::<IsOutage>().is_some()) {
        *response.body_mut() = outage_page(response.status(), &id, Some(&form_at)).into_body();
    }
    response
}

fn fault_page(id: &RequestId, mut response: Response) -> Response {
    let is_page = header_text(response.headers(), header::CONTENT_TYPE)
        .is_some_and(|kind| kind.starts_with("text/html") || kind.starts_with("application/json"));
    if response.status() == StatusCode::REQUEST_TIMEOUT && !is_page {
        let mut page = outage_page(StatusCode::REQUEST_TIMEOUT, id, None);
        // More bytes on this connection would be the rest of this request.
        page.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return page;
    }
    if response.status().is_server_error() && !is_page {
        // A panic has a text. A response without a type comes from a session that could not be saved.
        let is_session = !response.headers().contains_key(header::CONTENT_TYPE);
        let status = if is_session { StatusCode::SERVICE_UNAVAILABLE } else { response.status() };
        return outage_page(status, id, None);
    }
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        let headers = response.headers_mut();
        headers.entry(header::RETRY_AFTER).or_insert(HeaderValue::from_static(RETRY_AFTER));
    }
    response
}

/// The bytes of a refused form that are read and dropped.
const DRAIN_MAX: usize = 64 << 20;

/// Leads back to the page of the form. The text is too large for a session and is not restored.
pub(super) async fn refuse_oversized(context: &RequestContext, request: Request) -> Response {
    let form_at = form_at(request.headers());
    let wants_page = wants_page(request.headers());
    drain(request.into_body().into_data_stream(), DRAIN_MAX).await;
    if !wants_page {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    context.refuse_at(Problem::FormTooLarge { max: BODY_MAX }.into(), &form_at).await
}

/// The page of the form by `Referer`, which browsers send within one site.
fn form_at(headers: &HeaderMap) -> String {
    let path = header_text(headers, header::REFERER)
        .and_then(|referer| referer.parse::<Uri>().ok())
        .and_then(|uri| uri.path_and_query().map(ToString::to_string))
        .unwrap_or_default();
    paths::local_or_home(&path).to_owned()
}

impl RequestContext {
    /// [`Self::read_error`] that also sets the status of the response.
    pub fn error_with_status(&self, failure: Failure) -> UiError {
        let error = self.read_error(failure);
        AnswerStatus::set(error.kind.status());
        error
    }

    /// [`Self::error`] of a request that changed nothing.
    pub fn read_error(&self, failure: Failure) -> UiError {
        let mut error = self.error(failure);
        if error.kind == UiErrorKind::Busy {
            messages::TOOK_TOO_LONG.clone_into(&mut error.sentence);
        }
        error
    }

    /// Logs an unexpected failure; the error contains its request id only.
    pub fn error(&self, failure: Failure) -> UiError {
        match failure {
            Failure::Problem(problem) => self.refusal(&problem, &Names::new()),
            Failure::Unavailable(error) => {
                tracing::error!(request_id = %self.request_id, %error, "unavailable");
                UiError::new(UiErrorKind::Unavailable, messages::UNAVAILABLE)
            }
            Failure::Conflict(error) => {
                tracing::warn!(request_id = %self.request_id, %error, "conflict");
                UiError::new(UiErrorKind::Busy, messages::CONFLICT)
            }
            Failure::Fault(error) => {
                tracing::error!(request_id = %self.request_id, %error, "fault");
                UiError::new(UiErrorKind::Fault, messages::fault(self.request_id.as_str()))
            }
        }
    }

    /// [`Self::error`] with the names of removed workspaces, as far as they can be read after the rollback.
    pub(super) async fn error_with_names(&self, failure: Failure) -> UiError {
        let Failure::Problem(problem) = failure else { return self.error(failure) };
        let (mut names, missing) = (Names::new(), missing_workspaces(&problem));
        if !missing.is_empty()
            && let Ok(mut connection) = self.state.pool.acquire().await
        {
            for id in missing {
                if let Ok(workspace) = workspace_get(&mut connection, id).await {
                    names.insert(id, workspace.name);
                }
            }
        }
        self.refusal(&problem, &names)
    }

    fn refusal(&self, problem: &Problem, names: &Names) -> UiError {
        messages::explain(problem, &self.viewer.locale.formats(self.viewer.now), names)
    }
}

fn missing_workspaces(problem: &Problem) -> Vec<WorkspaceId> {
    if let Problem::Several(problems) = problem {
        return problems.iter().flat_map(missing_workspaces).collect();
    }
    if let Problem::WorkspaceNotFound(id) = problem { vec![*id] } else { Vec::new() }
}
