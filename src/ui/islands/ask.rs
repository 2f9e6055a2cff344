//! Asking the server while a page is open.
//!
//! A server function is called as a form would call it, and the browser itself reads the answer. The library's
//! own client would add a second parser of JSON and of numbers, a quarter of what a browser has to load.

use js_sys::{Array, Reflect};
use leptos::prelude::window;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::{Headers, RequestInit, Response, UrlSearchParams};
use wasm_bindgen_futures::JsFuture;

use crate::ui::paths;

/// The server functions that islands call: the last part of each address.
pub const CANDIDATES_READ: &str = "candidates-read";
pub const PREFERENCES_SET: &str = "preferences-set";
pub const SEARCH_READ: &str = "search-read";

/// What is shown when the server did not answer, or its answer cannot be read.
pub const UNREACHABLE: &str = "The desk could not be reached. Check the connection and try again.";

/// What is shown when the server answers that it cannot work at the moment.
const UNAVAILABLE: &str = "The desk is not available at the moment. Try again shortly.";
const UNAVAILABLE_STATUS: u16 = 503;

/// Calls a server function with these fields.
///
/// # Errors
/// The sentence of a refusal; [`UNREACHABLE`], or that the desk is not available.
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
    let response = fetch(&path(function), ("accept", "application/json"), &request).await?;
    if response.status() == UNAVAILABLE_STATUS {
        return Some(Err(UNAVAILABLE.to_owned()));
    }
    let body = JsFuture::from(response.json().ok()?).await.ok()?;
    Some(if response.ok() { Ok(body) } else { Err(text(&body, "sentence")?) })
}

/// `None`: there was no answer.
pub async fn fetch(url: &str, header: (&str, &str), request: &RequestInit) -> Option<Response> {
    let headers = Headers::new().ok()?;
    headers.append(header.0, header.1).ok()?;
    request.set_headers(&headers);
    let response = JsFuture::from(window().fetch_with_str_and_init(url, request));
    response.await.ok()?.dyn_into().ok()
}

fn path(function: &str) -> String {
    format!("{}/{function}", paths::FUNCTIONS)
}

/// Every row of an answer that is a list; `None` where one is not as it should be.
pub fn rows<T>(answer: JsValue, read: impl Fn(&JsValue) -> Option<T>) -> Option<Vec<T>> {
    answer.dyn_into::<Array>().ok()?.iter().map(|row| read(&row)).collect()
}

/// A member of an answer that is text.
pub fn text(answer: &JsValue, member: &str) -> Option<String> {
    Reflect::get(answer, &JsValue::from_str(member)).ok()?.as_string()
}

/// A member of an answer that is true or false.
pub fn boolean(answer: &JsValue, member: &str) -> Option<bool> {
    Reflect::get(answer, &JsValue::from_str(member)).ok()?.as_bool()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::account::preferences::PreferencesSet;
    use crate::ui::enrollments::actions::CandidatesRead;
    use crate::ui::search::actions::SearchRead;
    use leptos::server_fn::ServerFn;

    #[test]
    fn what_islands_ask_is_a_server_function() {
        assert_eq!(path(CANDIDATES_READ), CandidatesRead::url());
        assert_eq!(path(PREFERENCES_SET), PreferencesSet::url());
        assert_eq!(path(SEARCH_READ), SearchRead::url());
    }
}
