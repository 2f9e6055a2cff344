//! The handlers for relationships (JSON:API sections "Fetching Relationships" and "Updating Relationships").

use axum::extract::{Path, RawQuery};
use axum::http::{Method, Uri};
use axum::response::Response;

use crate::api::caller::{Reader, no_parameters};
use crate::api::error::{no_relationship, path_id};
use crate::api::verbs::check_unchanged;
use crate::api::{Answer, Caller, Loaded, Preconditions, Readable, RelationshipChange, Writable, response};
use crate::jsonapi::body::not_writable;
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
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
) -> Answer<Response> {
    let name = last_segment(&uri);
    let related = R::RELATED.iter().find(|related| related.name == name);
    let related = related.ok_or_else(|| no_relationship(name, R::TYPE))?;
    let id: R::Id = path_id(&id, R::TYPE)?;
    let projection = caller.projection(raw.as_deref(), related.target)?;

    let mut connection = caller.connection().await?;
    let row = R::get(&mut connection, id, (related.include)(&projection)).await?;
    drop(connection);

    let path = format!("{}/{id}/{name}", R::TYPE.base);
    Ok(response::resource_at(&path, (related.resource)(row), &projection, &preconditions))
}

/// The name of the relationship in routes that do not capture it.
fn last_segment(uri: &Uri) -> &str {
    uri.path().rsplit('/').next().unwrap_or_default()
}

/// `GET /v1/<type>/{id}/relationships/{name}` for types with to-one relationships only.
pub async fn retrieve<R: Readable>(
    Reader { caller, .. }: Reader<R>,
    Path((id, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
) -> Answer<Response> {
    if !R::TYPE.has_relationship(&name) {
        return Err(no_relationship(&name, R::TYPE).into());
    }
    linkage::<R>(&caller, &id, &name, raw.as_deref()).await
}

/// Responds with the linkage of a to-one relationship.
pub async fn linkage<R: Readable>(
    caller: &Caller,
    id: &str,
    name: &str,
    raw: Option<&str>,
) -> Answer<Response> {
    let id = path_id(id, R::TYPE)?;
    no_parameters(raw, R::TYPE)?;

    let mut connection = caller.connection().await?;
    let row = R::get(&mut connection, id, R::Include::default()).await?;
    drop(connection);

    let relationship = R::resource(row).resource.relationship(name);
    Ok(response::ok(&relationship.ok_or_else(|| no_relationship(name, R::TYPE))?))
}

/// Changes a relationship and responds with 204.
pub async fn change<R: Writable>(
    caller: &Caller,
    preconditions: &Preconditions,
    change: RelationshipChange<'_>,
) -> Answer<Response> {
    let id = path_id(change.id, R::TYPE)?;
    let mut transaction = caller.transaction().await?;
    check_unchanged::<R>(&mut transaction, preconditions, id).await?;
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
    RawQuery(raw): RawQuery,
) -> Answer<Response> {
    no_parameters(raw.as_deref(), R::TYPE)?;
    let mut transaction = caller.transaction().await?;
    R::get(&mut transaction, path_id(&id, R::TYPE)?, R::Include::default()).await?;
    Err(not_writable(R::TYPE, last_segment(&uri), method == Method::PATCH).into())
}
