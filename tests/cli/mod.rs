//! The program as a process: what it prints, how it ends, and the Postgres that it owns.

mod arguments;
mod crash;
mod export;
mod import;
mod metrics;
mod migrate;
mod oidc;
mod operator;
mod packaged_settings;
mod pooler;
mod private_postgres;
mod processes;
mod secrets;
mod seed;
mod settings;
mod slow_clients;
mod stopping;
mod token;
mod traces;
