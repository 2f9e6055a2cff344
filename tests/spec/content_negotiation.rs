//! "Content Negotiation": media types and their parameters.

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::json;
use sqlx::PgPool;

use super::{
    ATOMIC, GROUPS, LISTS, OPERATIONS, PAGED, PROFILE, Scene, accepting, assert_refused, named_group, scene,
};
use crate::support::{Answer, JSON_API};

/// A valid request with a body of this media type.
async fn typed(scene: &Scene, path: &str, kind: &str) -> Answer {
    let body = if path == OPERATIONS {
        json!({ "atomic:operations": [{ "op": "add", "data": named_group("Typed")["data"] }] })
    } else {
        named_group("Typed")
    };
    let request = scene.api.request(Method::POST, path).header("content-type", kind);
    Answer::read(request.body(body.to_string())).await
}

#[database_test]
async fn documents_are_sent_as_json_api(pool: PgPool) {
    let scene = scene(pool).await;
    let mut answers = scene.documents().await;
    answers.push(typed(&scene, GROUPS, JSON_API).await);
    answers.push(typed(&scene, OPERATIONS, ATOMIC).await);
    for answer in answers {
        let kind = answer.header("content-type");
        assert_eq!(kind.split(';').next(), Some(JSON_API), "{answer:?}");
    }
}

#[database_test]
async fn content_type_has_only_ext_and_profile_as_uri_lists(pool: PgPool) {
    let scene = scene(pool).await;
    let mut answers = scene.documents().await;
    answers.push(typed(&scene, OPERATIONS, ATOMIC).await);
    let mut found = 0;
    for answer in answers {
        for parameter in answer.header("content-type").split(';').skip(1) {
            let (name, value) = parameter.trim().split_once('=').unwrap();
            assert!(["ext", "profile"].contains(&name), "{parameter}");
            let uris = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap();
            assert!(uris.split(' ').all(|uri| uri.starts_with("https://")), "{parameter}");
            found += 1;
        }
    }
    assert!(found > LISTS.len());

    // Request media types are parsed in the same way.
    let two = r#"application/vnd.api+json;profile="https://example.com/a https://example.com/b""#;
    assert_eq!(typed(&scene, GROUPS, two).await.status, 201);
    let two =
        r#"application/vnd.api+json;ext="https://jsonapi.org/ext/atomic https://example.com/ext/unknown""#;
    assert_eq!(typed(&scene, OPERATIONS, two).await.status, 415);
    assert_eq!(accepting(&scene.api, GROUPS, two).await.status, 406);
}

#[database_test]
async fn only_pages_are_sent_with_the_profile(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    let linkage = scene.members_path();
    let related = format!("{}/workspaces", scene.group_path());
    for path in LISTS.into_iter().chain([linkage.as_str(), related.as_str()]) {
        let answer = api.get(path).await;
        assert_eq!(answer.header("content-type"), PAGED, "{path}");
        assert_eq!(answer.body["jsonapi"]["profile"], json!([PROFILE]), "{path}");
    }
    for path in scene.singles().await {
        assert_eq!(api.get(&path).await.header("content-type"), JSON_API, "{path}");
    }
}

#[database_test]
async fn results_are_sent_with_the_extension(pool: PgPool) {
    let scene = scene(pool).await;
    let answer = typed(&scene, OPERATIONS, ATOMIC).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, ATOMIC));
    assert_eq!(answer.body["jsonapi"]["ext"], json!(["https://jsonapi.org/ext/atomic"]));
}

#[database_test]
async fn other_content_type_parameters_are_415(pool: PgPool) {
    let scene = scene(pool).await;
    for kind in [
        "application/vnd.api+json; charset=utf-8",
        "application/vnd.api+json; version=1.1",
        r#"application/vnd.api+json; profile="https://example.com/a"; charset=utf-8"#,
        r#"application/vnd.api+json; ext="https://jsonapi.org/ext/atomic"; charset=utf-8"#,
    ] {
        for path in [GROUPS, OPERATIONS] {
            let answer = typed(&scene, path, kind).await;
            assert_refused(&answer, 415, "UNSUPPORTED_MEDIA_TYPE", json!({ "header": "Content-Type" }));
        }
        for (method, path) in [
            (Method::PATCH, scene.group_path()),
            (Method::POST, scene.members_path()),
            (Method::DELETE, scene.members_path()),
        ] {
            let request = scene.api.request(method.clone(), &path).header("content-type", kind);
            assert_eq!(Answer::read(request.body("{}")).await.status, 415, "{method} {kind}");
        }
    }
}

#[database_test]
async fn unsupported_extension_is_415(pool: PgPool) {
    let scene = scene(pool).await;
    let unknown = r#"application/vnd.api+json;ext="https://example.com/ext/unknown""#;
    for (path, kind) in [(GROUPS, unknown), (OPERATIONS, unknown), (GROUPS, ATOMIC), (OPERATIONS, JSON_API)] {
        let answer = typed(&scene, path, kind).await;
        assert_refused(&answer, 415, "UNSUPPORTED_MEDIA_TYPE", json!({ "header": "Content-Type" }));
    }
}

