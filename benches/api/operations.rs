//! The compared operations: request, response, and the ids that differ in each request.

use std::io::Write;
use std::net::SocketAddr;

use serde_json::json;

use crate::Result;
use crate::data::{CLIENTS, DIGITS, FIRST, Kind, PAGE_DEFAULT, PAGE_MAX, Scale};
use crate::load::Answer;

const ENROLLMENTS: &str = "/v1/workspace-group-workspaces";
const JSON_API: &str = "application/vnd.api+json";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    List20,
    List100,
    Retrieve,
    Enroll,
    Remove,
}

impl Operation {
    /// Reads come first, because writes enlarge the tables.
    pub const ALL: [Self; 5] = [Self::List20, Self::List100, Self::Retrieve, Self::Enroll, Self::Remove];

    pub const fn name(self) -> &'static str {
        match self {
            Self::List20 => "list20",
            Self::List100 => "list100",
            Self::Retrieve => "retrieve",
            Self::Enroll => "enroll",
            Self::Remove => "remove",
        }
    }

    pub const fn writes(self) -> bool {
        matches!(self, Self::Enroll | Self::Remove)
    }

    const fn status(self) -> u16 {
        match self {
            Self::List20 | Self::List100 | Self::Retrieve => 200,
            Self::Enroll => 201,
            Self::Remove => 204,
        }
    }

    /// The ids that differ in each request; the rest of a request is constant.
    pub const fn varying(self) -> &'static [Varying] {
        match self {
            Self::List20 | Self::List100 => &[],
            Self::Retrieve => &[Varying::AnyRow],
            Self::Enroll => &[Varying::OwnGroup, Varying::NextWorkspace],
            Self::Remove => &[Varying::NextRow],
        }
    }
}

/// The progress of a client.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    client: u64,
    lane: u64,
    pub step: u64,
}

impl Progress {
    pub const fn new(turn: u64, client: u64) -> Self {
        Self { client, lane: turn * CLIENTS + client, step: 0 }
    }
}

/// An id that differs in each request. Its choice is implemented twice, once for each side:
/// [`Self::number`] and [`Self::expression`] must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Varying {
    AnyRow,
    OwnGroup,
    /// Clients start at different positions, so that they seldom use the same workspace at once.
    NextWorkspace,
    NextRow,
}

impl Varying {
    pub const fn kind(self) -> Kind {
        match self {
            Self::OwnGroup => Kind::Group,
            Self::NextWorkspace => Kind::Workspace,
            Self::AnyRow | Self::NextRow => Kind::Enrollment,
        }
    }

    /// The name of the variable in a pgbench script.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::AnyRow => "any_row",
            Self::OwnGroup => "own_group",
            Self::NextWorkspace => "next_workspace",
            Self::NextRow => "next_row",
        }
    }

    /// The id in a pgbench script, computed from the variable.
    pub fn computed_id(self) -> String {
        format!("('{}' || :{}::text)::uuid", self.kind().prefix(), self.variable())
    }

    fn number(self, scale: Scale, progress: Progress) -> u64 {
        let span = scale.span();
        match self {
            Self::AnyRow => rand::random_range(0..scale.rows()),
            Self::OwnGroup => progress.lane,
            Self::NextWorkspace => (progress.client * span / CLIENTS + progress.step) % span,
            Self::NextRow => progress.lane * span + progress.step,
        }
    }

    /// The same choice in pgbench. `lane` is that of the turn's first client, and `step` is incremented at
    /// the end of the script; `client_id` is pgbench's own. A client with several lanes uses them in turn.
    pub fn expression(self, scale: Scale, lanes: u64) -> String {
        let span = scale.span();
        match self {
            Self::AnyRow => format!("random({FIRST}, {})", FIRST + scale.rows() - 1),
            Self::OwnGroup => format!("{FIRST} + :lane + :client_id * {lanes} + :step / {span}"),
            Self::NextWorkspace => format!("{FIRST} + (:client_id * {span} / {CLIENTS} + :step) % {span}"),
            Self::NextRow => format!("{FIRST} + (:lane + :client_id * {lanes}) * {span} + :step"),
        }
    }
}

