//! Changes that span nouns, one file a flow. A noun does not know the nouns that refer to it; a flow calls the operations
//! of all of them, in a transaction that its caller opened.

pub mod create_group;
pub mod delete_person;
pub mod invite_operator;
pub mod remove_group;
pub mod remove_workspace;
