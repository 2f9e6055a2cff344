//! The building blocks of pages. They show the models of nouns, and know no noun's pages.

pub mod field;
pub mod flash_banner;
pub mod form;
pub mod list;
pub mod managed;
pub mod moment;
pub mod names;
pub mod note;
pub mod page;

pub use field::{Choice, FieldState, FormFields, RadioGroup, TextField, in_text_area};
pub use flash_banner::{ErrorMessage, FlashMessage};
pub use form::{
    ConfirmForm, ConfirmPage, FormButtons, FormKey, FormPage, Note, PostButton, PostForm, SelectionButton,
    SelectionForm, refusal,
};
pub use list::{
    Choose, Column, DataTable, Empty, Files, Pager, Toolbar, Total, list_or_empty, list_with_form, options,
    rows_or_empty,
};
pub use managed::ManagedWarning;
pub use moment::{DayTimeFields, Moment, MomentOr};
pub use names::{
    ActorName, GroupName, PersonName, Swatch, Timeline, TimelineOf, WorkspaceName, actor_name, history,
    role_summary,
};
pub use note::{NoteFields, note_text, reference_text};
pub use page::{
    DetailsPage, Fact, IndexPage, Live, More, NotFoundPage, Page, crumb, load_page, main_pages, page_with_id,
    tabs, unbroken,
};

/// What nearly every page uses.
pub mod prelude {
    pub use leptos::prelude::*;
    pub use leptos::server_fn::ServerFn;
    pub use strum::VariantArray;

    pub use crate::kernel::id::*;
    pub use crate::kernel::text::isolated;
    pub use crate::kernel::topic::Topic;
    pub use crate::ui::components::*;
    pub use crate::ui::error::{AnswerStatus, UiError, UiErrorKind};
    pub use crate::ui::locale::formats::Formats;
    pub use crate::ui::pagination::{Address, ListPage};
    pub use crate::ui::paths;
    pub use crate::ui::viewer::{BACK, Viewer};
}
