//! News of changes: from the database, which gathers them (migration `live_news`), to every open page of
//! every process.
//!
//! One connection of each process listens. What it hears goes to whoever watches the topic; nobody who
//! watches holds a connection. A notice may be missed while the database is away: afterwards, all look anew.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::kernel::clock::Clock;
use crate::kernel::id::PersonId;
use crate::kernel::recency::is_from_the_future;
use crate::kernel::topic::{ChangeNotice, Topic};
use crate::platform::db::{listening, set_application_role};

/// As the migration has it.
const CHANNEL: &str = "groupdesk_news";
/// How often what lies in the database is carried to all, while somebody here watches.
const SPREAD: Duration = Duration::from_millis(200);
/// And while nobody does, so that it does not pile up there.
const SWEEP: Duration = Duration::from_secs(5);
/// A database that does not answer for so long is away.
const PATIENCE: Duration = Duration::from_secs(5);
const RETRY_FIRST: Duration = Duration::from_millis(200);
const RETRY_LAST: Duration = Duration::from_secs(5);

/// How many notices one who watches may be behind before it is told to look anew.
const BACKLOG: usize = 256;
/// How many notices are remembered for those who were not connected for a moment.
const REMEMBERED: usize = 512;
/// By how much the clocks of two processes may differ.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(2);
/// How many may watch in one process: each is a connection that stays open.
const WATCHERS: usize = 1000;
/// How many of these one person may have, with as many windows as anybody opens: a browser that runs wild, or
/// somebody who means it, leaves places for all others.
const WATCHERS_EACH: usize = 100;
/// A page is told at most so often.
const REST: Duration = Duration::from_millis(250);

type Notice = Arc<[ChangeNotice]>;

#[derive(Clone)]
pub struct Live(Arc<Inner>);

struct Inner {
    clock: Clock,
    changes: AtomicU64,
    sender: broadcast::Sender<Notice>,
    past: Mutex<ReplayBuffer>,
    stopped: watch::Sender<bool>,
    places: Arc<Mutex<Places>>,
}

/// What was told lately.
struct ReplayBuffer {
    /// All that was told since then is remembered.
    from: DateTime<Utc>,
    told: VecDeque<(DateTime<Utc>, Notice)>,
}

impl Live {
    pub fn new(clock: Clock) -> Self {
        Self(Arc::new(Inner {
            clock,
            changes: AtomicU64::new(0),
            sender: broadcast::Sender::new(BACKLOG),
            past: Mutex::new(ReplayBuffer { from: DateTime::<Utc>::MAX_UTC, told: VecDeque::new() }),
            stopped: watch::Sender::new(false),
            places: Arc::default(),
        }))
    }

    /// Watches these topics for somebody; `since` when the watcher has been away, if it was there before.
    ///
    /// # Errors
    /// As many watch as may.
    pub fn watch(
        &self,
        person: PersonId,
        topics: Vec<Topic>,
        since: Option<DateTime<Utc>>,
    ) -> Result<Watcher, Full> {
        let place = Place::take(&self.0.places, person)?;
        // Held until the watcher is there: what is told in between would reach neither.
        let past = self.past();
        let now = self.0.clock.now();
        // A page from the future was made while a clock was wrong: what it has missed is not known.
        let has_missed = |since: DateTime<Utc>| {
            // The first moment of the calendar has none before it.
            let earlier = since.checked_sub_signed(CLOCKS_DIFFER).unwrap_or(since);
            is_from_the_future(since, now) || past.has_about(&topics, earlier)
        };
        let missed = since.is_some_and(has_missed);
        Ok(Watcher {
            topics,
            missed,
            rest: Instant::now(),
            receiver: self.0.sender.subscribe(),
            stopped: self.0.stopped.subscribe(),
            _place: place,
        })
    }

    /// A number that is another one after each change: of this process's own at once, of others when they are
    /// heard of. What was worked out under one number may be shown for as long as it stands.
    pub fn changes(&self) -> u64 {
        self.0.changes.load(Ordering::SeqCst)
    }

    /// Something was changed here. All who watch are told by way of the database, like those of other
    /// processes.
    pub fn changed(&self) {
        self.0.changes.fetch_add(1, Ordering::SeqCst);
    }

    /// Ends all watching: who watches would keep the server from stopping.
    pub fn stop(&self) {
        self.0.stopped.send_replace(true);
    }

    /// Hears what the database tells, until it is dropped.
    pub async fn listen(self, options: PgConnectOptions) {
        let mut pause = RETRY_FIRST;
        loop {
            let started = Instant::now();
            match self.hear(&options).await {
                Ok(()) => tracing::warn!("the connection on which news are heard was lost; trying again"),
                Err(error) => tracing::warn!(%error, "news of changes are not heard; trying again"),
            }
            if started.elapsed() > RETRY_LAST {
                pause = RETRY_FIRST;
            }
            sleep(pause).await;
            pause = (pause * 2).min(RETRY_LAST);
        }
    }

