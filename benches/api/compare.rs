//! Runs the sides of an operation in turn.

use std::ops::Range;

use sqlx::PgPool;

use crate::Result;
use crate::data::{self, CLIENTS, Scale};
use crate::load;
use crate::operations::{Operation, Request};
use crate::pgbench;
use crate::resources::{Meter, Usage};
use crate::script::Script;
use crate::server::{Server, Settings};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Requests to the server.
    Http,
    /// The statements of a request.
    Own,
    /// What the operation needs at least, in the bare schema.
    Bare,
}

impl Side {
    const ALL: [Self; 3] = [Self::Http, Self::Own, Self::Bare];

    pub const fn schema(self) -> &'static str {
        match self {
            Self::Http | Self::Own => "core_api",
            Self::Bare => "bare",
        }
    }
}

/// One side's part of one round.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    pub side: Side,
    round: u64,
    seconds: u64,
}

impl Turn {
    /// The number of the turn, which selects its rows. Turn 0 is used for reading the statements.
    const fn number(self) -> u64 {
        let second = match self.side {
            Side::Http | Side::Bare => 0,
            Side::Own => 1,
        };
        data::TURNS_BEFORE + self.round * data::TURNS_PER_ROUND + second
    }

    pub const fn lanes(self) -> Range<u64> {
        let turns = match self.side {
            Side::Http | Side::Own => 1,
            Side::Bare => data::TURNS_PER_ROUND,
        };
        self.number() * CLIENTS..(self.number() + turns) * CLIENTS
    }
}

/// The result of one side in one turn: requests or transactions a second, and what each used.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outcome {
    pub rate: f64,
    pub usage: Usage,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Round {
    pub http: Outcome,
    pub own: Outcome,
    pub bare: Outcome,
}

pub struct Comparison {
    pub operation: Operation,
    pub rounds: Vec<Round>,
    /// A round without images of whole pages in the write-ahead log, for an operation that writes.
    pub steady: Option<Round>,
}

impl Comparison {
    pub fn median(&self, of: impl Fn(&Round) -> f64) -> f64 {
        let mut values: Vec<f64> = self.rounds.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    }
}

/// The pgbench scripts of an operation.
pub struct Scripts {
    pub own: Script,
    pub bare: Script,
}

pub struct Comparer<'a> {
    pub settings: &'a Settings,
    pub pool: &'a PgPool,
    pub scale: Scale,
    pub server: &'a Server,
    pub meter: Meter,
}

impl Comparer<'_> {
    /// Runs rounds of all sides. The first one is for warming up, shorter, and not counted.
    pub async fn compare(&self, request: &Request, scripts: &Scripts) -> Result<Comparison> {
        data::settle(self.pool).await?;
        let Scale { rounds: count, seconds, warm_up, .. } = self.scale;
        self.round(request, scripts, 0, warm_up).await?;
        let mut rounds = Vec::new();
        for round in 1..=count {
            rounds.push(self.round(request, scripts, round, seconds).await?);
        }
        let operation = request.operation;
        let mut steady = None;
        if operation.writes() {
            data::set_page_images(self.pool, false).await?;
            steady = Some(self.round(request, scripts, count + 1, warm_up).await?);
            data::set_page_images(self.pool, true).await?;
        }
        Ok(Comparison { operation, rounds, steady })
    }

    /// A later side has larger tables and a warmer cache, so the sides take turns.
    async fn round(&self, request: &Request, scripts: &Scripts, round: u64, seconds: u64) -> Result<Round> {
        let mut order = Side::ALL;
        order.rotate_left(usize::try_from(round)? % Side::ALL.len());
        let mut result = Round::default();
        for side in order {
            let outcome = self.turn(request, scripts, Turn { side, round, seconds }).await?;
            match side {
                Side::Http => result.http = outcome,
                Side::Own => result.own = outcome,
                Side::Bare => result.bare = outcome,
            }
        }
        let (http, own, bare) = (result.http.rate, result.own.rate, result.bare.rate);
        eprintln!("    round {round}: {http:.0}/s over HTTP, {own:.0}/s by pgbench, {bare:.0}/s bare");
        Ok(result)
    }

    async fn turn(&self, request: &Request, scripts: &Scripts, turn: Turn) -> Result<Outcome> {
        // Writes cost more after a checkpoint, until their pages are in the WAL. The checkpoint makes all
        // sides start equally.
        data::checkpoint(self.pool).await?;
        let (number, seconds) = (turn.number(), turn.seconds);
        let before = self.meter.before(self.server).await?;
        let measured = match turn.side {
            Side::Http => load::measure(self.server.address, request, self.scale, number, seconds).await?,
            Side::Own => pgbench::measure(self.settings, &scripts.own, number, seconds).await?,
            Side::Bare => pgbench::measure(self.settings, &scripts.bare, number, seconds).await?,
        };
        let usage = self.meter.after(self.server).await?.usage_since(&before, measured.done);
        data::check(self.pool, request.operation, turn, measured.done).await?;
        Ok(Outcome { rate: measured.rate, usage })
    }
}
