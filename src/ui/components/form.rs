//! Forms that change something, and the pages that consist of one.

use leptos::prelude::*;

use crate::ui::components::form_key::FormKey;
use crate::ui::components::page::{Crumbs, Forbidden, Page};
use crate::ui::viewer::{FORM_AT, Viewer};

/// A form for a server function: `action` is its `url()`. It carries a key, so that a double click performs it
/// once, and its own address, which a refusal leads back to.
#[component]
pub fn PostForm(
    action: &'static str,
    #[prop(default = "card stack")] class: &'static str,
    /// Names and values of hidden fields.
    #[prop(optional)]
    hidden: Vec<(&'static str, String)>,
    children: Children,
) -> impl IntoView {
    let hidden =
        hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> });
    view! {
        <form action=action method="post" class=class>
            <FormKey />
            <input type="hidden" name=FORM_AT value=Viewer::current().here />
            {hidden.collect_view()}
            {children()}
        </form>
    }
}

/// The button that sends a form, and a link that leaves it.
#[component]
pub fn FormButtons(
    #[prop(into)] submit: String,
    /// The path that the link leads to.
    #[prop(into)]
    cancel: String,
    #[prop(default = "Cancel")] cancel_text: &'static str,
    /// For a change that cannot be undone in one click.
    #[prop(optional)]
    danger: bool,
) -> impl IntoView {
    let class = if danger { "button button--danger" } else { "button button--primary" };
    view! {
        <div class="actions">
            <button class=class>{submit}</button>
            <a class="button button--quiet" href=cancel>{cancel_text}</a>
        </div>
    }
}

/// Shows its children to those who may write, and to others that "only admins may" do this.
#[component]
pub fn ForWriters(
    /// Completes "Only admins may …".
    may: &'static str,
    children: Children,
) -> impl IntoView {
    if Viewer::current().may_write() {
        return children().into_any();
    }
    view! { <Forbidden text=format!("Only admins may {may}.") /> }.into_any()
}

/// A page that consists of one form for those who may write.
#[component]
pub fn FormPage(
    #[prop(into)] title: String,
    /// Path and text of the pages above this one.
    crumbs: Vec<(String, String)>,
    /// Completes "Only admins may …".
    may: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <Page title=title.clone() narrow=true>
            <Crumbs crumbs />
            <h1>{title}</h1>
            <ForWriters may>{children()}</ForWriters>
        </Page>
    }
}

/// A page that asks for confirmation: an explanation, the facts, and as children the form or a [`Refusal`].
#[component]
pub fn ConfirmPage(
    #[prop(into)] title: String,
    /// Path and text of the pages above this one.
    crumbs: Vec<(String, String)>,
    #[prop(into)] explanation: String,
    /// Completes "Only admins may …".
    may: &'static str,
    /// What is lost, shown to everybody.
    #[prop(optional)]
    facts: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    view! {
        <Page title=title.clone() narrow=true>
            <Crumbs crumbs />
            <div class="card stack">
                <h1>{title}</h1>
                <p>{explanation}</p>
                {facts}
                <ForWriters may>{children()}</ForWriters>
            </div>
        </Page>
    }
}

/// Replaces a form that cannot be sent in this state.
#[component]
pub fn Refusal(#[prop(into)] text: String) -> impl IntoView {
    view! { <p class="message message--error">{text}</p> }
}
