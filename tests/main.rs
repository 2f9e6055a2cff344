//! The integration tests: one binary, a fresh database for each test.
