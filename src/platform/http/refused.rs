//! Refusals of what no part of ours can answer, since it is no request that leads to one.
//!
//! A head that is not HTTP, or too long, never becomes a request: hyper answers it with a bare status, below every
//! layer of ours, and offers no place to say more. Every answer of ours has a request id in its head, so an answer
//! that is about to be written without one is hyper's, and a whole one is written in its stead.
//!
//! What a request asked for is read from the bytes that came since the last answer. Where a client sends a second
//! request before the first is answered, the bytes of both may come at once and are forgotten with the answer to the
//! first: the refusal of the second is then text, whatever it asked for.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::platform::call::RequestId;

/// So many bytes of a request are remembered: enough for a method, and the scheme, the host (of at most 253 bytes) and
/// the beginning of the path of a whole address.
const REMEMBERED: usize = 300;
/// A bare answer is a status line and two or three headers.
const BARE_MAX: usize = 256;
const BARE: [&str; 3] = ["connection: ", "content-length: 0", "date: "];
const END: &[u8] = b"\r\n\r\n";

/// A connection on which no answer goes out without a body and a request id.
pub struct Told<S> {
    stream: S,
    /// How what was read since the last answer begins.
    asked: Vec<u8>,
    /// What is to be written before anything else.
    pending: Vec<u8>,
}

impl<S> Told<S> {
    pub const fn new(stream: S) -> Self {
        Self { stream, asked: Vec::new(), pending: Vec::new() }
    }
}

/// Why a request is refused: the status, its code and the words for it.
#[derive(Clone, Copy)]
struct Refusal {
    status: &'static str,
    phrase: &'static str,
    code: &'static str,
    title: &'static str,
    detail: &'static str,
}

/// All that hyper answers by itself (its `on_error`).
static REFUSALS: [Refusal; 3] = [
    Refusal {
        status: "400",
        phrase: "Bad Request",
        code: "BAD_REQUEST",
        title: "Bad request",
        detail: "The request cannot be read.",
    },
    Refusal {
        status: "414",
        phrase: "URI Too Long",
        code: "URI_TOO_LONG",
        title: "Address too long",
        detail: "The address is longer than is read.",
    },
    Refusal {
        status: "431",
        phrase: "Request Header Fields Too Large",
        code: "HEADERS_TOO_LARGE",
        title: "Headers too large",
        detail: "The headers are more than 32 KiB, or more than 100 lines.",
    },
];

/// Where in these bytes a bare refusal begins, which ends with them, and which it is.
fn bare(bytes: &[u8]) -> Option<(usize, &'static Refusal)> {
    if !bytes.ends_with(END) {
        return None;
    }
    let start = bytes.len().saturating_sub(BARE_MAX);
    let at = start
        + bytes[start..].windows(9).rposition(|window| window == b"HTTP/1.1 " || window == b"HTTP/1.0 ")?;
    let mut lines = std::str::from_utf8(&bytes[at..]).ok()?.lines();
    let status = lines.next()?.get(9..)?;
    let refusal =
        REFUSALS.iter().find(|refusal| status == format!("{} {}", refusal.status, refusal.phrase))?;
    // These headers, and no id among them.
    let is_bare = lines.all(|line| line.is_empty() || BARE.iter().any(|name| line.starts_with(name)));
    is_bare.then_some((at, refusal))
}

impl Refusal {
    /// Media type and text. Of a request for the API it is an error document (JSON:API section "Error Objects";
    /// the parts that know that standard never hear of this request).
    fn content(&self, path: &[u8], id: &RequestId) -> (&'static str, String) {
        if path.starts_with(b"/v1/") {
            ("application/vnd.api+json", self.document(id))
        } else {
            ("text/plain; charset=utf-8", format!("{} (Request {id}.)\n", self.detail))
        }
    }

    /// The whole answer to a request that began so.
    fn answer(&self, asked: &[u8], id: &RequestId) -> Vec<u8> {
        // An empty line before a request is passed over (RFC 9112 section 2.2).
        let mut words = asked.trim_ascii_start().split(|byte| *byte == b' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (kind, body) = self.content(path_of(target), id);
        let Self { status, phrase, .. } = self;
        let length = body.len();
        let mut answer = format!(
            "HTTP/1.1 {status} {phrase}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\
             cache-control: no-store\r\nvary: accept\r\nx-content-type-options: nosniff\r\nx-request-id: {id}\r\n\
             connection: close\r\n\r\n"
        )
        .into_bytes();
        if method != b"HEAD" {
            answer.extend_from_slice(body.as_bytes());
        }
        answer
    }

    fn document(&self, id: &RequestId) -> String {
        json!({ "errors": [{
            "id": format!("{id}-1"),
            "status": self.status,
            "code": self.code,
            "title": self.title,
            "detail": self.detail,
            "meta": { "trace_id": id.as_str() },
        }]})
        .to_string()
    }
}

/// The path in the target of a request, which may be a whole address (RFC 9112 section 3.2.2).
fn path_of(target: &[u8]) -> &[u8] {
    let without = |scheme: &[u8]| {
        let (start, rest) = target.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let Some(address) = without(b"http://").or_else(|| without(b"https://")) else { return target };
    let at = address.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(address.len());
    &address[at..]
}

/// 400 to a request that was read and is for nobody here.
pub fn misdirected(path: &str, id: &RequestId) -> Response {
    let refusal = Refusal { detail: "The request does not name one host and a path.", ..REFUSALS[0] };
    let (kind, body) = refusal.content(path.as_bytes(), id);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::VARY, HeaderValue::from_static("accept")),
    ];
    (StatusCode::BAD_REQUEST, headers, body).into_response()
}

