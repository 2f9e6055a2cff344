//! `/v1/people`

mod delete;
mod list;
mod retrieve;
