//! The pages for signing in: `/login`, and `/invite/{secret}`, where an operator chooses a password.

use leptos_router::hooks::use_params_map;

use crate::resources::operators::model::PASSWORD_MIN;
use crate::ui::components::prelude::*;
use crate::ui::flash::Flash;
use crate::ui::messages;
use crate::ui::sign_in::actions::{InvitationAccept, OperatorSignIn};
use crate::ui::sign_in::queries::invited_operator;

#[component]
pub fn LoginPage() -> impl IntoView {
    let viewer = Viewer::current();
    set_status_of_refusal(&viewer);
    let next = paths::local_or_home(&viewer.query("next").unwrap_or_default()).to_owned();
    // A link and not a form: see `ui/sign_in/http.rs`.
    let provider = viewer.provider.clone().map(|name| {
        view! {
            <p class="or"><span>"or"</span></p>
            <a class="button" href=paths::oidc_for(&next)>{format!("Sign in with {name}")}</a>
        }
    });
    let hidden = vec![("next", next), (paths::COOKIES, "checked".to_owned())];
    let form = FormFields::new(&["email", "password"]).explained_above();
    view! {
        <Page title="Sign in" narrow=true>
            <div class="card stack">
                <h1>"Sign in"</h1>
                <p class="muted">"Manage which workspaces belong to which groups."</p>
                {cookie_message(&viewer)}
                <PostForm action=OperatorSignIn::url() class="stack" hidden>
                    <TextField form name="email" kind="email" autocomplete="username" required=true>
                        "E-mail address"
                    </TextField>
                    <TextField form name="password" kind="password" autocomplete="current-password" required=true>
                        "Password"
                    </TextField>
                    <button class="button button--primary">"Sign in"</button>
                </PostForm>
                {provider}
            </div>
        </Page>
    }
}

/// The message for someone whose browser sent no cookie, with the reason why they were not signed in.
fn cookie_message(viewer: &Viewer) -> Option<impl IntoView + use<>> {
    let reason = viewer.query(paths::COOKIES)?.parse().ok()?;
    let error = UiError::new(UiErrorKind::Refused, messages::cookieless(reason, viewer.https.as_deref()));
    AnswerStatus::set(error.kind.status());
    Some(view! { <ErrorMessage error /> })
}

/// The page that shows a refusal has its status. After a refusal that concerns a field, the form itself is the
/// answer, and the status stays 200.
fn set_status_of_refusal(viewer: &Viewer) {
    let error = viewer.flash.as_ref().and_then(Flash::error);
    if let Some(error) = error.filter(|error| error.fields.is_empty()) {
        AnswerStatus::set(error.kind.status());
    }
}

#[component]
pub fn InvitationPage() -> impl IntoView {
    let secret = use_params_map().with_untracked(|params| params.get("secret")).unwrap_or_default();
    load_page(async move {
        let operator = invited_operator(&secret).await?;
        let form = FormFields::new(&["password"]);
        let hint = format!("Use at least {PASSWORD_MIN} characters; several words work well.");
        let hidden = vec![("secret", secret), (paths::COOKIES, "checked".to_owned())];
        Ok(view! {
            <Page title="Choose a password" narrow=true>
                <div class="card stack">
                    <h1>{format!("Welcome, {}", isolated(&operator.person.name))}</h1>
                    <p>"Choose the password that you will sign in with. This link works once."</p>
                    <PostForm action=InvitationAccept::url() class="stack" hidden>
                        <div class="field">
                            <label for="email">"E-mail address"</label>
                            <input id="email" type="email" autocomplete="username" readonly value=operator.email />
                        </div>
                        <TextField
                            form
                            name="password"
                            kind="password"
                            autocomplete="new-password"
                            min=PASSWORD_MIN
                            required=true
                            hint
                        >
                            "Password"
                        </TextField>
                        <button class="button button--primary">"Set password and sign in"</button>
                    </PostForm>
                </div>
            </Page>
        })
    })
}
