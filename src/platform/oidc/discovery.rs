//! The provider's metadata (its endpoints and keys), by OpenID Connect Discovery.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthType, ClientId, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl,
    ProviderMetadata,
};
use serde::{Deserialize, Serialize};

use super::{Fault, Provider};

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

pub(super) struct Discovered {
    pub(super) client: Client,
    pub(super) names_issuer: bool,
}

pub(super) fn cache() -> Cache<(), Arc<Discovered>> {
    Cache::builder().max_capacity(1).time_to_live(MAX_AGE).build()
}

impl Provider {
    pub(super) async fn discovered(&self) -> Result<Arc<Discovered>, Fault> {
        let discovered = self.discovered.try_get_with((), self.discover()).await;
        discovered.map_err(|fault| Fault::clone(&fault))
    }

    pub(super) async fn discovered_again(&self) -> Result<Arc<Discovered>, Fault> {
        self.discovered.invalidate(&()).await;
        self.discovered().await
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
