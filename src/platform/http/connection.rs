//! Limits of a connection, which keep a few slow clients from using up the machine.

use std::future::{Ready, ready};
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{self, Context, Poll};
use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_server::Server;
use axum_server::accept::Accept;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;

use crate::platform::call::RequestId;

const FIRST_HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Longer than proxies keep idle connections, because a proxy could use one at the moment it is closed.
const NEXT_HEAD_TIMEOUT: Duration = Duration::from_secs(75);
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
const HEAD_MAX: usize = 32 * 1024;
const HEADERS_MAX: usize = 100;

/// Only HTTP/1.1 is served: proxies use it, and a second protocol would be a second way to parse a request.
pub fn bounded(server: Server<SocketAddr>) -> Server<SocketAddr, LimitedAcceptor> {
    let mut server = server.http1_only().first_request_timeout(FIRST_HEAD_TIMEOUT).acceptor(LimitedAcceptor);
    server
        .http_builder()
        .http1()
        .header_read_timeout(NEXT_HEAD_TIMEOUT)
        .max_buf_size(HEAD_MAX)
        .max_headers(HEADERS_MAX);
    server
}

/// Closes connections whose client does not read, and explains requests that cannot be parsed.
#[derive(Debug, Clone, Copy)]
pub struct LimitedAcceptor;

impl<S> Accept<TcpStream, S> for LimitedAcceptor {
    type Stream = ExplainedStream<Pin<Box<TimeoutStream<TcpStream>>>>;
    type Service = S;
    type Future = Ready<io::Result<(Self::Stream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(stream.set_nodelay(true).map(|()| {
            let mut stream = TimeoutStream::new(stream);
            stream.set_write_timeout(Some(WRITE_TIMEOUT));
            let stream = Box::pin(stream);
            (ExplainedStream { stream, request: Vec::new(), pending: Vec::new() }, service)
        }))
    }
}

/// Enough for a method, and the scheme, the host (at most 253 bytes) and the beginning of the path of a URL.
const REMEMBERED: usize = 300;
const BARE_MAX: usize = 256;
const BARE_HEADERS: [&str; 3] = ["connection: ", "content-length: 0", "date: "];
const VERSIONS: [&[u8]; 2] = [b"HTTP/1.1 ", b"HTTP/1.0 "];

