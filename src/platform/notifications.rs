//! Change notifications: from the outbox in the database (migration `live_news`) to every open page of every process.
//! One connection of each process listens and passes notices on to the watchers of their topics, who hold no
//! connection. Notices may be lost while the database is unavailable, so all pages reload afterwards.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt as _;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, sleep_until, timeout};

use super::sync::lock;
use crate::kernel::clock::Clock;
use crate::kernel::id::PersonId;
use crate::kernel::recency::is_from_the_future;
use crate::kernel::topic::{ChangeNotice, Topic};
use crate::platform::db::listen::{DATABASE_TIMEOUT, keep_listening, listener};

/// The name of the listening connection.
pub const CONNECTION: &str = "groupdesk live";
const CHANNEL: &str = "groupdesk_news";
const PUBLISH_INTERVAL: Duration = Duration::from_millis(200);
/// How often the outbox is published while no page of this process watches, so that it does not grow.
const IDLE_PUBLISH_INTERVAL: Duration = Duration::from_secs(5);

const BACKLOG: usize = 256;
const REPLAYED: usize = 512;
/// A replay begins this long before a page was loaded, because the clocks of the instances differ a little.
const REPLAY_OVERLAP: TimeDelta = TimeDelta::seconds(2);
/// Every watcher holds an HTTP connection open.
const MAX_WATCHERS: usize = 1000;
/// More windows than anyone opens, and few enough that one person cannot use up [`MAX_WATCHERS`].
const MAX_WATCHERS_PER_PERSON: usize = 100;
const MIN_NOTIFICATION_GAP: Duration = Duration::from_millis(250);

type Notice = Arc<[ChangeNotice]>;

#[derive(Clone)]
pub struct Notifier(Arc<Inner>);

struct Inner {
    clock: Clock,
    changes: AtomicU64,
    sender: broadcast::Sender<Notice>,
    replay: Mutex<ReplayBuffer>,
    stopped: watch::Sender<bool>,
    /// The persons who watch. An entry is dead once its watcher is dropped.
    slots: Mutex<Vec<(PersonId, Weak<()>)>>,
}

struct ReplayBuffer {
    /// The buffer is complete from this moment on.
    from: DateTime<Utc>,
    notices: VecDeque<(DateTime<Utc>, Notice)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitReached {
    Process,
    Person,
}

impl Notifier {
    pub fn new(clock: Clock) -> Self {
        Self(Arc::new(Inner {
            clock,
            changes: AtomicU64::new(0),
            sender: broadcast::Sender::new(BACKLOG),
            replay: Mutex::new(ReplayBuffer { from: DateTime::<Utc>::MAX_UTC, notices: VecDeque::new() }),
            stopped: watch::Sender::new(false),
            slots: Mutex::default(),
        }))
    }

    /// Watches these topics; a page that was loaded or disconnected at `since` is notified of what it missed.
    pub fn watch(
        &self,
        person: PersonId,
        topics: Vec<Topic>,
        since: Option<DateTime<Utc>>,
    ) -> Result<Watcher, LimitReached> {
        let slot = self.take_slot(person)?;
        // The lock is held until the receiver exists, or a notice in between would be lost.
        let replay = lock(&self.0.replay);
        let now = self.0.clock.now();
        // What a page missed is unknown if a wrong clock dated it in the future.
        let has_missed = |since: DateTime<Utc>| {
            // The subtraction fails for the first moment of the calendar, which a client may send.
            let earlier = since.checked_sub_signed(REPLAY_OVERLAP).unwrap_or(since);
            is_from_the_future(since, now) || replay.has_about(&topics, earlier)
        };
        Ok(Watcher {
            has_missed: since.is_some_and(has_missed),
            topics,
            next_allowed: Instant::now(),
            receiver: self.0.sender.subscribe(),
            stopped: self.0.stopped.subscribe(),
            _slot: slot,
        })
    }

