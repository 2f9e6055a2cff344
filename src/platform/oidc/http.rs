//! How the provider is asked: with an end in time and in size, and without following it anywhere.

use std::error::Error;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderValue, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

/// For one question and its whole answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Of an answer, in bytes. Documents and keys of large providers are some ten thousand.
const ANSWER_MAX: usize = 1024 * 1024;

/// Follows no redirects: hyper never does. What answers from elsewhere than where it was asked could be
/// anything that this machine reaches and strangers do not.
pub(super) struct Http(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Http {
    /// `https_alone`: whatever the provider says of where its parts are, nothing travels without TLS.
    pub(super) fn new(https_alone: bool) -> io::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())?;
        let connector = if https_alone { connector.https_only() } else { connector.https_or_http() };
        // No connection is kept: sign-ins are rare, and one that the other end has closed is worth nothing.
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build(connector.enable_http1().build());
        Ok(Self(client))
    }

    async fn ask(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpFault> {
        request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static("groupdesk"));
        let answer = self
            .0
            .request(request.map(Full::<Bytes>::from))
            .await
            .map_err(|error| HttpFault(chain(&error)))?;
        let (parts, body) = answer.into_parts();
        let body =
            Limited::new(body, ANSWER_MAX).collect().await.map_err(|error| HttpFault(chain(&*error)))?;
        Ok(HttpResponse::from_parts(parts, body.to_bytes().to_vec()))
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpFault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpFault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = tokio::time::timeout(PATIENCE, self.ask(request)).await;
            answer.unwrap_or_else(|_| Err(HttpFault(format!("no answer within {} s", PATIENCE.as_secs()))))
        })
    }
}

/// Why there was no answer.
#[derive(Debug)]
pub(super) struct HttpFault(String);

impl fmt::Display for HttpFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for HttpFault {}

/// An error and what it came from, as one line.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
