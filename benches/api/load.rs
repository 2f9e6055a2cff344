//! Asks over HTTP as fast as it is answered.
//!
//! No HTTP client library: what the driver spends is missing to the server beside it. A request is
//! bytes that exist already, an answer is read into a buffer that exists already, and one thread
//! does it for all connections.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Result;
use crate::data::{CLIENTS, Scale};
use crate::operations::{Place, Request};

/// Larger than any answer here.
const BUFFER: usize = 1024 * 1024;
const HEADERS_MAX: usize = 32;

/// One side's work in one turn.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub done: u32,
    /// How many a second.
    pub rate: f64,
}

/// A connection that is kept, with one request on it at a time.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub status: u16,
    pub body: &'a [u8],
}

/// What the head of an answer says: the status, where in the buffer the body begins, and how long it is.
#[derive(Debug, Clone, Copy)]
struct Head {
    status: u16,
    begin: usize,
    length: Length,
}

#[derive(Debug, Clone, Copy)]
enum Length {
    Known(usize),
    /// It comes in chunks that say how long they are (RFC 9112 section 7.1), as what is compressed on the way does.
    Chunked,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; BUFFER] })
    }

    pub async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        let mut head: Option<Head> = None;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..]).await?;
            if read == 0 {
                return Err(format!("an answer ended, or grew too large, after {filled} bytes").into());
            }
            filled += read;
            if head.is_none() {
                head = parse(&self.buffer[..filled])?;
            }
            if let Some(head) = head
                && let Some(end) = head.end(&mut self.buffer[..filled])?
            {
                return Ok(Answer { status: head.status, body: &self.buffer[head.begin..end] });
            }
        }
    }
}

/// `None` while the head is not all there.
fn parse(bytes: &[u8]) -> Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(begin) = response.parse(bytes)? else {
        return Ok(None);
    };
    let status = response.code.ok_or("an answer has no status")?;
    let value = |name: &str| {
        let mut headers = response.headers.iter();
        headers.find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value)
    };
    let length = match value("content-length") {
        Some(length) => Length::Known(std::str::from_utf8(length)?.trim().parse()?),
        None if value("transfer-encoding").is_some() => Length::Chunked,
        None if status == 204 => Length::Known(0),
        None => return Err(format!("an answer with status {status} does not say how long it is").into()),
    };
    Ok(Some(Head { status, begin, length }))
}

impl Head {
    /// Where the body ends, once it is all there; then it is in one piece.
    fn end(self, buffer: &mut [u8]) -> Result<Option<usize>> {
        match self.length {
            Length::Known(length) => {
                let end = self.begin + length;
                Ok((end <= buffer.len()).then_some(end))
            }
            Length::Chunked => {
                let Some(chunks) = chunks(buffer, self.begin)? else { return Ok(None) };
                let mut end = self.begin;
                for chunk in chunks {
                    let length = chunk.len();
                    buffer.copy_within(chunk, end);
                    end += length;
                }
                Ok(Some(end))
            }
        }
    }
}

/// Where the bytes of each chunk are, once all chunks are there.
fn chunks(bytes: &[u8], begin: usize) -> Result<Option<Vec<Range<usize>>>> {
    let mut found = Vec::new();
    let mut at = begin;
    loop {
        let size = httparse::parse_chunk_size(&bytes[at..]).map_err(|error| error.to_string())?;
        let httparse::Status::Complete((line, length)) = size else { return Ok(None) };
        let data = at + line..at + line + usize::try_from(length)?;
        // Each ends with the end of a line; the last one is empty.
        at = data.end + 2;
        if at > bytes.len() {
            return Ok(None);
        }
        if data.is_empty() {
            return Ok(Some(found));
        }
        found.push(data);
    }
}

/// All clients at once, for so long; an answer that is not the expected one ends the run.
/// Connecting does not count, as it does not with pgbench.
pub async fn measure(
    address: SocketAddr,
    request: &Request,
    scale: Scale,
    turn: u64,
    seconds: u64,
) -> Result<Measured> {
    let mut connections = Vec::new();
    for _ in 0..CLIENTS {
        connections.push(Connection::open(address).await?);
    }
    let begin = Instant::now();
    let until = begin + Duration::from_secs(seconds);
    let mut clients = JoinSet::new();
    for (connection, client) in connections.into_iter().zip(0..) {
        clients.spawn(drive(connection, request.clone(), scale, Place::new(turn, client), until));
    }
    let mut done = 0;
    while let Some(outcome) = clients.join_next().await {
        done += outcome??;
    }
    Ok(Measured { done, rate: f64::from(done) / begin.elapsed().as_secs_f64() })
}

/// How many answers a client got.
async fn drive(
    mut connection: Connection,
    mut request: Request,
    scale: Scale,
    mut place: Place,
    until: Instant,
) -> Result<u32> {
    let mut done = 0;
    while Instant::now() < until {
        request.fill(scale, place)?;
        let answer = connection.exchange(request.bytes()).await?;
        request.check(&answer)?;
        place.step += 1;
        done += 1;
    }
    Ok(done)
}
