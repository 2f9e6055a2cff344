//! Secrets: generated here, stored only as hashes or encrypted, compared in constant time.

use std::sync::LazyLock;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use crate::platform::failure::{Failure, Outcome};

/// Every API token begins with this, so that secret scanners recognize a leaked one.
pub const TOKEN_PREFIX: &str = "groupdesk_";
/// The characters of a token that stay readable, so that a list of tokens can be read.
const VISIBLE_LENGTH: usize = TOKEN_PREFIX.len() + 6;

/// 256 random bits as 43 characters that are safe in a URL.
pub fn random_text() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// SHA-256, which suits secrets that are random, but not passwords.
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// HMAC-SHA-256 of parts that are separated by NUL, which only the last part may contain.
///
/// # Panics
/// Never: HMAC accepts a key of any length.
pub fn hmac<const N: usize>(key: &[u8], parts: [&[u8]; N]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC accepts a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC accepts a key of any length");
    mac.update(&parts.join(&0_u8));
    mac
}

/// A new API token. Its text exists only here and is shown once.
#[derive(Clone)]
pub struct NewToken {
    pub text: String,
}

impl NewToken {
    pub fn random() -> Self {
        Self { text: format!("{TOKEN_PREFIX}{}", random_text()) }
    }

    pub fn prefix(&self) -> &str {
        self.text.get(..VISIBLE_LENGTH).unwrap_or(&self.text)
    }

    pub fn hash(&self) -> Vec<u8> {
        hash(&self.text)
    }
}

/// OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

/// One hash per core: each takes 19 MiB, and more would not be faster. A flood of sign-ins waits here at no cost.
static HASHING: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)));

const QUEUE_TIMEOUT: Duration = Duration::from_secs(10);

/// Hashing takes tens of milliseconds by design, so it runs on a thread where blocking is allowed.
async fn hashing<T: Send + 'static>(work: impl FnOnce() -> Outcome<T> + Send + 'static) -> Outcome<T> {
    let Ok(permit) = tokio::time::timeout(QUEUE_TIMEOUT, HASHING.acquire()).await else {
        return Err(Failure::Unavailable("too many passwords are waiting to be hashed".into()));
    };
    let permit = permit.map_err(Failure::fault)?;
    let hashing = tokio::task::spawn_blocking(move || {
        // The permit is held until the work is done, even if the caller is gone.
        let _permit = permit;
        work()
    });
    hashing.await.map_err(Failure::fault)?
}

pub async fn password_hash(password: String) -> Outcome<String> {
    hashing(move || Ok(argon2().hash_password(password.as_bytes()).map_err(Failure::fault)?.to_string()))
        .await
}

/// Without a hash the same work is done, so that the time does not reveal that there is none.
pub async fn password_verify(password: String, hash: Option<String>) -> Outcome<bool> {
    hashing(move || {
        let parsed = PasswordHash::new(hash.as_deref().unwrap_or(UNUSED_HASH)).map_err(Failure::fault)?;
        Ok(argon2().verify_password(password.as_bytes(), &parsed).is_ok() && hash.is_some())
    })
    .await
}

const UNUSED_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Z3JvdXBkZXNrLW5vYm9keQ$eJvZkFq0V0Wc6y0oRj4pR3S2tQn9sXJ8m1yBz5uLh7k";

const SEALING: &[u8] = b"groupdesk sealed text";

/// Derives the key from a secret that is random (RFC 5869, step "extract").
fn sealing_key(secret: &str) -> Option<LessSafeKey> {
    let derived = hmac(SEALING, [secret.as_bytes()]).finalize().into_bytes();
    Some(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &derived[..]).ok()?))
}

/// Encrypts and authenticates the text (RFC 8439). The result begins with the nonce.
pub fn seal(secret: &str, text: &[u8]) -> Outcome<Vec<u8>> {
    let nonce: [u8; NONCE_LEN] = rand::random();
    let mut sealed = text.to_vec();
    let seal = |key: LessSafeKey| {
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed).ok()
    };
    sealing_key(secret).and_then(seal).ok_or_else(|| Failure::fault("a text could not be sealed"))?;
    Ok([&nonce[..], &sealed[..]].concat())
}

pub fn open(secret: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut text = text.to_vec();
    Some(sealing_key(secret)?.open_in_place(nonce, Aad::empty(), &mut text).ok()?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn password_matches_only_its_own_hash() {
        let hash = password_hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(password_verify("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!password_verify("wrong horse".into(), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn no_password_matches_a_missing_hash() {
        assert!(!password_verify(String::new(), None).await.unwrap());
    }

    #[test]
    fn token_shows_its_prefix_and_six_characters() {
        let token = NewToken::random();
        assert_eq!(token.text.len(), 53);
        assert_eq!(token.prefix().len(), 16);
    }

    #[test]
    fn sealed_text_opens_unchanged_and_only_with_its_secret() {
        let sealed = seal("a secret", b"a token").unwrap();
        assert_eq!(open("a secret", &sealed).as_deref(), Some(&b"a token"[..]));
        assert_eq!(open("another", &sealed), None);
        assert!(!sealed.windows(7).any(|part| part == b"a token"));
        assert_ne!(seal("a secret", b"a token").unwrap(), sealed, "every nonce is new");
        for end in 0..sealed.len() {
            assert_eq!(open("a secret", &sealed[..end]), None, "{end} bytes");
        }
        let mut changed = sealed;
        changed[NONCE_LEN] ^= 1;
        assert_eq!(open("a secret", &changed), None);
    }
}
