//! The cost of compression: the server's processor time for one response, uncompressed and in each
//! encoding, and the size of the response.
//!
//! There is no limit for these numbers, and pgbench has nothing to compare. The response is the largest
//! page of a list with everything included. Postgres and this driver are separate processes, so their time
//! is not counted.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::task::JoinSet;

use crate::Result;
use crate::data::{CLIENTS, PAGE_MAX, Scale};
use crate::load::Connection;
use crate::operations::{Caller, list_line};
use crate::server::Server;

/// The first one means no compression. The server uses the fast level of each encoding.
const ENCODINGS: [&str; 4] = ["identity", "zstd", "br", "gzip"];

pub struct Cost {
    encoding: &'static str,
    /// The size of the body.
    bytes: usize,
    /// The server's processor time for one response, in each round.
    milliseconds: Vec<f64>,
}

/// Measures the encodings in turn, round by round, with all clients at once. The first round is for warming
/// up.
pub async fn measure(server: &Server, caller: &Caller, scale: Scale) -> Result<Vec<Cost>> {
    let mut costs = ENCODINGS.map(|encoding| Cost { encoding, bytes: 0, milliseconds: Vec::new() });
    for round in 0..=scale.rounds {
        for cost in &mut costs {
            let request = request(cost.encoding, server.address, caller);
            cost.bytes = size(server.address, &request, cost.encoding).await?;
            let before = server.processor_time()?;
            let done = ask(server.address, &request, Duration::from_secs(scale.encoding)).await?;
            let used = server.processor_time()?.saturating_sub(before);
            if round > 0 {
                cost.milliseconds.push(used.as_secs_f64() * 1000.0 / f64::from(done));
            }
        }
    }
    let [plain, encoded @ ..] = &costs;
    if let Some(cost) = encoded.iter().find(|cost| cost.bytes >= plain.bytes) {
        return Err(format!("the answer is not smaller in {}", cost.encoding).into());
    }
    Ok(costs.into())
}

fn request(encoding: &str, address: SocketAddr, caller: &Caller) -> Vec<u8> {
    let (line, token) = (list_line(caller, PAGE_MAX), &caller.token);
    let text = format!(
        "{line} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Accept-Encoding: {encoding}\r\n\r\n"
    );
    text.into_bytes()
}

/// The size of one response. A page that is not full would falsify the measurement.
async fn size(address: SocketAddr, request: &[u8], encoding: &str) -> Result<usize> {
    let mut connection = Connection::open(address).await?;
    let answer = connection.exchange(request).await?;
    if answer.status != 200 {
        return Err(format!("the list in {encoding} was answered with {}", answer.status).into());
    }
    if encoding == ENCODINGS[0] {
        let document: Value = serde_json::from_slice(answer.body)?;
        let rows = document["data"].as_array().map_or(0, Vec::len);
        if rows != PAGE_MAX {
            return Err(format!("the page has {rows} rows and not {PAGE_MAX}").into());
        }
    }
    Ok(answer.body.len())
}

/// Sends requests from all clients for this time. Returns the number of responses.
async fn ask(address: SocketAddr, request: &[u8], time: Duration) -> Result<u32> {
    let until = Instant::now() + time;
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        clients.spawn(drive(Connection::open(address).await?, request.to_vec(), until));
    }
    let mut done = 0;
    while let Some(outcome) = clients.join_next().await {
        done += outcome??;
    }
    Ok(done)
}

async fn drive(mut connection: Connection, request: Vec<u8>, until: Instant) -> Result<u32> {
    let mut done = 0;
    while Instant::now() < until {
        let status = connection.exchange(&request).await?.status;
        if status != 200 {
            return Err(format!("the list was answered with {status}").into());
        }
        done += 1;
    }
    Ok(done)
}

impl Cost {
    /// The time of the median round.
    fn median(&self) -> f64 {
        let mut values = self.milliseconds.clone();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    }
}

/// Prints the table.
pub fn report(costs: &[Cost]) {
    let plain = costs.first().map(Cost::median).unwrap_or_default();
    println!();
    println!("list of {PAGE_MAX}       bytes   ms of CPU   of which the encoding");
    for cost in costs {
        let (bytes, median) = (cost.bytes, cost.median());
        println!("{:<13}{bytes:>10}{median:>12.2}{:>24.2}", cost.encoding, median - plain);
    }
}
