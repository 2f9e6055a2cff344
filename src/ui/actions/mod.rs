//! The server functions: one file a resource, one function an intent. A page calls them while it is
//! rendered, a form posts to them, an island asks them (`ui/islands/ask.rs`); each checks session and role
//! itself. None of it is in the browser's build.
//!
//! Those that change take text as it was typed: a value that cannot be is then a message beside the
//! form, and not an error page.

pub mod account;
pub mod admin_events;
pub mod api_tokens;
pub mod audit;
pub mod enrollment_rows;
pub mod enrollments;
pub mod imports;
pub mod operators;
pub mod operators_admin;
pub mod overview;
pub mod people;
pub mod preferences;
pub mod search;
pub mod selections;
pub mod workspace_groups;
pub mod workspaces;

mod api_token_form;
mod audit_details;
mod enrollment_details;
mod forms;
pub mod overview_figures;
