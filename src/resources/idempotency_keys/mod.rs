//! Idempotency keys, under which a client can repeat a request without its being performed again.
//!
//! - A key belongs to one token and one request: method, path and body, stored as a fingerprint. While the first request
//!   runs, a second one is refused and does not wait.
//! - It commits with the effect of the request and with its response, which may be a refusal. A response that is not final
//!   (a fault, a rate limit) stores no key. After 24 hours a key may be used for another request.
//!
//! Forms on the pages also have a key, which belongs to the operator and to the content of the form: the same form with
//! other content is another request. A refusal is not stored, because the same form may succeed later. A second form waits
//! for the first, because browsers do not retry. `ui/server/session/submitted_form.rs` decides how long the key is valid.

pub mod model;
pub mod ops;
mod store;
