//! Several clients at once, who enroll, remove, re-add, and change many in one request. Each has a group of
//! its own, in which it knows what there is; and they fight over the pairs of one more group.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::client::{ATOMIC, Client, ENROLLMENTS, Fate, JSON_API, members};
use crate::documents::enrollment;
use crate::ledger::{Doubt, Fought, Ledger, Pair};
use crate::site::{Contents, GROUPS};

/// How many pairs are fought over.
const BONES: usize = 3;
/// Between two requests of a client, and after one that failed.
const PAUSE: Duration = Duration::from_millis(5);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(50);

pub struct Load {
    stop: watch::Sender<bool>,
    clients: Vec<JoinHandle<Ledger>>,
}

impl Load {
    /// Of eight clients, who take turns at these servers.
    pub fn start(site: &Contents, bases: &[String]) -> Self {
        let (stop, stopped) = watch::channel(false);
        let arena: Arena = Arc::default();
        let clients = (0..GROUPS - 1).map(|number| {
            let worker = Worker {
                client: Client::new(&bases[number % bases.len()], &site.token, format!("client-{number}")),
                group: site.groups[number].clone(),
                arena_group: site.groups[GROUPS - 1].clone(),
                arena: Arc::clone(&arena),
                bones: site.workspaces[..BONES].to_vec(),
                free: site.workspaces.iter().cloned().collect(),
                live: VecDeque::new(),
            };
            tokio::spawn(worker.work(number, stopped.clone()))
        });
        Self { stop, clients: clients.collect() }
    }

    /// Lets each client finish what it is at.
    pub async fn end(self) -> Ledger {
        self.stop.send_replace(true);
        let mut all = Ledger::default();
        for client in self.clients {
            all.merge(client.await.expect("a client that was told nothing impossible"));
        }
        all
    }
}

/// Rows of the pairs that are fought over, oldest first, which nobody asked to remove yet.
type Arena = Arc<Mutex<VecDeque<String>>>;

struct Worker {
    client: Client,
    group: String,
    arena_group: String,
    arena: Arena,
    bones: Vec<String>,
    /// Workspaces that are not in the group, those that were longest ago at the front.
    free: VecDeque<String>,
    /// Those that are, with the id of the enrollment where it was told.
    live: VecDeque<(String, Option<String>)>,
}

impl Worker {
    async fn work(mut self, number: usize, stopped: watch::Receiver<bool>) -> Ledger {
        let mut step = number;
        while !*stopped.borrow() {
            let unknown = self.client.ledger.unknown();
            match step % 8 {
                0 => self.enroll().await,
                1 => self.enroll_with_key().await,
                2 => self.atomic().await,
                3 => self.add_many(step % 16 < 8).await,
                4 => self.remove().await,
                5 => self.remove_many().await,
                6 => self.fight().await,
                _ => self.give_in().await,
            }
            step += 1;
            let failed = self.client.ledger.unknown() > unknown;
            sleep(if failed { PAUSE_AFTER_FAILURE } else { PAUSE }).await;
        }
        self.client.ledger
    }

