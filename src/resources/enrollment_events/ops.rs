//! Writing the log, for the operations that change enrollments, and reading it.

pub use super::store::list::{event_count, event_get, event_list};
pub use super::store::{
    event_activity, event_busiest_groups, event_record, event_removals, event_removed_by,
};
