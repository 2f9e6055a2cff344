//! The pieces that pages are made of. Plain HTML, rendered by the server.

pub mod audit;
pub mod bar;
pub mod chart;
pub mod enroll;
pub mod enroll_into;
pub mod enrollment_rows;
pub mod events;
pub mod field;
pub mod form_key;
pub mod group_tabs;
pub mod import_lines;
pub mod live;
pub mod message;
pub mod name;
pub mod page;
pub mod pager;
pub mod person_form;
pub mod preferences;
pub mod release_id;
pub mod selection;
pub mod table;
pub mod time;
pub mod toolbar;
pub mod when;
pub mod who;
pub mod workspace_form;
