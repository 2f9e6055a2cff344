//! What the product is about, one folder a noun. In each, the file name is the layer:
//!
//! - `mod.rs`: the rules in prose;
//! - `model.rs`: the noun's words;
//! - `rules.rs`: pure decisions with their tests;
//! - `ops.rs`: what can be done, decide → store → audit, in a transaction that the caller opened;
//! - `store.rs`: every SQL statement that touches the noun's table;
//! - `api/`: the JSON:API face, a file per verb.
//!
//! # Adding a resource
//!
//! 1. A migration with the table; every constraint and index named. An index for each filter in each
//!    order that the resource is to offer: live and removed rows have indexes of their own, see
//!    `platform/db/keyset.rs`.
//! 2. A folder here with the files above, and its line below. Ids: a line in `kernel/id.rs`. If other
//!    nouns are to include it, its columns go into `rows.rs`.
//! 3. A new way to refuse: a variant of `kernel::problem::Problem`; the compiler then asks for its
//!    status in `api/error.rs` and its sentence in `ui/messages.rs`.
//! 4. Its `api/mod.rs` declares it (type, base path, attributes, relationships, filters, sorts,
//!    includes) and makes the resource object; one file a verb beside it. `list.rs` of any noun shows
//!    how a query is read, `create.rs` and `update.rs` how a body is. The type goes into
//!    `registry/types.rs`, which makes it known to `fields`, to atomic operations and to the OpenAPI
//!    document; the routes go into `routes.rs`, the verbs that operations may call into
//!    `registry/operations.rs`.
//! 5. Its pages go into `ui/<noun>/pages/`, their paths into `ui/paths.rs`, its server functions into
//!    `ui/<noun>/actions.rs`.
//! 6. `tests/api/<resource>/<verb>.rs`, and `script/queries` once the SQL is settled. `tests/house.rs`
//!    and `tests/api/openapi.rs` fail where a route refuses nobody or is described nowhere,
//!    `tests/db/plans.rs` where a filter or an order has no index.

pub mod admin_events;
pub mod api_tokens;
pub mod enrollment_events;
pub mod enrollments;
pub mod imports;
pub mod operator_sessions;
pub mod operators;
pub mod people;
pub mod search;
pub mod workspace_groups;
pub mod workspaces;

#[cfg(feature = "ssr")]
pub mod idempotency_keys;
#[cfg(feature = "ssr")]
pub mod rows;
#[cfg(feature = "ssr")]
pub mod sign_in_attempts;