/// The token of the requests, and the public id of the large group that they list.
pub struct Caller {
    pub token: String,
    pub group: String,
}

/// The bytes of a request. Only digits change between requests.
#[derive(Debug, Clone)]
pub struct Request {
    pub operation: Operation,
    bytes: Vec<u8>,
    /// The positions of the numbers of the varying ids.
    numbers: Vec<(Varying, usize)>,
}

impl Request {
    pub fn new(operation: Operation, address: SocketAddr, caller: &Caller) -> Result<Self> {
        let row = Kind::Enrollment.id(0);
        let (line, rest) = match operation {
            Operation::List20 => (list_line(caller, PAGE_DEFAULT), "\r\n".to_owned()),
            Operation::List100 => (list_line(caller, PAGE_MAX), "\r\n".to_owned()),
            Operation::Retrieve => (format!("GET {ENROLLMENTS}/{row}"), "\r\n".to_owned()),
            Operation::Enroll => {
                let body = enrollment(&Kind::Group.id(0), &Kind::Workspace.id(0));
                let head = format!("Content-Type: {JSON_API}\r\nContent-Length: {}\r\n\r\n", body.len());
                (format!("POST {ENROLLMENTS}"), head + &body)
            }
            Operation::Remove => (format!("DELETE {ENROLLMENTS}/{row}"), "\r\n".to_owned()),
        };
        let token = &caller.token;
        let text = format!(
            "{line} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Accept: {JSON_API}\r\n{rest}"
        );
        let mut numbers = Vec::new();
        for &varying in operation.varying() {
            let prefix = varying.kind().prefix();
            let at = text.find(prefix).ok_or_else(|| format!("nothing in the request begins {prefix}"))?;
            numbers.push((varying, at + prefix.len()));
        }
        Ok(Self { operation, bytes: text.into_bytes(), numbers })
    }

    /// Writes the ids for this position.
    pub fn fill(&mut self, scale: Scale, progress: Progress) -> Result<()> {
        if self.operation.writes() && progress.step >= scale.span() {
            let (name, span) = (self.operation.name(), scale.span());
            return Err(format!("{name}: a client used up the {span} rows that it had").into());
        }
        for &(varying, at) in &self.numbers {
            let number = FIRST + varying.number(scale, progress);
            let mut digits = &mut self.bytes[at..at + DIGITS];
            write!(digits, "{number}")?;
        }
        Ok(())
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The present ids.
    pub fn ids(&self) -> Vec<(Varying, String)> {
        let id = |varying: Varying, at: usize| {
            let text = &self.bytes[at - varying.kind().prefix().len()..at + DIGITS];
            String::from_utf8_lossy(text).into_owned()
        };
        self.numbers.iter().map(|&(varying, at)| (varying, id(varying, at))).collect()
    }

    /// A response with another status would falsify the measurement.
    pub fn check(&self, answer: &Answer<'_>) -> Result<()> {
        if answer.status == self.operation.status() {
            return Ok(());
        }
        let (name, body) = (self.operation.name(), String::from_utf8_lossy(answer.body));
        Err(format!("{name} was answered with {}: {body}", answer.status).into())
    }
}

/// The request line of a page of the large group with all includes, without its end.
pub fn list_line(caller: &Caller, size: usize) -> String {
    let filter = format!("filter%5Bworkspace_group%5D={}", caller.group);
    let include = "include=workspace_group,workspace,created_by";
    format!("GET {ENROLLMENTS}?{filter}&{include}&page%5Bsize%5D={size}")
}

fn enrollment(group: &str, workspace: &str) -> String {
    json!({ "data": {
        "type": "workspace_group_workspace",
        "relationships": {
            "workspace_group": { "data": { "type": "workspace_group", "id": group } },
            "workspace": { "data": { "type": "workspace", "id": workspace } }
        }
    }})
    .to_string()
}
