//! The provider's metadata (its endpoints and keys), by OpenID Connect Discovery.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use moka::future::Cache;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthType, ClientId, DiscoveryError, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, ProviderMetadata, RedirectUrl,
};
use serde::{Deserialize, Serialize};

use super::Fault;
use super::http::{Http, HttpFault, chain};
use super::settings::OidcSettings;
use crate::kernel::problem::ProviderFault;

/// How long the metadata is cached. Keys that are replaced earlier are noticed when a signature does not match.
const MAX_AGE: Duration = Duration::from_hours(1);

pub(super) type Client = CoreClient<
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
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The provider at the time of discovery.
pub(super) struct Discovered {
    pub(super) client: Client,
    /// Does every answer name its issuer?
    pub(super) names_issuer: bool,
}

pub(super) struct Discovery {
    settings: OidcSettings,
    callback: RedirectUrl,
    /// Concurrent callers share one request and its failure.
    cache: Cache<(), Arc<Discovered>>,
}

impl Discovery {
    pub(super) fn new(settings: OidcSettings, callback: RedirectUrl) -> Self {
        let cache = Cache::builder().max_capacity(1).time_to_live(MAX_AGE).build();
        Self { settings, callback, cache }
    }

    pub(super) async fn cached(&self, http: &Http) -> Result<Arc<Discovered>, Fault> {
        let discovered = self.cache.try_get_with((), self.discover(http)).await;
        discovered.map_err(|fault| Fault::clone(&fault))
    }

    pub(super) async fn refreshed(&self, http: &Http) -> Result<Arc<Discovered>, Fault> {
        self.cache.invalidate(&()).await;
        self.cached(http).await
    }

    async fn discover(&self, http: &Http) -> Result<Arc<Discovered>, Fault> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(Fault::misconfigured)?;
        let metadata = Metadata::discover_async(issuer, http).await.map_err(fault)?;
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
    let supports = |method: &CoreClientAuthMethod| {
        metadata.token_endpoint_auth_methods_supported().is_some_and(|methods| methods.contains(method))
    };
    if supports(&CoreClientAuthMethod::ClientSecretPost)
        && !supports(&CoreClientAuthMethod::ClientSecretBasic)
    {
        AuthType::RequestBody
    } else {
        AuthType::BasicAuth
    }
}

/// An unreachable or overloaded provider may be available again soon. Any other unexpected answer will stay the same.
fn fault(error: DiscoveryError<HttpFault>) -> Fault {
    match error {
        DiscoveryError::Request(error) => Fault::unanswered(&error),
        DiscoveryError::Response(status, ..) => {
            let is_busy = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status);
            let is_away = status.is_server_error() || is_busy;
            let fault = if is_away { ProviderFault::Away } else { ProviderFault::Misconfigured };
            let note = format!(
                "the provider answers {} to the request for its metadata (oidc_issuer followed by \
                 /.well-known/openid-configuration)",
                status.as_u16()
            );
            Fault { fault, note }
        }
        DiscoveryError::Validation(text) => Fault::misconfigured(format!(
            "{text}: oidc_issuer must be exactly the issuer that the provider reports, including a slash at the end"
        )),
        error => Fault::misconfigured(chain(&error)),
    }
}
