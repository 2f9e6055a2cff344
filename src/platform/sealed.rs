//! Encrypts text so that only the holder of a secret can read it.

use hmac::Mac as _;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::failure::{Failure, Outcome};
use super::secret;

const PURPOSE: &[u8] = b"groupdesk sealed text";

/// Derives the key from a secret that is random (RFC 5869, step "extract").
fn key(secret: &str) -> Option<LessSafeKey> {
    let derived = secret::hmac(PURPOSE, [secret.as_bytes()]).finalize().into_bytes();
    Some(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &derived[..]).ok()?))
}

/// Encrypts and authenticates the text (RFC 8439). The result begins with the nonce.
pub fn seal(secret: &str, text: &[u8]) -> Outcome<Vec<u8>> {
    let nonce: [u8; NONCE_LEN] = rand::random();
    let mut sealed = text.to_vec();
    key(secret)
        .and_then(|key| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            key.seal_in_place_append_tag(nonce, Aad::empty(), &mut sealed).ok()
        })
        .ok_or_else(|| Failure::fault("a text could not be sealed"))?;
    Ok([&nonce[..], &sealed[..]].concat())
}

pub fn open(secret: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut text = text.to_vec();
    Some(key(secret)?.open_in_place(nonce, Aad::empty(), &mut text).ok()?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

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