    fn take_slot(&self, person: PersonId) -> Result<Arc<()>, LimitReached> {
        let mut slots = lock(&self.0.slots);
        slots.retain(|(_, slot)| slot.strong_count() > 0);
        if slots.len() >= MAX_WATCHERS {
            return Err(LimitReached::Process);
        }
        if slots.iter().filter(|(owner, _)| *owner == person).count() >= MAX_WATCHERS_PER_PERSON {
            return Err(LimitReached::Person);
        }
        let slot = Arc::new(());
        slots.push((person, Arc::downgrade(&slot)));
        Ok(slot)
    }

    /// Grows with each change, at once or on notification. A result stays valid while the number is the same.
    pub fn change_count(&self) -> u64 {
        self.0.changes.load(Ordering::SeqCst)
    }

    /// Records a change by this process. Watchers are notified by way of the database.
    pub fn record_change(&self) {
        self.0.changes.fetch_add(1, Ordering::SeqCst);
    }

    /// Ends all watchers, whose connections would keep the server from stopping.
    pub fn stop(&self) {
        self.0.stopped.send_replace(true);
    }

    pub async fn listen(self, options: PgConnectOptions) {
        keep_listening(CHANNEL, || self.listen_once(&options)).await;
    }

    async fn listen_once(&self, options: &PgConnectOptions) -> Result<(), sqlx::Error> {
        let mut listener = listener(options.clone(), CONNECTION, CHANNEL).await?;
        self.invalidate_all();
        let mut published: Option<Instant> = None;
        loop {
            let is_watched = self.0.sender.receiver_count() > 0;
            let interval = if is_watched { PUBLISH_INTERVAL } else { IDLE_PUBLISH_INTERVAL };
            if published.is_none_or(|at| at.elapsed() >= interval) {
                // This also detects a connection that was lost silently.
                let publish = sqlx::query("SELECT groupdesk.spread_news()").execute(&mut listener);
                timeout(DATABASE_TIMEOUT, publish).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
                published = Some(Instant::now());
            }
            // It wakes up regularly, because a page may begin to watch during the idle interval.
            if let Ok(received) = timeout(PUBLISH_INTERVAL, listener.try_recv()).await {
                let Some(notice) = received? else { return Ok(()) };
                self.publish(notice.payload().split(' ').map(ChangeNotice::read).collect());
            }
        }
    }

    fn publish(&self, notice: Notice) {
        self.record_change();
        let mut replay = lock(&self.0.replay);
        replay.notices.push_back((self.0.clock.now(), Arc::clone(&notice)));
        if replay.notices.len() > REPLAYED
            && let Some((at, _)) = replay.notices.pop_front()
        {
            replay.from = at;
        }
        let _ = self.0.sender.send(notice);
    }

    fn invalidate_all(&self) {
        self.record_change();
        let mut replay = lock(&self.0.replay);
        *replay = ReplayBuffer { from: self.0.clock.now(), notices: VecDeque::new() };
        let _ = self.0.sender.send([ChangeNotice::Anything].into());
    }
}

impl ReplayBuffer {
    fn has_about(&self, topics: &[Topic], since: DateTime<Utc>) -> bool {
        let is_about = |notice: &Notice| !concerned(topics, notice).is_empty();
        since < self.from || self.notices.iter().any(|(at, notice)| *at >= since && is_about(notice))
    }
}

fn concerned(topics: &[Topic], notice: &[ChangeNotice]) -> Vec<Topic> {
    topics.iter().filter(|topic| notice.iter().any(|change| change.is_about(topic))).copied().collect()
}

pub struct Watcher {
    topics: Vec<Topic>,
    has_missed: bool,
    next_allowed: Instant,
    receiver: broadcast::Receiver<Notice>,
    stopped: watch::Receiver<bool>,
    _slot: Arc<()>,
}

impl Watcher {
    /// Waits for a change and returns the topics that it concerns, or `None` when watching has ended. Cancel-safe.
    pub async fn next(&mut self) -> Option<Vec<Topic>> {
        sleep_until(self.next_allowed).await;
        loop {
            let mut changes = self.receive().await?.to_vec();
            while let Some(more) = self.receive().now_or_never() {
                changes.extend_from_slice(&more?);
            }
            let topics = concerned(&self.topics, &changes);
            if !topics.is_empty() {
                self.next_allowed = Instant::now() + MIN_NOTIFICATION_GAP;
                return Some(topics);
            }
        }
    }

