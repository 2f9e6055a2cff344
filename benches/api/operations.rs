//! The operations that are compared: what is asked, what the answer is, and which ids change from
//! one request to the next.

use std::io::Write;
use std::net::SocketAddr;

use serde_json::json;

use crate::Result;
use crate::data::{CLIENTS, DIGITS, FIRST, Kind, Scale};
use crate::load::Answer;

const ENROLLMENTS: &str = "/v1/workspace-group-workspaces";
const JSON_API: &str = "application/vnd.api+json";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    List,
    Retrieve,
    Enroll,
    Remove,
}

impl Operation {
    /// Reads first, since writes make tables larger.
    pub const ALL: [Self; 4] = [Self::List, Self::Retrieve, Self::Enroll, Self::Remove];

    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Retrieve => "retrieve",
            Self::Enroll => "enroll",
            Self::Remove => "remove",
        }
    }

    const fn writes(self) -> bool {
        matches!(self, Self::Enroll | Self::Remove)
    }

    /// What is promised: at least this share of pgbench's rate.
    pub const fn limit(self) -> f64 {
        if self.writes() { 0.7 } else { 0.5 }
    }

    const fn status(self) -> u16 {
        match self {
            Self::List | Self::Retrieve => 200,
            Self::Enroll => 201,
            Self::Remove => 204,
        }
    }

    /// The ids that are others in each request; the rest of a request stays as it is.
    pub const fn varying(self) -> &'static [Varying] {
        match self {
            Self::List => &[],
            Self::Retrieve => &[Varying::AnyRow],
            Self::Enroll => &[Varying::OwnGroup, Varying::NextWorkspace],
            Self::Remove => &[Varying::NextRow],
        }
    }
}

/// Where a client is in its work.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    client: u64,
    lane: u64,
    pub step: u64,
}

impl Place {
    pub const fn new(turn: u64, client: u64) -> Self {
        Self { client, lane: turn * CLIENTS + client, step: 0 }
    }
}

/// An id that is another one in each request. How it is chosen stands here twice, once for each
/// side: [`Self::number`] and [`Self::expression`] have to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Varying {
    AnyRow,
    OwnGroup,
    /// Clients begin at different places, so that they seldom want the same workspace at once.
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

    /// What it is called in a pgbench script.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::AnyRow => "any_row",
            Self::OwnGroup => "own_group",
            Self::NextWorkspace => "next_workspace",
            Self::NextRow => "next_row",
        }
    }

    fn number(self, scale: Scale, place: Place) -> u64 {
        let span = scale.span();
        match self {
            Self::AnyRow => rand::random_range(0..scale.rows()),
            Self::OwnGroup => place.lane,
            Self::NextWorkspace => (place.client * span / CLIENTS + place.step) % span,
            Self::NextRow => place.lane * span + place.step,
        }
    }

    /// The same for pgbench. There `lane` is that of the turn's first client, and `step` is counted
    /// up at the end of a script; `client_id` is pgbench's own.
    pub fn expression(self, scale: Scale) -> String {
        let span = scale.span();
        match self {
            Self::AnyRow => format!("random({FIRST}, {})", FIRST + scale.rows() - 1),
            Self::OwnGroup => format!("{FIRST} + :lane + :client_id"),
            Self::NextWorkspace => format!("{FIRST} + (:client_id * {span} / {CLIENTS} + :step) % {span}"),
            Self::NextRow => format!("{FIRST} + (:lane + :client_id) * {span} + :step"),
        }
    }
}

/// Who asks, and about which large group.
pub struct Caller {
    pub token: String,
    pub group: String,
}

/// A request as it is sent. Made once: from one time to the next only digits in it change.
#[derive(Debug, Clone)]
pub struct Request {
    pub operation: Operation,
    bytes: Vec<u8>,
    /// Where the number of each varying id begins.
    numbers: Vec<(Varying, usize)>,
}

impl Request {
    pub fn new(operation: Operation, address: SocketAddr, caller: &Caller) -> Result<Self> {
        let row = Kind::Enrollment.id(0);
        let (line, rest) = match operation {
            Operation::List => (list_line(caller), "\r\n".to_owned()),
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

    /// Names what is to be named at this place.
    pub fn fill(&mut self, scale: Scale, place: Place) -> Result<()> {
        if self.operation.writes() && place.step >= scale.span() {
            let (name, span) = (self.operation.name(), scale.span());
            return Err(format!("{name}: a client used up the {span} rows that it had").into());
        }
        for &(varying, at) in &self.numbers {
            let number = FIRST + varying.number(scale, place);
            let mut digits = &mut self.bytes[at..at + DIGITS];
            write!(digits, "{number}")?;
        }
        Ok(())
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The ids that it names now.
    pub fn ids(&self) -> Vec<(Varying, String)> {
        let id = |varying: Varying, at: usize| {
            let text = &self.bytes[at - varying.kind().prefix().len()..at + DIGITS];
            String::from_utf8_lossy(text).into_owned()
        };
        self.numbers.iter().map(|&(varying, at)| (varying, id(varying, at))).collect()
    }

    /// An answer of another status would be a measurement of something else.
    pub fn check(&self, answer: &Answer<'_>) -> Result<()> {
        if answer.status == self.operation.status() {
            return Ok(());
        }
        let (name, body) = (self.operation.name(), String::from_utf8_lossy(answer.body));
        Err(format!("{name} was answered with {}: {body}", answer.status).into())
    }
}

/// The enrollments of the large group with all that can be included, as a request line without its end.
pub fn list_line(caller: &Caller) -> String {
    let filter = format!("filter%5Bworkspace_group%5D={}", caller.group);
    format!("GET {ENROLLMENTS}?{filter}&include=workspace_group,workspace,created_by")
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
