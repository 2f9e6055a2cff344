//! `/v1/workspaces`

mod delete;
mod list;
mod retrieve;
