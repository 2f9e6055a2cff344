//! The keys under which a client may send a request again without it being performed again.
//!
//! - A key belongs to one token, and to one request: method, path and body, kept as a fingerprint.
//! - It commits with the effect of its request and with the answer, refusals included; what was not
//!   answered for good (a fault, a rate limit) leaves no key.
//! - It is good for 24 hours. After that it may be used for something else.
//! - While the first request runs, a second one is told so and not made to wait.

pub mod model;
pub mod ops;
mod store;
