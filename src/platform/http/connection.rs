//! How long a connection may do nothing, and how much its heads may be: what keeps a few slow clients from
//! holding all that the machine has.

use std::future::{Ready, ready};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use axum_server::Server;
use axum_server::accept::Accept;
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;

use super::refused::Told;

/// From the connection to the end of the first request's head.
const FIRST_HEAD: Duration = Duration::from_secs(10);
/// From the end of one answer to the end of the next request's head. Longer than proxies keep a connection
/// in stock, or one of theirs would be closed in the moment in which they use it.
const NEXT_HEAD: Duration = Duration::from_secs(75);
/// How long an answer may wait for its reader to take any of it.
const READER: Duration = Duration::from_secs(30);
/// Bytes of a request line and its headers. More is answered 431.
const HEAD_MAX: usize = 32 * 1024;
/// Lines of a request's headers. More is answered 431.
const HEADERS_MAX: usize = 100;

/// A server with these bounds. Only HTTP/1.1: proxies speak it to what is behind them, and a second protocol
/// is a second way to read a request.
pub fn bounded(server: Server<SocketAddr>) -> Server<SocketAddr, Patience> {
    let mut server = server.http1_only().first_request_timeout(FIRST_HEAD).acceptor(Patience);
    server
        .http_builder()
        .http1()
        .header_read_timeout(NEXT_HEAD)
        .max_buf_size(HEAD_MAX)
        .max_headers(HEADERS_MAX);
    server
}

/// Gives up a reader who does not read, and tells more to one whose request is not read.
#[derive(Debug, Clone, Copy)]
pub struct Patience;

impl<S> Accept<TcpStream, S> for Patience {
    type Stream = Told<Pin<Box<TimeoutStream<TcpStream>>>>;
    type Service = S;
    type Future = Ready<io::Result<(Self::Stream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let ready_stream = stream.set_nodelay(true).map(|()| {
            let mut stream = TimeoutStream::new(stream);
            stream.set_write_timeout(Some(READER));
            (Told::new(Box::pin(stream)), service)
        });
        ready(ready_stream)
    }
}
