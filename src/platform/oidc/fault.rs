//! What the failures of the provider and of its answers mean.

use std::error::Error;
use std::fmt;
use std::io;
use std::iter::successors;

use axum::http::StatusCode;
use openidconnect::core::CoreErrorResponseType;
use openidconnect::{
    ClaimsVerificationError, DiscoveryError, RequestTokenError, StandardErrorResponse, UserInfoError,
};
use rustls::AlertDescription;

use crate::kernel::problem::ProviderFault;

/// Why a sign-in failed. The note is for the log and contains no code, token or secret.
#[derive(Debug, Clone)]
pub struct Fault {
    pub fault: ProviderFault,
    pub note: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.note)
    }
}

impl Error for Fault {}

impl Fault {
    pub(super) fn away(note: impl fmt::Display) -> Self {
        Self { fault: ProviderFault::Away, note: note.to_string() }
    }

    pub(super) fn misconfigured(note: impl fmt::Display) -> Self {
        Self { fault: ProviderFault::Misconfigured, note: note.to_string() }
    }

    pub(super) fn unproven(note: impl fmt::Display) -> Self {
        Self { fault: ProviderFault::Unproven, note: note.to_string() }
    }

    /// There was no answer. An untrusted certificate stays untrusted, and a server without TLS stays so.
    pub(super) fn unanswered(error: &(dyn Error + 'static)) -> Self {
        let is_permanent = sources(error).any(is_permanent);
        if is_permanent { Self::misconfigured(chain(error)) } else { Self::away(chain(error)) }
    }

    pub(super) fn declined(error: &str) -> Self {
        let declined = |note: &str| Self { fault: ProviderFault::Declined, note: note.to_owned() };
        match error {
            "access_denied" => declined("the provider answers access_denied"),
            "server_error" | "temporarily_unavailable" => Self::away(format!("the provider answers {error}")),
            "unauthorized_client" | "invalid_scope" | "unsupported_response_type" | "invalid_request" => {
                Self::misconfigured(
                    "the provider refuses the request: check the registration of the client there",
                )
            }
            // Anyone can write anything into the URL, so the text is not logged.
            _ => declined("the provider reports that it did not sign in"),
        }
    }
}

impl From<ClaimsVerificationError> for Fault {
    fn from(error: ClaimsVerificationError) -> Self {
        Self::unproven(chain(&error))
    }
}

/// An unreachable or overloaded provider may be available again soon; `client.rs` has reported its statuses 5xx and 429
/// before. Any other unexpected answer will stay the same.
impl From<DiscoveryError<Self>> for Fault {
    fn from(error: DiscoveryError<Self>) -> Self {
        match error {
            DiscoveryError::Request(fault) => fault,
            DiscoveryError::Response(status, ..) => {
                let note = format!(
                    "the provider answers {} to the request for its metadata (oidc_issuer followed by \
                     /.well-known/openid-configuration)",
                    status.as_u16()
                );
                let is_busy = status == StatusCode::REQUEST_TIMEOUT;
                if is_busy { Self::away(note) } else { Self::misconfigured(note) }
            }
            DiscoveryError::Validation(text) => Self::misconfigured(format!(
                "{text}: oidc_issuer must be exactly the issuer that the provider reports, including a slash at the end"
            )),
            error => Self::misconfigured(chain(&error)),
        }
    }
}

/// Logs only the error code, because the description may quote what was sent.
impl From<RequestTokenError<Self, StandardErrorResponse<CoreErrorResponseType>>> for Fault {
    fn from(error: RequestTokenError<Self, StandardErrorResponse<CoreErrorResponseType>>) -> Self {
        let answer = match error {
            RequestTokenError::ServerResponse(answer) => answer,
            RequestTokenError::Request(fault) => return fault,
            // Not an overloaded provider, whose status is checked before its answer is parsed.
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                return Self::misconfigured("the answer for the code is not that of a token endpoint");
            }
        };
        let code: String = answer.error().as_ref().chars().filter(char::is_ascii_graphic).take(60).collect();
        match code.as_str() {
            "invalid_client" => Self::misconfigured(
                "the provider refuses the client (invalid_client): oidc_client_id and its secret do not belong to a \
                 client there",
            ),
            "unauthorized_client" | "unsupported_grant_type" | "invalid_scope" => {
                Self::misconfigured(format!("the provider refuses the request: {code}"))
            }
            _ => Self::unproven(format!("the provider refuses the code: {code}")),
        }
    }
}

impl From<UserInfoError<Self>> for Fault {
    fn from(error: UserInfoError<Self>) -> Self {
        match error {
            UserInfoError::Request(fault) => fault,
            UserInfoError::ClaimsVerification(error) => error.into(),
            UserInfoError::Response(status, ..) => {
                let status = status.as_u16();
                Self::unproven(format!("the provider answers {status} to the request for user info"))
            }
            error => Self::unproven(error),
        }
    }
}

fn sources<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    successors(Some(error), |&error| error.source())
}

fn chain(error: &(dyn Error + 'static)) -> String {
    sources(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
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

#[cfg(test)]
mod tests {
    use rustls::{CertificateError, InvalidMessage, PeerIncompatible};

    use super::*;

    #[test]
    fn what_tls_fails_on_for_good_is_permanent() {
        let is_permanent = |error: &io::Error| Fault::unanswered(error).fault == ProviderFault::Misconfigured;
        for error in [
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer),
            // The answer of a server without TLS.
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType),
            rustls::Error::AlertReceived(AlertDescription::ProtocolVersion),
            rustls::Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13),
        ] {
            let wrapped = io::Error::other(io::Error::other(error));
            assert!(is_permanent(&wrapped), "{wrapped}");
        }
        let temporary = rustls::Error::AlertReceived(AlertDescription::InternalError);
        assert!(!is_permanent(&io::Error::other(temporary)));
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert!(!is_permanent(&io::Error::other(refused)));
        assert!(!is_permanent(&io::Error::other(rustls::Error::HandshakeNotComplete)));
    }
}
