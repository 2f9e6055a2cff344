//! `/account`

use chrono::{DateTime, Utc};
use chrono_tz::TZ_VARIANTS;

use crate::kernel::problem::Field;
use crate::resources::operator_sessions::model::OperatorSession;
use crate::resources::operators::model::{Operator, PASSWORD_MIN};
use crate::ui::account::actions::{
    PasswordChange, PreferencesSet, SessionEnd, SessionsEndOthers, SignOutEverywhere,
};
use crate::ui::account::queries::account;
use crate::ui::components::prelude::*;
use crate::ui::locale::viewer_locale::Theme;

#[component]
pub fn AccountPage() -> impl IntoView {
    let provider = Viewer::current().provider;
    load_page(async move {
        let (Operator { email, person, role, .. }, sessions, linked_at) = account().await?;
        let address = email.clone();
        Ok(view! {
            <Page title="Your account" narrow=true>
                <h1>"Your account"</h1>
                <section class="card stack" aria-label="You">
                    <dl class="facts">
                        <Fact name="Name"><PersonName person=Some(person) /></Fact>
                        <Fact name="E-mail address">{address}</Fact>
                        <Fact name="Role">{role.into_str()} <br /> <span class="muted">{role_summary(role)}</span></Fact>
                        {provider.map(|name| view! { <Fact name=name.clone()>{linked_text(&name, linked_at)}</Fact> })}
                    </dl>
                </section>
                <Preferences />
                <Password email=email.clone() />
                <Sessions email sessions />
            </Page>
        })
    })
}

fn linked_text(name: &str, linked_at: Option<DateTime<Utc>>) -> AnyView {
    let how = format!(
        "Not linked. Choose “Sign in with {name}” at your next sign-in. You are linked if {name} knows your e-mail address."
    );
    match linked_at {
        Some(at) => view! { "Linked since " <Moment at /> }.into_any(),
        None => view! { <span class="muted">{how}</span> }.into_any(),
    }
}

/// Time zone, region and theme. Links lead here by its id.
#[component]
fn Preferences() -> impl IntoView {
    let Viewer { locale, now, here, .. } = Viewer::current();
    let browser_zone = match locale.browser_zone {
        None => "Same as this browser".to_owned(),
        Some(zone) => format!("Same as this browser ({zone})"),
    };
    let zones = TZ_VARIANTS.iter().map(move |zone| {
        let selected = Some(*zone) == locale.chosen_zone;
        view! { <option selected=selected>{zone.to_string()}</option> }
    });
    let regions = locale.samples(now).map(move |(region, sample)| {
        let selected = Some(region) == locale.chosen_region;
        view! { <option value=region.to_string() selected=selected>{sample}</option> }
    });
    let themes = Theme::VARIANTS.iter().map(move |theme| {
        view! {
            <label class="check">
                <input type="radio" name="theme" value=theme.into_str() checked=*theme == locale.theme />
                {theme.name()}
            </label>
        }
    });
    view! {
        <section class="card stack" id="preferences" aria-labelledby="preferences-title">
            <h2 id="preferences-title">"Preferences"</h2>
            <p class="muted">"These settings apply to this browser only."</p>
            <PostForm action=PreferencesSet::url() class="stack" hidden=vec![(BACK, here)]>
                <div class="field">
                    <label for="zone">"Time zone"</label>
                    <select id="zone" name="zone">
                        <option value="auto">{browser_zone}</option>
                        {zones.collect_view()}
                    </select>
                </div>
                <div class="field">
                    <label for="region">"Dates and numbers"</label>
                    <select id="region" name="region">
                        <option value="auto">"Based on this browser’s languages"</option>
                        {regions.collect_view()}
                    </select>
                </div>
                <fieldset class="field">
                    <legend>"Theme"</legend>
                    {themes.collect_view()}
                </fieldset>
                <div class="actions"><button class="button button--primary">"Save preferences"</button></div>
            </PostForm>
        </section>
    }
}

#[component]
fn Password(email: String) -> impl IntoView {
    let new = Field::Password.into_str();
    let form = FormFields::unfocused(&["old", new]);
    let hint = format!(
        "Use at least {PASSWORD_MIN} characters; several words work well. Changing the password ends all your other \
         sessions."
    );
    view! {
        <section class="card stack" aria-labelledby="password-title">
            <h2 id="password-title">"Password"</h2>
            <PostForm action=PasswordChange::url() class="stack">
                // Without it, password managers guess the account.
                <input type="text" name="username" autocomplete="username" hidden readonly value=email />
                <TextField form name="old" kind="password" autocomplete="current-password" required=true>
                    "Current password"
                </TextField>
                <TextField
                    form
                    name="new"
                    fault=new
                    kind="password"
                    autocomplete="new-password"
                    min=PASSWORD_MIN
                    required=true
                    hint
                >
                    "New password"
                </TextField>
                <div class="actions"><button class="button button--primary">"Change password"</button></div>
            </PostForm>
        </section>
    }
}

#[component]
fn Sessions(email: String, sessions: Vec<OperatorSession>) -> impl IntoView {
    let others = sessions.iter().any(|session| !session.is_current).then(|| {
        view! { <PostButton action=SessionsEndOthers::url() text="Sign out all others" /> }
    });
    let hidden = vec![("username", email)];
    view! {
        <section class="card stack" aria-labelledby="sessions-title">
            <h2 id="sessions-title">"Where you are signed in"</h2>
            <p class="muted">"A session ends after eight hours without use, and at the latest after a day."</p>
            <ul class="sessions" aria-labelledby="sessions-title">
                {sessions.into_iter().map(|session| view! { <Session session /> }).collect_view()}
            </ul>
            <div class="actions">
                {others}
                <PostButton action=SignOutEverywhere::url() hidden class="button button--danger" text="Sign out everywhere" />
            </div>
        </section>
    }
}

#[component]
fn Session(session: OperatorSession) -> impl IntoView {
    let OperatorSession { id, signed_in_at, seen_at, browser, address, is_current } = session;
    let label = format!("End the session of {browser}");
    let end = if is_current {
        view! { <span class="tag tag--done">"this one"</span> }.into_any()
    } else {
        let (class, hidden) = ("button button--small", vec![("session", id.to_string())]);
        view! { <PostButton action=SessionEnd::url() hidden class label text="End" /> }.into_any()
    };
    view! {
        <li>
            <div>
                <strong>{browser}</strong> {address.map(|address| view! { " " <span class="muted">{address}</span> })} <br />
                "Signed in " <Moment at=signed_in_at /> <br /> "Last used " <Moment at=seen_at />
            </div>
            {end}
        </li>
    }
}
