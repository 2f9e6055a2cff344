//! The integration tests: one binary, a fresh database for each test, the real router on a real socket.
//! They need `DATABASE_URL` (`script/test` sets it) to create those databases.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails at the first unexpected value")]
#![expect(
    clippy::similar_names,
    clippy::too_many_lines,
    reason = "a test is one scenario from beginning to end, and its clients have names"
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
