//! The pieces that pages are made of. Plain HTML, rendered by the server.

pub mod bar;
pub mod enroll;
pub mod enroll_into;
pub mod enrollment_rows;
pub mod events;
pub mod group_tabs;
pub mod message;
pub mod name;
pub mod page;
pub mod pager;
pub mod person_form;
pub mod selection;
pub mod table;
pub mod time;
pub mod toolbar;
pub mod who;
pub mod workspace_form;
