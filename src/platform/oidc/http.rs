//! The HTTP client for the provider, with limits in time and size, and without redirects.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

use super::Fault;

/// For one request and its complete answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest answer in bytes. Documents and keys of large providers have some ten thousand.
const ANSWER_MAX: usize = 1024 * 1024;

/// No redirects are followed, because they could lead to anything that only this machine can reach.
pub(super) struct Http(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Http {
    /// With `https_only` nothing is sent without TLS, whatever endpoints the provider names.
    pub(super) fn new(https_only: bool) -> io::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())?;
        let connector = if https_only { connector.https_only() } else { connector.https_or_http() };
        // Sign-ins are rare, so a pooled connection would usually have been closed by the provider.
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build(connector.enable_http1().build());
        Ok(Self(client))
    }

    async fn send(&self, mut request: HttpRequest) -> Result<HttpResponse, Fault> {
        request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static("groupdesk"));
        let answer = self.0.request(request.map(Full::<Bytes>::from)).await;
        let answer = answer.map_err(|error| Fault::unanswered(&error))?;
        let status = answer.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(Fault::away(format!("the provider answers {}", status.as_u16())));
        }
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, ANSWER_MAX).collect().await;
        let body = body.map_err(|error| Fault::unanswered(&*error))?;
        Ok(HttpResponse::from_parts(parts, body.to_bytes().to_vec()))
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Fault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = tokio::time::timeout(REQUEST_TIMEOUT, self.send(request)).await;
            let seconds = REQUEST_TIMEOUT.as_secs();
            answer.unwrap_or_else(|_| Err(Fault::away(format_args!("no answer within {seconds} s"))))
        })
    }
}
