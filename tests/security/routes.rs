//! All routes, read from the source code.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use groupdesk::export::table::Format;
use groupdesk::ui::app::App;
use groupdesk::ui::audit::view::View;
use groupdesk::ui::paths;
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::generate_route_list;
use strum::VariantArray;

/// The parts that `src/routes.rs` merges. Only `assets::public` defines its routes in another file.
const PARTS: [&str; 7] =
    ["api", "assets::public", "audit", "identity_provider", "description", "import_files", "pages"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn without_comments(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The methods of a route's handlers.
fn methods(handlers: &str) -> Vec<&'static str> {
    let words =
        [("get(", "GET"), ("post(", "POST"), ("patch(", "PATCH"), ("put(", "PUT"), ("delete(", "DELETE")];
    let is_word = |word: &str| {
        handlers
            .match_indices(word)
            .any(|(at, _)| !handlers[..at].ends_with(|sign: char| sign.is_alphanumeric() || sign == '_'))
    };
    let found: Vec<&str> =
        words.into_iter().filter(|(word, _)| is_word(word)).map(|(_, method)| method).collect();
    assert!(!found.is_empty(), "no method in {handlers}");
    found
}

/// The paths of the first argument of `.route(`.
fn paths_of(argument: &str) -> Vec<String> {
    if let Some(literal) = argument.strip_prefix('"') {
        return vec![literal.split('"').next().unwrap().to_owned()];
    }
    match argument.split([',', ')']).next().unwrap().trim() {
        "paths::API_DOCS" => vec![paths::API_DOCS.to_owned()],
        "paths::OIDC" => vec![paths::OIDC.to_owned()],
        "paths::OIDC_CALLBACK" => vec![paths::OIDC_CALLBACK.to_owned()],
        "paths::LIVE" => vec![paths::LIVE.to_owned()],
        "paths::AUDIT_GO" => vec![paths::AUDIT_GO.to_owned()],
        "paths::FIND" => vec![paths::FIND.to_owned()],
        r#"&format!("{}/export.{}""# => View::ALL
            .into_iter()
            .flat_map(|view| {
                Format::VARIANTS
                    .iter()
                    .map(move |format| format!("{}/export.{}", view.path(), format.into_str()))
            })
            .collect(),
        other => panic!("this test does not know the path of '{other}'"),
    }
}

/// Routes such as `GET /healthz` in the source code of a router.
fn routes_in(text: &str, prefix: &str) -> BTreeSet<String> {
    let mut routes = BTreeSet::new();
    for route in text.split(".route(").skip(1) {
        let argument = route.trim_start();
        // The handlers end where the next statement begins.
        let handlers = route.split("};").next().unwrap();
        for path in paths_of(argument) {
            routes.extend(methods(handlers).into_iter().map(|method| format!("{method} {prefix}{path}")));
        }
    }
    routes
}

/// Method and path of every route, in the form of `docs/access.md`.
pub(super) fn all() -> BTreeSet<String> {
    let [routes, api] = ["src/routes.rs", "src/registry/routes.rs"]
        .map(|file| without_comments(&fs::read_to_string(root().join(file)).unwrap()));
    let mut routes = routes_in(&routes, "");
    routes.extend(routes_in(&api, "/v1"));
    routes.extend(generate_route_list(App).iter().map(|page| format!("GET {}", page.path())));
    routes.extend(server_fn_paths().map(|(path, method)| format!("{method} {path}")));
    routes.insert("GET /{file of public/}".to_owned());
    routes.insert("GET /{anything else}".to_owned());
    routes.insert("GET /v1/{anything else}".to_owned());
    routes
}

/// Fails if routes are defined where the reader above does not look.
#[test]
fn all_routes_are_found_in_the_source() {
    let text = without_comments(&fs::read_to_string(root().join("src/routes.rs")).unwrap());
    let parts: BTreeSet<&str> =
        text.split(".merge(").skip(1).map(|rest| rest.split(['(', ')']).next().unwrap()).collect();
    assert_eq!(parts, PARTS.into());
    let api = without_comments(&fs::read_to_string(root().join("src/registry/routes.rs")).unwrap());
    assert_eq!((text + &api).matches(".nest(").count(), 1);

    let mut folders: Vec<PathBuf> = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let is_known = [
                "src/routes.rs",
                "src/registry/routes.rs",
                "src/platform/assets.rs",
                "src/platform/metrics.rs",
            ]
            .iter()
            .any(|known| path.ends_with(known));
            let text = fs::read_to_string(&path).unwrap_or_default();
            for word in [".route(", ".route_service(", ".nest_service(", ".fallback_service(", "MethodRouter"]
            {
                let is_allowed = is_known && word == ".route(";
                assert!(is_allowed || !text.contains(word), "{} has {word}", path.display());
            }
        }
    }
}

#[test]
fn route_reader_parses_routers() {
    let text = r#"
        Router::new()
            .route("/a/{id}", get(retrieve::retrieve).patch(update::update))
            .route(
                "/a",
                routing::delete(pairs::remove),
            )
            .route(paths::LIVE, get(live::updates))"#;
    let found: Vec<String> = routes_in(text, "/v1").into_iter().collect();
    assert_eq!(found, ["DELETE /v1/a", "GET /v1/a/{id}", "GET /v1/live", "PATCH /v1/a/{id}"]);
}
