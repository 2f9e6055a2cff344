//! Sign-in by OpenID Connect: the authorization code flow with PKCE, and nothing of who may sign in.
//!
//! A provider is asked for what it is (discovery and keys) when somebody wants to sign in, and not at the
//! start: the desk starts without it. Nothing it says leads the desk elsewhere: redirects are not followed,
//! answers have a limit in size and in time, and only a provider on this machine is spoken to without TLS.
//!
//! What is checked of an answer: that it belongs to a sign-in that was begun in this browser, not long ago, and
//! once ([`Flow`]); that it is of this issuer (RFC 9207); and of the ID token its signature, issuer, audience,
//! time and nonce, and that the access token is the one it came with.

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

pub use self::flow::{FLOW_MINUTES, Flow, flow_keep, flow_take};

/// By how much the provider's clock and ours may differ.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(1);

/// The longest subject that OpenID Connect allows, in bytes.
const SUBJECT_MAX: usize = 255;

/// Why somebody was not signed in, and what the log says of it: no code, token or secret.
#[derive(Debug, Clone)]
pub struct Fault {
    pub fault: ProviderFault,
    pub note: String,
}

impl Fault {
    /// Of a request that had no answer.
    fn unanswered(error: &HttpFault) -> Self {
        let fault = if error.is_lasting { ProviderFault::Misconfigured } else { ProviderFault::Away };
        Self { fault, note: http::chain(error) }
    }

    fn misconfigured(note: impl fmt::Display) -> Self {
        Self { fault: ProviderFault::Misconfigured, note: note.to_string() }
    }

    fn unproven(note: impl fmt::Display) -> Self {
        Self { fault: ProviderFault::Unproven, note: note.to_string() }
    }
}

/// What a browser brings back from the provider, as it stands in the address.
pub struct Answer {
    pub code: Option<String>,
    pub error: Option<String>,
    /// Of which issuer it is (RFC 9207).
    pub issuer: Option<String>,
}

/// Somebody whom the provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// By which the provider knows them for ever.
    pub subject: String,
    pub email: Option<String>,
    /// `None`: the provider does not say, and the settings do not say that its addresses can be trusted.
    pub email_verified: Option<bool>,
    /// The provider may say more than this, and cannot be asked for it at the moment.
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
    /// `callback`: where the provider sends browsers back to, as the provider knows it.
    ///
    /// # Errors
    /// The certificates of this machine cannot be read, or the address is none.
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

    /// Begins a sign-in: where the browser goes, and what is kept of it until it comes back. `next`: where
    /// it goes on to then.
    ///
    /// # Errors
    /// `Away`, `Misconfigured`.
    pub async fn begin(&self, next: &str) -> Result<(String, Flow), Fault> {
        let known = self.discovery.known(&self.http).await?;
        let flow = Flow::begin(next, self.clock.now());
        let (state, nonce) = (CsrfToken::new(flow.state.clone()), Nonce::new(flow.nonce.clone()));
        let verifier = PkceCodeVerifier::new(flow.verifier.clone());
        let (url, _, _) = known
            .client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok((url.into(), flow))
    }

    /// Ends the sign-in that the answer belongs to, whose `flow` was taken out of where it was kept.
    ///
    /// # Errors
    /// `Away`, `Misconfigured`, `Declined`, `Unproven`.
    pub async fn finish(&self, flow: Flow, answer: Answer) -> Result<Vouched, Fault> {
        let known = self.discovery.known(&self.http).await?;
        match answer.issuer {
            Some(issuer) if issuer != self.settings.issuer => {
                return Err(Fault::unproven("the answer is of another issuer"));
            }
            None if known.tells_issuer => return Err(Fault::unproven("the answer does not tell its issuer")),
            Some(_) | None => {}
        }
        if let Some(error) = answer.error {
            return Err(declined(&error));
        }
        let code = answer.code.ok_or_else(|| Fault::unproven("the answer holds no code"))?;
        let tokens = self.exchange(&known.client, code, flow.verifier).await?;
        let id_token = tokens.extra_fields().id_token();
        let id_token = id_token.ok_or_else(|| Fault::unproven("there is no ID token"))?;
        let claims = self.verified(id_token, tokens.access_token(), &Nonce::new(flow.nonce)).await?;
        self.vouched(&known.client, claims, tokens.access_token()).await
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

    /// With the keys that are known, or else with those of now: they may have been replaced since.
    async fn verified(
        &self,
        id_token: &CoreIdToken,
        access_token: &AccessToken,
        nonce: &Nonce,
    ) -> Result<CoreIdTokenClaims, Fault> {
        let known = self.discovery.known(&self.http).await?;
        match self.verify(&known.client, id_token, access_token, nonce) {
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let known = self.discovery.anew(&self.http).await?;
                self.verify(&known.client, id_token, access_token, nonce)
                    .map_err(|error| Fault::unproven(http::chain(&error)))
            }
            outcome => outcome.map_err(|error| Fault::unproven(http::chain(&error))),
        }
    }

    fn verify(
        &self,
        client: &Client,
        id_token: &CoreIdToken,
        access_token: &AccessToken,
        nonce: &Nonce,
    ) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
        // The library's one question about time is whether the token has expired.
        let verifier = client.id_token_verifier().set_time_fn(|| self.clock.now() - CLOCKS_DIFFER);
        let claims = id_token.claims(&verifier, nonce)?;
        if let Some(hash) = claims.access_token_hash() {
            let signature = ClaimsVerificationError::SignatureVerification;
            let (algorithm, key) = (
                id_token.signing_alg().map_err(signature)?,
                id_token.signing_key(&verifier).map_err(signature)?,
            );
            let actual = AccessTokenHash::from_token(access_token, algorithm, key)
                .map_err(|error| ClaimsVerificationError::Other(error.to_string()))?;
            if actual != *hash {
                let other = "the access token is not the one of the ID token".to_owned();
                return Err(ClaimsVerificationError::Other(other));
            }
        }
        Ok(claims.clone())
    }

    /// The e-mail address is in the ID token, or it is asked for: providers differ. An operator who is linked already
    /// needs no address, so the sign-in goes on where the provider does not answer that question.
    async fn vouched(
        &self,
        client: &Client,
        claims: CoreIdTokenClaims,
        access_token: &AccessToken,
    ) -> Result<Vouched, Fault> {
        let subject = claims.subject();
        if subject.is_empty() || subject.len() > SUBJECT_MAX || subject.contains('\0') {
            return Err(Fault::unproven("the subject is none"));
        }
        let (email, is_verified) = (claims.email().cloned(), claims.email_verified());
        let is_told = email.is_some() && is_verified.is_some();
        let asked = client.user_info(access_token.clone(), Some(subject.clone())).ok();
        let (mut email, mut is_verified, mut is_partial) = (email, is_verified, false);
        if let Some(asked) = asked.filter(|_| !is_told) {
            let answer: Result<CoreUserInfoClaims, UserInfoFault> = asked.request_async(&self.http).await;
            match answer {
                Ok(told) => {
                    email = told.email().cloned().or(email);
                    is_verified = told.email_verified().or(is_verified);
                }
                // The answer is about somebody else, or is not the provider's.
                Err(error @ UserInfoError::ClaimsVerification(_)) => return Err(info_fault(error)),
                Err(error) => {
                    let Fault { fault, note } = info_fault(error);
                    tracing::warn!(%note, "the identity provider does not tell the e-mail address");
                    is_partial = fault == ProviderFault::Away;
                }
            }
        }
        Ok(Vouched {
            subject: subject.to_string(),
            email: email.map(|email| email.to_string()),
            email_verified: is_verified.or(self.settings.trusts_email.then_some(true)),
            is_partial,
        })
    }
}

