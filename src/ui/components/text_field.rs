//! The fields of a form with their labels, hints and faults (WCAG 2.2, 3.3.1 and 1.3.1).

use leptos::prelude::*;

use crate::kernel::version::Version;
use crate::ui::components::field::{FieldState, in_text_area};
use crate::ui::viewer::{VERSION, Viewer};

/// What the fields of one form have in common.
#[derive(Debug, Clone, Copy)]
pub struct FormFields {
    focus: Option<&'static str>,
    version: Option<Version>,
}

impl FormFields {
    /// Of a page that is for this form: the first of `fields` has the focus, or after a refusal the first faulty one.
    pub fn new(fields: &[&'static str]) -> Self {
        Self { focus: Viewer::current().focus(fields), version: None }
    }

    /// Of a form among other things: only a faulty field takes the focus.
    pub fn unfocused(fields: &[&'static str]) -> Self {
        Self { focus: Viewer::current().first_faulty(fields), version: None }
    }

    /// The form shows this version of what it changes. Fields that someone else has changed since show the stored value.
    #[must_use]
    pub const fn of_version(self, version: Option<Version>) -> Self {
        Self { version, ..self }
    }

    /// Whether the field that refusals know by this name takes the focus.
    pub fn is_focused(self, name: &str) -> bool {
        self.focus == Some(name)
    }

    /// The hidden field with the version.
    pub fn version(self) -> impl IntoView + use<> {
        self.version.map(|version| view! { <input type="hidden" name=VERSION value=version.to_string() /> })
    }

    /// The text to show in a field, and what is said about it.
    fn field(
        self,
        id: &'static str,
        name: &str,
        fault: &str,
        value: &str,
        hint: &str,
    ) -> (String, FieldState) {
        let viewer = Viewer::current();
        let text = viewer.typed_or(name, value);
        let mut state = FieldState::named(&viewer, id, fault);
        if self.version.is_some_and(|version| viewer.is_outdated(version)) {
            state = state.beside(value, &text);
        }
        if !hint.is_empty() {
            state = state.hinted(format!("{id}-hint"));
        }
        (text, state)
    }
}

/// A line of text. Its children are its label.
#[component]
pub fn TextField(
    form: FormFields,
    name: &'static str,
    /// What it holds before anything is typed.
    #[prop(optional, into)]
    value: String,
    /// Characters.
    #[prop(optional)]
    max: Option<usize>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] hint: String,
    /// The name, unless another element of the page has it as its id.
    #[prop(optional)]
    id: Option<&'static str>,
    /// The name by which refusals know it, unless that is `name`.
    #[prop(optional)]
    fault: Option<&'static str>,
    /// The type of the input; `text` by default.
    #[prop(optional)]
    kind: Option<&'static str>,
    /// Characters.
    #[prop(optional)]
    min: Option<usize>,
    #[prop(optional)] hidden_label: bool,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] inputmode: Option<&'static str>,
    #[prop(optional)] placeholder: Option<&'static str>,
    /// For text that is no prose.
    #[prop(optional)]
    no_spellcheck: bool,
    children: Children,
) -> impl IntoView {
    let (id, fault) = (id.unwrap_or(name), fault.unwrap_or(name));
    let (text, state) = form.field(id, name, fault, &value, &hint);
    view! {
        <div class="field">
            <label class=hidden_label.then_some("visually-hidden") for=id>{children()}</label>
            <input
                id=id
                name=name
                type=kind
                required=required
                autofocus=form.is_focused(fault)
                inputmode=inputmode
                autocomplete=autocomplete
                minlength=min.map(|min| min.to_string())
                maxlength=max.map(|max| max.to_string())
                spellcheck=no_spellcheck.then_some("false")
                placeholder=placeholder
                aria-invalid=state.invalid()
                aria-describedby=state.described_by()
                value=text
            />
            {state.fault()}
            {state.hint(hint)}
        </div>
    }
}

/// Several lines of text. Its children are its label.
#[component]
pub fn TextArea(
    form: FormFields,
    name: &'static str,
    /// What it holds before anything is typed.
    #[prop(optional, into)]
    value: String,
    /// Characters.
    #[prop(optional)]
    max: Option<usize>,
    #[prop(default = "3")] rows: &'static str,
    #[prop(optional, into)] hint: String,
    /// For text that is no prose.
    #[prop(optional)]
    no_spellcheck: bool,
    children: Children,
) -> impl IntoView {
    let (text, state) = form.field(name, name, name, &value, &hint);
    view! {
        <div class="field">
            <label for=name>{children()}</label>
            <textarea
                id=name
                name=name
                rows=rows
                autofocus=form.is_focused(name)
                maxlength=max.map(|max| max.to_string())
                spellcheck=no_spellcheck.then_some("false")
                aria-invalid=state.invalid()
                aria-describedby=state.described_by()
            >
                {in_text_area(&text)}
            </textarea>
            {state.fault()}
            {state.hint(hint)}
        </div>
    }
}
