//! `/login`

use leptos::prelude::*;

use crate::ui::actions::operators::OperatorSignIn;
use crate::ui::parts::page::Page;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn LoginPage() -> impl IntoView {
    let viewer = Viewer::current();
    let next = viewer.query("next").unwrap_or_default();
    let next = paths::local_or_home(&next).to_owned();
    let email = viewer.typed("email");
    let sign_in = ServerAction::<OperatorSignIn>::new();
    view! {
        <Page title="Sign in" narrow=true>
            <div class="card stack">
                <h1>"Sign in"</h1>
                <p class="muted">"The desk for who is in which workspace group."</p>
                <ActionForm action=sign_in attr:class="stack">
                    <input type="hidden" name="next" value=next />
                    <div class="field">
                        <label for="email">"E-mail address"</label>
                        <input
                            id="email"
                            name="email"
                            type="email"
                            autocomplete="username"
                            required
                            autofocus=email.is_empty()
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
                            autofocus=!email.is_empty()
                        />
                    </div>
                    <button class="button button--primary">"Sign in"</button>
                </ActionForm>
            </div>
        </Page>
    }
}
