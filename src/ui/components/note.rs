//! The fields for the reason of a change.

use crate::kernel::actor::ChangeNote;
use crate::kernel::text::{REASON_MAX, REFERENCE_MAX};
use crate::ui::components::prelude::*;

/// The fields for a reason and a ticket, in every form that changes enrollments. They begin with what the viewer said last
/// in this session, and are closed if there is nothing to see in them. `required`: the group requires a reason. `reference`: what
/// was typed before. `focused`: the page is for these fields.
#[component]
pub fn NoteFields(
    #[prop(optional)] required: bool,
    #[prop(optional, into)] reference: String,
    #[prop(optional)] focused: bool,
) -> impl IntoView {
    let viewer = Viewer::current();
    let names = ["reason", "reference"];
    let is_faulty = viewer.first_faulty(&names).is_some();
    let is_open = is_faulty || names.iter().any(|name| !viewer.typed(name).is_empty());
    let form = if focused { FormFields::new(&names) } else { FormFields::unfocused(&names) };
    // A required reason is typed and not taken from another change.
    let reason = viewer.note.reason().filter(|_| !required).unwrap_or_default().to_owned();
    let suggested = viewer.note.reference().unwrap_or_default();
    let reference = if reference.is_empty() { suggested.to_owned() } else { reference };
    let is_suggested = !viewer.note.is_empty();
    let fields = view! {
        <TextField form name="reason" value=reason max=REASON_MAX required>"Reason"</TextField>
        <TextField form name="reference" value=reference max=REFERENCE_MAX no_spellcheck=true>"Ticket (key or link)"</TextField>
    };
    if required {
        // A required field in a closed element would block the form without a visible reason.
        return view! { <div class="note stack">{fields}</div> }.into_any();
    }
    view! {
        <details class="note" open=is_open || is_suggested>
            <summary>"Reason and ticket"</summary>
            {fields}
        </details>
    }
    .into_any()
}

/// What somebody said about a change: ` · Contract ended · OPS-1432`. A reference that is a web address is a link.
pub fn note_text(note: &ChangeNote) -> AnyView {
    let reason = note.reason().map(|reason| view! { " · " <q dir="auto">{reason.to_owned()}</q> });
    let reference = note.reference().map(|reference| (" · ", reference_text(reference)));
    view! { {reason} {reference} }.into_any()
}

pub fn reference_text(reference: &str) -> AnyView {
    let text = reference.to_owned();
    if ["https://", "http://"].iter().any(|scheme| reference.starts_with(scheme)) {
        let href = text.clone();
        return view! { <a href=href rel="noreferrer nofollow noopener" dir="auto">{text}</a> }.into_any();
    }
    view! { <span dir="auto">{text}</span> }.into_any()
}
