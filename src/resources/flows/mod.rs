//! Changes that span nouns. A noun does not know the nouns that refer to it; a flow calls the operations of all of them, in
//! a transaction that its caller opened.

pub mod delete_person;
pub mod groups_and_workspaces;
pub mod invite_operator;
pub mod moves;
pub mod plan;
pub mod restore;
pub mod undo;
