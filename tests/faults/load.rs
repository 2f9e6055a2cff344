//! Concurrent clients that enroll, remove, re-add, and change many rows in one request. Each has its own
//! group, whose state it knows, and all of them change the pairs of one more group.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::ack_log::{AckLog, Contested, Pair, UnknownChange};
use crate::client::{ATOMIC, Client, ENROLLMENTS, JSON_API, Outcome, members};
use crate::documents::enrollment;
use crate::site::{Contents, GROUPS};

/// The number of contested pairs.
const CONTESTED_PAIRS: usize = 3;
/// The pauses between two requests of a client, and after a failure.
const PAUSE: Duration = Duration::from_millis(5);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(50);

pub struct Load {
    stop: watch::Sender<bool>,
    clients: Vec<JoinHandle<AckLog>>,
}

impl Load {
    /// Starts eight clients, which are distributed over these servers.
    pub fn start(site: &Contents, bases: &[String]) -> Self {
        let (stop, stopped) = watch::channel(false);
        let contested_rows: ContestedRows = Arc::default();
        let clients = (0..GROUPS - 1).map(|number| {
            let worker = Worker {
                client: Client::new(&bases[number % bases.len()], &site.token, format!("client-{number}")),
                group: site.groups[number].clone(),
                contested_group: site.groups[GROUPS - 1].clone(),
                contested_rows: Arc::clone(&contested_rows),
                contested_pairs: site.workspaces[..CONTESTED_PAIRS].to_vec(),
                free: site.workspaces.iter().cloned().collect(),
                live: VecDeque::new(),
            };
            tokio::spawn(worker.work(number, stopped.clone()))
        });
        Self { stop, clients: clients.collect() }
    }

    /// Stops the clients after their present request.
    pub async fn end(self) -> AckLog {
        self.stop.send_replace(true);
        let mut all = AckLog::default();
        for client in self.clients {
            all.merge(client.await.expect("a client that received only possible responses"));
        }
        all
    }
}

/// Live rows of contested pairs, oldest first, whose removal was not requested yet.
type ContestedRows = Arc<Mutex<VecDeque<String>>>;

struct Worker {
    client: Client,
    group: String,
    contested_group: String,
    contested_rows: ContestedRows,
    contested_pairs: Vec<String>,
    /// Workspaces that are not in the group; those that were removed longest ago come first.
    free: VecDeque<String>,
    /// Enrolled workspaces, with the id of the enrollment if it was acknowledged.
    live: VecDeque<(String, Option<String>)>,
}

impl Worker {
    async fn work(mut self, number: usize, stopped: watch::Receiver<bool>) -> AckLog {
        let mut step = number;
        while !*stopped.borrow() {
            let unknown = self.client.ack_log.unknown();
            match step % 8 {
                0 => self.enroll().await,
                1 => self.enroll_with_key().await,
                2 => self.atomic().await,
                3 => self.add_many(step % 16 < 8).await,
                4 => self.remove().await,
                5 => self.remove_many().await,
                6 => self.enroll_contested().await,
                _ => self.remove_contested().await,
            }
            step += 1;
            let failed = self.client.ack_log.unknown() > unknown;
            sleep(if failed { PAUSE_AFTER_FAILURE } else { PAUSE }).await;
        }
        self.client.ack_log
    }

    fn pair(&mut self, workspace: &str) -> &mut Pair {
        let key = (self.group.clone(), workspace.to_owned());
        self.client.ack_log.pairs.entry(key).or_default()
    }

    fn take_free(&mut self, number: usize) -> Vec<String> {
        self.free.drain(..number).collect()
    }

    fn take_live(&mut self, number: usize) -> Vec<(String, Option<String>)> {
        let number = number.min(self.live.len());
        self.live.drain(..number).collect()
    }

    fn enrolled(&mut self, workspace: String, id: Option<String>) {
        let pair = self.pair(&workspace);
        *pair = Pair { rows: pair.rows + 1, is_live: true };
        self.live.push_back((workspace, id));
    }

    /// Added in front, so that the workspace is re-added soon.
    fn removed(&mut self, workspace: String) {
        self.pair(&workspace).is_live = false;
        self.free.push_front(workspace);
    }

    /// The result is unknown, so these pairs are not used any more.
    fn record_unknown(&mut self, workspaces: Vec<String>) {
        let group = self.group.clone();
        let workspaces = workspaces.into_iter().map(|workspace| {
            let pair = self.client.ack_log.pairs.remove(&(group.clone(), workspace.clone()));
            (workspace, pair.unwrap_or_default())
        });
        let workspaces = workspaces.collect();
        self.client.ack_log.unknown_changes.push(UnknownChange { group, workspaces });
    }

    async fn enroll(&mut self) {
        let workspace = self.take_free(1).remove(0);
        let body = enrollment(&self.group, &workspace);
        let outcome = self.client.send(Method::POST, ENROLLMENTS, JSON_API, &body).await;
        self.settle_enroll(workspace, outcome);
    }

    async fn enroll_with_key(&mut self) {
        let workspace = self.take_free(1).remove(0);
        let outcome = self.client.send_with_key(ENROLLMENTS, &enrollment(&self.group, &workspace)).await;
        self.settle_enroll(workspace, outcome);
    }

