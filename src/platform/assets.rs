//! The files that pages load. The program contains them; a development server reads them from the output folder of the
//! build, so that a new style needs no new program.

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

use super::http::header_text;
pub use site::Site;

static SITE: OnceLock<Site> = OnceLock::new();

const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const REVALIDATE: &str = "public, no-cache";

/// Sets the files. Only the first call in a process has an effect; before it there are no files.
pub fn provide(site: Site) {
    let _ = SITE.set(site);
}

fn version() -> Option<&'static str> {
    SITE.get()?.version()
}

fn file(name: &str) -> Option<EmbeddedFile> {
    SITE.get()?.get(name)
}

/// The folder of the package in URLs, without outer slashes: `pkg`, and a version if the files are immutable.
pub fn package_dir() -> String {
    version().map_or_else(|| "pkg".to_owned(), |version| format!("pkg/{version}"))
}

/// Do the scripts of the islands exist? A development server starts before they are built.
pub fn has_islands() -> bool {
    has_all(&["pkg/groupdesk.js", "pkg/groupdesk.wasm"])
}

fn has_all(names: &[&str]) -> bool {
    SITE.get().is_some_and(|site| names.iter().all(|name| site.has(name)))
}

/// Was this program built without the files? This happens only in development. A folder may be filled later.
pub fn are_missing() -> bool {
    version().is_some() && !(has_islands() && has_all(&["pkg/groupdesk.css"]))
}

/// `/pkg/{*path}`, with and without the version.
pub async fn package(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let versioned = path.split_once('/').filter(|(version, _)| Some(*version) == self::version());
    match versioned {
        Some((_, name)) => serve(&format!("pkg/{name}"), &headers, IMMUTABLE),
        None => serve(&format!("pkg/{path}"), &headers, REVALIDATE),
    }
}

/// The files of `public/`, each at its own address. They need no sign-in, because the sign-in page shows some.
pub fn public<S: Clone + Send + Sync + 'static>() -> Router<S> {
    // Neither built nor the compressed form of another file.
    let is_public = |name: &String| {
        !name.starts_with("pkg/") && [".br", ".gz"].iter().all(|ending| !name.ends_with(ending))
    };
    let names = SITE.get().map_or_else(Vec::new, Site::names);
    names.into_iter().filter(is_public).fold(Router::new(), |router, name| {
        let path = format!("/{name}");
        router.route(&path, get(async move |headers: HeaderMap| serve(&name, &headers, REVALIDATE)))
    })
}

fn serve(name: &str, headers: &HeaderMap, caching: &str) -> Response {
    let Some(plain) = file(name) else { return StatusCode::NOT_FOUND.into_response() };
    let (file, encoding) = compressed(name, headers).unwrap_or((plain, "identity"));
    let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&file.metadata.sha256_hash()[..12]));
    let is_unchanged = header_text(headers, header::IF_NONE_MATCH) == Some(etag.as_str());
    let common =
        [(header::ETAG, &*etag), (header::CACHE_CONTROL, caching), (header::VARY, "accept-encoding")];
    if is_unchanged {
        return (StatusCode::NOT_MODIFIED, common, Body::empty()).into_response();
    }
    let media_type = mime_guess::from_path(name).first_or_octet_stream();
    let content = [(header::CONTENT_TYPE, media_type.as_ref()), (header::CONTENT_ENCODING, encoding)];
    (common, content, Body::from(file.data)).into_response()
}

/// The compressed file that the client accepts. Files are compressed once, when the site is built.
fn compressed(name: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, &'static str)> {
    let accepted = header_text(headers, header::ACCEPT_ENCODING)?;
    [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(coding, _)| accepted.split(',').any(|offer| offer.trim() == *coding))
        .find_map(|(coding, ending)| file(&format!("{name}.{ending}")).map(|file| (file, coding)))
}

#[cfg(test)]
mod tests {
    use rust_embed::RustEmbed;

    use super::*;

    /// A program that contains the files of the tests.
    #[derive(RustEmbed)]
    #[folder = "tests/support/site"]
    struct Files;

    async fn served(path: &str) -> (StatusCode, Option<String>) {
        provide(Site::embedded(Files));
        let response = package(Path(path.to_owned()), HeaderMap::new()).await;
        let caching = response.headers().get(header::CACHE_CONTROL);
        (response.status(), caching.map(|value| value.to_str().unwrap().to_owned()))
    }

    #[tokio::test]
    async fn versioned_files_are_immutable_and_others_revalidated() {
        let plain = served("groupdesk.css").await;
        assert_eq!(plain, (StatusCode::OK, Some("public, no-cache".to_owned())));
        let version = version().unwrap();
        assert_eq!(package_dir(), format!("pkg/{version}"));
        let versioned = served(&format!("{version}/groupdesk.css")).await;
        assert_eq!(versioned, (StatusCode::OK, Some("public, max-age=31536000, immutable".to_owned())));
        // A page of another version loads no files of this one.
        let missing = (StatusCode::NOT_FOUND, None);
        assert_eq!(served("AAAAAAAAAAAA/groupdesk.css").await, missing);
        assert_eq!(served(&format!("{version}/nothing.css")).await, missing);
    }
}
