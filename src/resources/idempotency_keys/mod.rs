//! Idempotency keys, under which a client can repeat a request without its being performed again.
//!
//! - A key belongs to one token and one request: method, path and body, stored as a fingerprint.
//! - It commits with the effect of the request and with its response, which may be a refusal. A response that is not final
//!   (a fault, a rate limit) stores no key.
//! - It is valid for 24 hours and may then be used for another request.
//! - While the first request runs, a second one is refused and does not wait.
//!
//! Forms on the pages also have a key, which the page puts into them:
//!
//! - It belongs to the operator and to the content of the form. The same form with other content is another request, so
//!   that going back to a page causes no refusal.
//! - It commits with the effect of the form. A refusal is not stored, because the same form may succeed later.
//! - While the first form is processed, a second one waits for it, because browsers do not retry.
//! - It is valid for 24 hours if the form created something, else for a few minutes.
//!   `ui/server/session/repeated_forms.rs` decides when its response answers a second form.

pub mod model;
pub mod ops;
mod store;
