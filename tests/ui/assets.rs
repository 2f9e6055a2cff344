//! The files that a browser loads with a page.

use std::io::Read as _;

use flate2::read::GzDecoder;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Reply, TestApp, client, get};

#[database_test]
async fn pages_load_their_style_and_islands(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let page = get(&app, "/login", "").await;
    for name in ["groupdesk.css", "groupdesk.js", "groupdesk.wasm"] {
        let address = format!("/pkg/{name}");
        assert!(page.text.contains(&address), "{address} is not on the page");
        assert_eq!(get(&app, &address, "").await.status, 200, "{address}");
    }
}

#[database_test]
async fn cached_files_are_not_sent_again(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let first = get(&app, "/pkg/groupdesk.css", "").await;
    assert_eq!(
        (first.header("content-type"), first.header("cache-control")),
        ("text/css", "public, no-cache")
    );
    let request = client().get(app.url("/pkg/groupdesk.css")).header("if-none-match", first.header("etag"));
    let second = Reply::read(request).await;
    assert_eq!((second.status, second.text.as_str()), (304, ""));
}

#[database_test]
async fn files_are_sent_in_an_accepted_compression(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let style = get(&app, "/pkg/groupdesk.css", "").await.text.into_bytes();
    for (accepted, encoding) in [("gzip, br", "gzip"), ("br", "identity"), ("", "identity")] {
        let request = client().get(app.url("/pkg/groupdesk.css")).header("accept-encoding", accepted);
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-encoding"], encoding, "accept-encoding: {accepted}");
        assert_eq!(response.headers()["vary"], "accept-encoding");
        assert_eq!(
            unpacked(encoding, &response.bytes().await.unwrap()),
            style,
            "accept-encoding: {accepted}"
        );
    }
}

#[database_test]
async fn asset_paths_cannot_leave_the_asset_folder(pool: PgPool) {
    let app = TestApp::start(pool).await;
    for path in ["/pkg/..%2F..%2Fmod.rs", "/pkg/%2Fetc%2Fpasswd", "/pkg/..%2F..%2F..%2F..%2FCargo.toml"] {
        assert_eq!(get(&app, path, "").await.status, 404, "{path}");
    }
}

fn unpacked(encoding: &str, body: &[u8]) -> Vec<u8> {
    if encoding != "gzip" {
        return body.to_vec();
    }
    let mut plain = Vec::new();
    GzDecoder::new(body).read_to_end(&mut plain).unwrap();
    plain
}
