//! The HTTP client for the provider, with limits in time and size, and without redirects.

use std::error::Error;
use std::fmt;
use std::io;
use std::iter::successors;
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
use rustls::AlertDescription;

/// For one request and its complete answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest answer in bytes. Documents and keys of large providers have some ten thousand.
const ANSWER_MAX: usize = 1024 * 1024;

/// hyper follows no redirects, and this client must not: a redirect could lead to anything that this machine can reach
/// and strangers cannot.
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

    async fn send(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpFault> {
        request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static("groupdesk"));
        let answer =
            self.0.request(request.map(Full::<Bytes>::from)).await.map_err(|error| HttpFault::of(&error))?;
        let status = answer.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(HttpFault::temporary(format!("the provider answers {}", status.as_u16())));
        }
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, ANSWER_MAX).collect().await.map_err(|error| HttpFault::of(&*error))?;
        Ok(HttpResponse::from_parts(parts, body.to_bytes().to_vec()))
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpFault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpFault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = tokio::time::timeout(REQUEST_TIMEOUT, self.send(request)).await;
            answer.unwrap_or_else(|_| {
                let seconds = REQUEST_TIMEOUT.as_secs();
                Err(HttpFault::temporary(format!("no answer within {seconds} s")))
            })
        })
    }
}

/// Why there was no answer.
#[derive(Debug)]
pub(super) struct HttpFault {
    text: String,
    /// Will a retry fail the same way? An untrusted certificate stays untrusted, and a server without TLS, or with an
    /// old version of it, stays so.
    pub(super) is_permanent: bool,
}

impl HttpFault {
    fn of(error: &(dyn Error + 'static)) -> Self {
        Self { text: chain(error), is_permanent: sources(error).any(is_permanent) }
    }

    const fn temporary(text: String) -> Self {
        Self { text, is_permanent: false }
    }
}

fn sources<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    successors(Some(error), |&error| error.source())
}

/// `io::Error::source` skips the error that it wraps, so that one is examined here.
fn is_permanent(error: &(dyn Error + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return error.get_ref().is_some_and(|inner| is_permanent(inner));
    }
    matches!(
        error.downcast_ref(),
        Some(
            rustls::Error::InvalidCertificate(_)
                | rustls::Error::InvalidMessage(_)
                | rustls::Error::PeerIncompatible(_)
                | rustls::Error::NoApplicationProtocol
                | rustls::Error::AlertReceived(
                    AlertDescription::ProtocolVersion
                        | AlertDescription::HandshakeFailure
                        | AlertDescription::InsufficientSecurity
                        | AlertDescription::UnrecognisedName
                        | AlertDescription::CertificateRequired
                )
        )
    )
}

impl fmt::Display for HttpFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for HttpFault {}

/// An error and its sources on one line.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    sources(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use rustls::{CertificateError, InvalidMessage, PeerIncompatible};

    use super::*;

    #[test]
    fn what_tls_fails_on_for_good_is_permanent() {
        for error in [
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer),
            // The answer of a server without TLS.
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType),
            rustls::Error::AlertReceived(AlertDescription::ProtocolVersion),
            rustls::Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13),
        ] {
            let wrapped = io::Error::other(io::Error::other(error));
            assert!(HttpFault::of(&wrapped).is_permanent, "{wrapped}");
        }
        let temporary = rustls::Error::AlertReceived(AlertDescription::InternalError);
        assert!(!HttpFault::of(&io::Error::other(temporary)).is_permanent);
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert!(!HttpFault::of(&io::Error::other(refused)).is_permanent);
        assert!(!HttpFault::of(&io::Error::other(rustls::Error::HandshakeNotComplete)).is_permanent);
    }
}
