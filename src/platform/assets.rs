//! The files that pages ask for: style, script, WebAssembly, icons. In the binary itself in a
//! release build, read from the build's output folder otherwise.

use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "target/site"]
#[allow_missing = true]
struct Site;

/// The folder name under `/pkg`, which changes whenever a file in it does: what is fetched from
/// there may be kept for ever, and no page can mix files of two versions.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Site::iter().filter(|name| name.starts_with("pkg/")).collect();
    names.sort();
    let mut digest = Sha256::new();
    for file in names.iter().filter_map(|name| Site::get(name)) {
        digest.update(file.metadata.sha256_hash());
    }
    URL_SAFE_NO_PAD.encode(&digest.finalize()[..9])
});

/// What `site_pkg_dir` is for the pages. Under the watcher of a developer's machine plainly `pkg`,
/// because that is what its live reload looks for.
pub fn package_dir() -> String {
    if std::env::var_os("LEPTOS_WATCH").is_some() { "pkg".to_owned() } else { format!("pkg/{}", *VERSION) }
}

/// `/pkg/{*path}`, with and without the version in front.
pub async fn package(Path(path): Path<String>, headers: HeaderMap) -> Response {
    respond(match path.split_once('/') {
        Some((version, name)) if version == *VERSION => serve(&format!("pkg/{name}"), &headers, true),
        _ => serve(&format!("pkg/{path}"), &headers, false),
    })
}

/// The files of `public/`, each at its own address, for anybody: the sign-in page shows some.
pub fn public<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Site::iter().filter(|name| is_public(name)).fold(Router::new(), |router, name| {
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
    let plain = Site::get(name)?;
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

/// Compressed once, when the release was built, and never per request.
fn compressed(name: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, &'static str)> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(coding, _)| accepted.split(',').any(|offer| offer.trim() == *coding))
        .find_map(|(coding, ending)| Site::get(&format!("{name}.{ending}")).map(|file| (file, coding)))
}
