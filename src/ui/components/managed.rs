//! The warning on the pages of a group that another system manages.

use crate::kernel::text::ShortText;
use crate::ui::components::prelude::*;
use crate::ui::messages::BY_HAND;

/// Warns before changes by hand; nothing for a group that no other system manages.
#[component]
pub fn ManagedWarning(managed_by: Option<ShortText>) -> impl IntoView {
    managed_by.map(|system| {
        let system = system.to_string();
        view! {
            <p class="message message--quiet" id="managed">
                <span>"This group is managed by " <bdi>{system}</bdi> ". "{BY_HAND}</span>
            </p>
        }
    })
}
