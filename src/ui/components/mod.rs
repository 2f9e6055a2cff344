//! The building blocks of pages. They show the models of nouns, and know no noun's pages.

pub mod field;
pub mod flash_banner;
pub mod form;
pub mod list;
pub mod moment;
pub mod names;
pub mod page;

pub use field::{Choice, FieldState, FormFields, RadioGroup, TextField, in_text_area};
pub use flash_banner::ErrorMessage;
pub use form::{
    ConfirmForm, ConfirmPage, ForWriters, FormButtons, FormKey, FormPage, PostForm, SelectAll, SelectRow,
    SelectionForm, refusal,
};
pub use list::{
    Choose, Column, DataTable, Empty, Files, Pager, SortHeader, Toolbar, list_or_empty, list_with_form,
    options, paged_list, rows_or_empty,
};
pub use moment::{DayTimeFields, Moment, MomentOrNever};
pub use names::{
    ActorName, GroupName, PersonName, Timeline, TimelineOf, WorkspaceName, history, role_summary,
};
pub use page::{
    Crumbs, DetailsPage, Fact, IndexPage, Live, NotFoundPage, Page, crumb, load_page, page_with_id, tabs,
};

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