    /// Until the connection is lost.
    async fn hear(&self, options: &PgConnectOptions) -> Result<(), sqlx::Error> {
        // Not one of the pool that requests wait for.
        let options = listening(options.clone());
        let own = PgPoolOptions::new()
            .after_connect(|connection, _| Box::pin(set_application_role(connection)))
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None);
        let pool = own.acquire_timeout(PATIENCE).connect_lazy_with(options);
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        self.look_anew();
        let mut spread = Instant::now();
        loop {
            if spread <= Instant::now() {
                // Also finds out whether the database is still there: a connection may die in silence.
                timeout(PATIENCE, sqlx::query("SELECT groupdesk.spread_news()").execute(&mut listener))
                    .await
                    .map_err(|_| sqlx::Error::PoolTimedOut)??;
                let is_watched = self.0.sender.receiver_count() > 0;
                spread = Instant::now() + if is_watched { SPREAD } else { SWEEP };
            }
            match timeout(SPREAD, listener.try_recv()).await {
                Ok(Ok(Some(notice))) => {
                    self.tell(notice.payload().split(' ').map(ChangeNotice::read).collect());
                }
                Ok(Ok(None)) => return Ok(()),
                Ok(Err(error)) => return Err(error),
                Err(_) => {
                    // Somebody began to watch.
                    if self.0.sender.receiver_count() > 0 {
                        spread = spread.min(Instant::now());
                    }
                }
            }
        }
    }

    fn tell(&self, notice: Notice) {
        self.changed();
        let mut past = self.past();
        past.told.push_back((self.0.clock.now(), Arc::clone(&notice)));
        if past.told.len() > REMEMBERED
            && let Some((at, _)) = past.told.pop_front()
        {
            past.from = at;
        }
        // Nobody may be there to hear it.
        let _ = self.0.sender.send(notice);
    }

    /// Something may have been missed until now.
    fn look_anew(&self) {
        self.changed();
        let mut past = self.past();
        past.told.clear();
        past.from = self.0.clock.now();
        let _ = self.0.sender.send([ChangeNotice::Anything].into());
    }

    /// Whoever panicked while holding it left nothing half done.
    fn past(&self) -> MutexGuard<'_, ReplayBuffer> {
        self.0.past.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReplayBuffer {
    fn has_about(&self, topics: &[Topic], since: DateTime<Utc>) -> bool {
        let is_about = |notice: &Notice| !concerned(topics, notice).is_empty();
        since < self.from || self.told.iter().any(|(at, notice)| *at >= since && is_about(notice))
    }
}

fn concerned(topics: &[Topic], notice: &Notice) -> Vec<Topic> {
    topics.iter().filter(|topic| notice.iter().any(|news| news.is_about(topic))).copied().collect()
}

/// Who watches, and how often.
#[derive(Default)]
struct Places {
    taken: usize,
    by_person: HashMap<PersonId, usize>,
}

/// Which places are all taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// Those of the process.
    OfAll,
    /// Those that one person may have.
    OfOne,
}

/// One of them, until it is dropped.
struct Place {
    places: Arc<Mutex<Places>>,
    person: PersonId,
}

impl Place {
    fn take(places: &Arc<Mutex<Places>>, person: PersonId) -> Result<Self, Full> {
        let mut all = places.lock().unwrap_or_else(PoisonError::into_inner);
        if all.taken >= WATCHERS {
            return Err(Full::OfAll);
        }
        let theirs = all.by_person.entry(person).or_default();
        if *theirs >= WATCHERS_EACH {
            return Err(Full::OfOne);
        }
        *theirs += 1;
        all.taken += 1;
        Ok(Self { places: Arc::clone(places), person })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        all.taken = all.taken.saturating_sub(1);
        if let Entry::Occupied(mut theirs) = all.by_person.entry(self.person) {
            *theirs.get_mut() -= 1;
            if *theirs.get() == 0 {
                theirs.remove();
            }
        }
    }
}

/// One open page.
pub struct Watcher {
    topics: Vec<Topic>,
    missed: bool,
    rest: Instant,
    receiver: broadcast::Receiver<Notice>,
    stopped: watch::Receiver<bool>,
    _place: Place,
}

