//! What a resource type implements so that the handlers in [`crate::api::verbs`] serve it.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::api::caller::{Caller, TokenPrivilege};
use crate::api::{ApiResult, Connection, Loaded};
use crate::jsonapi::atomic::Code;
use crate::jsonapi::body::{ResourceBody, not_writable};
use crate::jsonapi::linkage::Lids;
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::Query;
use crate::jsonapi::resource_type::ResourceType;
use crate::kernel::page::{Page, PageRequest, Position, Sort, SortKey};
use crate::platform::call::{Call, Write};
use crate::platform::failure::Outcome;

pub trait Readable: Send + Sync + Sized + 'static {
    type Id: FromStr + From<Uuid> + Display + Copy + Send + Sync;
    /// A row with the related rows that were requested.
    type Row: Send;
    /// Which related rows to load; the default is none.
    type Include: Copy + Default + PartialEq + Send + Sync;
    type Filter: Send + Sync;
    type SortKey: SortKey + Send + Sync;

    const TYPE: &'static ResourceType;

    fn resource(row: Self::Row) -> Loaded;
    fn include(projection: &Projection) -> Self::Include;
    fn get(
        connection: &mut Connection,
        id: Self::Id,
        include: Self::Include,
    ) -> impl Future<Output = Outcome<Self::Row>> + Send;

    fn filter(query: &mut Query, now: DateTime<Utc>) -> Self::Filter;
    /// The orders that an index gives with this filter.
    fn sorts(_: &Self::Filter) -> &'static [&'static str] {
        Self::TYPE.sorts
    }
    fn list(
        connection: &mut Connection,
        list: &Listing<Self>,
    ) -> impl Future<Output = Outcome<Page<Self::Row>>> + Send;
    fn count(connection: &mut Connection, filter: &Self::Filter)
    -> impl Future<Output = Outcome<i64>> + Send;
    fn position(sort: &Sort<Self::SortKey>, row: &Self::Row) -> Position;
}

pub struct Listing<R: Readable> {
    pub filter: R::Filter,
    pub sort: Sort<R::SortKey>,
    pub page: PageRequest,
    pub include: R::Include,
}

/// A resource type that clients can also change. A row that was just written is returned without related rows.
pub trait Writable: Readable {
    type New: Send;
    type Change: Send;
    type UpdatePrivilege: TokenPrivilege;

    /// Whether a creation, and a removal, is a single statement, of which nothing is left if it fails.
    const IS_ONE_STATEMENT: bool = false;

    /// The current row, which does not change until the transaction ends.
    fn lock(connection: &mut Connection, id: Self::Id) -> impl Future<Output = Outcome<Self::Row>> + Send;

    fn parse_new(body: ResourceBody<'_>, caller: &Caller) -> ApiResult<Self::New>;
    fn create(
        connection: &mut Connection,
        call: &Call<Write>,
        new: Self::New,
    ) -> impl Future<Output = ApiResult<Self::Row>> + Send;

    fn parse_change(body: ResourceBody<'_>) -> ApiResult<Self::Change>;
    fn update(
        connection: &mut Connection,
        call: &Call<Self::UpdatePrivilege>,
        id: Self::Id,
        change: Self::Change,
    ) -> impl Future<Output = ApiResult<Self::Row>> + Send;

    fn delete(
        connection: &mut Connection,
        call: &Call<Write>,
        id: Self::Id,
    ) -> impl Future<Output = Outcome<()>> + Send;

    /// Most relationships cannot be changed.
    fn change_relationship(
        _connection: &mut Connection,
        _caller: &Caller,
        change: RelationshipChange<'_>,
    ) -> impl Future<Output = ApiResult<()>> + Send {
        let refused = change.refused(Self::TYPE);
        async { refused }
    }
}

#[derive(Clone, Copy)]
pub struct RelationshipChange<'a> {
    pub code: Code,
    pub id: &'a str,
    pub name: &'a str,
    pub data: &'a Value,
    pub lids: &'a Lids,
}

impl RelationshipChange<'_> {
    pub fn refused(&self, resource_type: &ResourceType) -> ApiResult<()> {
        Err(not_writable(resource_type, self.name, self.code == Code::Update).into())
    }
}
