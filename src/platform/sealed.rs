//! What is kept so that only somebody who has a secret reads it again.

use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::Sha256;

use super::failure::{Failure, Outcome};

/// Keeps what is derived here apart from all else that the same secret may be used for.
const PURPOSE: &[u8] = b"groupdesk sealed text";

/// The key of a secret that is random already (RFC 5869, step "extract").
fn key(secret: &str) -> Option<LessSafeKey> {
    let mut derived = <Hmac<Sha256> as KeyInit>::new_from_slice(PURPOSE).ok()?;
    derived.update(secret.as_bytes());
    let key = UnboundKey::new(&CHACHA20_POLY1305, &derived.finalize().into_bytes()[..]).ok()?;
    Some(LessSafeKey::new(key))
}

/// Encrypts and authenticates the text (RFC 8439). The nonce stands before it.
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

/// The text, if it was sealed with this secret and is whole.
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
    fn a_sealed_text_opens_with_its_secret_alone_and_only_when_whole() {
        let sealed = seal("a secret", b"a token").unwrap();
        assert_eq!(open("a secret", &sealed).as_deref(), Some(&b"a token"[..]));
        assert_eq!(open("another", &sealed), None);
        assert!(!sealed.windows(7).any(|part| part == b"a token"));
        assert_ne!(seal("a secret", b"a token").unwrap(), sealed, "each time with a nonce of its own");
        for end in 0..sealed.len() {
            assert_eq!(open("a secret", &sealed[..end]), None, "{end} bytes");
        }
        let mut changed = sealed;
        changed[NONCE_LEN] ^= 1;
        assert_eq!(open("a secret", &changed), None);
    }
}
