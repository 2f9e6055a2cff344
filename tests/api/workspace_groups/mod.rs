//! `/v1/workspace-groups`

mod create;
mod delete;
mod filters;
mod list;
mod members;
mod pairs;
mod related;
mod retrieve;
mod update;
