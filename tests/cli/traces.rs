//! Traces as an OpenTelemetry collector receives them.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use nix::sys::signal::Signal;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use pretty_assertions::assert_eq;
use prost::Message as _;
use sqlx::PgPool;
use tokio::net::TcpListener;

use crate::support::{Server, database_url, workspace};

/// Stores the received spans.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Span>>>);

impl Collector {
    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let collector = self.clone();
        let take = move |body: Bytes| async move { collector.take(&body) };
        tokio::spawn(
            async move { axum::serve(listener, Router::new().route("/v1/traces", post(take))).await },
        );
        format!("http://{address}")
    }

    fn take(&self, body: &[u8]) {
        let sent = ExportTraceServiceRequest::decode(body).unwrap();
        let scopes = sent.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        self.0.lock().unwrap().extend(scopes.flat_map(|scope| scope.spans));
    }

    fn span(&self, name: &str) -> Option<Span> {
        self.0.lock().unwrap().iter().find(|span| span.name == name).cloned()
    }
}

#[database_test]
async fn request_trace_has_the_request_id_and_statements(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let collector = Collector::default();
    let endpoint = collector.start().await;
    let url = database_url(&pool);
    let mut server =
        Server::start(folder.path(), &["--database-url", &url, "--otlp-endpoint", &endpoint]).await;
    let acme = workspace(&pool, "Acme of the secret name").await;
    let api = server.api_client(&pool, &["read"]).await;
    let answer = api.get(&format!("/v1/workspaces/{acme}")).await;
    assert_eq!(answer.status, 200);

    // Remaining spans are sent before the server ends.
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());

    let span = collector.span("GET /v1/workspaces/{id}").expect("a span of the request");
    let trace = u128::from_be_bytes(span.trace_id.as_slice().try_into().unwrap());
    assert_eq!(format!("{trace:032x}"), answer.header("x-request-id"));
    let statements: Vec<&str> =
        span.events.iter().flat_map(|event| &event.attributes).map(|pair| pair.key.as_str()).collect();
    assert!(statements.contains(&"db.statement"), "{span:?}");
    let text = format!("{span:?}");
    assert!(text.contains("core_api.workspaces"), "{text}");
    assert!(!text.contains(&acme) && !text.contains(api.token()), "{text}");
}

#[database_test]
async fn unavailable_collector_has_no_effect(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let url = database_url(&pool);
    let closed_port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = format!("http://{closed_port}");
    let mut server =
        Server::start(folder.path(), &["--database-url", &url, "--otlp-endpoint", &endpoint]).await;
    let api = server.api_client(&pool, &["read"]).await;
    assert_eq!(api.get("/v1/workspaces").await.status, 200);
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
}
