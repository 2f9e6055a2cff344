//! Limits of a connection, which keep a few slow clients from using up the machine.

use std::future::{Ready, ready};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use axum_server::Server;
use axum_server::accept::Accept;
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;

use super::protocol_errors::ExplainedStream;

const FIRST_HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// From the end of an answer to the end of the next head. It is longer than proxies keep idle connections: a proxy
/// could use one at the moment it is closed.
const NEXT_HEAD_TIMEOUT: Duration = Duration::from_secs(75);
/// How long a client may read nothing of an answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// The bytes of a request line and its headers. More is answered with 431.
const HEAD_MAX: usize = 32 * 1024;
/// The lines of a request's headers. More is answered with 431.
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
            (ExplainedStream::new(Box::pin(stream)), service)
        }))
    }
}
