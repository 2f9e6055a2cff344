//! Sends HTTP requests as fast as they are answered.
//!
//! No HTTP client library is used, because the driver takes processor time from the server. Requests are
//! prepared bytes, responses are read into an existing buffer, and one thread serves all connections.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Result;
use crate::data::{CLIENTS, Scale};
use crate::operations::{Progress, Request};

/// Larger than any response in this benchmark.
const BUFFER: usize = 1024 * 1024;
const HEADERS_MAX: usize = 32;

/// The result of one side in one turn.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub done: u32,
    /// The rate per second.
    pub rate: f64,
}

/// A persistent connection with one request at a time.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub status: u16,
    pub body: &'a [u8],
}

/// The head of a response: the status, the beginning of the body in the buffer, and its length.
#[derive(Debug, Clone, Copy)]
struct Head {
    status: u16,
    begin: usize,
    length: Length,
}

#[derive(Debug, Clone, Copy)]
enum Length {
    Known(usize),
    /// Chunked transfer encoding (RFC 9112 section 7.1), which the server uses for compressed responses.
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

/// `None` while the head is incomplete.
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
    /// The end of the body once it is complete; chunks are joined.
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

/// The position of each chunk once all chunks are there.
fn chunks(bytes: &[u8], begin: usize) -> Result<Option<Vec<Range<usize>>>> {
    let mut found = Vec::new();
    let mut at = begin;
    loop {
        let size = httparse::parse_chunk_size(&bytes[at..]).map_err(|error| error.to_string())?;
        let httparse::Status::Complete((line, length)) = size else { return Ok(None) };
        let data = at + line..at + line + usize::try_from(length)?;
        // Each chunk ends with a line break; the last one is empty.
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

/// Runs all clients at once for this time. An unexpected response aborts the run. Connecting is not
/// measured, as in pgbench.
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
        clients.spawn(drive(connection, request.clone(), scale, Progress::new(turn, client), until));
    }
    let mut done = 0;
    while let Some(outcome) = clients.join_next().await {
        done += outcome??;
    }
    Ok(Measured { done, rate: f64::from(done) / begin.elapsed().as_secs_f64() })
}

/// The number of responses that a client received.
async fn drive(
    mut connection: Connection,
    mut request: Request,
    scale: Scale,
    mut progress: Progress,
    until: Instant,
) -> Result<u32> {
    let mut done = 0;
    while Instant::now() < until {
        request.fill(scale, progress)?;
        let answer = connection.exchange(request.bytes()).await?;
        request.check(&answer)?;
        progress.step += 1;
        done += 1;
    }
    Ok(done)
}
