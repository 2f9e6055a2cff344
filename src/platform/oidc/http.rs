//! How the provider is asked: with an end in time and in size, and without following it anywhere.

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
        let answer =
            self.0.request(request.map(Full::<Bytes>::from)).await.map_err(|error| HttpFault::of(&error))?;
        let status = answer.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            let text = format!("the provider answers {}", status.as_u16());
            return Err(HttpFault { text, is_lasting: false });
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
            let answer = tokio::time::timeout(PATIENCE, self.ask(request)).await;
            answer.unwrap_or_else(|_| {
                let text = format!("no answer within {} s", PATIENCE.as_secs());
                Err(HttpFault { text, is_lasting: false })
            })
        })
    }
}

/// Why there was no answer.
#[derive(Debug)]
pub(super) struct HttpFault {
    text: String,
    /// Will it be the same the next time? A certificate that is not trusted here is not trusted later either, and a
    /// server that does not speak TLS, or an old version of it, goes on doing so.
    pub(super) is_lasting: bool,
}

impl HttpFault {
    fn of(error: &(dyn Error + 'static)) -> Self {
        Self { text: chain(error), is_lasting: causes(error).any(is_lasting) }
    }
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    successors(Some(error), |&error| error.source())
}

/// What an `io::Error` was made from is not its source, but the source of that is.
fn is_lasting(error: &(dyn Error + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return error.get_ref().is_some_and(|inner| is_lasting(inner));
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

#[cfg(test)]
mod tests {
    use rustls::{CertificateError, InvalidMessage, PeerIncompatible};

    use super::*;

    #[test]
    fn what_tls_fails_on_for_good_is_lasting() {
        for error in [
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer),
            // As of a server that speaks plain HTTP.
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType),
            rustls::Error::AlertReceived(AlertDescription::ProtocolVersion),
            rustls::Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13),
        ] {
            let wrapped = io::Error::other(io::Error::other(error));
            assert!(HttpFault::of(&wrapped).is_lasting, "{wrapped}");
        }
        let passing = rustls::Error::AlertReceived(AlertDescription::InternalError);
        assert!(!HttpFault::of(&io::Error::other(passing)).is_lasting);
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert!(!HttpFault::of(&io::Error::other(refused)).is_lasting);
        assert!(!HttpFault::of(&io::Error::other(rustls::Error::HandshakeNotComplete)).is_lasting);
    }
}
