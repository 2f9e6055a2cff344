//! Writing the log, for the operations that change enrollments, and reading it.

pub use super::store::activity::{event_activity, event_busiest_groups};
pub use super::store::list::{event_count, event_get, event_list};
pub use super::store::{event_record, event_removals, event_removed_by};
