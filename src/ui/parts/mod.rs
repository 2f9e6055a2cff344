//! The pieces that pages are made of. Plain HTML, rendered by the server.

pub mod bar;
pub mod enroll;
pub mod events;
pub mod group_tabs;
pub mod message;
pub mod name;
pub mod page;
pub mod pager;
pub mod selection;
pub mod table;
pub mod time;
pub mod toolbar;
pub mod who;