/// The standard requires this for the header, even if the request has no body.
#[database_test]
async fn invalid_content_type_is_415_for_every_method(pool: PgPool) {
    let scene = scene(pool).await;
    for kind in [
        "application/vnd.api+json; charset=utf-8",
        r#"application/vnd.api+json; ext="https://example.com/ext/unknown""#,
    ] {
        for (method, path) in [
            (Method::GET, scene.group_path()),
            (Method::DELETE, scene.enrollment_path()),
            (Method::PATCH, format!("{}/relationships/workspace", scene.enrollment_path())),
        ] {
            let request = scene.api.request(method.clone(), &path).header("content-type", kind);
            let answer = Answer::read(request).await;
            assert_eq!(answer.status, 415, "{method} {path} {kind}");
        }
    }
    let enrollment = scene.api.get(&scene.enrollment_path()).await;
    assert!(enrollment.body["data"]["attributes"]["deleted_at"].is_null());
}

#[database_test]
async fn accept_with_other_parameters_is_ignored(pool: PgPool) {
    let scene = scene(pool).await;
    for (accept, status) in [
        ("application/vnd.api+json; charset=utf-8", 406),
        ("application/vnd.api+json; charset=utf-8, application/vnd.api+json; version=1", 406),
        ("application/vnd.api+json; charset=utf-8, text/html", 406),
        ("application/vnd.api+json; charset=utf-8, application/vnd.api+json", 200),
        ("application/vnd.api+json; charset=utf-8, application/vnd.api+json;q=0.1", 200),
    ] {
        let answer = accepting(&scene.api, GROUPS, accept).await;
        assert_eq!(answer.status, status, "{accept}");
        if status == 406 {
            assert_refused(&answer, 406, "NOT_ACCEPTABLE", json!({ "header": "Accept" }));
        }
    }
}

#[database_test]
async fn accept_with_only_unknown_extensions_is_406(pool: PgPool) {
    let scene = scene(pool).await;
    let one = r#"application/vnd.api+json;ext="https://example.com/ext/one""#;
    let two = r#"application/vnd.api+json;ext="https://example.com/ext/two""#;
    for (accept, status) in [
        (one.to_owned(), 406),
        (format!("{one}, {two}"), 406),
        (format!("{one}, {JSON_API}"), 200),
        (format!("{one}, {ATOMIC}"), 200),
        (ATOMIC.to_owned(), 200),
    ] {
        let answer = accepting(&scene.api, GROUPS, &accept).await;
        assert_eq!(answer.status, status, "{accept}");
    }
}

#[database_test]
async fn unknown_profiles_are_ignored(pool: PgPool) {
    let scene = scene(pool).await;
    let unknown = r#"application/vnd.api+json;profile="https://example.com/profiles/unknown""#;
    let answer = accepting(&scene.api, &scene.group_path(), unknown).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, JSON_API));
    let answer = accepting(&scene.api, GROUPS, unknown).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, PAGED));
    let answer = typed(&scene, GROUPS, unknown).await;
    assert_eq!((answer.status, answer.header("content-type")), (201, JSON_API));
}

#[database_test]
async fn requested_profile_is_applied(pool: PgPool) {
    let scene = scene(pool).await;
    let several = format!(r#"application/vnd.api+json;profile="https://example.com/profiles/a {PROFILE}""#);
    for accept in [PAGED, several.as_str()] {
        for path in LISTS {
            let answer = accepting(&scene.api, path, accept).await;
            assert_eq!((answer.status, answer.header("content-type")), (200, PAGED), "{path} {accept}");
            assert!(answer.body["links"].get("next").is_some());
        }
    }
}

#[database_test]
async fn responses_vary_by_accept(pool: PgPool) {
    let scene = scene(pool).await;
    let mut answers = scene.documents().await;
    answers.push(typed(&scene, GROUPS, JSON_API).await);
    answers.push(typed(&scene, OPERATIONS, ATOMIC).await);
    answers.push(scene.api.delete(&scene.enrollment_path()).await);
    assert_eq!(answers.last().unwrap().status, 204);
    for answer in answers {
        assert_eq!(answer.header("vary"), "accept", "{answer:?}");
    }
}

#[database_test]
async fn jsonapi_member_of_a_request_is_ignored(pool: PgPool) {
    let scene = scene(pool).await;
    let mut body = named_group("Quiet");
    body["jsonapi"] = json!({
        "version": "1.1",
        "ext": ["https://example.com/ext/unknown"],
        "profile": ["https://example.com/profiles/unknown"]
    });
    let answer = scene.api.post(GROUPS, body).await;
    assert_eq!((answer.status, answer.header("content-type")), (201, JSON_API));

    // The member does not replace a parameter that the header lacks, either.
    let body = json!({
        "jsonapi": { "ext": ["https://jsonapi.org/ext/atomic"] },
        "atomic:operations": [{ "op": "add", "data": named_group("Loud")["data"] }]
    });
    let answer = scene.api.post(OPERATIONS, body).await;
    assert_eq!(answer.status, 415);
    let found = scene.api.get(&format!("{GROUPS}?filter[q]=Loud")).await;
    assert_eq!(found.ids(), Vec::<String>::new());
}
