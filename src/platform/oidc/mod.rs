//! Sign-in by OpenID Connect: the authorization code flow with PKCE. This module does not decide who may sign in.
//!
//! The metadata of the provider is requested when somebody wants to sign in, so the server starts without the provider.
//! Nothing that the provider sends can lead the server elsewhere: redirects are not followed, answers are limited in
//! size and time, and only a provider on this machine is contacted without TLS.
//!
//! An answer must belong to a recent, unused sign-in of this browser ([`Flow`]) and to this issuer (RFC 9207). The
//! signature, issuer, audience, time and nonce of the ID token must be valid, and it must match the access token.

mod discovery;
mod flow;
mod http;
pub mod settings;

use std::fmt;
use std::io;

use chrono::TimeDelta;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreErrorResponseType, CoreIdToken, CoreIdTokenClaims, CoreTokenResponse,
    CoreUserInfoClaims,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, ClaimsVerificationError, CsrfToken, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    StandardErrorResponse, UserInfoError,
};

use self::discovery::{Client, Discovery};
use self::http::{Http, HttpFault};
use self::settings::OidcSettings;
use crate::kernel::clock::Clock;
use crate::kernel::problem::ProviderFault;

pub use self::flow::{FLOW_MINUTES, Flow, flow_store, flow_take};

/// The largest accepted difference between the provider's clock and ours.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(1);

/// The longest subject that OpenID Connect allows, in bytes.
const SUBJECT_MAX: usize = 255;

/// Why a sign-in failed. The note is for the log and contains no code, token or secret.
#[derive(Debug, Clone)]
pub struct Fault {
    pub fault: ProviderFault,
    pub note: String,
}

impl Fault {
    fn new(fault: ProviderFault, note: impl fmt::Display) -> Self {
        Self { fault, note: note.to_string() }
    }

    fn unanswered(error: &HttpFault) -> Self {
        let fault = if error.is_permanent { ProviderFault::Misconfigured } else { ProviderFault::Away };
        Self::new(fault, http::chain(error))
    }

    fn misconfigured(note: impl fmt::Display) -> Self {
        Self::new(ProviderFault::Misconfigured, note)
    }

    fn unproven(note: impl fmt::Display) -> Self {
        Self::new(ProviderFault::Unproven, note)
    }
}

/// The query parameters with which a browser returns from the provider.
pub struct Answer {
    pub code: Option<String>,
    pub error: Option<String>,
    /// The issuer (RFC 9207).
    pub issuer: Option<String>,
}

/// An authenticated account at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedAccount {
    /// The permanent id of the account at the provider.
    pub subject: String,
    pub email: Option<String>,
    /// `None`: the provider does not report it, and the settings do not trust its addresses.
    pub email_verified: Option<bool>,
    /// The provider could not be asked for the e-mail address, and may report one later.
    pub is_partial: bool,
}

/// The provider of the settings.
pub struct Provider {
    settings: OidcSettings,
    http: Http,
    clock: Clock,
    discovery: Discovery,
}

impl Provider {
    /// `callback` is the URL to which the provider sends browsers back, as it is registered there.
    ///
    /// # Errors
    /// The certificates of this machine cannot be read, or `callback` is not a URL.
    pub fn new(settings: OidcSettings, callback: String, clock: Clock) -> io::Result<Self> {
        let http = Http::new(settings.is_https())?;
        let callback = RedirectUrl::new(callback).map_err(io::Error::other)?;
        let discovery = Discovery::new(settings.clone(), callback);
        Ok(Self { settings, http, clock, discovery })
    }

