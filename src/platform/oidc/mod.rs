//! Sign-in by OpenID Connect: the authorization code flow with PKCE. This module does not decide who may sign in.
//!
//! The server starts without the provider, whose metadata is requested at the first sign-in. Nothing that the provider
//! sends can lead the server elsewhere: redirects are not followed, answers are limited in size and time, and only a
//! provider on this machine is contacted without TLS.
//!
//! An answer must belong to a recent, unused sign-in of this browser ([`Flow`]) and to this issuer (RFC 9207). The
//! signature, issuer, audience, time and nonce of the ID token must be valid, and it must match the access token.

mod client;
mod fault;
pub mod settings;

use std::io;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use moka::future::Cache;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreIdToken, CoreIdTokenClaims, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, ClaimsVerificationError, CsrfToken, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, UserInfoError,
};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use self::client::{Client, Discovered, Http, MAX_AGE};
pub use self::fault::Fault;
use self::settings::OidcSettings;
use crate::kernel::clock::Clock;
use crate::kernel::problem::ProviderFault;
use crate::kernel::recency::is_recent;
use crate::platform::secret;

/// An ID token is accepted for this long after it expires, because the clock of the provider may differ.
const EXPIRY_LEEWAY: TimeDelta = TimeDelta::minutes(1);
const SUBJECT_MAX: usize = 255;

pub struct Answer {
    pub code: Option<String>,
    pub error: Option<String>,
    pub issuer: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedAccount {
    pub subject: String,
    pub email: Option<String>,
    /// `None`: the provider does not report it, and the settings do not trust its addresses.
    pub email_verified: Option<bool>,
    /// The request for the e-mail address failed, and may succeed later.
    pub is_partial: bool,
}

pub struct Provider {
    settings: OidcSettings,
    callback: RedirectUrl,
    http: Http,
    clock: Clock,
    /// Concurrent callers share one request and its failure.
    discovered: Cache<(), Arc<Discovered>>,
}

impl Provider {
    /// `callback` is the URL to which the provider sends browsers back. Fails if no certificates can be read.
    pub fn new(settings: OidcSettings, callback: String, clock: Clock) -> io::Result<Self> {
        let http = Http::new(settings.issuer.starts_with("https://"))?;
        let callback = RedirectUrl::new(callback).map_err(io::Error::other)?;
        let discovered = Cache::builder().max_capacity(1).time_to_live(MAX_AGE).build();
        Ok(Self { settings, callback, http, clock, discovered })
    }

