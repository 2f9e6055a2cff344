//! What the provider says of itself: where its parts are, and its keys.

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

/// For how long it is believed. Keys that were replaced before are found out when one does not fit.
const KNOWN_FOR: Duration = Duration::from_hours(1);

pub(super) type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Of RFC 9207, which is younger than what the library knows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct IssuerInAnswers {
    #[serde(default, rename = "authorization_response_iss_parameter_supported")]
    is_told: bool,
}

impl AdditionalProviderMetadata for IssuerInAnswers {}

type Metadata = ProviderMetadata<
    IssuerInAnswers,
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

/// The provider as it was at some time.
pub(super) struct Known {
    pub(super) client: Client,
    /// Each answer names its issuer.
    pub(super) tells_issuer: bool,
}

pub(super) struct Discovery {
    settings: OidcSettings,
    callback: RedirectUrl,
    /// Many who wait for it ask once, also where there is no answer.
    known: Cache<(), Arc<Known>>,
}

impl Discovery {
    pub(super) fn new(settings: OidcSettings, callback: RedirectUrl) -> Self {
        let known = Cache::builder().max_capacity(1).time_to_live(KNOWN_FOR).build();
        Self { settings, callback, known }
    }

    pub(super) async fn known(&self, http: &Http) -> Result<Arc<Known>, Fault> {
        let asked = self.known.try_get_with((), self.ask(http)).await;
        asked.map_err(|fault| Fault::clone(&fault))
    }

    /// As it is now.
    pub(super) async fn anew(&self, http: &Http) -> Result<Arc<Known>, Fault> {
        self.known.invalidate(&()).await;
        self.known(http).await
    }

    async fn ask(&self, http: &Http) -> Result<Arc<Known>, Fault> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(Fault::misconfigured)?;
        let metadata = Metadata::discover_async(issuer, http).await.map_err(fault)?;
        let tells_issuer = metadata.additional_metadata().is_told;
        let auth_type = auth_type(&metadata);
        let id = ClientId::new(self.settings.client_id.clone());
        let client = Client::from_provider_metadata(metadata, id, Some(self.settings.client_secret.clone()))
            .set_auth_type(auth_type)
            .set_redirect_uri(self.callback.clone());
        Ok(Arc::new(Known { client, tells_issuer }))
    }
}

/// In the body only where the provider knows no other way: there it is written into logs more easily.
fn auth_type(metadata: &Metadata) -> AuthType {
    let knows = |method: &CoreClientAuthMethod| {
        metadata.token_endpoint_auth_methods_supported().is_some_and(|methods| methods.contains(method))
    };
    if knows(&CoreClientAuthMethod::ClientSecretPost) && !knows(&CoreClientAuthMethod::ClientSecretBasic) {
        AuthType::RequestBody
    } else {
        AuthType::BasicAuth
    }
}

/// A provider that is not reached, or has too much to do, may be back in a moment. One that answers otherwise
/// than a provider of this issuer does will answer the same the next time.
fn fault(error: DiscoveryError<HttpFault>) -> Fault {
    match error {
        DiscoveryError::Request(error) => Fault::unanswered(&error),
        DiscoveryError::Response(status, ..) => {
            let is_busy = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status);
            let is_away = status.is_server_error() || is_busy;
            let fault = if is_away { ProviderFault::Away } else { ProviderFault::Misconfigured };
            let note = format!(
                "the provider answers {} where it tells of itself (oidc_issuer with \
                 /.well-known/openid-configuration behind it)",
                status.as_u16()
            );
            Fault { fault, note }
        }
        DiscoveryError::Validation(what) => Fault::misconfigured(format!(
            "{what}: oidc_issuer has to be what the provider calls itself, to the letter; a slash at the end counts"
        )),
        error => Fault::misconfigured(chain(&error)),
    }
}
