//! `Accept-Encoding`: compressed responses and their entity tags.

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use axum::http::HeaderMap;
use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::support::{ApiClient, JSON_API, TestApp, enroll, group, person, time, workspace};

const ENCODINGS: [&str; 3] = ["zstd", "br", "gzip"];

/// A response with its transferred bytes and its decoded text.
struct Transferred {
    status: u16,
    headers: HeaderMap,
    bytes: Vec<u8>,
    text: String,
}

impl Transferred {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

async fn read(mut from: impl AsyncRead + Unpin) -> String {
    let mut text = String::new();
    from.read_to_string(&mut text).await.unwrap();
    text
}

async fn transfer(request: reqwest::RequestBuilder) -> Transferred {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.unwrap().to_vec();
    let text = match headers.get("content-encoding").map(|name| name.to_str().unwrap()) {
        None => String::from_utf8(bytes.clone()).unwrap(),
        Some("zstd") => read(ZstdDecoder::new(&bytes[..])).await,
        Some("br") => read(BrotliDecoder::new(&bytes[..])).await,
        Some("gzip") => read(GzipDecoder::new(&bytes[..])).await,
        Some(other) => panic!("{other}"),
    };
    let varies: Vec<&str> = headers.get_all("vary").iter().map(|line| line.to_str().unwrap()).collect();
    let varies = varies.join(", ");
    assert!(
        varies.contains("accept-encoding") && varies.split(", ").any(|name| name == "accept"),
        "{varies}"
    );
    Transferred { status, headers, bytes, text }
}

async fn get(api: &ApiClient, path: &str, headers: &[(&str, &str)]) -> Transferred {
    let request = api.request(Method::GET, path);
    transfer(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

/// Creates a group of 100 workspaces, each enrolled by Ana. Returns the last enrollment.
async fn scene(pool: &PgPool) -> String {
    let group = group(pool, "EMEA").await;
    person(pool, "Ana", "Lima", "ana@example.com").await;
    let mut last = String::new();
    for number in 0..100 {
        let workspace = workspace(pool, &format!("Workspace {number}")).await;
        last = enroll(pool, &group, &workspace, time("2026-05-01T00:00:00Z")).await;
    }
    sqlx::raw_sql("UPDATE core_api.workspace_group_workspaces SET created_by_pk = (SELECT max(pk) FROM core_api.peoples)")
        .execute(pool)
        .await
        .unwrap();
    last
}

#[database_test]
async fn pages_are_sent_in_an_accepted_encoding(pool: PgPool) {
    scene(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    let path = "/v1/workspace-group-workspaces?page[size]=100&include=workspace_group,workspace,created_by";
    let plain = get(&api, path, &[]).await;
    assert_eq!((plain.status, plain.header("content-encoding")), (200, ""));
    assert!(plain.bytes.len() > 100_000, "{}", plain.bytes.len());
    for encoding in ENCODINGS {
        let packed = get(&api, path, &[("accept-encoding", encoding)]).await;
        assert_eq!((packed.status, packed.header("content-encoding")), (200, encoding));
        assert_eq!(packed.header("content-type"), plain.header("content-type"));
        assert_eq!(packed.text, plain.text, "{encoding}");
        assert!(packed.bytes.len() * 5 < plain.bytes.len(), "{encoding}: {}", packed.bytes.len());
    }
    for (accepted, expected) in [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, br", "br"),
        ("gzip;q=1, zstd;q=0.5", "gzip"),
        ("zstd;q=0, br;q=0, gzip", "gzip"),
        ("identity", ""),
        ("deflate, compress", ""),
        ("gzip;q=0", ""),
    ] {
        let answer = get(&api, path, &[("accept-encoding", accepted)]).await;
        assert_eq!((answer.status, answer.header("content-encoding")), (200, expected), "{accepted}");
        assert_eq!(answer.text, plain.text, "{accepted}");
    }
    // A response that fits into a packet is not compressed.
    let small = get(&api, "/v1/people?page[size]=1", &[("accept-encoding", "zstd")]).await;
    assert_eq!((small.status, small.header("content-encoding")), (200, ""));
}

#[database_test]
async fn errors_are_compressed_too(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    let query: Vec<String> = (0..20).map(|number| format!("nothing{number}=1")).collect();
    let path = format!("/v1/people?{}", query.join("&"));
    for encoding in ENCODINGS {
        let answer = get(&api, &path, &[("accept-encoding", encoding)]).await;
        assert_eq!((answer.status, answer.header("content-encoding")), (400, encoding));
        let document: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(document["errors"].as_array().unwrap().len(), 20);
    }
}

/// A strong tag identifies one sequence of bytes.
#[database_test]
async fn each_encoding_has_its_own_entity_tag(pool: PgPool) {
    let last = scene(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    let this = format!("/v1/workspace-group-workspaces/{last}");
    let path = format!("{this}?include=workspace_group,workspace,created_by");
    let plain = get(&api, &path, &[]).await;
    let mut tags = vec![plain.header("etag").to_owned()];
    for encoding in ENCODINGS {
        let packed = get(&api, &path, &[("accept-encoding", encoding)]).await;
        assert_eq!((packed.header("content-encoding"), &packed.text), (encoding, &plain.text));
        let tag = packed.header("etag").to_owned();
        assert!(tag.starts_with('"') && !tags.contains(&tag), "{tag} among {tags:?}");
        let head = api.request(Method::HEAD, &path).header("accept-encoding", encoding);
        let head = head.send().await.unwrap();
        assert_eq!(head.headers()["etag"], tag.as_str());
        assert_eq!(head.headers()["content-encoding"], encoding);

        // The client has this representation and still accepts its encoding.
        let headers = [("accept-encoding", "gzip, br, zstd"), ("if-none-match", tag.as_str())];
        let known = get(&api, &path, &headers).await;
        assert_eq!((known.status, known.header("etag"), known.bytes.len()), (304, tag.as_str(), 0));
        let several = format!("\"other\", W/\"x\", {tag}");
        let known = get(&api, &path, &[headers[0], ("if-none-match", &several)]).await;
        assert_eq!((known.status, known.header("etag")), (304, tag.as_str()));
        // The client has it, but does not accept its encoding any more.
        for accepted in ["identity", "deflate"] {
            let headers = [("accept-encoding", accepted), ("if-none-match", tag.as_str())];
            let answer = get(&api, &path, &headers).await;
            assert_eq!((answer.status, answer.header("etag")), (200, tags[0].as_str()), "{accepted}");
        }
        tags.push(tag);
    }
    let known = get(&api, &path, &[("accept-encoding", "zstd"), ("if-none-match", &tags[0])]).await;
    assert_eq!((known.status, known.header("etag")), (304, tags[0].as_str()));

    // All tags identify the same state of the resource.
    let body = json!({ "data": {
        "type": "workspace_group_workspace", "id": last, "relationships": { "created_by": { "data": null } }
    }});
    let change = async |tag: &str| {
        let request = api.request(Method::PATCH, &this).header("if-match", tag);
        transfer(request.header("content-type", JSON_API).body(body.to_string())).await.status
    };
    assert_eq!(change("\"other:zstd\"").await, 412);
    assert_eq!(change(&tags[1]).await, 200);
    for tag in &tags {
        assert_eq!(change(tag).await, 412, "{tag}");
    }
}

/// An idempotency key stores the response itself, not the transferred bytes.
#[database_test]
async fn replays_use_the_encoding_of_the_new_request(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let operations: Vec<Value> = (0..20)
        .map(|number| json!({ "op": "add", "data": { "type": "workspace", "attributes": { "name": format!("W {number}") } } }))
        .collect();
    let body = json!({ "atomic:operations": operations }).to_string();
    let ask = |encoding: &'static str| {
        let request = api
            .request(Method::POST, "/v1/operations")
            .header("content-type", r#"application/vnd.api+json;ext="https://jsonapi.org/ext/atomic""#)
            .header("idempotency-key", "one")
            .header("accept-encoding", encoding);
        transfer(request.body(body.clone()))
    };
    let first = ask("gzip").await;
    assert_eq!((first.status, first.header("content-encoding")), (200, "gzip"));
    for (encoding, expected) in [("identity", ""), ("zstd", "zstd"), ("gzip", "gzip")] {
        let again = ask(encoding).await;
        assert_eq!((again.status, again.header("content-encoding")), (200, expected));
        assert_eq!((again.header("idempotency-replayed"), &again.text), ("true", &first.text));
    }
}
