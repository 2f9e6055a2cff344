//! The handlers for relationships (JSON:API sections "Fetching Relationships" and "Updating Relationships").

use axum::extract::{FromRequestParts, Path, RawQuery};
use axum::http::{Method, Uri};
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

use crate::api::caller::no_parameters;
use crate::api::error::{no_relationship, path_id};
use crate::api::verbs::check_unchanged;
use crate::api::{
    ApiResult, Caller, Document, Preconditions, Readable, RelationshipChange, Writable, response,
};
use crate::jsonapi::atomic::Code;
use crate::jsonapi::body::not_writable;
use crate::jsonapi::lid;
use crate::jsonapi::media_type::JSON_API;
use crate::platform::call::{Call, Write};
use crate::platform::state::AppState;

/// `GET /v1/<type>/{id}/<relationship>`: responds with the related resource of a to-one relationship, or null.
pub async fn related<R: Readable>(
    caller: Caller,
    uri: Uri,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
) -> ApiResult<Response> {
    let name = last_segment(&uri);
    let type_name = R::TYPE.relationship(name).map(|relationship| relationship.type_name);
    let target = caller.types.iter().find(|target| Some(target.type_name) == type_name);
    let target = target.ok_or_else(|| no_relationship(name, R::TYPE))?;
    let id: R::Id = path_id(&id, R::TYPE)?;
    let projection = caller.projection(raw.as_deref(), target)?;

    let mut connection = caller.connection().await?;
    let row = R::get(&mut connection, id, R::include(&projection.below(name))).await?;
    drop(connection);

    let path = format!("{}/{id}/{name}", R::TYPE.base);
    response::resource_at(&path, R::resource(row).into_related(name), &projection, &preconditions)
}

/// The name of the relationship in routes that do not capture it.
fn last_segment(uri: &Uri) -> &str {
    uri.path().rsplit('/').next().unwrap_or_default()
}

/// The parameters of the path of a relationship. Some routes serve one relationship and do not capture its name.
#[derive(Deserialize)]
pub struct LinkagePath {
    id: String,
    name: Option<String>,
}

/// `GET /v1/<type>/{id}/relationships/<name>`: responds with the linkage of a to-one relationship.
pub async fn linkage<R: Readable>(
    caller: Caller,
    uri: Uri,
    Path(path): Path<LinkagePath>,
    RawQuery(raw): RawQuery,
) -> ApiResult<Response> {
    let name = path.name.as_deref().unwrap_or_else(|| last_segment(&uri));
    let not_found = || no_relationship(name, R::TYPE);
    R::TYPE.relationship(name).ok_or_else(not_found)?;
    let id = path_id(&path.id, R::TYPE)?;
    no_parameters(raw.as_deref(), R::TYPE)?;

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
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
    document: ApiResult<Document>,
) -> ApiResult<Response> {
    no_parameters(raw.as_deref(), R::TYPE)?;
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
    check_unchanged::<R>(&mut transaction, &preconditions, id).await?;
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
    RawQuery(raw): RawQuery,
) -> ApiResult<Response> {
    no_parameters(raw.as_deref(), R::TYPE)?;
    let mut transaction = caller.transaction().await?;
    R::get(&mut transaction, path_id(&id, R::TYPE)?, R::Include::default()).await?;
    Err(not_writable(R::TYPE, last_segment(&uri), method == Method::PATCH).into())
}
