//! Three servers behind `HAProxy`, with the configuration in `packaging/cluster`. One of them is killed, frozen or
//! upgraded, and the clients continue with the others.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::time::sleep;

use crate::ack_log::AckLog;
use crate::check::check;
use crate::cluster::free_port;
use crate::load::Load;
use crate::page::Visitor;
use crate::program::{Server, groupdesk, wait_until};
use crate::report::{RESPONSE_LIMIT, Recovery, assert_recovered};
use crate::site::{Site, settings};

/// `HAProxy` gives up a server after two checks, of at most one second, that are one second apart.
const DETECTION_LIMIT: Duration = Duration::from_secs(4);

struct Desk {
    site: Site,
    servers: Vec<Server>,
    base: String,
    admin_socket: PathBuf,
    _balancer: Child,
}

async fn launch(site: &Site, base: &str, address: &str) -> Server {
    let url = site.cluster.url();
    let behind_proxy = ["--public-url", base, "--trusted-proxies", "1"];
    let settings = [&settings(&url)[..], &behind_proxy].concat();
    Server::launch(groupdesk(&["serve"]), address, site.folder(), &settings).await
}

fn balancer(listen: &str, admin_socket: &Path, servers: &[Server]) -> Child {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/cluster/haproxy-groupdesk.cfg");
    let mut command = Command::new("haproxy");
    command.arg("-db").arg("-f").arg(file).env("LISTEN", listen).env("ADMIN_SOCKET", admin_socket);
    for (number, server) in servers.iter().enumerate() {
        command.env(format!("SERVER_{}", number + 1), &server.address);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command.spawn().expect("HAProxy, which script/bootstrap cluster installs")
}

impl Desk {
    async fn start() -> Self {
        let site = Site::new().await;
        site.operator().await;
        let listen = format!("127.0.0.1:{}", free_port());
        let base = format!("http://{listen}");
        let mut servers = Vec::new();
        for _ in 0..3 {
            servers.push(launch(&site, &base, &format!("127.0.0.1:{}", free_port())).await);
        }
        let admin_socket = site.folder().join("haproxy.sock");
        let balancer = balancer(&listen, &admin_socket, &servers);
        let desk = Self { site, servers, base, admin_socket, _balancer: balancer };
        wait_until(10, "HAProxy serves", async || {
            reqwest::get(format!("{}/readyz", desk.base)).await.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
        desk
    }

    /// A visitor who is signed in, and the load, which has run for a while.
    async fn begin_load(&self) -> (Visitor, Load) {
        let visitor = Visitor::signed_in(&self.base).await;
        let load = Load::start(&self.site, std::slice::from_ref(&self.base));
        sleep(Duration::from_secs(2)).await;
        (visitor, load)
    }

    /// Allows or ends new requests to a server, which finishes those that it has.
    async fn set_state(&self, index: usize, state: &str) {
        let name = ["one", "two", "three"][index];
        let mut socket = UnixStream::connect(&self.admin_socket).await.unwrap();
        socket.write_all(format!("set server groupdesk/{name} state {state}\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer.trim(), "");
    }

    /// Replaces the process of a server that has ended.
    async fn restart(&mut self, index: usize) {
        let address = self.servers[index].address.clone();
        self.servers[index] = launch(&self.site, &self.base, &address).await;
    }

    /// Ends the load, checks that nothing is lost, and that there were acknowledgements all the time.
    async fn assert_continued(&self, fault: &str, load: Load, at: Instant, visitor: &Visitor) -> AckLog {
        let until = Instant::now();
        let ack_log = load.end().await;
        check(&self.site, &self.base, &ack_log).await;
        assert_recovered(fault, &ack_log, &[Recovery { at, until }]);
        let pause = ack_log.longest_pause(at, until);
        assert!(pause <= RESPONSE_LIMIT, "{fault}: no client was served for {pause:?}");
        let (status, page, _) = visitor.open(&self.base, "/groups").await;
        assert_eq!(status, 200);
        assert!(page.contains("Ana Lima"), "not signed in: {page}");
        ack_log
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_continue_while_a_server_is_killed() {
    let mut desk = Desk::start().await;
    let (visitor, load) = desk.begin_load().await;
    desk.servers[0].signal(Signal::SIGKILL);
    let at = Instant::now();
    assert_eq!(desk.servers[0].end().await, None);
    sleep(Duration::from_secs(4)).await;
    desk.restart(0).await;
    sleep(Duration::from_secs(3)).await;
    let fault = "one of three servers is killed";
    let ack_log = desk.assert_continued(fault, load, at, &visitor).await;
    // Only requests fail that the server was performing.
    assert!(ack_log.last_failure_after(at, Instant::now()) <= RESPONSE_LIMIT);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_continue_while_a_server_is_frozen() {
    let desk = Desk::start().await;
    let (visitor, load) = desk.begin_load().await;
    desk.servers[1].signal(Signal::SIGSTOP);
    let at = Instant::now();
    sleep(Duration::from_secs(8)).await;
    desk.servers[1].signal(Signal::SIGCONT);
    sleep(Duration::from_secs(4)).await;
    let ack_log = desk.assert_continued("one of three servers is frozen", load, at, &visitor).await;
    // The locks of the frozen server's transactions are released within 5 seconds.
    let limit = DETECTION_LIMIT + Duration::from_secs(5);
    assert!(ack_log.longest() <= limit, "{:?}", ack_log.longest());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_while_a_server_is_upgraded() {
    let mut desk = Desk::start().await;
    let (visitor, load) = desk.begin_load().await;
    let at = Instant::now();
    for index in 0..3 {
        desk.set_state(index, "drain").await;
        // Requests that are on their way arrive.
        sleep(Duration::from_secs(1)).await;
        desk.servers[index].signal(Signal::SIGTERM);
        assert_eq!(desk.servers[index].end().await, Some(0), "{}", desk.servers[index].log());
        desk.restart(index).await;
        desk.set_state(index, "ready").await;
        // HAProxy has noticed that this server is ready before the next one stops.
        sleep(Duration::from_secs(3)).await;
    }
    let fault = "three servers are upgraded one after the other";
    let ack_log = desk.assert_continued(fault, load, at, &visitor).await;
    let failed: Vec<_> = ack_log.exchanges.iter().filter(|exchange| exchange.is_unknown()).collect();
    assert!(failed.is_empty(), "{failed:?}");
}
