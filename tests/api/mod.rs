//! The JSON:API as its clients see it: one file for each verb, and one for each topic that concerns all of
//! them.

mod admin_events;
mod bodies;
mod compression;
mod docs;
mod document_conflicts;
mod enrollment_events;
mod enrollments;
mod error_documents;
mod idempotency;
mod limits;
mod negotiation;
mod null_members;
mod openapi;
mod operations;
mod pagination;
mod parameters;
mod people;
mod positions;
mod preconditions;
mod statements;
mod token_cache;
mod tokens;
mod workspace_groups;
mod workspaces;
