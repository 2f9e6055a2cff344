//! The environment of the fault tests: a cluster with groups and workspaces, a token, and servers.

use std::ops::Deref;
use std::path::Path;
use std::process::Stdio;

use sqlx::PgConnection;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::cluster::Cluster;
use crate::program::{Exit, Server, groupdesk, run_command};

pub const EMAIL: &str = "ana@example.com";
pub const PASSWORD: &str = "correct horse battery staple";
/// One group for each client, and one for all of them.
pub const GROUPS: usize = 9;
const WORKSPACES: i32 = 2000;
/// The arguments that create the token of the load.
pub const TOKEN: [&str; 7] = ["token", "create", "--name", "load", "--scope", "read,write", "--system"];

pub struct Site {
    pub cluster: Cluster,
    logs: TempDir,
    contents: Contents,
}

/// The data that clients use, independent of the database server.
pub struct Contents {
    pub token: String,
    pub groups: Vec<String>,
    pub workspaces: Vec<String>,
}

impl Deref for Site {
    type Target = Contents;

    fn deref(&self) -> &Contents {
        &self.contents
    }
}

impl Contents {
    /// Creates groups and workspaces for the holder of this token.
    pub async fn insert(connection: &mut PgConnection, token: String) -> Self {
        let groups = insert(
            connection,
            "INSERT INTO core_api.workspace_groups (name) SELECT 'Group ' || n FROM generate_series(1, $1) n
             RETURNING workspace_group_id::text",
            i32::try_from(GROUPS).unwrap(),
        );
        let groups = groups.await;
        let workspaces = insert(
            connection,
            "INSERT INTO core_api.workspaces (name, external_workspace_id)
             SELECT 'Workspace ' || n, 'w-' || n FROM generate_series(1, $1) n RETURNING workspace_id::text",
            WORKSPACES,
        );
        let workspaces = workspaces.await;
        Self { token, groups, workspaces }
    }
}

impl Site {
    pub async fn new() -> Self {
        Self::with_max_connections(200).await
    }

    pub async fn with_max_connections(connections: u32) -> Self {
        Self::initialized_by(groupdesk, connections).await
    }

    /// Initialized by this build of the program.
    pub async fn initialized_by(program: impl Fn(&[&str]) -> Command, connections: u32) -> Self {
        let cluster = Cluster::start(connections).await;
        let url = cluster.url();
        output_of(&run_command(&mut program(&["migrate", "--database-url", &url])).await);
        let token =
            output_of(&run_command(&mut program(&[&TOKEN[..], &["--database-url", &url]].concat())).await);
        let mut connection = cluster.connect().await.unwrap();
        let contents = Contents::insert(&mut connection, token).await;
        Self { cluster, logs: TempDir::new().unwrap(), contents }
    }

    /// The directory of the logs.
    pub fn folder(&self) -> &Path {
        self.logs.path()
    }

    pub async fn serve(&self) -> Server {
        self.serve_via_port(self.cluster.port(), "20").await
    }

    /// A server that reaches its database through this port, with this many connections.
    pub async fn serve_via_port(&self, port: u16, connections: &str) -> Server {
        self.serve_with_url(&Cluster::url_by(port), connections).await
    }

    /// A server with this database URL.
    pub async fn serve_with_url(&self, url: &str, connections: &str) -> Server {
        let settings = [&settings(url)[..], &["--database-connections", connections]].concat();
        Server::start(self.folder(), &settings).await
    }

    /// Restarts a killed server at the same address.
    pub async fn serve_again(&self, address: &str) -> Server {
        let serve = groupdesk(&["serve"]);
        Server::launch(serve, address, self.folder(), &settings(&self.cluster.url())).await
    }

    /// Creates an operator who can sign in.
    pub async fn operator(&self) {
        self.operator_by(groupdesk).await;
    }

    /// Creates the operator with this build of the program, which first migrates the database to its own
    /// version.
    pub async fn operator_by(&self, program: impl Fn(&[&str]) -> Command) {
        let url = self.cluster.url();
        let add = ["operator", "add", "--name", "Ana Lima", "--role", "admin", "--email", EMAIL];
        let mut command = program(&[&add[..], &["--password-stdin", "--database-url", &url]].concat());
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(PASSWORD.as_bytes()).await.unwrap();
        drop(input);
        let output = child.wait_with_output().await.unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}

/// The settings of a server without rate limits, which the load would exceed.
pub fn settings(url: &str) -> [&str; 6] {
    ["--database-url", url, "--rate-limit", "off", "--address-rate-limit", "off"]
}

async fn insert(connection: &mut PgConnection, statement: &'static str, number: i32) -> Vec<String> {
    sqlx::query_scalar(statement).bind(number).fetch_all(connection).await.unwrap()
}

pub fn output_of(ended: &Exit) -> String {
    assert_eq!(ended.status, 0, "{}{}", ended.out, ended.err);
    ended.out.trim().to_owned()
}
