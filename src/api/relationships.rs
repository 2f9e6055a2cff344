//! The handlers for relationships (JSON:API sections "Fetching Relationships" and "Updating Relationships").

use axum::extract::Path;
use axum::http::{Method, Uri};
use serde::Deserialize;

use crate::api::caller::Reader;
use crate::api::error::{no_relationship, path_id};
use crate::api::verbs::check_unchanged;
use crate::api::{ApiResult, Caller, Loaded, Readable, RelationshipChange, Writable, response};
use crate::jsonapi::body::not_writable;
use crate::jsonapi::media_type::JSON_API;
use crate::jsonapi::projection::Projection;
use crate::jsonapi::resource_type::ResourceType;
use crate::platform::call::{Call, Write};

/// A to-one relationship whose related resource has the URL `/v1/<type>/{id}/<relationship>`.
pub struct RelatedResource<R: Readable> {
    pub name: &'static str,
    pub target: &'static ResourceType,
    /// What to load with the row, so that `resource` finds the related resource.
    pub include: fn(&Projection) -> R::Include,
    pub resource: fn(R::Row) -> Option<Loaded>,
}

/// `GET /v1/<type>/{id}/<relationship>`: responds with the related resource or null.
pub async fn related<R: Readable>(
    Reader { caller, .. }: Reader<R>,
    uri: Uri,
    Path(id): Path<String>,
) -> ApiResult {
    let name = last_segment(&uri);
    let related = R::RELATED.iter().find(|related| related.name == name);
    let related = related.ok_or_else(|| no_relationship(name, R::TYPE))?;
    let id: R::Id = path_id(&id, R::TYPE)?;
    let projection = caller.projection(related.target)?;

    let mut connection = caller.connection().await?;
    let row = R::get(&mut connection, id, (related.include)(&projection)).await?;
    drop(connection);

    let path = format!("{}/{id}/{name}", R::TYPE.base);
    response::resource_at(&path, (related.resource)(row), &projection, &caller.preconditions)
}

/// The name of the relationship, for routes that do not capture it.
fn last_segment(uri: &Uri) -> &str {
    uri.path().rsplit('/').next().unwrap_or_default()
}

#[derive(Deserialize)]
pub struct LinkagePath {
    id: String,
    name: Option<String>,
}

/// `GET /v1/<type>/{id}/relationships/<name>`: responds with the linkage of a to-one relationship.
pub async fn linkage<R: Readable>(
    Reader { caller, .. }: Reader<R>,
    uri: Uri,
    Path(path): Path<LinkagePath>,
) -> ApiResult {
    let name = path.name.as_deref().unwrap_or_else(|| last_segment(&uri));
    let not_found = || no_relationship(name, R::TYPE);
    R::TYPE.relationship(name).ok_or_else(not_found)?;
    let id = path_id(&path.id, R::TYPE)?;
    caller.no_parameters(R::TYPE)?;

    let mut connection = caller.connection().await?;
    let row = R::get(&mut connection, id, R::Include::default()).await?;
    drop(connection);

    response::document(&R::resource(row).resource.relationship(name).ok_or_else(not_found)?, JSON_API)
}

pub async fn change<R: Writable>(caller: &Caller, change: RelationshipChange<'_>) -> ApiResult {
    let id = path_id(change.id, R::TYPE)?;
    let mut transaction = caller.transaction().await?;
    check_unchanged::<R>(&mut transaction, caller, id).await?;
    R::change_relationship(&mut transaction, caller, change).await?;
    transaction.commit().await?;
    Ok(response::no_content())
}

/// Refuses to change the relationship at the end of the path, if the resource exists and the caller may write.
pub async fn refuse<R: Readable>(
    caller: Caller,
    _: Call<Write>,
    method: Method,
    uri: Uri,
    Path(id): Path<String>,
) -> ApiResult {
    caller.no_parameters(R::TYPE)?;
    let mut transaction = caller.transaction().await?;
    R::get(&mut transaction, path_id(&id, R::TYPE)?, R::Include::default()).await?;
    Err(not_writable(R::TYPE, last_segment(&uri), method == Method::PATCH).into())
}
