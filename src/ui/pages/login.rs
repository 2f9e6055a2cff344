//! `/login`

use leptos::prelude::*;

use crate::ui::actions::operators::OperatorSignIn;
use crate::ui::parts::field::FieldState;
use crate::ui::parts::page::Page;
use crate::ui::paths;
use crate::ui::trouble::TroubleKind;
use crate::ui::viewer::{AnswerStatus, Viewer};

#[component]
pub fn LoginPage() -> impl IntoView {
    let viewer = Viewer::current();
    tell_throttled(&viewer);
    let next = viewer.query("next").unwrap_or_default();
    let next = paths::local_or_home(&next).to_owned();
    let email = viewer.typed("email");
    let sign_in = ServerAction::<OperatorSignIn>::new();
    let focus = viewer.focus(&["email", "password"]);
    let refused = FieldState::of(&viewer, "password");
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
            </div>
        </Page>
    }
}

/// The page that tells of too many attempts is the answer to one: its status says so, too.
fn tell_throttled(viewer: &Viewer) {
    let trouble = viewer.flash.as_ref().and_then(|flash| flash.outcome.as_ref().err());
    if trouble.is_some_and(|trouble| trouble.kind == TroubleKind::TriedTooOften) {
        AnswerStatus::set(429);
    }
}