    pub fn name(&self) -> &str {
        &self.settings.name
    }

    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Returns the URL for the browser, and the flow to be stored until it returns. `next` is the path to continue at.
    pub async fn begin(&self, next: &str) -> Result<(String, Flow), Fault> {
        let provider = self.discovered().await?;
        let flow = Flow::begin(next, self.clock.now());
        let (state, nonce) = (flow.state.clone(), flow.nonce.clone());
        let (url, _, _) = provider
            .client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&flow.verifier))
            .url();
        Ok((url.into(), flow))
    }

    pub async fn finish(&self, flow: Flow, answer: Answer) -> Result<VerifiedAccount, Fault> {
        let provider = self.discovered().await?;
        match answer.issuer {
            Some(issuer) if issuer != self.settings.issuer => {
                return Err(Fault::unproven("the answer names another issuer"));
            }
            None if provider.names_issuer => return Err(Fault::unproven("the answer names no issuer")),
            Some(_) | None => {}
        }
        if let Some(error) = answer.error {
            return Err(Fault::declined(&error));
        }
        let code = answer.code.ok_or_else(|| Fault::unproven("the answer contains no code"))?;
        let request = provider.client.exchange_code(AuthorizationCode::new(code)).map_err(Fault::unproven)?;
        let request = request.set_pkce_verifier(flow.verifier);
        let tokens: CoreTokenResponse = request.request_async(&self.http).await?;
        let id_token = tokens.extra_fields().id_token();
        let id_token = id_token.ok_or_else(|| Fault::unproven("there is no ID token"))?;
        let verify = |client: &Client| self.verify(client, id_token, tokens.access_token(), &flow.nonce);
        let mut claims = verify(&provider.client);
        // The provider may have replaced its keys since the discovery.
        if let Err(ClaimsVerificationError::SignatureVerification(_)) = claims {
            self.discovered.invalidate(&()).await;
            claims = verify(&self.discovered().await?.client);
        }
        self.account(&provider.client, claims?, tokens.access_token()).await
    }

    fn verify(
        &self,
        client: &Client,
        id_token: &CoreIdToken,
        access_token: &AccessToken,
        nonce: &Nonce,
    ) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
        // The library uses the time only to check whether the token has expired.
        let verifier = client.id_token_verifier().set_time_fn(|| self.clock.now() - EXPIRY_LEEWAY);
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

    /// Some providers have the e-mail address only in the user info. A linked operator signs in without one, too.
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
            let answer: Result<CoreUserInfoClaims, UserInfoError<Fault>> =
                request.request_async(&self.http).await;
            match answer {
                Ok(info) => {
                    email = info.email().cloned().or(email);
                    is_verified = info.email_verified().or(is_verified);
                }
                // The answer is about another subject, or not from the provider.
                Err(UserInfoError::ClaimsVerification(error)) => return Err(error.into()),
                Err(error) => {
                    let Fault { fault, note } = error.into();
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

pub const FLOW_MINUTES: i64 = 10;
/// The most concurrent sign-ins in one browser, such as in several tabs.
const FLOWS_MAX: usize = 8;

/// A sign-in that has started: what the session stores until the browser returns.
#[derive(Serialize, Deserialize)]
pub struct Flow {
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    pub next: String,
    at: DateTime<Utc>,
}

impl Flow {
    fn begin(next: &str, now: DateTime<Utc>) -> Self {
        Self {
            state: CsrfToken::new(secret::random_text()),
            nonce: Nonce::new(secret::random_text()),
            verifier: PkceCodeVerifier::new(secret::random_text()),
            next: next.to_owned(),
            at: now,
        }
    }

    fn is_over(&self, now: DateTime<Utc>) -> bool {
        !is_recent(self.at, TimeDelta::minutes(FLOW_MINUTES), now)
    }
}

pub fn flow_store(mut flows: Vec<Flow>, flow: Flow, now: DateTime<Utc>) -> Vec<Flow> {
    flows.retain(|other| !other.is_over(now));
    flows.push(flow);
    let surplus = flows.len().saturating_sub(FLOWS_MAX);
    flows.drain(..surplus);
    flows
}

pub fn flow_take(flows: &mut Vec<Flow>, state: &str, now: DateTime<Utc>) -> Option<Flow> {
    let at =
        flows.iter().position(|flow| bool::from(flow.state.secret().as_bytes().ct_eq(state.as_bytes())))?;
    let flow = flows.remove(at);
    (!flow.is_over(now)).then_some(flow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(minute: i64) -> DateTime<Utc> {
        let start: DateTime<Utc> = "2026-05-28T09:00:00Z".parse().unwrap();
        start + TimeDelta::minutes(minute)
    }

    #[test]
    fn flow_is_used_once() {
        let (one, other) = (Flow::begin("/groups", time(0)), Flow::begin("/", time(1)));
        let (state, other_state) = (one.state.secret().clone(), other.state.secret().clone());
        let mut flows = flow_store(flow_store(Vec::new(), one, time(0)), other, time(1));
        assert!(flow_take(&mut flows, "another", time(2)).is_none());
        assert_eq!(flow_take(&mut flows, &state, time(2)).map(|flow| flow.next).as_deref(), Some("/groups"));
        assert!(flow_take(&mut flows, &state, time(2)).is_none());
        assert!(flow_take(&mut flows, &other_state, time(2)).is_some());
    }

    #[test]
    fn flow_expires() {
        let mut flows = vec![Flow::begin("/", time(0))];
        let state = flows[0].state.secret().clone();
        assert!(flow_take(&mut flows, &state, time(FLOW_MINUTES)).is_none());
        assert!(flows.is_empty());
        let flows = flow_store(vec![Flow::begin("/", time(0))], Flow::begin("/", time(10)), time(10));
        assert_eq!(flows.len(), 1);
        // A flow of a wrong clock has expired, too.
        let flows = flow_store(vec![Flow::begin("/", time(72_000))], Flow::begin("/", time(10)), time(10));
        assert_eq!(flows.len(), 1);
    }

    #[test]
    fn oldest_flow_is_dropped() {
        let mut flows = Vec::new();
        for minute in 0..9 {
            flows = flow_store(flows, Flow::begin(&format!("/{minute}"), time(minute)), time(minute));
        }
        let next: Vec<&str> = flows.iter().map(|flow| flow.next.as_str()).collect();
        assert_eq!(next, ["/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8"]);
    }
}
