//! The way to the database, which can become long, silent or short.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

#[derive(Debug, Clone, Copy)]
struct Weather {
    /// Where connections lead that are made from now on.
    port: u16,
    /// Does anything get through?
    is_fair: bool,
    /// How long it takes to.
    delay: Duration,
    /// Connections that were made before this one are broken, whose ends are told so.
    broken_before: u32,
    /// And those that nothing will ever get through again, of which nobody is told.
    forgotten_before: u32,
}

pub struct Network {
    port: u16,
    weather: watch::Sender<Weather>,
    /// How many connections there were.
    count: Arc<AtomicU32>,
    task: JoinHandle<()>,
}

impl Network {
    /// A port that leads to this one.
    pub async fn to(port: u16) -> Self {
        let weather =
            Weather { port, is_fair: true, delay: Duration::ZERO, broken_before: 0, forgotten_before: 0 };
        let (weather, seen) = watch::channel(weather);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let count: Arc<AtomicU32> = Arc::default();
        let counted = Arc::clone(&count);
        let task = tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let number = counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(carry(near, number, seen.clone()));
            }
        });
        Self { port: own, weather, count, task }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whoever comes from now on is led to another port. Those who came before stay where they are.
    pub fn lead_to(&self, port: u16) {
        self.weather.send_modify(|weather| weather.port = port);
    }

    /// Each way takes so long from now on.
    pub fn slow(&self, delay: Duration) {
        self.weather.send_modify(|weather| weather.delay = delay);
    }

    /// Nothing gets through, and nobody is told.
    pub fn fall_silent(&self) {
        self.weather.send_modify(|weather| weather.is_fair = false);
    }

    /// What was on its way arrives, as it does when it was sent again and again.
    pub fn return_to_all(&self) {
        self.weather.send_modify(|weather| weather.is_fair = true);
    }

    /// It is there for those who come; of the connections before it knows nothing.
    pub fn return_to_the_new(&self) {
        let count = self.count.load(Ordering::SeqCst);
        self.weather.send_modify(|weather| (weather.is_fair, weather.forgotten_before) = (true, count));
    }

    /// Every connection is broken, and so is each that is made.
    pub fn refuse(&self) {
        self.weather.send_modify(|weather| weather.broken_before = u32::MAX);
    }

    pub fn refuse_no_more(&self) {
        let count = self.count.load(Ordering::SeqCst);
        self.weather.send_modify(|weather| weather.broken_before = count);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(mut near: TcpStream, number: u32, weather: watch::Receiver<Weather>) {
    let mut seen = weather.clone();
    let carried = async {
        fair(&mut weather.clone(), number).await;
        let port = weather.borrow().port;
        let mut far = TcpStream::connect(("127.0.0.1", port)).await?;
        let ((near_in, near_out), (far_in, far_out)) = (near.split(), far.split());
        let there = pump(near_in, far_out, number, weather.clone());
        tokio::try_join!(there, pump(far_in, near_out, number, weather.clone())).map(|_| ())
    };
    tokio::select! {
        // However it ended, both ends are closed with it.
        _ = carried => return,
        _ = seen.wait_for(|weather| number < weather.broken_before) => {}
    }
    // Its end is told at once, and not as the end of what was to be said.
    near.set_zero_linger().unwrap();
}

async fn fair(weather: &mut watch::Receiver<Weather>, number: u32) {
    let is_fair = |weather: &Weather| weather.is_fair && number >= weather.forgotten_before;
    if weather.wait_for(is_fair).await.is_err() {
        // The test is over.
        std::future::pending::<()>().await;
    }
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    number: u32,
    mut weather: watch::Receiver<Weather>,
) -> std::io::Result<()> {
    let mut piece = vec![0; 16 * 1024];
    loop {
        fair(&mut weather, number).await;
        let length = from.read(&mut piece).await?;
        let delay = weather.borrow().delay;
        if !delay.is_zero() {
            sleep(delay).await;
        }
        // It may have been cut off on its way.
        fair(&mut weather, number).await;
        if length == 0 {
            return to.shutdown().await;
        }
        to.write_all(&piece[..length]).await?;
    }
}
