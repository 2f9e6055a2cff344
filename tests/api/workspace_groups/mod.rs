//! `/v1/workspace-groups`

mod create;
mod delete;
mod list;
mod related;
mod retrieve;
