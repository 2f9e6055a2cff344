//! Forms that change something, and the pages that consist of one.

use crate::resources::workspace_groups::model::settings::ReasonPolicy;
use crate::ui::components::prelude::*;
use crate::ui::islands::selection::{SELECTION_FORM, Selection};
use crate::ui::messages::only_admins;
use crate::ui::viewer::{FORM_AT, FORM_KEY};

/// The hidden field by which a form that is sent twice is performed once: see `ui/server/session/submitted_form.rs`.
#[component]
pub fn FormKey() -> impl IntoView {
    view! { <input type="hidden" name=FORM_KEY value=Viewer::current().form_key /> }
}

/// A form for a server function: `action` is its `url()`, and `hidden` has names and values of hidden fields. It has a
/// key and its own address, which a refusal leads back to.
#[component]
pub fn PostForm(
    action: &'static str,
    #[prop(default = "card stack")] class: &'static str,
    #[prop(optional)] hidden: Vec<(&'static str, String)>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let hidden =
        hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> });
    view! {
        <form action=action method="post" class=class>
            <FormKey />
            <input type="hidden" name=FORM_AT value=Viewer::current().here />
            {hidden.collect_view()}
            {children.map(|children| children())}
        </form>
    }
}

/// A [`PostForm`] that only has hidden fields and a button. `label` is its accessible name, if that is not the text.
#[component]
pub fn PostButton(
    action: &'static str,
    #[prop(optional)] hidden: Vec<(&'static str, String)>,
    #[prop(default = "button")] class: &'static str,
    #[prop(optional_no_strip, into)] label: Option<String>,
    #[prop(into)] text: String,
) -> impl IntoView {
    view! { <PostForm action class="" hidden><button class=class aria-label=label>{text}</button></PostForm> }
}

/// The button that sends a form, and a link to the path `cancel`. `danger` is for a change that one click cannot undo.
#[component]
pub fn FormButtons(
    #[prop(into)] submit: String,
    #[prop(into)] cancel: String,
    #[prop(default = "Cancel")] cancel_text: &'static str,
    #[prop(optional)] danger: bool,
) -> impl IntoView {
    let class = if danger { "button button--danger" } else { "button button--primary" };
    view! {
        <div class="actions">
            <button class=class>{submit}</button>
            <a class="button button--quiet" href=cancel>{cancel_text}</a>
        </div>
    }
}

/// The content of a page for those who may write. Others see a sentence: `may` completes [`only_admins`].
fn for_writers(may: &'static str, children: Children) -> AnyView {
    if Viewer::current().may_write() {
        return children().into_any();
    }
    AnswerStatus::set(403);
    view! { <div class="message message--error" role="alert">{only_admins(may)}</div> }.into_any()
}

/// A page that consists of one form for those who may write (see [`for_writers`]).
#[component]
pub fn FormPage(
    #[prop(into)] title: String,
    crumbs: Vec<(String, String)>,
    may: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <Page title=title.clone() crumbs narrow=true>
            <h1>{unbroken(&title)}</h1>
            {for_writers(may, children)}
        </Page>
    }
}

/// A page that asks for confirmation: an explanation, for everybody the facts such as what is lost, and as children the
/// form or a [`refusal`] (see [`for_writers`]).
#[component]
pub fn ConfirmPage(
    #[prop(into)] title: String,
    crumbs: Vec<(String, String)>,
    #[prop(into)] explanation: String,
    may: &'static str,
    #[prop(optional)] facts: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    view! {
        <Page title=title.clone() crumbs narrow=true>
            <div class="card stack">
                <h1>{unbroken(&title)}</h1>
                <p>{explanation}</p>
                {facts}
                {for_writers(may, children)}
            </div>
        </Page>
    }
}

/// A [`PostForm`] that only has hidden fields, those of the reason if it `notes` one, and [`FormButtons`].
#[component]
pub fn ConfirmForm(
    action: &'static str,
    hidden: Vec<(&'static str, String)>,
    #[prop(into)] submit: String,
    #[prop(into)] cancel: String,
    #[prop(default = "Keep it")] cancel_text: &'static str,
    #[prop(default = true)] danger: bool,
    #[prop(optional)] note: Note,
) -> impl IntoView {
    let (class, fields) = match note {
        Note::None => ("actions", None),
        Note::Optional => ("stack", Some(view! { <NoteFields /> })),
        Note::Required => ("stack", Some(view! { <NoteFields required=true /> })),
    };
    view! { <PostForm action class hidden>{fields} <FormButtons submit danger cancel cancel_text /></PostForm> }
}

/// Whether a form asks for a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Note {
    #[default]
    None,
    Optional,
    Required,
}

impl Note {
    /// For a change of this number of enrollments of a group.
    pub const fn of(policy: ReasonPolicy, changes: i64) -> Self {
        if policy.requires(changes) { Self::Required } else { Self::Optional }
    }
}

/// Replaces a form that cannot be sent in this state.
pub fn refusal(text: impl Into<String>) -> AnyView {
    view! { <p class="message message--error">{text.into()}</p> }.into_any()
}

/// The form above a table for its selected rows. Its children are its [`SelectionButton`] and hidden fields.
#[component]
pub fn SelectionForm(
    method: &'static str,
    #[prop(into)] action: String,
    children: Children,
) -> impl IntoView {
    view! {
        <form class="picked" id=SELECTION_FORM method=method action=action>
            {children()}
            <button class="button button--quiet button--small" type="reset">"Clear"</button>
            <span class="visually-hidden" role="status" data-count="# selected"></span>
            <Selection />
        </form>
    }
}

/// A button for the selected rows. `text` has a `#` in the place of their number, which `islands/selection.rs` fills in.
#[component]
pub fn SelectionButton(text: &'static str) -> impl IntoView {
    view! { <button class="button button--small" data-count=text>{text.replace("# ", "")}</button> }
}
