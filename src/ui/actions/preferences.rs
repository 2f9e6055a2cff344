//! Of the viewer's own screen: theme, time zone, region. Kept in cookies of the browser; anybody may,
//! also who is not signed in yet.

#![expect(clippy::unused_async, reason = "a server function is async, whether it waits or not")]

use leptos::prelude::*;

use crate::ui::trouble::Trouble;

/// Keeps what is said; an empty text forgets a choice. Unknown values are kept as none.
#[server(prefix = "/api/fn", endpoint = "preferences-set")]
pub async fn preferences_set(
    theme: Option<String>,
    zone: Option<String>,
    region: Option<String>,
    browser_zone: Option<String>,
    #[server(default)] back: String,
) -> Result<(), Trouble> {
    use axum::http::header::SET_COOKIE;
    use leptos_axum::ResponseOptions;

    use crate::ui::paths;
    use crate::ui::place::Choice;
    use crate::ui::session::visit;
    let visit = visit()?;
    let needs_tls = visit.state.origin.0.starts_with("https://");
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
}