    fn pair(&mut self, workspace: &str) -> &mut Pair {
        let key = (self.group.clone(), workspace.to_owned());
        self.client.ledger.pairs.entry(key).or_default()
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

    /// To be added again soon: in front.
    fn removed(&mut self, workspace: String) {
        self.pair(&workspace).is_live = false;
        self.free.push_front(workspace);
    }

    /// Nobody was told. What may have been changed is left alone from now on.
    fn doubted(&mut self, workspaces: Vec<String>) {
        let group = self.group.clone();
        let workspaces = workspaces.into_iter().map(|workspace| {
            let pair = self.client.ledger.pairs.remove(&(group.clone(), workspace.clone()));
            (workspace, pair.unwrap_or_default())
        });
        let workspaces = workspaces.collect();
        self.client.ledger.doubts.push(Doubt { group, workspaces });
    }

    async fn enroll(&mut self) {
        let workspace = self.take_free(1).remove(0);
        let body = enrollment(&self.group, &workspace);
        let fate = self.client.send(Method::POST, ENROLLMENTS, JSON_API, &body).await;
        self.settle_enroll(workspace, fate);
    }

    async fn enroll_with_key(&mut self) {
        let workspace = self.take_free(1).remove(0);
        let fate = self.client.insist(ENROLLMENTS, &enrollment(&self.group, &workspace)).await;
        self.settle_enroll(workspace, fate);
    }

    fn settle_enroll(&mut self, workspace: String, fate: Fate) {
        match fate {
            Fate::Done(answer) => self.enrolled(workspace, id(&answer["data"])),
            Fate::Unknown => self.doubted(vec![workspace]),
            Fate::Refused(status, body) => panic!("nobody else is there, and yet {status}: {body}"),
        }
    }

    /// Three in and one out, or nothing.
    async fn atomic(&mut self) {
        let joining = self.take_free(3);
        let leaving = self.take_live(1);
        let mut operations: Vec<Value> = joining
            .iter()
            .map(|workspace| json!({ "op": "add", "data": enrollment(&self.group, workspace)["data"] }))
            .collect();
        operations.extend(leaving.iter().map(|(workspace, _)| {
            json!({
                "op": "remove",
                "ref": { "type": "workspace_group", "id": self.group, "relationship": "workspaces" },
                "data": members([workspace.as_str()].into_iter())["data"]
            })
        }));
        let body = json!({ "atomic:operations": operations });
        match self.client.send(Method::POST, "/v1/operations", ATOMIC, &body).await {
            Fate::Done(answer) => {
                for (index, workspace) in joining.into_iter().enumerate() {
                    self.enrolled(workspace, id(&answer["atomic:results"][index]["data"]));
                }
                for (workspace, _) in leaving {
                    self.removed(workspace);
                }
            }
            Fate::Unknown => {
                let leaving = leaving.into_iter().map(|(workspace, _)| workspace);
                self.doubted(joining.into_iter().chain(leaving).collect());
            }
            Fate::Refused(status, body) => panic!("nobody else is there, and yet {status}: {body}"),
        }
    }

    fn relationship(&self) -> String {
        format!("/v1/workspace-groups/{}/relationships/workspaces", self.group)
    }

    async fn add_many(&mut self, with_key: bool) {
        let joining = self.take_free(4);
        let (path, body) = (self.relationship(), members(joining.iter().map(String::as_str)));
        let fate = if with_key {
            self.client.insist(&path, &body).await
        } else {
            self.client.send(Method::POST, &path, JSON_API, &body).await
        };
        match fate {
            Fate::Done(_) => joining.into_iter().for_each(|workspace| self.enrolled(workspace, None)),
            Fate::Unknown => self.doubted(joining),
            Fate::Refused(status, body) => panic!("nobody else is there, and yet {status}: {body}"),
        }
    }

    async fn remove_many(&mut self) {
        let leaving: Vec<String> = self.take_live(3).into_iter().map(|(workspace, _)| workspace).collect();
        if leaving.is_empty() {
            return;
        }
        let (path, body) = (self.relationship(), members(leaving.iter().map(String::as_str)));
        match self.client.send(Method::DELETE, &path, JSON_API, &body).await {
            Fate::Done(_) => leaving.into_iter().for_each(|workspace| self.removed(workspace)),
            Fate::Unknown => self.doubted(leaving),
            Fate::Refused(status, body) => panic!("nobody else is there, and yet {status}: {body}"),
        }
    }

    async fn remove(&mut self) {
        let Some(at) = self.live.iter().position(|(_, id)| id.is_some()) else { return };
        let Some((workspace, Some(id))) = self.live.remove(at) else { return };
        match self.client.delete(&format!("{ENROLLMENTS}/{id}")).await {
            Fate::Done(_) => self.removed(workspace),
            Fate::Unknown => self.doubted(vec![workspace]),
            Fate::Refused(status, body) => panic!("the row is there, and yet {status}: {body}"),
        }
    }

    /// For a pair that others want too.
    async fn fight(&mut self) {
        let bone = self.bones[self.client.ledger.told.len() % BONES].clone();
        let body = enrollment(&self.arena_group, &bone);
        match self.client.send(Method::POST, ENROLLMENTS, JSON_API, &body).await {
            Fate::Done(answer) => {
                let id = id(&answer["data"]).expect("an id");
                self.client.ledger.fought.entry(id.clone()).or_default();
                self.arena.lock().unwrap().push_back(id);
            }
            Fate::Refused(409, _) | Fate::Unknown => {}
            Fate::Refused(status, body) => panic!("{status}: {body}"),
        }
    }

    /// Removes the oldest of them that is known.
    async fn give_in(&mut self) {
        let oldest = self.arena.lock().unwrap().pop_front();
        let Some(id) = oldest else { return };
        let fate = self.client.delete(&format!("{ENROLLMENTS}/{id}")).await;
        let removal_was_acknowledged = match fate {
            Fate::Done(_) => true,
            Fate::Unknown => false,
            Fate::Refused(status, body) => panic!("the row was acknowledged, and yet {status}: {body}"),
        };
        // Of whoever enrolled it another ledger tells: they are put together in the end.
        self.client.ledger.fought.insert(id, Fought { removal_was_asked: true, removal_was_acknowledged });
    }
}

fn id(resource: &Value) -> Option<String> {
    resource["id"].as_str().map(str::to_owned)
}
