//! `/login`

use leptos::prelude::*;

use crate::ui::components::field::FieldState;
use crate::ui::components::flash_banner::ErrorMessage;
use crate::ui::components::form_key::FormKey;
use crate::ui::components::page::Page;
use crate::ui::cookieless::{self, Cookieless};
use crate::ui::error::AnswerStatus;
use crate::ui::error::{UiError, UiErrorKind};
use crate::ui::messages;
use crate::ui::paths;
use crate::ui::sign_in::actions::OperatorSignIn;
use crate::ui::viewer::Viewer;

#[component]
pub fn LoginPage() -> impl IntoView {
    let viewer = Viewer::current();
    tell_refused(&viewer);
    let lost = lost_cookie(&viewer);
    let next = viewer.query("next").unwrap_or_default();
    let next = paths::local_or_home(&next).to_owned();
    let email = viewer.typed("email");
    let provider =
        viewer.provider.clone().map(|name| view! { <ProviderLink name href=paths::oidc_for(&next) /> });
    let sign_in = ServerAction::<OperatorSignIn>::new();
    let focus = viewer.focus(&["email", "password"]);
    let refused = FieldState::of(&viewer, "password");
    view! {
        <Page title="Sign in" narrow=true>
            <div class="card stack">
                <h1>"Sign in"</h1>
                <p class="muted">"The desk for who is in which workspace group."</p>
                {lost}
                <ActionForm action=sign_in attr:class="stack">
                    <FormKey />
                    <input type="hidden" name="next" value=next />
                    <input type="hidden" name=cookieless::FIELD value="checked" />
                    <div class="field">
                        <label for="email">"E-mail address"</label>
                        <input
                            id="email"
                            name="email"
                            type="email"
                            autocomplete="username"
                            required
                            autofocus=focus == Some("email")
                            value=email.clone()
                        />
                    </div>
                    <div class="field">
                        <label for="password">"Password"</label>
                        <input
                            id="password"
                            name="password"
                            type="password"
                            autocomplete="current-password"
                            required
                            autofocus=focus == Some("password")
                            aria-invalid=refused.invalid()
                            aria-describedby=refused.described_by()
                        />
                        {refused.fault()}
                    </div>
                    <button class="button button--primary">"Sign in"</button>
                </ActionForm>
                {provider}
            </div>
        </Page>
    }
}

/// A link and no form: see `ui/oidc.rs`.
#[component]
fn ProviderLink(name: String, href: String) -> impl IntoView {
    view! {
        <p class="or"><span>"or"</span></p>
        <a class="button" href=href>{format!("Sign in with {name}")}</a>
    }
}

/// Why the browser that opens this page was not signed in by it.
fn lost_cookie(viewer: &Viewer) -> Option<impl IntoView + use<>> {
    let why = viewer.query(cookieless::FIELD).and_then(|word| Cookieless::from_word(&word))?;
    let error = UiError::new(UiErrorKind::Refused, messages::cookieless(why, viewer.https.as_deref()));
    AnswerStatus::set(error.kind.status());
    Some(view! { <ErrorMessage error /> })
}

/// The page that tells of a refusal is the answer to what was refused: its status says so, too. A refusal that
/// is about a field of the form brings the form back, to be sent again.
fn tell_refused(viewer: &Viewer) {
    let refused = viewer.flash.as_ref().filter(|flash| flash.faults.is_empty());
    if let Some(error) = refused.and_then(|flash| flash.outcome.as_ref().err()) {
        AnswerStatus::set(error.kind.status());
    }
}
