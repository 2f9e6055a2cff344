//! Machinery that knows nothing of workspaces: configuration, database, sessions, HTTP plumbing.

pub mod again;
pub mod assets;
pub mod call;
pub mod clock;
pub mod config;
pub mod csv;
pub mod cursor;
pub mod db;
pub mod device;
pub mod failure;
pub mod given;
pub mod http;
pub mod last_uses;
pub mod live;
pub mod metrics;
pub mod oidc;
pub mod origin;
pub mod private_postgres;
pub mod rate_limit;
pub mod sealed;
pub mod secret;
pub mod session;
pub mod state;
pub mod telemetry;
