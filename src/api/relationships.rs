//! The handlers for relationships (JSON:API sections "Fetching Relationships" and "Updating Relationships").

use axum::extract::{FromRequestParts, Path};
use axum::http::{Method, Uri};
use serde::Deserialize;
use serde_json::Value;

use crate::api::caller::Reader;
use crate::api::error::{no_relationship, path_id};
use crate::api::verbs::check_unchanged;
use crate::api::{ApiResult, Caller, Document, Readable, RelationshipChange, Writable, response};
use crate::jsonapi::atomic::Code;
use crate::jsonapi::body::not_writable;
use crate::jsonapi::lid;
use crate::jsonapi::media_type::JSON_API;
use crate::platform::call::{Call, Write};
use crate::platform::state::AppState;

/// `GET /v1/<type>/{id}/<relationship>`: responds with the related resource of a to-one relationship, or null.
pub async fn related<R: Readable>(
    Reader { caller, .. }: Reader<R>,
    uri: Uri,
    Path(id): Path<String>,
) -> ApiResult {
    let name = last_segment(&uri);
    let type_name = R::TYPE.relationship(name).map(|relationship| relationship.type_name);
    let target = caller.types.iter().find(|target| Some(target.type_name) == type_name);
    let target = target.ok_or_else(|| no_relationship(name, R::TYPE))?;
    let id: R::Id = path_id(&id, R::TYPE)?;
    let projection = caller.projection(target)?;

    let mut connection = caller.connection().await?;
    let row = R::get(&mut connection, id, R::include(&projection.below(name))).await?;
    drop(connection);

    let path = format!("{}/{id}/{name}", R::TYPE.base);
    response::resource_at(&path, R::resource(row).into_related(name), &projection, &caller.preconditions)
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

/// `POST`, `PATCH` and `DELETE /v1/<type>/{id}/relationships/<name>`: changes a relationship and responds with 204.
/// `Guard` is what the caller must be allowed at least; the relationship may require more.
pub async fn change<R: Writable, Guard: FromRequestParts<AppState>>(
    caller: Caller,
    _: Guard,
    (method, uri): (Method, Uri),
    Path(path): Path<LinkagePath>,
    document: ApiResult<Document>,
) -> ApiResult {
    caller.no_parameters(R::TYPE)?;
    let name = path.name.as_deref().unwrap_or_else(|| last_segment(&uri));
    let relationship = R::TYPE.relationship(name).ok_or_else(|| no_relationship(name, R::TYPE))?;
    // A relationship that never changes is refused whatever the body is.
    let data = if relationship.updatable { document?.data()? } else { Value::Null };
    let code = match method {
        Method::PATCH => Code::Update,
        Method::DELETE => Code::Remove,
        _ => Code::Add,
    };
    let change = RelationshipChange { code, id: &path.id, name, data: &data, lids: &lid::NONE };
    let id = path_id(change.id, R::TYPE)?;

    let mut transaction = caller.transaction().await?;
    check_unchanged::<R>(&mut transaction, &caller, id).await?;
    R::change_relationship(&mut transaction, &caller, change).await?;
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
