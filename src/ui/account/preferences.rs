//! Of the viewer's own screen: theme, time zone, region. Kept in cookies of the browser; anybody may,
//! also who is not signed in yet.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ui::error::UiError;

/// Keeps what is said; `auto`, and what there is not, forgets a choice. An empty field says nothing.
#[server(prefix = "/api/fn", endpoint = "preferences-set")]
pub async fn preferences_set(
    theme: Option<String>,
    zone: Option<String>,
    region: Option<String>,
    browser_zone: Option<String>,
    #[server(default)] back: String,
) -> Result<(), UiError> {
    use axum::http::header::SET_COOKIE;
    use leptos_axum::ResponseOptions;

    use crate::ui::locale::viewer_locale::Choice;
    use crate::ui::paths;
    use crate::ui::server::session::anybody;
    anybody(async |visit| {
        let needs_tls = visit.state.origin.as_str().starts_with("https://");
        let said = [
            (Choice::Theme, theme),
            (Choice::Zone, zone),
            (Choice::Region, region),
            (Choice::BrowserZone, browser_zone),
        ];
        let response = expect_context::<ResponseOptions>();
        for (choice, value) in said {
            let Some(value) = value.map(|value| choice.accepted(&value)) else { continue };
            if let Some(cookie) = choice.kept(value.as_deref().unwrap_or_default(), needs_tls) {
                response.append_header(SET_COOKIE, cookie);
            }
        }
        // Sent in passing by a script, it has nowhere to go.
        if !back.is_empty() {
            leptos_axum::redirect(paths::local_or_home(&back));
        }
        Ok(())
    })
    .await
}

/// What can be chosen, and what is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Preferences {
    /// Names of time zones, as in `Europe/Lisbon`.
    pub zones: Vec<String>,
    /// The chosen one; empty: the browser's.
    pub zone: String,
    /// Codes of regions, each with a moment and a number as they are written there.
    pub regions: Vec<(String, String)>,
    pub region: String,
}

#[server(prefix = "/api/fn", endpoint = "preferences-read")]
pub async fn preferences_read() -> Result<Preferences, UiError> {
    use crate::ui::locale::viewer_locale;
    use crate::ui::server::session::anybody;
    anybody(async |visit| {
        let place = visit.place();
        Ok(Preferences {
            zones: viewer_locale::zones(),
            zone: place.chosen_zone.map(|zone| zone.to_string()).unwrap_or_default(),
            regions: place.samples(visit.now()),
            region: place.chosen_region.map(|region| region.to_string()).unwrap_or_default(),
        })
    })
    .await
}
