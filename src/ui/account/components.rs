//! Time zone, region and theme of this browser.

use leptos::prelude::*;

use crate::ui::account::preferences::{Preferences, PreferencesSet};
use crate::ui::viewer::{Theme, Viewer};

/// A section with a form; a place to be led to.
#[component]
pub fn PreferencesForm(preferences: Preferences) -> impl IntoView {
    view! {
        <section class="card stack" id="preferences" aria-labelledby="preferences-title">
            <h2 id="preferences-title">"Preferences"</h2>
            <p class="muted">"They are kept in this browser."</p>
            <Fields preferences />
        </section>
    }
}

#[component]
fn Fields(preferences: Preferences) -> impl IntoView {
    let set = ServerAction::<PreferencesSet>::new();
    let viewer = Viewer::current();
    let Preferences { zones, zone, regions, region } = preferences;
    let browser = match viewer.browser_zone.as_str() {
        "" => "As in this browser".to_owned(),
        known => format!("As in this browser ({known})"),
    };
    view! {
        <ActionForm action=set attr:class="stack">
            <input type="hidden" name="back" value=viewer.here />
            <div class="field">
                <label for="zone">"Time zone"</label>
                <select id="zone" name="zone">
                    <option value="auto">{browser}</option>
                    {zones
                        .into_iter()
                        .map(|name| {
                            let selected = name == zone;
                            view! { <option selected=selected>{name}</option> }
                        })
                        .collect_view()}
                </select>
            </div>
            <div class="field">
                <label for="region">"Dates and numbers"</label>
                <select id="region" name="region">
                    <option value="auto">"As this browser’s languages have it"</option>
                    {regions
                        .into_iter()
                        .map(|(code, sample)| {
                            let selected = code == region;
                            view! { <option value=code selected=selected>{sample}</option> }
                        })
                        .collect_view()}
                </select>
            </div>
            <fieldset class="field">
                <legend>"Theme"</legend>
                {Theme::ALL
                    .map(|theme| {
                        view! {
                            <label class="check">
                                <input type="radio" name="theme" value=theme.word() checked=theme == viewer.theme />
                                {theme.name()}
                            </label>
                        }
                    })
                    .collect_view()}
            </fieldset>
            <div class="actions"><button class="button button--primary">"Save preferences"</button></div>
        </ActionForm>
    }
}
