//! The files that pages load. The program contains them; a development server reads them from the output folder of the
//! build, so that a new style needs no new program.

use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use axum::Router;
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_embed::{DynRustEmbed, EmbeddedFile, utils};
use sha2::{Digest, Sha256};

use crate::platform::http::header_text;

/// The files for browsers, by names such as `pkg/groupdesk.css` and `favicon.svg`.
pub enum Site {
    /// Files inside the program never change while it runs, so they have a version.
    Program { files: Box<dyn DynRustEmbed + Send + Sync>, version: String },
    /// A folder that a build may be writing to.
    Folder(PathBuf),
}

impl Site {
    pub fn embedded(files: impl DynRustEmbed + Send + Sync + 'static) -> Self {
        Self::Program { version: version_of(&files), files: Box::new(files) }
    }

    fn get(&self, name: &str) -> Option<EmbeddedFile> {
        match self {
            Self::Program { files, .. } => files.get(name),
            Self::Folder(folder) => utils::read_file_from_fs(&inside(folder, name)?).ok(),
        }
    }

    fn has(&self, name: &str) -> bool {
        match self {
            Self::Program { files, .. } => files.get(name).is_some(),
            Self::Folder(folder) => inside(folder, name).is_some_and(|path| path.is_file()),
        }
    }

    fn names(&self) -> Vec<String> {
        match self {
            Self::Program { files, .. } => files.names().into_iter().map(String::from).collect(),
            Self::Folder(folder) => {
                let all = utils::PathMatcher::new(&[], &[]);
                utils::get_files(folder.display().to_string(), all).map(|file| file.rel_path).collect()
            }
        }
    }
}

fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let name = Path::new(name);
    name.components().all(|part| matches!(part, Component::Normal(_))).then(|| folder.join(name))
}

fn version_of(files: &dyn DynRustEmbed) -> String {
    let mut names: Vec<_> = files.names().into_iter().filter(|name| name.starts_with("pkg/")).collect();
    names.sort();
    let mut digest = Sha256::new();
    for file in names.iter().filter_map(|name| files.get(name)) {
        digest.update(file.metadata.sha256_hash());
    }
    URL_SAFE_NO_PAD.encode(&digest.finalize()[..9])
}

static SITE: OnceLock<Site> = OnceLock::new();

const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const REVALIDATE: &str = "public, no-cache";

/// Sets the files. Only the first call in a process has an effect; before it there are no files.
pub fn provide(site: Site) {
    let _ = SITE.set(site);
}

/// Changes with every file, so browsers can cache versioned files, and no page mixes two versions.
fn version() -> Option<&'static str> {
    match SITE.get()? {
        Site::Program { version, .. } => Some(version),
        Site::Folder(_) => None,
    }
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
pub async fn package(extract::Path(path): extract::Path<String>, headers: HeaderMap) -> Response {
    match path.split_once('/') {
        Some((version, name)) if Some(version) == self::version() => {
            serve(&format!("pkg/{name}"), &headers, IMMUTABLE)
        }
        _ => serve(&format!("pkg/{path}"), &headers, REVALIDATE),
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
    let file = |name: &str| SITE.get()?.get(name);
    let Some(plain) = file(name) else { return StatusCode::NOT_FOUND.into_response() };
    // Files are compressed once, when the site is built.
    let offers = header_text(headers, header::ACCEPT_ENCODING).unwrap_or_default();
    let accepts = |coding| offers.split(',').any(|offer| offer.trim() == coding);
    let mut accepted = [("br", "br"), ("gzip", "gz")].into_iter().filter(|(coding, _)| accepts(*coding));
    let compressed = accepted.find_map(|(coding, ending)| Some((file(&format!("{name}.{ending}"))?, coding)));
    let (file, encoding) = compressed.unwrap_or((plain, "identity"));
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

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::fs;

    use rust_embed::RustEmbed;

    use super::*;

    /// The files of a folder, as if a program contained them.
    struct Folder(tempfile::TempDir);

    impl Folder {
        fn with(files: &[(&str, &str)]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("pkg")).unwrap();
            for (name, text) in files {
                fs::write(folder.path().join(name), text).unwrap();
            }
            Self(folder)
        }
    }

    impl DynRustEmbed for Folder {
        fn get(&self, name: &str) -> Option<EmbeddedFile> {
            utils::read_file_from_fs(&self.0.path().join(name)).ok()
        }

        fn names(&self) -> Vec<Cow<'static, str>> {
            Site::Folder(self.0.path().to_owned()).names().into_iter().map(Cow::Owned).collect()
        }
    }

    #[test]
    fn version_depends_on_exactly_the_files_of_the_package() {
        let version = |files| version_of(&Folder::with(files));
        let before = version(&[("pkg/a.css", "1"), ("pkg/b.js", "2"), ("favicon.svg", "3")]);
        assert_eq!(version(&[("pkg/b.js", "2"), ("favicon.svg", "4"), ("pkg/a.css", "1")]), before);
        assert_ne!(version(&[("pkg/a.css", "1"), ("pkg/b.js", "x")]), before);
        assert_ne!(version(&[("pkg/a.css", "x"), ("pkg/b.js", "2")]), before);
    }

    #[test]
    fn name_that_leads_out_of_the_folder_is_refused() {
        let folder = Path::new("/site");
        assert_eq!(inside(folder, "pkg/groupdesk.css"), Some(PathBuf::from("/site/pkg/groupdesk.css")));
        for name in ["../secret", "pkg/../../secret", "/etc/passwd", "./pkg/../../x"] {
            assert_eq!(inside(folder, name), None, "{name}");
        }
    }

    /// A program that contains the files of the tests.
    #[derive(RustEmbed)]
    #[folder = "tests/support/site"]
    struct Files;

    async fn served(path: &str) -> (StatusCode, Option<String>) {
        provide(Site::embedded(Files));
        let response = package(extract::Path(path.to_owned()), HeaderMap::new()).await;
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
