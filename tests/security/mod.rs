//! Security. `matrix.rs` tests every path as every caller of `docs/access.md`; the other files are attacks,
//! each named after its kind.

mod access;
mod callers;
mod csrf;
mod fixation;
mod fixtures;
mod forms;
mod headers;
mod injection;
mod markup;
mod matrix;
mod outgoing;
mod oversized;
mod redirects;
mod requests;
mod routes;
mod secrets;
mod sign_in;
mod smuggling;
mod state;
mod unread;
