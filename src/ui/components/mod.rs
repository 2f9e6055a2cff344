//! The pieces that pages are made of, which know no resource.

pub mod actor;
pub mod date_time_fields;
pub mod entity_links;
pub mod field;
pub mod flash_banner;
pub mod form;
pub mod form_key;
pub mod live_updates;
pub mod load;
pub mod moment;
pub mod navbar;
pub mod not_found;
pub mod page;
pub mod pager;
pub mod selection;
pub mod table;
pub mod text_field;
pub mod timeline;
pub mod toolbar;
