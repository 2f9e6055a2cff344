//! Infrastructure that knows no resources: configuration, database, sessions, HTTP.

pub mod assets;
pub mod call;
pub mod clock;
pub mod config;
pub mod csv;
pub mod db;
pub mod failure;
pub mod http;
pub mod instances;
pub mod last_uses;
pub mod metrics;
pub mod notifications;
pub mod oidc;
pub mod origin;
pub mod private_postgres;
pub mod rate_limit;
pub mod secret;
pub mod session;
pub mod signed;
pub mod state;
pub mod sync;
pub mod telemetry;
pub mod token_cache;
