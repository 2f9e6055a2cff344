//! The files that pages ask for: style, script, WebAssembly, icons. The program contains them; a developer's
//! server reads them from the build's output folder instead, so that a new style needs no new program.

mod site;

use std::sync::OnceLock;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_embed::EmbeddedFile;

pub use site::Site;

static SITE: OnceLock<Site> = OnceLock::new();
static NOWHERE: Site = Site::empty();

/// Says where the files are. The first call decides for the whole process; before it there are none.
pub fn provide(site: Site) {
    let _ = SITE.set(site);
}

fn site() -> &'static Site {
    SITE.get().unwrap_or(&NOWHERE)
}

/// The folder of the package's files, without a slash at either end: `pkg`, and for files that never change a
/// version below it.
pub fn package_dir() -> String {
    match site().version() {
        Some(version) => format!("pkg/{version}"),
        None => "pkg".to_owned(),
    }
}

/// Whether the script and the WebAssembly of the islands are there. A developer's server starts before they are
/// built, and pages work without them.
pub fn has_islands() -> bool {
    ["pkg/groupdesk.js", "pkg/groupdesk.wasm"].iter().all(|name| site().has(name))
}

/// Whether this is a program that was built without the browser's files, which only a developer's is. A folder may be
/// filled later.
pub fn are_missing() -> bool {
    site().version().is_some() && !(has_islands() && site().has("pkg/groupdesk.css"))
}

/// `/pkg/{*path}`, with and without the version in front.
pub async fn package(Path(path): Path<String>, headers: HeaderMap) -> Response {
    respond(match path.split_once('/') {
        Some((version, name)) if Some(version) == site().version() => {
            serve(&format!("pkg/{name}"), &headers, true)
        }
        _ => serve(&format!("pkg/{path}"), &headers, false),
    })
}

/// The files of `public/`, each at its own address, for anybody: the sign-in page shows some.
pub fn public<S: Clone + Send + Sync + 'static>() -> Router<S> {
    site().names().into_iter().filter(|name| is_public(name)).fold(Router::new(), |router, name| {
        let path = format!("/{name}");
        router.route(&path, get(async move |headers: HeaderMap| respond(serve(&name, &headers, false))))
    })
}

/// Neither a built file nor the compressed form of another.
fn is_public(name: &str) -> bool {
    let is_compressed = [".br", ".gz"].iter().any(|ending| name.ends_with(ending));
    !name.starts_with("pkg/") && !is_compressed
}

fn respond(found: Option<Response>) -> Response {
    found.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

fn serve(name: &str, headers: &HeaderMap, immutable: bool) -> Option<Response> {
    let plain = site().get(name)?;
    let (file, encoding) = compressed(name, headers).unwrap_or((plain, "identity"));
    let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&file.metadata.sha256_hash()[..12]));
    let caching = if immutable { "public, max-age=31536000, immutable" } else { "public, no-cache" };
    let unchanged =
        headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes());
    let response = Response::builder()
        .header(header::ETAG, etag)
        .header(header::CACHE_CONTROL, caching)
        .header(header::VARY, "accept-encoding");
    let response = if unchanged {
        response.status(StatusCode::NOT_MODIFIED).body(Body::empty())
    } else {
        response
            .header(header::CONTENT_TYPE, mime_guess::from_path(name).first_or_octet_stream().as_ref())
            .header(header::CONTENT_ENCODING, encoding)
            .body(Body::from(file.data))
    };
    response.ok()
}

/// Compressed once, when the site was built, and never per request.
fn compressed(name: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, &'static str)> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(coding, _)| accepted.split(',').any(|offer| offer.trim() == *coding))
        .find_map(|(coding, ending)| site().get(&format!("{name}.{ending}")).map(|file| (file, coding)))
}

#[cfg(test)]
mod tests {
    use rust_embed::RustEmbed;

    use super::*;

    /// A program that contains the tests' files.
    #[derive(RustEmbed)]
    #[folder = "tests/support/site"]
    struct Files;

    async fn asked(path: &str) -> (StatusCode, Option<String>) {
        provide(Site::embedded(Files));
        let response = package(Path(path.to_owned()), HeaderMap::new()).await;
        let caching = response.headers().get(header::CACHE_CONTROL);
        (response.status(), caching.map(|value| value.to_str().unwrap().to_owned()))
    }

    #[tokio::test]
    async fn a_browser_keeps_what_is_below_the_version_for_good_and_asks_for_the_rest() {
        let plain = asked("groupdesk.css").await;
        assert_eq!(plain, (StatusCode::OK, Some("public, no-cache".to_owned())));
        let version = site().version().unwrap();
        assert_eq!(package_dir(), format!("pkg/{version}"));
        let kept = asked(&format!("{version}/groupdesk.css")).await;
        assert_eq!(kept, (StatusCode::OK, Some("public, max-age=31536000, immutable".to_owned())));
        // A page of another version loads nothing that is not its own.
        let missing = (StatusCode::NOT_FOUND, None);
        assert_eq!(asked("AAAAAAAAAAAA/groupdesk.css").await, missing);
        assert_eq!(asked(&format!("{version}/nothing.css")).await, missing);
    }
}
