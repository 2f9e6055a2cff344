//! What every handler of the JSON:API stands on. The handlers themselves are with their resources,
//! in `resources/<noun>/api/`; which URL leads where is in `routes.rs`.

pub mod bearer;
pub mod error;
pub mod finish;
pub mod list;
pub mod reply;
