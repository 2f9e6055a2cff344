//! The program as a process: what it prints, how it ends, and the Postgres that it owns.

mod addresses;
mod arguments;
mod crash;
mod database_tls;
mod export;
mod import;
mod metrics;
mod migrate;
mod no_room;
mod oidc;
mod operator;
mod packaged_settings;
mod pooler;
mod private_postgres;
mod processes;
mod read_only;
mod secrets;
mod seed;
mod settings;
mod slow_clients;
mod stopping;
mod token;
mod traces;
