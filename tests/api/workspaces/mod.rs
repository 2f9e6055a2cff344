//! `/v1/workspaces`

mod create;
mod delete;
mod filters;
mod list;
mod relationships;
mod retrieve;
mod update;
