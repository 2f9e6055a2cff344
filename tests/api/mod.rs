//! The JSON:API as its clients see it: one file a verb, and what all of them share.

mod bodies;
mod enrollments;
mod negotiation;
mod pagination;
mod parameters;
mod people;
mod scopes;
mod tokens;
mod workspace_groups;
mod workspaces;
