//! The parts of the API that know all resources: the routes, authentication, idempotency keys, atomic operations, and
//! the description of the API.

pub mod authenticate;
pub mod docs;
pub mod idempotency;
pub mod openapi;
pub mod operations;
pub mod routes;
pub mod types;