/// What the provider says in the address instead of a code.
fn declined(error: &str) -> Fault {
    let (fault, note) = match error {
        "access_denied" => (ProviderFault::Declined, "the provider says access_denied"),
        "server_error" => (ProviderFault::Away, "the provider says server_error"),
        "temporarily_unavailable" => (ProviderFault::Away, "the provider says temporarily_unavailable"),
        "unauthorized_client" | "invalid_scope" | "unsupported_response_type" | "invalid_request" => (
            ProviderFault::Misconfigured,
            "the provider refuses the desk's request: see how it has the desk registered as a client",
        ),
        // Anybody could write anything there.
        _ => (ProviderFault::Declined, "the provider says that it did not sign in"),
    };
    Fault { fault, note: note.to_owned() }
}

type TokenFault = RequestTokenError<HttpFault, StandardErrorResponse<CoreErrorResponseType>>;

/// Without what the provider says at length, which may quote what it was sent.
fn token_fault(error: TokenFault) -> Fault {
    match error {
        RequestTokenError::ServerResponse(answer) => {
            let code = bounded(answer.error().as_ref());
            match code.as_str() {
                "invalid_client" => Fault::misconfigured(
                    "the provider refuses the desk itself (invalid_client): oidc_client_id and its secret are not \
                     those of a client there",
                ),
                "unauthorized_client" | "unsupported_grant_type" | "invalid_scope" => {
                    Fault::misconfigured(format!("the provider refuses the desk's request: {code}"))
                }
                _ => Fault::unproven(format!("the provider refuses the code: {code}")),
            }
        }
        RequestTokenError::Request(error) => Fault::unanswered(&error),
        // A provider that has too much to do is found out before the answer is read.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Fault::misconfigured(
            "the answer for the code is not understood: what answers is not the token endpoint of a provider",
        ),
    }
}

type UserInfoFault = UserInfoError<HttpFault>;

fn info_fault(error: UserInfoFault) -> Fault {
    match error {
        UserInfoError::Request(error) => Fault::unanswered(&error),
        UserInfoError::ClaimsVerification(error) => Fault::unproven(http::chain(&error)),
        UserInfoError::Response(status, ..) => {
            let fault = if status.is_server_error() { ProviderFault::Away } else { ProviderFault::Unproven };
            Fault {
                fault,
                note: format!("the provider answers {} where it tells of somebody", status.as_u16()),
            }
        }
        error => Fault::unproven(error),
    }
}

fn bounded(text: &str) -> String {
    text.chars().filter(char::is_ascii_graphic).take(60).collect()
}
