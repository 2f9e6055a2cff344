//! The state of a form field after a refusal.

use leptos::prelude::*;

use crate::ui::viewer::Viewer;

/// Escapes the content of a text area. Leptos writes it unescaped, so that a closing tag in it would end the area.
pub fn in_text_area(text: &str) -> String {
    html_escape::encode_text(text).into_owned()
}

/// A field with its fault. Its control takes [`Self::invalid`] and [`Self::described_by`], and [`Self::fault`] follows it
/// (WCAG 2.2, 3.3.1 and 1.3.1).
pub struct FieldState {
    id: &'static str,
    hint: Option<String>,
    fault: Option<String>,
    /// The stored value, if it differs from what was typed.
    now: Option<String>,
}

impl FieldState {
    /// The field with this id and name.
    pub fn of(viewer: &Viewer, field: &'static str) -> Self {
        Self::named(viewer, field, field)
    }

    /// A field whose id differs from the name by which refusals know it.
    pub fn named(viewer: &Viewer, id: &'static str, name: &str) -> Self {
        Self { id, hint: None, fault: viewer.fault(name).map(ToOwned::to_owned), now: None }
    }

    /// The element with this id describes it as well.
    #[must_use]
    pub fn hinted(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
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
        let now = self.now.as_ref().map(|_| self.now_id());
        let ids: Vec<_> = fault.into_iter().chain(now).chain(self.hint.clone()).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    pub fn fault(&self) -> impl IntoView + use<> {
        let id = self.fault_id();
        let now_id = self.now_id();
        view! {
            {self.fault.clone().map(|fault| view! { <p class="fault" id=id>{fault}</p> })}
            {self.now.clone().map(|now| view! { <p class="now" id=now_id>"Now: " <StoredValue text=now /></p> })}
        }
    }

    /// The paragraph with the hint.
    pub fn hint(&self, text: String) -> impl IntoView + use<> {
        self.hint.clone().map(|id| view! { <p class="hint" id=id>{text}</p> })
    }

    fn now_id(&self) -> String {
        format!("{}-now", self.id)
    }

    fn fault_id(&self) -> String {
        format!("{}-fault", self.id)
    }
}

#[component]
fn StoredValue(text: String) -> impl IntoView {
    if text.is_empty() { view! { "empty" }.into_any() } else { view! { <q>{text}</q> }.into_any() }
}
