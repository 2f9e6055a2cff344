//! Soft deletion: rows of enrollments, groups and workspaces are removed by setting `deleted_at`, and never deleted.

use crate::kernel::page::{NamedSortKey, Sort, Status};
use crate::platform::db::keyset::{Branch, Last, Order};

/// The one definition of "live" outside of SQL macros: `live!("t")` is the literal `t.deleted_at IS NULL`.
macro_rules! live {
    ($alias:literal) => {
        concat!($alias, ".deleted_at IS NULL")
    };
}

macro_rules! removed {
    ($alias:literal) => {
        concat!($alias, ".deleted_at IS NOT NULL")
    };
}

pub(crate) use {live, removed};

pub const fn expression(key: NamedSortKey) -> &'static str {
    match key {
        NamedSortKey::CreatedAt => "t.created_at",
        // Null in rows of older systems, which the index contains as infinity.
        NamedSortKey::UpdatedAt => "coalesce(t.updated_at, 'infinity'::timestamptz)",
        NamedSortKey::DeletedAt => "coalesce(t.deleted_at, 'infinity'::timestamptz)",
        NamedSortKey::Name => "lower(t.name)",
    }
}

pub fn order(sort: &Sort<NamedSortKey>, last: Last) -> Order {
    Order::of(sort, expression, last)
}

pub fn branches(status: Status) -> Vec<Branch> {
    let branch = |condition, deleted_at| Branch {
        replaced: Some((expression(NamedSortKey::DeletedAt), deleted_at)),
        ..Branch::of(condition)
    };
    let (live, removed) = (branch(live!("t"), None), branch(removed!("t"), Some("t.deleted_at")));
    match status {
        Status::Live => vec![live],
        Status::Removed => vec![removed],
        Status::Any => vec![live, removed],
    }
}

pub const fn condition(status: Status) -> &'static str {
    match status {
        Status::Live => live!("t"),
        Status::Removed => removed!("t"),
        Status::Any => "true",
    }
}
