//! A proxy before the database whose latency and availability the tests control.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

#[derive(Debug, Clone, Copy)]
struct LinkState {
    /// The target port of new connections.
    port: u16,
    /// Whether data is forwarded.
    is_up: bool,
    /// The latency.
    delay: Duration,
    /// Older connections are reset.
    broken_before: u32,
    /// Older connections never end, without an error on either side.
    forgotten_before: u32,
}

pub struct Network {
    port: u16,
    state: watch::Sender<LinkState>,
    /// The number of connections so far.
    count: Arc<AtomicU32>,
    task: JoinHandle<()>,
}

impl Network {
    /// Starts a proxy for this port.
    pub async fn to(port: u16) -> Self {
        let state =
            LinkState { port, is_up: true, delay: Duration::ZERO, broken_before: 0, forgotten_before: 0 };
        let (state, seen) = watch::channel(state);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let count: Arc<AtomicU32> = Arc::default();
        let counted = Arc::clone(&count);
        let task = tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let number = counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(forward(near, number, seen.clone()));
            }
        });
        Self { port: own, state, count, task }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// New connections lead to another port. Existing ones stay where they are.
    pub fn redirect_to(&self, port: u16) {
        self.state.send_modify(|state| state.port = port);
    }

    /// Sets the latency in each direction.
    pub fn slow(&self, delay: Duration) {
        self.state.send_modify(|state| state.delay = delay);
    }

    /// Nothing is forwarded, and neither side gets an error.
    pub fn drop_packets(&self) {
        self.state.send_modify(|state| state.is_up = false);
    }

    /// Delayed data arrives, as after retransmissions.
    pub fn restore(&self) {
        self.state.send_modify(|state| state.is_up = true);
    }

    /// New connections work. Existing ones never end.
    pub fn restore_for_new_connections(&self) {
        let count = self.count.load(Ordering::SeqCst);
        self.state.send_modify(|state| (state.is_up, state.forgotten_before) = (true, count));
    }

    /// Resets all connections, and all new ones.
    pub fn reset_connections(&self) {
        self.state.send_modify(|state| state.broken_before = u32::MAX);
    }

    pub fn accept_connections(&self) {
        let count = self.count.load(Ordering::SeqCst);
        self.state.send_modify(|state| state.broken_before = count);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(mut near: TcpStream, number: u32, state: watch::Receiver<LinkState>) {
    let mut seen = state.clone();
    let forwarded = async {
        wait_until_up(&mut state.clone(), number).await;
        let port = state.borrow().port;
        let mut far = TcpStream::connect(("127.0.0.1", port)).await?;
        let ((near_in, near_out), (far_in, far_out)) = (near.split(), far.split());
        let upstream = copy(near_in, far_out, number, state.clone());
        tokio::try_join!(upstream, copy(far_in, near_out, number, state.clone())).map(|_| ())
    };
    tokio::select! {
        // Both ends are closed in every case.
        _ = forwarded => return,
        _ = seen.wait_for(|state| number < state.broken_before) => {}
    }
    // The end of the stream is forwarded at once, but not as a regular end of the data.
    near.set_zero_linger().unwrap();
}

async fn wait_until_up(state: &mut watch::Receiver<LinkState>, number: u32) {
    let is_up = |state: &LinkState| state.is_up && number >= state.forgotten_before;
    if state.wait_for(is_up).await.is_err() {
        // The test has ended.
        std::future::pending::<()>().await;
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    number: u32,
    mut state: watch::Receiver<LinkState>,
) -> std::io::Result<()> {
    let mut piece = vec![0; 16 * 1024];
    loop {
        wait_until_up(&mut state, number).await;
        let length = from.read(&mut piece).await?;
        let delay = state.borrow().delay;
        if !delay.is_zero() {
            sleep(delay).await;
        }
        // The connection may have been reset in the meantime.
        wait_until_up(&mut state, number).await;
        if length == 0 {
            return to.shutdown().await;
        }
        to.write_all(&piece[..length]).await?;
    }
}
