//! The program as a process: what it prints, how it ends, and the Postgres that it owns.

mod arguments;
mod crash;
mod export;
mod import;
mod migrate;
mod operator;
mod packaged_settings;
mod private_postgres;
mod processes;
mod secrets;
mod seed;
mod settings;
mod stopping;
mod token;
