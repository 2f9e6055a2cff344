//! `/v1/people`

mod create;
mod delete;
mod filters;
mod list;
mod retrieve;
mod update;
