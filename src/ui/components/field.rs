//! The fields of a form with their labels, hints and faults (WCAG 2.2, 3.3.1 and 1.3.1).

use crate::kernel::version::Version;
use crate::ui::components::flash_banner::MESSAGE;
use crate::ui::components::prelude::*;
use crate::ui::viewer::VERSION;

/// Escapes the content of a text area. Leptos writes it unescaped, so that a closing tag in it would end the area.
pub fn in_text_area(text: &str) -> String {
    html_escape::encode_text(text).into_owned()
}

/// A field after a refusal. Its control takes `invalid` and `described_by`, and `fault` follows it.
pub struct FieldState {
    id: &'static str,
    hint: Option<String>,
    fault: Option<String>,
    /// The message at the top of the page says all, and the field only refers to it.
    is_explained_above: bool,
    /// The stored value, if it differs from what was typed.
    now: Option<String>,
}

impl FieldState {
    pub fn of(viewer: &Viewer, field: &'static str) -> Self {
        Self::named(viewer, field, field)
    }

    /// A field whose id differs from the name by which refusals know it.
    pub fn named(viewer: &Viewer, id: &'static str, name: &str) -> Self {
        let fault = viewer.fault(name).map(ToOwned::to_owned);
        Self { id, hint: None, fault, is_explained_above: false, now: None }
    }

    /// Shows the stored value if it differs from what was typed, after someone else has changed it.
    #[must_use]
    pub fn beside(self, stored: &str, typed: &str) -> Self {
        let typed = typed.replace("\r\n", "\n");
        Self { now: (typed.trim() != stored.trim()).then(|| stored.to_owned()), ..self }
    }

    pub fn invalid(&self) -> Option<&'static str> {
        self.fault.as_ref().map(|_| "true")
    }

    pub fn described_by(&self) -> Option<String> {
        let fault = self.fault.as_ref().map(|_| self.fault_id());
        let now = self.now.as_ref().map(|_| self.part_id("now"));
        let ids: Vec<_> = [fault, now, self.hint.clone()].into_iter().flatten().collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    pub fn fault(&self) -> impl IntoView + use<> {
        let (id, now_id) = (self.fault_id(), self.part_id("now"));
        let fault = self.fault.clone().filter(|_| !self.is_explained_above);
        let quoted = |text| view! { <q>{text}</q> }.into_any();
        let stored = |text: String| if text.is_empty() { "empty".into_any() } else { quoted(text) };
        view! {
            {fault.map(|fault| view! { <p class="fault" id=id>{fault}</p> })}
            {self.now.clone().map(|now| view! { <p class="now" id=now_id>"Now: " {stored(now)}</p> })}
        }
    }

    fn fault_id(&self) -> String {
        if self.is_explained_above { MESSAGE.to_owned() } else { self.part_id("fault") }
    }

    fn part_id(&self, part: &str) -> String {
        format!("{}-{part}", self.id)
    }
}

#[derive(Debug, Clone, Copy)]
pub struct FormFields {
    focus: Option<&'static str>,
    version: Option<Version>,
    /// See [`Self::explained_above`].
    is_explained_above: bool,
}

