//! The program as a process: its output, its exit status, and its private Postgres.

mod addresses;
mod arguments;
mod crash;
mod database_tls;
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
mod read_only;
mod revocation;
mod secrets;
mod seed;
mod settings;
mod shared_limits;
mod shutdown;
mod slow_clients;
mod standbys;
mod token;
mod traces;
mod write_failures;