    async fn receive(&mut self) -> Option<Notice> {
        let anything = || Some([ChangeNotice::Anything].into());
        if std::mem::take(&mut self.has_missed) {
            return anything();
        }
        tokio::select! {
            _ = self.stopped.wait_for(|stopped| *stopped) => None,
            received = self.receiver.recv() => match received {
                Ok(notice) => Some(notice),
                Err(RecvError::Lagged(_)) => anything(),
                Err(RecvError::Closed) => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn notice(text: &str) -> Notice {
        text.split(' ').map(ChangeNotice::read).collect()
    }

    #[tokio::test]
    async fn watcher_receives_only_its_topics() {
        let notifier = Notifier::new(Clock::fixed(at("2026-05-28T09:15:00Z")));
        let mut watcher = notifier.watch(person(1), vec![Topic::GROUPS, Topic::PEOPLE], None).unwrap();
        notifier.publish(notice("workspaces"));
        notifier.publish(notice("groups enrollments"));
        notifier.publish(notice("people"));
        assert_eq!(watcher.next().await, Some(vec![Topic::GROUPS, Topic::PEOPLE]));
        notifier.stop();
        assert_eq!(watcher.next().await, None);
        assert_eq!(notifier.watch(person(1), vec![Topic::GROUPS], None).unwrap().next().await, None);
    }

    #[tokio::test]
    async fn watcher_reloads_after_falling_behind_or_a_reconnect() {
        let notifier = Notifier::new(Clock::fixed(at("2026-05-28T09:15:00Z")));
        let mut watcher = notifier.watch(person(1), vec![Topic::GROUPS], None).unwrap();
        for _ in 0..=BACKLOG {
            notifier.publish(notice("people"));
        }
        assert_eq!(watcher.next().await, Some(vec![Topic::GROUPS]));
        notifier.invalidate_all();
        assert_eq!(watcher.next().await, Some(vec![Topic::GROUPS]));
    }

    #[test]
    fn notices_are_replayed_to_a_page_that_was_loading() {
        let mut replay = ReplayBuffer { from: at("2026-05-28T09:00:00Z"), notices: VecDeque::new() };
        replay.notices.push_back((at("2026-05-28T09:15:00Z"), notice("groups")));
        let missed = |topic, since| replay.has_about(&[topic], at(since));
        assert!(missed(Topic::GROUPS, "2026-05-28T09:14:59Z"));
        assert!(!missed(Topic::GROUPS, "2026-05-28T09:15:01Z"));
        assert!(!missed(Topic::PEOPLE, "2026-05-28T09:14:59Z"));
        // Earlier notices may be lost.
        assert!(missed(Topic::PEOPLE, "2026-05-28T08:59:59Z"));
    }

    fn person(number: usize) -> PersonId {
        PersonId::new(uuid::Uuid::from_u128(number as u128))
    }

    #[test]
    fn number_of_watchers_is_limited() {
        let notifier = Notifier::new(Clock::fixed(at("2026-05-28T09:15:00Z")));
        let watch = |number| notifier.watch(person(number), vec![Topic::GROUPS], None);
        let mut watchers: Vec<_> = (0..MAX_WATCHERS).map(|number| watch(number).unwrap()).collect();
        assert_eq!(watch(MAX_WATCHERS).err(), Some(LimitReached::Process));
        watchers.pop();
        assert!(watch(MAX_WATCHERS).is_ok());
    }

    #[test]
    fn number_of_watchers_per_person_is_limited() {
        let notifier = Notifier::new(Clock::fixed(at("2026-05-28T09:15:00Z")));
        let watch = |number| notifier.watch(person(number), vec![Topic::GROUPS], None);
        let mut watchers: Vec<_> = (0..MAX_WATCHERS_PER_PERSON).map(|_| watch(1).unwrap()).collect();
        assert_eq!(watch(1).err(), Some(LimitReached::Person));
        assert!(watch(2).is_ok());
        watchers.pop();
        assert!(watch(1).is_ok());
        drop(watchers);
        let _last = watch(1).unwrap();
        assert_eq!(notifier.0.slots.lock().unwrap().len(), 1);
    }
}