    pub fn name(&self) -> &str {
        &self.settings.name
    }

    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Begins a sign-in. Returns the URL for the browser, and the flow to be stored until it returns. `next` is the path
    /// to continue at.
    ///
    /// # Errors
    /// `Away`, `Misconfigured`.
    pub async fn begin(&self, next: &str) -> Result<(String, Flow), Fault> {
        let provider = self.discovery.cached(&self.http).await?;
        let flow = Flow::begin(next, self.clock.now());
        let (state, nonce) = (CsrfToken::new(flow.state.clone()), Nonce::new(flow.nonce.clone()));
        let verifier = PkceCodeVerifier::new(flow.verifier.clone());
        let (url, _, _) = provider
            .client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok((url.into(), flow))
    }

    /// Completes the sign-in that the answer belongs to.
    ///
    /// # Errors
    /// `Away`, `Misconfigured`, `Declined`, `Unproven`.
    pub async fn finish(&self, flow: Flow, answer: Answer) -> Result<VerifiedAccount, Fault> {
        let provider = self.discovery.cached(&self.http).await?;
        match answer.issuer {
            Some(issuer) if issuer != self.settings.issuer => {
                return Err(Fault::unproven("the answer names another issuer"));
            }
            None if provider.names_issuer => return Err(Fault::unproven("the answer names no issuer")),
            Some(_) | None => {}
        }
        if let Some(error) = answer.error {
            return Err(declined(&error));
        }
        let code = answer.code.ok_or_else(|| Fault::unproven("the answer contains no code"))?;
        let tokens = self.exchange(&provider.client, code, flow.verifier).await?;
        let id_token = tokens.extra_fields().id_token();
        let id_token = id_token.ok_or_else(|| Fault::unproven("there is no ID token"))?;
        let claims = self.verified(id_token, tokens.access_token(), &Nonce::new(flow.nonce)).await?;
        self.account(&provider.client, claims, tokens.access_token()).await
    }

    async fn exchange(
        &self,
        client: &Client,
        code: String,
        verifier: String,
    ) -> Result<CoreTokenResponse, Fault> {
        client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(Fault::unproven)?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier))
            .request_async(&self.http)
            .await
            .map_err(token_fault)
    }

    /// Verifies the ID token with the cached keys and, if the signature does not match, with the current ones.
    async fn verified(
        &self,
        id_token: &CoreIdToken,
        access_token: &AccessToken,
        nonce: &Nonce,
    ) -> Result<CoreIdTokenClaims, Fault> {
        let provider = self.discovery.cached(&self.http).await?;
        let mut verified = self.verify(&provider.client, id_token, access_token, nonce);
        if let Err(ClaimsVerificationError::SignatureVerification(_)) = verified {
            let provider = self.discovery.refreshed(&self.http).await?;
            verified = self.verify(&provider.client, id_token, access_token, nonce);
        }
        verified.map_err(|error| Fault::unproven(http::chain(&error)))
    }

    fn verify(
        &self,
        client: &Client,
        id_token: &CoreIdToken,
        access_token: &AccessToken,
        nonce: &Nonce,
    ) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
        // The library uses the time only to check whether the token has expired.
        let verifier = client.id_token_verifier().set_time_fn(|| self.clock.now() - CLOCKS_DIFFER);
        let claims = id_token.claims(&verifier, nonce)?;
        if let Some(hash) = claims.access_token_hash() {
            let signature = ClaimsVerificationError::SignatureVerification;
            let algorithm = id_token.signing_alg().map_err(signature)?;
            let key = id_token.signing_key(&verifier).map_err(signature)?;
            let actual = AccessTokenHash::from_token(access_token, algorithm, key)
                .map_err(|error| ClaimsVerificationError::Other(error.to_string()))?;
            if actual != *hash {
                let other = "the access token does not match the ID token".to_owned();
                return Err(ClaimsVerificationError::Other(other));
            }
        }
        Ok(claims.clone())
    }

    /// Some providers put the e-mail address into the ID token, others must be asked for it. A linked operator needs no
    /// address, so the sign-in continues if that request fails.
    async fn account(
        &self,
        client: &Client,
        claims: CoreIdTokenClaims,
        access_token: &AccessToken,
    ) -> Result<VerifiedAccount, Fault> {
        let subject = claims.subject();
        if subject.is_empty() || subject.len() > SUBJECT_MAX || subject.contains('\0') {
            return Err(Fault::unproven("the subject is invalid"));
        }
        let (mut email, mut is_verified) = (claims.email().cloned(), claims.email_verified());
        let mut is_partial = false;
        let is_complete = email.is_some() && is_verified.is_some();
        let user_info = client.user_info(access_token.clone(), Some(subject.clone())).ok();
        if let Some(request) = user_info.filter(|_| !is_complete) {
            let answer: Result<CoreUserInfoClaims, UserInfoFault> = request.request_async(&self.http).await;
            match answer {
                Ok(info) => {
                    email = info.email().cloned().or(email);
                    is_verified = info.email_verified().or(is_verified);
                }
                // The answer is about another subject, or not from the provider.
                Err(error @ UserInfoError::ClaimsVerification(_)) => return Err(user_info_fault(error)),
                Err(error) => {
                    let Fault { fault, note } = user_info_fault(error);
                    tracing::warn!(%note, "the identity provider does not report the e-mail address");
                    is_partial = fault == ProviderFault::Away;
                }
            }
        }
        Ok(VerifiedAccount {
            subject: subject.to_string(),
            email: email.map(|email| email.to_string()),
            email_verified: is_verified.or(self.settings.trusts_email.then_some(true)),
            is_partial,
        })
    }
}

