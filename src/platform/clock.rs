//! The clock of the machine. Everything else takes a [`Clock`].

use crate::kernel::clock::Clock;

#[expect(clippy::disallowed_methods, reason = "this is where the ambient clock becomes a parameter")]
pub fn system() -> Clock {
    Clock::new(chrono::Utc::now)
}
