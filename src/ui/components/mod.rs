//! The building blocks of pages. They know no noun.

pub mod data_table;
pub mod field;
pub mod flash_banner;
pub mod form;
pub mod frames;
pub mod list;
pub mod moment;
pub mod names;
pub mod page;
pub mod timeline;

pub use data_table::{Column, DataTable};
pub use field::{Choice, FieldState, FormFields, RadioGroup, TextField, in_text_area};
pub use flash_banner::ErrorMessage;
pub use form::{
    ConfirmPage, ForWriters, FormButtons, FormKey, FormPage, PostForm, Refusal, SelectAll, SelectRow,
    SelectionForm,
};
pub use frames::{DetailsPage, Fact, IndexPage, list_or_empty, list_with_form, tabs};
pub use list::{Choose, Empty, Pager, SortHeader, Table, Toolbar, options, paged_list};
pub use moment::{DayTimeFields, Moment, MomentOrNever};
pub use names::{ActorName, GroupName, PersonName, WorkspaceName, role_summary};
pub use page::{Crumbs, Live, NotFoundPage, Page, Tabs, crumb, load_page, page_with_id};
pub use timeline::{Timeline, TimelineOf};

/// What nearly every page uses.
pub mod prelude {
    pub use leptos::prelude::*;
    pub use leptos::server_fn::ServerFn;
    pub use strum::VariantArray;

    pub use super::*;
    pub use crate::kernel::text::isolated;
    pub use crate::kernel::topic::Topic;
    pub use crate::ui::error::UiError;
    pub use crate::ui::locale::formats::Formats;
    pub use crate::ui::paths;
    pub use crate::ui::viewer::Viewer;
}
