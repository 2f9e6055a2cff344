//! How the provider is reached: an HTTP client with limits in time and size, and the provider's metadata (its endpoints and
//! keys) by OpenID Connect Discovery.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use openidconnect::core::{self, CoreClientAuthMethod};
use openidconnect::{
    AdditionalProviderMetadata, AsyncHttpClient, AuthType, ClientId, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, ProviderMetadata,
};
use serde::{Deserialize, Serialize};

use crate::platform::oidc::{Fault, Provider};

/// How long the metadata is cached. Keys that are replaced earlier are noticed when a signature does not match.
pub(super) const MAX_AGE: Duration = Duration::from_hours(1);

pub(super) type Client = core::CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The metadata of RFC 9207, which the library does not know.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct IssuerMetadata {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for IssuerMetadata {}

type Metadata = ProviderMetadata<
    IssuerMetadata,
    core::CoreAuthDisplay,
    CoreClientAuthMethod,
    core::CoreClaimName,
    core::CoreClaimType,
    core::CoreGrantType,
    core::CoreJweContentEncryptionAlgorithm,
    core::CoreJweKeyManagementAlgorithm,
    core::CoreJsonWebKey,
    core::CoreResponseMode,
    core::CoreResponseType,
    core::CoreSubjectIdentifierType,
>;

pub(super) struct Discovered {
    pub(super) client: Client,
    pub(super) names_issuer: bool,
}

impl Provider {
    pub(super) async fn discovered(&self) -> Result<Arc<Discovered>, Fault> {
        let discovered = self.discovered.try_get_with((), self.discover()).await;
        discovered.map_err(|fault| Fault::clone(&fault))
    }

    async fn discover(&self) -> Result<Arc<Discovered>, Fault> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(Fault::misconfigured)?;
        let metadata = Metadata::discover_async(issuer, &self.http).await?;
        let names_issuer = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        let auth_type = auth_type(&metadata);
        let id = ClientId::new(self.settings.client_id.clone());
        let client = Client::from_provider_metadata(metadata, id, Some(self.settings.client_secret.clone()))
            .set_auth_type(auth_type)
            .set_redirect_uri(self.callback.clone());
        Ok(Arc::new(Discovered { client, names_issuer }))
    }
}

/// The secret is sent in the body, which is more easily logged, only if the provider supports nothing else.
fn auth_type(metadata: &Metadata) -> AuthType {
    let methods = metadata.token_endpoint_auth_methods_supported().map_or(&[][..], Vec::as_slice);
    let supports = |method| methods.contains(&method);
    if supports(CoreClientAuthMethod::ClientSecretPost) && !supports(CoreClientAuthMethod::ClientSecretBasic)
    {
        AuthType::RequestBody
    } else {
        AuthType::BasicAuth
    }
}

const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest answer in bytes. Documents and keys of large providers have some ten thousand.
const ANSWER_MAX: usize = 1024 * 1024;

/// No redirects are followed, because they could lead to anything that only this machine can reach.
pub(super) struct Http(legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Http {
    /// With `https_only` nothing is sent without TLS, whatever endpoints the provider names.
    pub(super) fn new(https_only: bool) -> io::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())?;
        let connector = if https_only { connector.https_only() } else { connector.https_or_http() };
        // Sign-ins are rare, so a pooled connection would usually have been closed by the provider.
        let client = legacy::Client::builder(TokioExecutor::new())
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
            return Err(Fault::away(format_args!("the provider answers {}", status.as_u16())));
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
