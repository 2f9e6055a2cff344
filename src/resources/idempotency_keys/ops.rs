//! Operations on idempotency keys.

pub use super::store::{key_await, key_find, key_store, keys_delete_expired};
