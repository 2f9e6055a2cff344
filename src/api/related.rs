//! What is on the other end of a to-one relationship, at an address of its own (JSON:API section
//! "Fetching Resources"): `/v1/<type>/{id}/<relationship>`.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::Connection;
use super::error::{Answer, path_id};
use crate::api::auth::Caller;
use crate::api::preconditions::Preconditions;
use crate::api::response;
use crate::api::response::Loaded;
use crate::jsonapi::projection::Projection;
use crate::jsonapi::resource_type::ResourceType;
use crate::platform::failure::Outcome;
use crate::registry::types::projection_of;

/// The request; the id is that of the resource which the relationship is of.
pub type Asked = (Caller, Path<String>, RawQuery, Preconditions);

/// A to-one relationship of one noun, and how the other end is read along with it: `I` says what to
/// read, `W` is the noun with what was read.
pub struct End<I, W> {
    pub of: &'static ResourceType,
    pub name: &'static str,
    /// What is on the other end.
    pub target: &'static ResourceType,
    pub include: fn(&Projection) -> I,
    pub found: fn(W) -> Option<Loaded>,
}

impl<I, W> End<I, W> {
    /// The other end, or null; `get` reads the noun.
    ///
    /// # Errors
    /// Those of `get`, and all that is wrong with the query.
    pub async fn answer<T: FromStr + Display + Copy>(
        &self,
        (caller, Path(id), RawQuery(raw), preconditions): Asked,
        get: impl AsyncFnOnce(&mut Connection, T, I) -> Outcome<W>,
    ) -> Answer<Response> {
        let id: T = path_id(&id, self.of)?;
        let projection = projection_of(raw.as_deref(), self.target)?;

        let mut connection = caller.connection().await?;
        let with = get(&mut connection, id, (self.include)(&projection)).await?;
        drop(connection);

        let address = format!("{}/{id}/{}", self.of.base, self.name);
        Ok(response::resource_at(&address, (self.found)(with), &projection, &preconditions))
    }
}
