//! The server's side of pages and server functions: sessions, forms, lists, live updates.

pub mod download;
pub mod forms;
pub mod html_fixup;
pub mod lists;
pub mod live;
pub mod session;

/// What nearly all reads and changes of pages use.
pub mod prelude {
    pub use leptos::prelude::*;

    pub use crate::kernel::id::*;
    pub use crate::kernel::page::{EventSortKey, NamedSortKey, Page, PageRequest, Sort, Status};
    pub use crate::kernel::problem::{Field, Problem};
    pub use crate::platform::db::Connection;
    pub use crate::platform::failure::{Failure, Outcome};
    pub use crate::ui::error::UiError;
    pub use crate::ui::flash::{Named, Notice, Once};
    pub use crate::ui::pagination::{Address, ListPage, searched};
    pub use crate::ui::paths;
    pub use crate::ui::server::forms::{field, form_id};
    pub use crate::ui::server::lists::{event_page, list_page, paged, with_total};
    pub use crate::ui::server::session::{
        Changed, RequestContext, change, change_as, change_at, read, read_as_admin, read_on_primary,
    };
    pub use crate::ui::viewer::Viewer;
}