#[derive(Clone, Copy)]
struct Refusal(StatusCode, &'static str, &'static str, &'static str);

const BAD_REQUEST: Refusal =
    Refusal(StatusCode::BAD_REQUEST, "BAD_REQUEST", "Bad request", "The request cannot be read.");
/// Everything that hyper answers itself (its `on_error`): status, code, title and detail.
const REFUSALS: [Refusal; 3] = [
    BAD_REQUEST,
    Refusal(StatusCode::URI_TOO_LONG, "URI_TOO_LONG", "Address too long", "The URL is too long."),
    Refusal(
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        "HEADERS_TOO_LARGE",
        "Headers too large",
        "The headers exceed 32 KiB or 100 lines.",
    ),
];

/// The bare refusal at the end of these bytes, and where it begins.
fn bare_refusal(bytes: &[u8]) -> Option<(usize, Refusal)> {
    let bytes = bytes.strip_suffix(b"\r\n\r\n")?;
    let start = bytes.len().saturating_sub(BARE_MAX);
    let at = start + bytes[start..].windows(9).rposition(|window| VERSIONS.contains(&window))?;
    let mut lines = std::str::from_utf8(&bytes[at..]).ok()?.lines();
    let status = lines.next()?.get(9..)?;
    let refusal = REFUSALS.into_iter().find(|refusal| refusal.0.to_string() == status)?;
    let is_bare = lines.all(|line| BARE_HEADERS.iter().any(|name| line.starts_with(name)));
    is_bare.then_some((at, refusal))
}

impl Refusal {
    /// The media type and the text. For the API it is an error document, built here below the JSON:API layers.
    fn content(self, path: &[u8], id: &RequestId) -> (&'static str, String) {
        let Self(status, code, title, detail) = self;
        if !path.starts_with(b"/v1/") {
            return ("text/plain; charset=utf-8", format!("{detail} (Request {id}.)\n"));
        }
        let document = json!({ "errors": [{
            "id": format!("{id}-1"),
            "status": status.as_str(),
            "code": code,
            "title": title,
            "detail": detail,
            "meta": { "trace_id": id.as_str() },
        }]});
        ("application/vnd.api+json", document.to_string())
    }

    fn answer(self, request: &[u8], id: &RequestId) -> Vec<u8> {
        // An empty line before a request is ignored (RFC 9112 section 2.2).
        let mut words = request.trim_ascii_start().split(|byte| *byte == b' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (media_type, body) = self.content(path_of(target), id);
        let (status, length) = (self.0, body.len());
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n\
             cache-control: no-store\r\nvary: accept\r\nx-content-type-options: nosniff\r\nx-request-id: {id}\r\n\
             connection: close\r\n\r\n"
        );
        if method == b"HEAD" { head.into_bytes() } else { (head + &body).into_bytes() }
    }
}

/// The path in the target of a request, which may be an absolute URL (RFC 9112 section 3.2.2).
fn path_of(target: &[u8]) -> &[u8] {
    let without = |scheme: &[u8]| {
        let (start, rest) = target.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let Some(address) = without(b"http://").or_else(|| without(b"https://")) else { return target };
    let at = address.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(address.len());
    &address[at..]
}

pub fn misdirected(path: &str, id: &RequestId) -> Response {
    let Refusal(status, code, title, _) = BAD_REQUEST;
    let refusal = Refusal(status, code, title, "The request does not name one host and a path.");
    let (media_type, body) = refusal.content(path.as_bytes(), id);
    (status, [(header::CONTENT_TYPE, media_type), (header::VARY, "accept")], body).into_response()
}

pub struct ExplainedStream<S> {
    stream: S,
    /// The first bytes that were read since the last answer.
    request: Vec<u8>,
    pending: Vec<u8>,
}

impl<S> ExplainedStream<S> {
    /// Returns how many bytes are our answers. `None`: they are a bare refusal, whose replacement is now pending.
    fn replace_refusal(&mut self, bytes: &[u8]) -> Option<usize> {
        match bare_refusal(bytes) {
            None => {
                self.request.clear();
                Some(bytes.len())
            }
            Some((0, refusal)) => {
                let id = RequestId::random();
                tracing::info!(request_id = %id, status = refusal.0.as_str(), "request refused unread");
                self.pending = refusal.answer(&std::mem::take(&mut self.request), &id);
                None
            }
            Some((at, _)) => Some(at),
        }
    }
}

impl<S: AsyncWrite + Unpin> ExplainedStream<S> {
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Pin<&mut S>>> {
        while !self.pending.is_empty() {
            let written = task::ready!(Pin::new(&mut self.stream).poll_write(context, &self.pending))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.pending.drain(..written);
        }
        Poll::Ready(Ok(Pin::new(&mut self.stream)))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ExplainedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        task::ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let room = REMEMBERED.saturating_sub(self.request.len());
        self.request.extend(buffer.filled()[before..].iter().take(room));
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ExplainedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        task::ready!(self.poll_ready(context))?;
        match self.replace_refusal(bytes) {
            Some(ours) => Pin::new(&mut self.stream).poll_write(context, &bytes[..ours]),
            // The bytes count as written; their replacement is written with the next flush.
            None => Poll::Ready(Ok(bytes.len())),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut filled = slices.iter().filter(|slice| !slice.is_empty());
        match (filled.next(), filled.next()) {
            // A bare answer has no body, so it is one slice.
            (Some(only), None) => self.poll_write(context, only),
            (None, _) => Poll::Ready(Ok(0)),
            (Some(_), Some(_)) => {
                task::ready!(self.poll_ready(context))?;
                self.request.clear();
                Pin::new(&mut self.stream).poll_write_vectored(context, slices)
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        task::ready!(self.poll_ready(context))?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        task::ready!(self.poll_ready(context))?.poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;
    use crate::jsonapi::error_code::CODES;

    #[test]
    fn refusals_are_errors_of_the_api() {
        for Refusal(status, code, title, _) in REFUSALS {
            let error = CODES.iter().find(|error| error.code == code).unwrap();
            assert_eq!((status.as_u16(), title), (error.status, error.title), "{code}");
        }
    }

    const BARE_431: &str =
        "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

    /// What a client receives that sends `request`, if `written` is written through a buffer of `room` bytes.
    async fn sent(request: &str, written: &[&str], room: usize) -> String {
        let (mut client, stream) = duplex(room);
        let mut stream = ExplainedStream { stream, request: Vec::new(), pending: Vec::new() };
        let mut out = String::new();
        let serving = async {
            let mut buffer = vec![0; request.len()];
            stream.read_exact(&mut buffer).await.unwrap();
            for part in written {
                stream.write_all(part.as_bytes()).await.unwrap();
                stream.flush().await.unwrap();
            }
            stream.shutdown().await.unwrap();
        };
        let client = async {
            client.write_all(request.as_bytes()).await.unwrap();
            client.read_to_string(&mut out).await.unwrap();
        };
        tokio::join!(serving, client);
        out
    }

    #[tokio::test]
    async fn bare_refusal_gets_a_body_and_a_request_id() {
        for room in [7, 4096] {
            let out = sent("GET /groups HTTP/1.1\r\n", &[BARE_431], room).await;
            let (head, body) = out.split_once("\r\n\r\n").unwrap();
            let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap();
            assert!(head.starts_with("HTTP/1.1 431 ") && id.len() == 32, "{head}");
            assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{out}");
            assert_eq!(body, format!("The headers exceed 32 KiB or 100 lines. (Request {id}.)\n"));

            let out = sent("GET /v1/people HTTP/1.1\r\n", &[BARE_431], room).await;
            let (head, body) = out.split_once("\r\n\r\n").unwrap();
            let document: serde_json::Value = serde_json::from_str(body).unwrap();
            assert!(head.contains("content-type: application/vnd.api+json\r\n"), "{head}");
            assert_eq!(document["errors"][0]["code"], "HEADERS_TOO_LARGE");
        }
        for request in ["HEAD /v1/people HTTP/1.1\r\n", "\r\nHEAD /v1/people HTTP/1.1\r\n"] {
            let out = sent(request, &[BARE_431], 4096).await;
            assert!(out.ends_with("connection: close\r\n\r\n"), "{out}");
        }
    }

    #[tokio::test]
    async fn absolute_url_is_of_the_api_by_its_path() {
        let long = format!("https://{}example.com:65535/v1/people", "long.".repeat(48));
        for (address, is_of_api) in [
            ("http://desk/v1/people", true),
            ("HTTP://desk:3000/v1/people", true),
            (long.as_str(), true),
            ("http://desk/groups", false),
            ("http://desk", false),
            ("http://desk?/v1/people", false),
            ("http:///v1/people", true),
            ("http://desk/groups?from=http://desk/v1/people", false),
            ("ftp://desk/v1/people", false),
            ("/v1", false),
            ("*", false),
        ] {
            let out = sent(&format!("OPTIONS {address} HTTP/1.1\r\n"), &[BARE_431], 4096).await;
            assert_eq!(
                out.contains("content-type: application/vnd.api+json\r\n"),
                is_of_api,
                "{address}: {out}"
            );
        }
    }

    #[tokio::test]
    async fn answers_with_a_request_id_are_unchanged() {
        let ours = "HTTP/1.1 400 Bad Request\r\nx-request-id: 1\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(sent("GET / HTTP/1.1\r\n", &[ours], 4096).await, ours);
        let body = "HTTP/1.1 200 OK\r\nx-request-id: 1\r\ncontent-length: 4\r\n\r\n\r\n\r\n";
        assert_eq!(sent("GET / HTTP/1.1\r\n", &[body], 4096).await, body);
        // One write with the refusal of the next request.
        let both = format!("{ours}{BARE_431}");
        let out = sent("GET / HTTP/1.1\r\n", &[&both], 4096).await;
        assert!(out.starts_with(ours) && out.matches("x-request-id: ").count() == 2, "{out}");
    }
}
