//! Secrets: made here, kept only as hashes, compared without telling how far they agreed.

use std::sync::LazyLock;
use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::failure::{Failure, Outcome};

/// What every API token starts with, so that secret scanners find one that got loose.
pub const TOKEN_PREFIX: &str = "groupdesk_";
/// How much of a token is kept readable, to tell tokens apart in a list.
const TOKEN_SHOWN: usize = TOKEN_PREFIX.len() + 6;

/// 256 random bits as 43 characters that are safe in a URL.
pub fn random_text() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// SHA-256. Right for what is random already, wrong for passwords.
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// A new API token. Its text exists only here: show it once.
#[derive(Clone)]
pub struct NewToken {
    pub text: String,
}

impl NewToken {
    pub fn random() -> Self {
        Self { text: format!("{TOKEN_PREFIX}{}", random_text()) }
    }

    pub fn prefix(&self) -> &str {
        self.text.get(..TOKEN_SHOWN).unwrap_or(&self.text)
    }

    pub fn hash(&self) -> Vec<u8> {
        hash(&self.text)
    }
}

/// OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

/// One hash for each core and no more: each takes 19 MiB, and more at once would make none of them
/// quicker. Whoever floods the sign-in waits in a line that costs nothing.
static HASHING: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)));

/// Who waits for longer is told that the desk is busy.
const PATIENCE: Duration = Duration::from_secs(10);

async fn turn() -> Outcome<SemaphorePermit<'static>> {
    match tokio::time::timeout(PATIENCE, HASHING.acquire()).await {
        Ok(permit) => permit.map_err(Failure::fault),
        Err(_) => Err(Failure::Unavailable("too many passwords are waiting to be hashed".into())),
    }
}

/// Takes tens of milliseconds by design, so it runs where blocking is allowed.
pub async fn password_hash(password: String) -> Outcome<String> {
    let turn = turn().await?;
    tokio::task::spawn_blocking(move || {
        // Held until the work is done, also if nobody waits for it any more.
        let _turn = turn;
        argon2().hash_password(password.as_bytes()).map(|hash| hash.to_string())
    })
    .await
    .map_err(Failure::fault)?
    .map_err(|error| Failure::fault(error.to_string()))
}

/// Does the password belong to the hash? Without a hash the work is done all the same, so that the
/// time does not tell whether there is one.
pub async fn password_verify(password: String, hash: Option<String>) -> Outcome<bool> {
    let turn = turn().await?;
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODYS_HASH.to_owned());
        let parsed = PasswordHash::new(&hash).map_err(|error| Failure::fault(error.to_string()))?;
        Ok(argon2().verify_password(password.as_bytes(), &parsed).is_ok() && known)
    })
    .await
    .map_err(Failure::fault)?
}

/// Of a password that nobody has, at today's cost.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Z3JvdXBkZXNrLW5vYm9keQ$eJvZkFq0V0Wc6y0oRj4pR3S2tQn9sXJ8m1yBz5uLh7k";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() {
        let hash = password_hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(password_verify("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!password_verify("wrong horse".into(), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn without_a_hash_nothing_verifies() {
        assert!(!password_verify(String::new(), None).await.unwrap());
    }

    #[test]
    fn a_token_shows_its_prefix_and_six_characters() {
        let token = NewToken::random();
        assert_eq!(token.text.len(), 53);
        assert_eq!(token.prefix().len(), 16);
    }
}
