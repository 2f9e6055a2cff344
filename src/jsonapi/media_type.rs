//! Content negotiation (JSON:API section "Content Negotiation").

use mediatype::names::{APPLICATION, JSON};
use mediatype::{MediaType, MediaTypeList, Name, ReadParams};

use super::error::{ErrorObject, Source};

pub const JSON_API: &str = "application/vnd.api+json";

/// The cursor-pagination profile, which every list here follows.
pub const CURSOR_PAGINATION: &str = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination";

/// The atomic-operations extension, which one address takes.
pub const ATOMIC: &str = "https://jsonapi.org/ext/atomic";

/// The `Content-Type` of a page of a list.
pub const JSON_API_PAGED: &str =
    "application/vnd.api+json;profile=\"https://jsonapi.org/profiles/ethanresnick/cursor-pagination\"";

/// The `Content-Type` of the results of atomic operations.
pub const JSON_API_ATOMIC: &str = "application/vnd.api+json;ext=\"https://jsonapi.org/ext/atomic\"";

fn is_json_api(media_type: &MediaType<'_>) -> bool {
    media_type.ty == APPLICATION
        && media_type.subty.as_str().eq_ignore_ascii_case("vnd.api")
        && media_type.suffix == Some(JSON)
}

fn is_wildcard_for_us(media_type: &MediaType<'_>) -> bool {
    media_type.subty.as_str() == "*" && (media_type.ty.as_str() == "*" || media_type.ty == APPLICATION)
}

/// Do its parameters leave us able to serve it? `ext` and `profile` are the two that a client may
/// send; of extensions we know those of `extensions`, of profiles any is fine, since a profile that
/// is not known is ignored.
fn is_servable(media_type: &MediaType<'_>, extensions: &[&str], is_weighed: bool) -> bool {
    media_type.params().all(|(name, value)| {
        let name: &str = name.as_str();
        match name.to_ascii_lowercase().as_str() {
            "profile" => true,
            "ext" => value.unquoted_str().split(' ').all(|uri| extensions.contains(&uri)),
            "q" => is_weighed,
            _ => false,
        }
    })
}

fn weight_is_zero(media_type: &MediaType<'_>) -> bool {
    media_type
        .get_param(Name::new_unchecked("q"))
        .is_some_and(|value| value.unquoted_str().parse::<f32>().is_ok_and(|weight| weight <= 0.0))
}

/// Will the client take what we answer? No `Accept` takes anything.
///
/// # Errors
/// `NOT_ACCEPTABLE`.
pub fn check_accept(accept: Option<&str>, extensions: &[&str]) -> Result<(), ErrorObject> {
    let Some(accept) = accept else { return Ok(()) };
    let offered: Vec<MediaType<'_>> = MediaTypeList::new(accept).flatten().collect();
    // Where our type is named, what is said of it counts, and wildcards beside it do not.
    let ours = offered.iter().filter(|media_type| is_json_api(media_type));
    let fits = if ours.clone().next().is_some() {
        ours.clone()
            .any(|media_type| !weight_is_zero(media_type) && is_servable(media_type, extensions, true))
    } else {
        offered.iter().any(|media_type| is_wildcard_for_us(media_type) && !weight_is_zero(media_type))
    };
    if fits || accept.trim().is_empty() {
        return Ok(());
    }
    Err(ErrorObject::new(
        406,
        "NOT_ACCEPTABLE",
        "Not acceptable",
        format!("The answer is {JSON_API}, without parameters other than ext and profile; Accept allows no such thing."),
    )
    .at(Source::Header("Accept")))
}

/// Is the body what it has to be?
///
/// # Errors
/// `UNSUPPORTED_MEDIA_TYPE`.
pub fn check_content_type(content_type: Option<&str>, extensions: &[&str]) -> Result<(), ErrorObject> {
    let fits = content_type
        .and_then(|text| MediaType::parse(text).ok())
        .is_some_and(|media_type| is_json_api(&media_type) && is_servable(&media_type, extensions, false));
    if fits {
        return Ok(());
    }
    Err(ErrorObject::new(
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        "Unsupported media type",
        format!("Content-Type has to be {JSON_API}, without parameters other than ext and profile, and ext with extensions that apply here."),
    )
    .at(Source::Header("Content-Type")))
}

/// A `Content-Type` of ours with parameters that are not, or an extension that does not apply, is
/// refused on every request, body or not (JSON:API section "Server Responsibilities").
///
/// # Errors
/// `UNSUPPORTED_MEDIA_TYPE`.
pub fn check_parameters(content_type: Option<&str>, extensions: &[&str]) -> Result<(), ErrorObject> {
    let is_ours = content_type
        .and_then(|text| MediaType::parse(text).ok())
        .is_some_and(|media_type| is_json_api(&media_type));
    if is_ours { check_content_type(content_type, extensions) } else { Ok(()) }
}

/// Is the body a document of atomic operations? The extension has to be said: without it the members
/// that it is made of mean nothing.
///
/// # Errors
/// `UNSUPPORTED_MEDIA_TYPE`.
pub fn requires_atomic(content_type: Option<&str>) -> Result<(), ErrorObject> {
    check_content_type(content_type, &[ATOMIC])?;
    let says_so = content_type
        .and_then(|text| MediaType::parse(text).ok())
        .is_some_and(|media_type| media_type.get_param(Name::new_unchecked("ext")).is_some());
    if says_so {
        return Ok(());
    }
    Err(ErrorObject::new(
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        "Unsupported media type",
        format!("Content-Type has to be {JSON_API_ATOMIC} here."),
    )
    .at(Source::Header("Content-Type")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(accept: &str) -> bool {
        check_accept(Some(accept), &[]).is_ok()
    }

    #[test]
    fn a_client_that_takes_json_api_somehow_is_served() {
        assert!(check_accept(None, &[]).is_ok());
        for accept in [
            "*/*",
            "application/*",
            "application/vnd.api+json",
            "Application/Vnd.API+JSON",
            "text/html, application/vnd.api+json;q=0.5",
            r#"application/vnd.api+json;profile="https://example.com/p""#,
            "application/vnd.api+json;charset=utf-8, application/vnd.api+json",
        ] {
            assert!(accepts(accept), "{accept}");
        }
    }

    #[test]
    fn a_client_that_takes_only_what_we_cannot_make_is_told() {
        for accept in [
            "text/html",
            "application/json",
            "application/vnd.api+json;charset=utf-8",
            r#"application/vnd.api+json;ext="https://example.com/unknown""#,
            "application/vnd.api+json;q=0",
            "application/vnd.api+json;q=0, */*",
            "application/vnd.api+json; charset=utf-8, */*;q=0.1",
        ] {
            assert!(!accepts(accept), "{accept}");
        }
    }

    #[test]
    fn a_body_is_json_api_without_foreign_parameters() {
        let fits = |text| check_content_type(Some(text), &["https://jsonapi.org/ext/atomic"]).is_ok();
        assert!(fits("application/vnd.api+json"));
        assert!(fits(r#"application/vnd.api+json; profile="https://example.com/p""#));
        assert!(fits(r#"application/vnd.api+json; ext="https://jsonapi.org/ext/atomic""#));
        assert!(!fits("application/vnd.api+json; charset=utf-8"));
        assert!(!fits("application/vnd.api+json; q=1"));
        assert!(!fits(r#"application/vnd.api+json; ext="https://example.com/unknown""#));
        assert!(!fits("application/json"));
        assert!(check_content_type(None, &[]).is_err());
    }
}
