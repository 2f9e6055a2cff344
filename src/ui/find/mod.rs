//! Finding enrollments and events on the page of a group, a workspace or a person.

pub mod components;
pub mod http;
pub mod view;
