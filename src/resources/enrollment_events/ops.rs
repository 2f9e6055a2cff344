//! Writing the log, for the operations that change enrollments, and reading it.

pub use super::store::{
    event_activity, event_busiest_groups, event_count, event_get, event_list, event_record, event_removals,
    event_removed_by,
};
