//! `/invite/{secret}`: a new operator chooses a password.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::text::isolated;
use crate::resources::operators::model::PASSWORD_MIN;
use crate::ui::components::field::FieldState;
use crate::ui::components::form_key::FormKey;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::cookieless;
use crate::ui::sign_in::actions::{InvitationAccept, invitation_read};
use crate::ui::viewer::Viewer;

#[component]
pub fn InvitationPage() -> impl IntoView {
    let secret = use_params_map().with_untracked(|params| params.get("secret")).unwrap_or_default();
    let accept = ServerAction::<InvitationAccept>::new();
    let viewer = Viewer::current();
    let chosen = FieldState::of(&viewer, "password").hinted("password-hint");
    let has_focus = viewer.focus(&["password"]).is_some();
    let page = async move {
        match invitation_read(secret.clone()).await {
            Err(error) => view! { <ErrorPage error /> }.into_any(),
            Ok((name, email)) => view! {
                <Page title="Choose a password" narrow=true>
                    <div class="card stack">
                        <h1>{format!("Welcome, {}", isolated(&name))}</h1>
                        <p>"Choose the password with which you will sign in. This link works once."</p>
                        <ActionForm action=accept attr:class="stack">
                            <FormKey />
                            <input type="hidden" name="secret" value=secret />
                            <input type="hidden" name=cookieless::FIELD value="checked" />
                            <div class="field">
                                <label for="email">"E-mail address"</label>
                                <input id="email" type="email" autocomplete="username" readonly value=email />
                            </div>
                            <div class="field">
                                <label for="password">"Password"</label>
                                <input
                                    id="password"
                                    name="password"
                                    type="password"
                                    autocomplete="new-password"
                                    minlength=PASSWORD_MIN.to_string()
                                    aria-invalid=chosen.invalid()
                                    aria-describedby=chosen.described_by()
                                    required
                                    autofocus=has_focus
                                />
                                {chosen.fault()}
                                <p class="hint" id="password-hint">
                                    {format!("At least {PASSWORD_MIN} characters. A few words in a row are fine.")}
                                </p>
                            </div>
                            <button class="button button--primary">"Set password and sign in"</button>
                        </ActionForm>
                    </div>
                </Page>
            }
            .into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }
}
