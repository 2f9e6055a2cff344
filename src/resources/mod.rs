//! The resources of the product. Each noun has a folder, and in it each file is a layer:
//!
//! - `mod.rs`: the rules in prose;
//! - `model.rs`: its types;
//! - `rules.rs`: pure decisions with their tests;
//! - `ops.rs`: its operations (decide, store, log), in a transaction that the caller opened. Reads that decide nothing
//!   are re-exported from the store;
//! - `store.rs`: every SQL statement on the noun's table; many lists are in `store/list.rs`;
//! - `api/`: the JSON:API type, and what the shared handlers need to serve it.
//!
//! Operations that concern several nouns are in `flows/`.
//!
//! # Adding a resource
//!
//! 1. Add a migration with the table, in which every constraint and index has a name. Each filter needs an index in each
//!    order that the resource offers. Live and removed rows have separate indexes, see `platform/db/keyset.rs`.
//! 2. Add a folder with the files above, and its line below. Ids are a line in `kernel/id.rs` and one in `rows.rs`. If
//!    other nouns include it, its columns go into `rows.rs`.
//! 3. A new kind of refusal is a variant of `kernel::problem::Problem`; the compiler then asks for its status in
//!    `api/error.rs` and its sentence in `ui/messages.rs`.
//! 4. Its `api/mod.rs` declares the type, builds the resource object, and implements `api::Readable` and `api::Writable`,
//!    with which the handlers in `api/verbs.rs` serve it. The type goes into
//!    `registry/types.rs`, its routes into `registry/routes.rs`, and a type that operations may change into
//!    `registry/operations.rs`.
//! 5. Pages go into `ui/<noun>/pages.rs`, their paths into `ui/paths.rs`, server functions into `ui/<noun>/actions.rs`.
//! 6. Tests go into `tests/api/<resource>/<verb>.rs`. Run `script/queries` once the SQL is final. `tests/house` and
//!    `tests/api/openapi.rs` fail for a route without authorization or description, `tests/db/plans.rs` for a filter or
//!    an order without an index.

pub mod admin_events;
pub mod api_tokens;
pub mod change_sets;
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
pub mod flows;
#[cfg(feature = "ssr")]
pub mod idempotency_keys;
#[cfg(feature = "ssr")]
pub mod rows;
#[cfg(feature = "ssr")]
pub mod sign_in_attempts;
