//! The rules of `docs/architecture.md` and `docs/style.md` that can be checked by reading the source.

mod cycles;
mod error_examples;
mod imports;
mod language;
mod misc;
mod parts;
mod repeated_sql;
mod sources;
