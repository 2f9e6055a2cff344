//! Calls server functions while a page is open. A call is sent like a form, and the JSON parser of the browser reads
//! the answer, because the client of Leptos would add a quarter to the size of the WebAssembly.

use js_sys::{Array, Reflect};
use leptos::prelude::window;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::{Headers, RequestInit, Response, UrlSearchParams};
use wasm_bindgen_futures::JsFuture;

pub const CANDIDATES_READ: &str = "/api/fn/candidates-read";
pub const GROUP_CANDIDATES_READ: &str = "/api/fn/group-candidates-read";
pub const PREFERENCES_SET: &str = "/api/fn/preferences-set";
pub const SEARCH_READ: &str = "/api/fn/search-read";

pub const UNREACHABLE: &str = "The desk could not be reached. Check the connection and try again.";

const UNAVAILABLE: &str = "The desk is not available at the moment. Try again shortly.";
const UNAVAILABLE_STATUS: u16 = 503;

/// Calls the server function at this path with these fields. An error is the sentence to show.
pub async fn ask(function: &str, fields: &[(&str, &str)]) -> Result<JsValue, String> {
    answer(function, fields).await.unwrap_or_else(|| Err(UNREACHABLE.to_owned()))
}

async fn answer(function: &str, fields: &[(&str, &str)]) -> Option<Result<JsValue, String>> {
    let form = UrlSearchParams::new().ok()?;
    for (name, value) in fields {
        form.append(name, value);
    }
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(&form);
    let response = fetch(function, ("accept", "application/json"), &request).await?;
    if response.status() == UNAVAILABLE_STATUS {
        return Some(Err(UNAVAILABLE.to_owned()));
    }
    let body = JsFuture::from(response.json().ok()?).await.ok()?;
    Some(if response.ok() { Ok(body) } else { Err(body.text("sentence")?) })
}

/// Sends a request with one more header. Returns `None` without an answer.
pub async fn fetch(url: &str, header: (&str, &str), request: &RequestInit) -> Option<Response> {
    let headers = Headers::new().ok()?;
    headers.append(header.0, header.1).ok()?;
    request.set_headers(&headers);
    let response = JsFuture::from(window().fetch_with_str_and_init(url, request));
    response.await.ok()?.dyn_into().ok()
}

/// The rows of an answer that is a list; `None` if one of them cannot be read.
pub fn rows<T>(answer: JsValue, read: impl Fn(&JsValue) -> Option<T>) -> Option<Vec<T>> {
    answer.dyn_into::<Array>().ok()?.iter().map(|row| read(&row)).collect()
}

/// A JSON object. A member is `None` if it is missing or has another type.
pub trait Members {
    fn text(&self, member: &str) -> Option<String>;
    fn boolean(&self, member: &str) -> Option<bool>;
}

impl Members for JsValue {
    fn text(&self, member: &str) -> Option<String> {
        Reflect::get(self, &Self::from_str(member)).ok()?.as_string()
    }

    fn boolean(&self, member: &str) -> Option<bool> {
        Reflect::get(self, &Self::from_str(member)).ok()?.as_bool()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::account::actions::PreferencesSet;
    use crate::ui::groups::queries::CandidatesRead;
    use crate::ui::search::queries::SearchRead;
    use crate::ui::workspaces::queries::GroupCandidatesRead;
    use leptos::server_fn::ServerFn;

    #[test]
    fn paths_are_those_of_the_server_functions() {
        assert_eq!(CANDIDATES_READ, CandidatesRead::url());
        assert_eq!(GROUP_CANDIDATES_READ, GroupCandidatesRead::url());
        assert_eq!(PREFERENCES_SET, PreferencesSet::url());
        assert_eq!(SEARCH_READ, SearchRead::url());
    }
}
