//! `/v1/workspace-groups`

mod create;
mod delete;
mod edges;
mod filters;
mod list;
mod members;
mod related;
mod retrieve;
mod update;
