//! The keys under which a client may send a request again without it being performed again.
//!
//! - A key belongs to one token, and to one request: method, path and body, kept as a fingerprint.
//! - It commits with the effect of its request and with the answer, refusals included; what was not
//!   answered for good (a fault, a rate limit) leaves no key.
//! - It is good for 24 hours. After that it may be used for something else.
//! - While the first request runs, a second one is told so and not made to wait.
//!
//! A form of the desk is known by a key as well, which its page has put in:
//!
//! - It belongs to the operator who sends the form, and to all that the form holds. With other content the
//!   same form asks for something else, and no one is refused for having gone back to a page.
//! - It commits with the effect of the form. A refusal is not kept: the same form may succeed later.
//! - While the first form is performed, a second one waits for it, since nobody asks again for a browser.
//! - It is good for 24 hours where the form created something, and else for some minutes. When its answer is
//!   the answer to a second form, `ui/server/session/sent_twice.rs` says.

pub mod model;
pub mod ops;
mod store;
