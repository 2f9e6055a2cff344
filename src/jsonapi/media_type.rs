//! Content negotiation (JSON:API section "Content Negotiation").

use mediatype::names::{APPLICATION, JSON};
use mediatype::{MediaType, MediaTypeList, Name, ReadParams};

use super::error::{ErrorObject, Source};
use crate::jsonapi::error_code;

pub const JSON_API: &str = "application/vnd.api+json";

/// The profile of every list.
pub const CURSOR_PAGINATION: &str = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination";

pub const ATOMIC: &str = "https://jsonapi.org/ext/atomic";

pub const JSON_API_PAGED: &str =
    "application/vnd.api+json;profile=\"https://jsonapi.org/profiles/ethanresnick/cursor-pagination\"";

pub const JSON_API_ATOMIC: &str = "application/vnd.api+json;ext=\"https://jsonapi.org/ext/atomic\"";

fn is_json_api(media_type: &MediaType<'_>) -> bool {
    media_type.ty == APPLICATION
        && media_type.subty.as_str().eq_ignore_ascii_case("vnd.api")
        && media_type.suffix == Some(JSON)
}

fn is_matching_wildcard(media_type: &MediaType<'_>) -> bool {
    media_type.subty.as_str() == "*" && (media_type.ty.as_str() == "*" || media_type.ty == APPLICATION)
}

/// Unknown profiles are ignored, as the standard demands. A quality value is allowed only in `Accept`.
fn is_supported(media_type: &MediaType<'_>, extensions: &[&str], allows_quality: bool) -> bool {
    media_type.params().all(|(name, value)| match name.as_str().to_ascii_lowercase().as_str() {
        "profile" => true,
        "ext" => value.unquoted_str().split(' ').all(|uri| extensions.contains(&uri)),
        "q" => allows_quality,
        _ => false,
    })
}

fn is_excluded(media_type: &MediaType<'_>) -> bool {
    media_type
        .get_param(Name::new_unchecked("q"))
        .is_some_and(|value| value.unquoted_str().parse::<f32>().is_ok_and(|quality| quality <= 0.0))
}

/// A missing header allows everything.
pub fn check_accept(accept: Option<&str>, extensions: &[&str]) -> Result<(), ErrorObject> {
    let Some(accept) = accept else { return Ok(()) };
    let offered: Vec<MediaType<'_>> = MediaTypeList::new(accept).flatten().collect();
    let (ours, others): (Vec<_>, Vec<_>) = offered.iter().partition(|media_type| is_json_api(media_type));
    // A wildcard counts only where JSON:API is not named (RFC 9110 section 12.5.1: the most specific range wins).
    let fits = if ours.is_empty() {
        others.iter().any(|media_type| is_matching_wildcard(media_type) && !is_excluded(media_type))
    } else {
        ours.iter().any(|media_type| !is_excluded(media_type) && is_supported(media_type, extensions, true))
    };
    if fits || accept.trim().is_empty() {
        return Ok(());
    }
    let detail = format!(
        "None of the media types in Accept can be produced. Supported: {JSON_API}, with no parameters other than ext \
         and profile."
    );
    Err(error_code::NOT_ACCEPTABLE.error(detail).at(Source::Header("Accept")))
}

fn unsupported(detail: String) -> ErrorObject {
    error_code::UNSUPPORTED_MEDIA_TYPE.error(detail).at(Source::Header("Content-Type"))
}

fn parse_json_api(content_type: Option<&str>) -> Option<MediaType<'_>> {
    MediaType::parse(content_type?).ok().filter(is_json_api)
}

pub fn check_content_type(content_type: Option<&str>, extensions: &[&str]) -> Result<(), ErrorObject> {
    match parse_json_api(content_type) {
        Some(media_type) if is_supported(&media_type, extensions, false) => Ok(()),
        Some(_) | None => Err(unsupported(format!(
            "Content-Type must be {JSON_API}, with no parameters other than ext and profile, and ext may contain only \
             extensions that this URL supports."
        ))),
    }
}

/// Checks the parameters also where the request needs no body (JSON:API section "Server Responsibilities").
pub fn check_parameters(content_type: Option<&str>, extensions: &[&str]) -> Result<(), ErrorObject> {
    if parse_json_api(content_type).is_some() { check_content_type(content_type, extensions) } else { Ok(()) }
}

/// The media type must name the extension, because only the extension defines the members of the document.
pub fn requires_atomic(content_type: Option<&str>) -> Result<(), ErrorObject> {
    check_content_type(content_type, &[ATOMIC])?;
    match parse_json_api(content_type) {
        Some(media_type) if media_type.get_param(Name::new_unchecked("ext")).is_some() => Ok(()),
        Some(_) | None => Err(unsupported(format!("Content-Type must be {JSON_API_ATOMIC} here."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(accept: &str) -> bool {
        check_accept(Some(accept), &[]).is_ok()
    }

    #[test]
    fn an_accept_header_may_allow_json_api_in_several_ways() {
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
    fn an_accept_header_without_json_api_is_an_error() {
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
    fn a_content_type_has_no_unsupported_parameters() {
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