impl FormFields {
    /// Of a page that is for this form: the first of `fields` has the focus, or after a refusal the first faulty one.
    pub fn new(fields: &[&'static str]) -> Self {
        Self { focus: Viewer::current().focus(fields), version: None, is_explained_above: false }
    }

    /// Of a form among other things: only a faulty field takes the focus.
    pub fn unfocused(fields: &[&'static str]) -> Self {
        Self { focus: Viewer::current().first_faulty(fields), version: None, is_explained_above: false }
    }

    /// The form shows this version of what it changes. Fields that someone else has changed since show the stored value.
    #[must_use]
    pub const fn of_version(self, version: Option<Version>) -> Self {
        Self { version, ..self }
    }

    /// The message at the top of a short page says all, and the fields do not repeat it.
    #[must_use]
    pub const fn explained_above(self) -> Self {
        Self { is_explained_above: true, ..self }
    }

    /// Whether the field that refusals know by this name takes the focus.
    pub fn is_focused(self, name: &str) -> bool {
        self.focus == Some(name)
    }

    pub fn version(self) -> impl IntoView + use<> {
        self.version.map(|version| view! { <input type="hidden" name=VERSION value=version.to_string() /> })
    }
}

/// A field for a text. Its children are its label, and `value` is its content before the user types.
///
/// `typed` replaces what was typed into it. `max` and `min` count characters. With `rows` it is a text area of this
/// height. `id` is the name unless another element has that id, and `fault` unless refusals know the field by another
/// name. `kind` is the type of the input. `no_spellcheck` is for text that is not prose.
#[component]
pub fn TextField(
    form: FormFields,
    name: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional)] typed: Option<String>,
    #[prop(optional)] max: Option<usize>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] id: Option<&'static str>,
    #[prop(optional)] fault: Option<&'static str>,
    #[prop(optional)] kind: Option<&'static str>,
    #[prop(optional)] rows: Option<&'static str>,
    #[prop(optional)] min: Option<usize>,
    #[prop(optional)] hidden_label: bool,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] inputmode: Option<&'static str>,
    #[prop(optional)] placeholder: Option<&'static str>,
    #[prop(optional)] no_spellcheck: bool,
    children: Children,
) -> impl IntoView {
    let viewer = Viewer::current();
    let (id, fault) = (id.unwrap_or(name), fault.unwrap_or(name));
    let text = typed.unwrap_or_else(|| viewer.typed_or(name, &value));
    let mut state = FieldState::named(&viewer, id, fault);
    if form.version.is_some_and(|version| viewer.is_outdated(version)) {
        state = state.beside(&value, &text);
    }
    state.is_explained_above = form.is_explained_above;
    state.hint = (!hint.is_empty()).then(|| state.part_id("hint"));
    let hint = state.hint.clone().map(|id| view! { <p class="hint" id=id>{hint}</p> });
    let spellcheck = no_spellcheck.then_some("false");
    let (min, max) = (min.map(|min| min.to_string()), max.map(|max| max.to_string()));
    let control = match rows {
        Some(rows) => view! {
            <textarea
                id=id
                name=name
                rows=rows
                autofocus=form.is_focused(fault)
                maxlength=max
                spellcheck=spellcheck
                aria-invalid=state.invalid()
                aria-describedby=state.described_by()
            >
                {in_text_area(&text)}
            </textarea>
        }
        .into_any(),
        None => view! {
            <input
                id=id
                name=name
                type=kind
                required=required
                autofocus=form.is_focused(fault)
                inputmode=inputmode
                autocomplete=autocomplete
                minlength=min
                maxlength=max
                spellcheck=spellcheck
                placeholder=placeholder
                aria-invalid=state.invalid()
                aria-describedby=state.described_by()
                value=text
            />
        }
        .into_any(),
    };
    view! {
        <div class="field">
            <label class=hidden_label.then_some("visually-hidden") for=id>{children()}</label>
            {control}
            {state.fault()}
            {hint}
        </div>
    }
}

/// A radio button or checkbox (`kind`) with its label and, below it, a hint and its children.
#[component]
pub fn Choice(
    kind: &'static str,
    #[prop(into)] id: String,
    name: &'static str,
    value: &'static str,
    checked: bool,
    #[prop(optional)] autofocus: bool,
    #[prop(optional)] hint: &'static str,
    label: AnyView,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let hint_id = (!hint.is_empty()).then(|| format!("{id}-hint"));
    view! {
        <div class="choice">
            <input
                type=kind
                id=id.clone()
                name=name
                value=value
                checked=checked
                autofocus=autofocus
                aria-describedby=hint_id.clone()
            />
            <label for=id>{label}</label>
            {hint_id.map(|id| view! { <p class="hint" id=id>{hint}</p> })}
            {children.map(|children| children())}
        </div>
    }
}

/// Radio buttons, each with its value, its label and a hint, which may be empty. Its children follow them. `id` begins the
/// ids of the buttons, and is the name unless the page has another group of this name.
#[component]
pub fn RadioGroup(
    name: &'static str,
    legend: &'static str,
    default: &'static str,
    choices: Vec<(&'static str, &'static str, &'static str)>,
    #[prop(optional)] id: Option<&'static str>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let chosen = Viewer::current().typed_or(name, default);
    let choices = choices.into_iter().map(|(value, label, hint)| {
        let (id, label) = (format!("{}-{value}", id.unwrap_or(name)), label.into_any());
        view! { <Choice kind="radio" id name value checked=value == chosen hint label /> }
    });
    view! {
        <fieldset class="stack">
            <legend>{legend}</legend>
            {choices.collect_view()}
            {children.map(|children| children())}
        </fieldset>
    }
}