    fn settle_enroll(&mut self, workspace: String, outcome: Outcome) {
        match outcome {
            Outcome::Done(answer) => self.enrolled(workspace, id(&answer["data"])),
            Outcome::Unknown => self.record_unknown(vec![workspace]),
            Outcome::Refused(status, body) => panic!("unexpected without other clients: {status}: {body}"),
        }
    }

    /// Adds three and removes one, or changes nothing.
    async fn atomic(&mut self) {
        let added = self.take_free(3);
        let removed = self.take_live(1);
        let mut operations: Vec<Value> = added
            .iter()
            .map(|workspace| json!({ "op": "add", "data": enrollment(&self.group, workspace)["data"] }))
            .collect();
        operations.extend(removed.iter().map(|(workspace, _)| {
            json!({
                "op": "remove",
                "ref": { "type": "workspace_group", "id": self.group, "relationship": "workspaces" },
                "data": members([workspace.as_str()].into_iter())["data"]
            })
        }));
        let body = json!({ "atomic:operations": operations });
        match self.client.send(Method::POST, "/v1/operations", ATOMIC, &body).await {
            Outcome::Done(answer) => {
                for (index, workspace) in added.into_iter().enumerate() {
                    self.enrolled(workspace, id(&answer["atomic:results"][index]["data"]));
                }
                for (workspace, _) in removed {
                    self.removed(workspace);
                }
            }
            Outcome::Unknown => {
                let removed = removed.into_iter().map(|(workspace, _)| workspace);
                self.record_unknown(added.into_iter().chain(removed).collect());
            }
            Outcome::Refused(status, body) => panic!("unexpected without other clients: {status}: {body}"),
        }
    }

    fn relationship(&self) -> String {
        format!("/v1/workspace-groups/{}/relationships/workspaces", self.group)
    }

    async fn add_many(&mut self, with_key: bool) {
        let added = self.take_free(4);
        let (path, body) = (self.relationship(), members(added.iter().map(String::as_str)));
        let outcome = if with_key {
            self.client.send_with_key(&path, &body).await
        } else {
            self.client.send(Method::POST, &path, JSON_API, &body).await
        };
        match outcome {
            Outcome::Done(_) => added.into_iter().for_each(|workspace| self.enrolled(workspace, None)),
            Outcome::Unknown => self.record_unknown(added),
            Outcome::Refused(status, body) => panic!("unexpected without other clients: {status}: {body}"),
        }
    }

    async fn remove_many(&mut self) {
        let removed: Vec<String> = self.take_live(3).into_iter().map(|(workspace, _)| workspace).collect();
        if removed.is_empty() {
            return;
        }
        let (path, body) = (self.relationship(), members(removed.iter().map(String::as_str)));
        match self.client.send(Method::DELETE, &path, JSON_API, &body).await {
            Outcome::Done(_) => removed.into_iter().for_each(|workspace| self.removed(workspace)),
            Outcome::Unknown => self.record_unknown(removed),
            Outcome::Refused(status, body) => panic!("unexpected without other clients: {status}: {body}"),
        }
    }

    async fn remove(&mut self) {
        let Some(at) = self.live.iter().position(|(_, id)| id.is_some()) else { return };
        let Some((workspace, Some(id))) = self.live.remove(at) else { return };
        match self.client.delete(&format!("{ENROLLMENTS}/{id}")).await {
            Outcome::Done(_) => self.removed(workspace),
            Outcome::Unknown => self.record_unknown(vec![workspace]),
            Outcome::Refused(status, body) => panic!("the row exists, but: {status}: {body}"),
        }
    }

    /// Enrolls a pair that other clients change, too.
    async fn enroll_contested(&mut self) {
        let pair = self.contested_pairs[self.client.ack_log.exchanges.len() % CONTESTED_PAIRS].clone();
        let body = enrollment(&self.contested_group, &pair);
        match self.client.send(Method::POST, ENROLLMENTS, JSON_API, &body).await {
            Outcome::Done(answer) => {
                let id = id(&answer["data"]).expect("an id");
                self.client.ack_log.contested.entry(id.clone()).or_default();
                self.contested_rows.lock().unwrap().push_back(id);
            }
            Outcome::Refused(409, _) | Outcome::Unknown => {}
            Outcome::Refused(status, body) => panic!("{status}: {body}"),
        }
    }

    /// Removes the oldest known row of the contested pairs.
    async fn remove_contested(&mut self) {
        let oldest = self.contested_rows.lock().unwrap().pop_front();
        let Some(id) = oldest else { return };
        let outcome = self.client.delete(&format!("{ENROLLMENTS}/{id}")).await;
        let removal_was_acknowledged = match outcome {
            Outcome::Done(_) => true,
            Outcome::Unknown => false,
            Outcome::Refused(status, body) => panic!("the row was acknowledged, but: {status}: {body}"),
        };
        // Another client's log records its enrollment; the logs are merged at the end.
        self.client
            .ack_log
            .contested
            .insert(id, Contested { removal_was_requested: true, removal_was_acknowledged });
    }
}

fn id(resource: &Value) -> Option<String> {
    resource["id"].as_str().map(str::to_owned)
}
