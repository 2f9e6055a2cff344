//! The orders of nouns with a name whose rows are removed and never deleted, over a table called `t`.

use crate::kernel::page::{NamedSortKey, Sort, Status};
use crate::platform::db::keyset::{Arm, ArmKey, Last, Order, SortKey};

/// Null on rows of older systems, which the index has as infinite too.
const UPDATED_AT: &str = "coalesce(t.updated_at, 'infinity'::timestamptz)";
const LIVE: &str = "t.deleted_at IS NULL";
const REMOVED: &str = "t.deleted_at IS NOT NULL";

/// `id` is the public id's column, as in `t.workspace_id`.
pub fn order(sort: &Sort<NamedSortKey>, id: &'static str) -> Order {
    let key = |&(key, descending): &(NamedSortKey, bool)| SortKey {
        expression: match key {
            NamedSortKey::CreatedAt => "t.created_at",
            NamedSortKey::UpdatedAt => UPDATED_AT,
            NamedSortKey::DeletedAt => "coalesce(t.deleted_at, 'infinity'::timestamptz)",
            NamedSortKey::Name => "lower(t.name)",
        },
        descending,
        folded: key == NamedSortKey::Name,
    };
    Order { keys: sort.0.iter().map(key).collect(), last: Last::Id(id) }
}

pub fn arms(status: Status, sort: &Sort<NamedSortKey>) -> Vec<Arm> {
    let keys = |deleted_at: ArmKey| -> Vec<ArmKey> {
        let key = |&(key, _): &(NamedSortKey, bool)| match key {
            NamedSortKey::CreatedAt => ArmKey::Indexed("t.created_at"),
            NamedSortKey::UpdatedAt => ArmKey::Indexed(UPDATED_AT),
            NamedSortKey::DeletedAt => deleted_at,
            NamedSortKey::Name => ArmKey::Indexed("lower(t.name)"),
        };
        sort.0.iter().map(key).collect()
    };
    let live = Arm { condition: LIVE.into(), keys: keys(ArmKey::Null), lead: None };
    let removed = Arm { condition: REMOVED.into(), keys: keys(ArmKey::Indexed("t.deleted_at")), lead: None };
    match status {
        Status::Live => vec![live],
        Status::Removed => vec![removed],
        Status::Any => vec![live, removed],
    }
}

/// The same rows as one condition.
pub const fn condition(status: Status) -> &'static str {
    match status {
        Status::Live => LIVE,
        Status::Removed => REMOVED,
        Status::Any => "true",
    }
}
