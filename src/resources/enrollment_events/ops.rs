//! Reading the log.

pub use super::store::{
    event_activity, event_busiest_groups, event_count, event_get, event_list, event_removals,
    event_removed_by,
};
