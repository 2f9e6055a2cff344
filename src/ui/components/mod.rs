//! The building blocks of pages. They show the models of nouns, and know no noun's pages.

pub mod field;
pub mod flash_banner;
pub mod form;
pub mod list;
pub mod moment;
pub mod names;
pub mod page;

pub use field::*;
pub use flash_banner::*;
pub use form::*;
pub use list::*;
pub use moment::*;
pub use names::*;
pub use page::*;

/// What nearly every page uses.
pub mod prelude {
    pub use leptos::prelude::*;
    pub use leptos::server_fn::ServerFn;
    pub use strum::VariantArray;

    pub use super::*;
    pub use crate::kernel::id::*;
    pub use crate::kernel::text::isolated;
    pub use crate::kernel::topic::Topic;
    pub use crate::ui::error::{AnswerStatus, UiError, UiErrorKind};
    pub use crate::ui::locale::formats::Formats;
    pub use crate::ui::pagination::{Address, ListPage};
    pub use crate::ui::paths;
    pub use crate::ui::viewer::{BACK, Viewer};
}
