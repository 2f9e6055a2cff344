//! The list that comes in and the result that goes out, and what the server functions of imports share.

mod receive;
mod result;
mod sent_twice;

use axum::http::{HeaderValue, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::kernel::id::{GroupId, ImportId};
use crate::kernel::problem::Problem;
use crate::resources::imports::model::ImportState;
use crate::ui::paths;
use crate::ui::server::session::RequestContext;

pub use receive::receive;
pub use result::result;

/// While it runs the page is loaded again and again where no script would keep it up to date. A browser
/// with script has said its zone by the first page that it showed.
pub fn calls_again(visit: &RequestContext, state: ImportState) {
    let has_script = !visit.viewer().browser_zone.is_empty();
    if state.is_under_way()
        && !has_script
        && let Some(response) = use_context::<ResponseOptions>()
    {
        response.insert_header(header::REFRESH, HeaderValue::from_static("2"));
    }
}

/// The import of a form; the group is in it for the way back.
pub fn form_ids(group: &str, import: &str) -> Result<ImportId, Problem> {
    group.parse::<GroupId>().map_err(|_| Problem::FormMalformed)?;
    import.parse().map_err(|_| Problem::FormMalformed)
}

/// The page of the form, where the form is one of ours.
pub fn page_of(group: &str, import: &str) -> String {
    match (group.parse(), import.parse()) {
        (Ok(group), Ok(import)) => paths::import(group, import),
        (Ok(_) | Err(_), _) => bulk_of(group),
    }
}

pub fn bulk_of(group: &str) -> String {
    group.parse().map_or_else(|_| paths::GROUPS.to_owned(), paths::group_bulk)
}
