//! `/invite/{secret}`: an operator chooses a password.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;

use crate::kernel::text::isolated;
use crate::resources::operators::model::{Operator, PASSWORD_MIN};
use crate::ui::components::{FormFields, Page, PostForm, TextField, load_page};
use crate::ui::cookieless;
use crate::ui::sign_in::actions::InvitationAccept;
use crate::ui::sign_in::queries::invited_operator;

#[component]
pub fn InvitationPage() -> impl IntoView {
    let secret = use_params_map().with_untracked(|params| params.get("secret")).unwrap_or_default();
    load_page(async move {
        let operator = invited_operator(&secret).await?;
        Ok(view! { <ChoosePassword operator secret /> })
    })
}

#[component]
fn ChoosePassword(operator: Operator, secret: String) -> impl IntoView {
    let form = FormFields::new(&["password"]);
    let hint = format!("At least {PASSWORD_MIN} characters. A few words in a row are fine.");
    let hidden = vec![("secret", secret), (cookieless::FIELD, "checked".to_owned())];
    view! {
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
    }
}