impl<S: AsyncWrite + Unpin> Told<S> {
    fn poll_pending(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.pending.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, &self.pending))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.pending.drain(..written);
        }
        Poll::Ready(Ok(()))
    }

    /// How many of these bytes are answers of ours; `None`: they are a bare refusal, and a whole one is pending.
    fn take(&mut self, bytes: &[u8]) -> Option<usize> {
        let asked = std::mem::take(&mut self.asked);
        match bare(bytes) {
            None => Some(bytes.len()),
            Some((0, refusal)) => {
                let id = RequestId::random();
                tracing::info!(request_id = %id, status = refusal.status, "request refused unread");
                self.pending = refusal.answer(&asked, &id);
                None
            }
            Some((at, _)) => {
                self.asked = asked;
                Some(at)
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Told<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let room = REMEMBERED - self.asked.len().min(REMEMBERED);
        let read = &buffer.filled()[before..];
        self.asked.extend_from_slice(&read[..read.len().min(room)]);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Told<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_pending(context))?;
        match self.take(bytes) {
            Some(ours) => Pin::new(&mut self.stream).poll_write(context, &bytes[..ours]),
            // Taken; what stands in for it goes out with the flush that follows.
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
                ready!(self.poll_pending(context))?;
                self.asked.clear();
                Pin::new(&mut self.stream).poll_write_vectored(context, slices)
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    const HYPERS: &str =
        "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

    /// What goes out after this was asked, for what is written, in so many bytes at once.
    async fn sent(asked: &str, written: &[&str], room: usize) -> String {
        let (mut client, server) = duplex(room);
        let mut told = Told::new(server);
        let mut out = String::new();
        let serving = async {
            let mut buffer = vec![0; asked.len()];
            told.read_exact(&mut buffer).await.unwrap();
            for part in written {
                told.write_all(part.as_bytes()).await.unwrap();
                told.flush().await.unwrap();
            }
            told.shutdown().await.unwrap();
        };
        let asking = async {
            client.write_all(asked.as_bytes()).await.unwrap();
            client.read_to_string(&mut out).await.unwrap();
        };
        tokio::join!(serving, asking);
        out
    }

    #[tokio::test]
    async fn a_bare_refusal_gets_a_body_and_a_request_id() {
        for room in [7, 4096] {
            let out = sent("GET /groups HTTP/1.1\r\n", &[HYPERS], room).await;
            let (head, body) = out.split_once("\r\n\r\n").unwrap();
            let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap();
            assert!(head.starts_with("HTTP/1.1 431 ") && id.len() == 32, "{head}");
            assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{out}");
            assert_eq!(
                body,
                format!("The headers are more than 32 KiB, or more than 100 lines. (Request {id}.)\n")
            );

            let out = sent("GET /v1/people HTTP/1.1\r\n", &[HYPERS], room).await;
            let (head, body) = out.split_once("\r\n\r\n").unwrap();
            let document: serde_json::Value = serde_json::from_str(body).unwrap();
            assert!(head.contains("content-type: application/vnd.api+json\r\n"), "{head}");
            assert_eq!(document["errors"][0]["code"], "HEADERS_TOO_LARGE");
        }
        for asked in ["HEAD /v1/people HTTP/1.1\r\n", "\r\nHEAD /v1/people HTTP/1.1\r\n"] {
            let out = sent(asked, &[HYPERS], 4096).await;
            assert!(out.ends_with("connection: close\r\n\r\n"), "{out}");
        }
    }

    #[tokio::test]
    async fn a_whole_address_is_of_the_api_by_its_path() {
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
            let out = sent(&format!("OPTIONS {address} HTTP/1.1\r\n"), &[HYPERS], 4096).await;
            assert_eq!(
                out.contains("content-type: application/vnd.api+json\r\n"),
                is_of_api,
                "{address}: {out}"
            );
        }
    }

    #[tokio::test]
    async fn answers_of_ours_go_out_as_they_are() {
        let ours = "HTTP/1.1 400 Bad Request\r\nx-request-id: 1\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(sent("GET / HTTP/1.1\r\n", &[ours], 4096).await, ours);
        let body = "HTTP/1.1 200 OK\r\nx-request-id: 1\r\ncontent-length: 4\r\n\r\n\r\n\r\n";
        assert_eq!(sent("GET / HTTP/1.1\r\n", &[body], 4096).await, body);
        // Written at once with the refusal of what followed.
        let both = format!("{ours}{HYPERS}");
        let out = sent("GET / HTTP/1.1\r\n", &[&both], 4096).await;
        assert!(out.starts_with(ours) && out.matches("x-request-id: ").count() == 2, "{out}");
    }
}