impl Watcher {
    /// Waits until something changes; which of the topics that concerns. `None`: watching has ended. Dropping
    /// the wait loses nothing.
    pub async fn next(&mut self) -> Option<Vec<Topic>> {
        sleep_until(self.rest).await;
        let mut told = self.first().await?;
        while let Some(more) = self.at_once() {
            told.extend(more.into_iter().filter(|topic| !told.contains(topic)).collect::<Vec<_>>());
        }
        self.rest = Instant::now() + REST;
        Some(told)
    }

    async fn first(&mut self) -> Option<Vec<Topic>> {
        if std::mem::take(&mut self.missed) {
            return Some(self.topics.clone());
        }
        loop {
            let received = tokio::select! {
                _ = self.stopped.wait_for(|stopped| *stopped) => return None,
                received = self.receiver.recv() => received,
            };
            let told = match received {
                Ok(notice) => concerned(&self.topics, &notice),
                Err(broadcast::error::RecvError::Lagged(_)) => self.topics.clone(),
                Err(broadcast::error::RecvError::Closed) => return None,
            };
            if !told.is_empty() {
                return Some(told);
            }
        }
    }

    /// What was told meanwhile, one notice after the other.
    fn at_once(&mut self) -> Option<Vec<Topic>> {
        match self.receiver.try_recv() {
            Ok(notice) => Some(concerned(&self.topics, &notice)),
            Err(broadcast::error::TryRecvError::Lagged(_)) => Some(self.topics.clone()),
            Err(broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed) => None,
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
    async fn who_watches_hears_of_its_topics_and_of_no_other() {
        let live = Live::new(Clock::fixed(at("2026-05-28T09:15:00Z")));
        let mut watcher = live.watch(somebody(1), vec![Topic::GROUPS, Topic::PEOPLE], None).unwrap();
        live.tell(notice("workspaces"));
        live.tell(notice("groups enrollments"));
        live.tell(notice("people"));
        assert_eq!(watcher.next().await, Some(vec![Topic::GROUPS, Topic::PEOPLE]));
        live.stop();
        assert_eq!(watcher.next().await, None);
        assert_eq!(live.watch(somebody(1), vec![Topic::GROUPS], None).unwrap().next().await, None);
    }

    #[tokio::test]
    async fn who_fell_behind_or_was_not_told_looks_anew() {
        let live = Live::new(Clock::fixed(at("2026-05-28T09:15:00Z")));
        let mut watcher = live.watch(somebody(1), vec![Topic::GROUPS], None).unwrap();
        for _ in 0..=BACKLOG {
            live.tell(notice("people"));
        }
        assert_eq!(watcher.next().await, Some(vec![Topic::GROUPS]));
        live.look_anew();
        assert_eq!(watcher.next().await, Some(vec![Topic::GROUPS]));
    }

    #[test]
    fn what_was_told_while_a_page_was_on_its_way_is_remembered() {
        let mut past = ReplayBuffer { from: at("2026-05-28T09:00:00Z"), told: VecDeque::new() };
        past.told.push_back((at("2026-05-28T09:15:00Z"), notice("groups")));
        let missed = |topic, since| past.has_about(&[topic], at(since));
        assert!(missed(Topic::GROUPS, "2026-05-28T09:14:59Z"));
        assert!(!missed(Topic::GROUPS, "2026-05-28T09:15:01Z"));
        assert!(!missed(Topic::PEOPLE, "2026-05-28T09:14:59Z"));
        // What was told before is not remembered.
        assert!(missed(Topic::PEOPLE, "2026-05-28T08:59:59Z"));
    }

    fn somebody(number: usize) -> PersonId {
        PersonId::new(uuid::Uuid::from_u128(number as u128))
    }

    #[test]
    fn there_is_room_for_so_many() {
        let live = Live::new(Clock::fixed(at("2026-05-28T09:15:00Z")));
        let watch = |person| live.watch(somebody(person), vec![Topic::GROUPS], None);
        let mut watchers: Vec<_> = (0..WATCHERS).map(|person| watch(person).unwrap()).collect();
        assert_eq!(watch(WATCHERS).err(), Some(Full::OfAll));
        watchers.pop();
        assert!(watch(WATCHERS).is_ok());
    }

    #[test]
    fn one_person_leaves_room_for_others() {
        let live = Live::new(Clock::fixed(at("2026-05-28T09:15:00Z")));
        let watch = |person| live.watch(somebody(person), vec![Topic::GROUPS], None);
        let mut watchers: Vec<_> = (0..WATCHERS_EACH).map(|_| watch(1).unwrap()).collect();
        assert_eq!(watch(1).err(), Some(Full::OfOne));
        assert!(watch(2).is_ok());
        watchers.pop();
        assert!(watch(1).is_ok());
        drop(watchers);
        assert!(live.0.places.lock().unwrap().by_person.is_empty());
    }
}