/// The meaning of the `error` parameter of an answer.
fn declined(error: &str) -> Fault {
    match error {
        "access_denied" => Fault::new(ProviderFault::Declined, "the provider answers access_denied"),
        "server_error" | "temporarily_unavailable" => {
            Fault::new(ProviderFault::Away, format!("the provider answers {error}"))
        }
        "unauthorized_client" | "invalid_scope" | "unsupported_response_type" | "invalid_request" => {
            Fault::misconfigured(
                "the provider refuses the request: check the registration of the client there",
            )
        }
        // Anyone can write anything into the URL, so the text is not logged.
        _ => Fault::new(ProviderFault::Declined, "the provider reports that it did not sign in"),
    }
}

type TokenFault = RequestTokenError<HttpFault, StandardErrorResponse<CoreErrorResponseType>>;

/// Logs only the error code, because the description may quote what was sent.
fn token_fault(error: TokenFault) -> Fault {
    match error {
        RequestTokenError::ServerResponse(answer) => {
            let code: String =
                answer.error().as_ref().chars().filter(char::is_ascii_graphic).take(60).collect();
            match code.as_str() {
                "invalid_client" => Fault::misconfigured(
                    "the provider refuses the client (invalid_client): oidc_client_id and its secret do not belong to a \
                     client there",
                ),
                "unauthorized_client" | "unsupported_grant_type" | "invalid_scope" => {
                    Fault::misconfigured(format!("the provider refuses the request: {code}"))
                }
                _ => Fault::unproven(format!("the provider refuses the code: {code}")),
            }
        }
        RequestTokenError::Request(error) => Fault::unanswered(&error),
        // Not an overloaded provider, whose status is checked before its answer is parsed.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Fault::misconfigured("the answer for the code is not that of a token endpoint")
        }
    }
}

type UserInfoFault = UserInfoError<HttpFault>;

fn user_info_fault(error: UserInfoFault) -> Fault {
    match error {
        UserInfoError::Request(error) => Fault::unanswered(&error),
        UserInfoError::ClaimsVerification(error) => Fault::unproven(http::chain(&error)),
        UserInfoError::Response(status, ..) => {
            let fault = if status.is_server_error() { ProviderFault::Away } else { ProviderFault::Unproven };
            Fault::new(
                fault,
                format!("the provider answers {} to the request for user info", status.as_u16()),
            )
        }
        error => Fault::unproven(error),
    }
}
