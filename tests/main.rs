//! The integration tests: one binary, a fresh database for each test, the real router on a real
//! socket. They need `DATABASE_URL` (script/test sets it) to make those databases with.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it should be"
)]
#![expect(
    clippy::similar_names,
    clippy::too_many_lines,
    reason = "a test tells one story from beginning to end, with the names that its clients have"
)]

#[macro_use]
extern crate test_macros;

mod api;
mod cli;
mod db;
mod house;
mod imports;
mod security;
mod spec;
mod support;
mod text;
mod ui;
