//! What the desk lets nobody do. `matrix.rs` is every address as every caller, as `docs/access.md` has it;
//! the other files are attacks, each named after what it tries.

mod access;
mod callers;
mod csrf;
mod deeds;
mod fixation;
mod forms;
mod headers;
mod injection;
mod markup;
mod matrix;
mod outgoing;
mod oversized;
mod redirects;
mod routes;
mod secrets;
mod sign_in;
mod smuggling;
mod state;
mod things;
mod unread;
