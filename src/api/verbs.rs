//! The handlers of all resource types (JSON:API sections "Fetching Data", "Fetching Relationships" and "Creating, Updating
//! and Deleting Resources").

use axum::extract::{FromRequestParts, Path};
use axum::http::{Method, Uri};
use serde::Deserialize;

use crate::api::caller::Reader;
use crate::api::error::{Refusal, no_relationship, path_id};
use crate::api::list::ListRequest;
use crate::api::{
    ApiResult, Caller, Connection, Document, Listing, Loaded, Preconditions, Readable, RelationshipChange,
    Writable, response,
};
use crate::jsonapi::atomic::Code;
use crate::jsonapi::body::{Purpose, not_writable};
use crate::jsonapi::linkage::NO_LIDS;
use crate::jsonapi::media_type::JSON_API;
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::Shape;
use crate::platform::call::{Call, Write};
use crate::platform::failure::Outcome;
use crate::platform::state::AppState;

pub async fn list<R: Readable>(Reader { caller, .. }: Reader<R>) -> ApiResult {
    let mut query = caller.query(R::TYPE, Shape::List);
    let filter = R::filter(&mut query, caller.now);
    let sort = query.sort(R::sorts(&filter));
    let request = ListRequest::parse(&caller, query, R::TYPE.base.to_owned(), &sort.words()).await?;
    let include = R::include(&request.projection);
    let list = Listing::<R> { filter, sort, page: request.page.clone(), include };

    let mut connection = caller.connection().await?;
    let page = R::list(&mut connection, &list).await?;
    let total = request.total(R::count(&mut connection, &list.filter)).await?;
    connection.hand_over();

    response::page(&request.resources(page, total, |row| R::position(&list.sort, row), R::resource))
}

pub async fn retrieve<R: Readable>(Reader { caller, .. }: Reader<R>, Path(id): Path<String>) -> ApiResult {
    let id = path_id(&id, R::TYPE)?;
    let projection = caller.projection(R::TYPE)?;

    let row = get::<R>(&caller, id, R::include(&projection)).await?;
    response::resource(R::resource(row), &projection, &caller.preconditions)
}

/// Hands over the connection before the answer is rendered.
async fn get<R: Readable>(caller: &Caller, id: R::Id, include: R::Include) -> Outcome<R::Row> {
    let mut connection = caller.connection().await?;
    let row = R::get(&mut connection, id, include).await?;
    connection.hand_over();
    Ok(row)
}

pub async fn create<R: Writable>(caller: Caller, call: Call<Write>, document: Document) -> ApiResult {
    let projection = caller.projection(R::TYPE)?;
    let (body, note) = document.resource(R::TYPE, Purpose::Create)?;
    let (caller, call) = (caller.with_note(note.clone()), call.with_note(note));
    let new = R::parse_new(body, &caller)?;

    let is_one_statement = R::IS_ONE_STATEMENT && R::include(&projection) == R::Include::default();
    let mut transaction = caller.transaction_unless(is_one_statement).await?;
    let row = R::create(&mut transaction, &call, new).await?;
    let loaded = load::<R>(&mut transaction, row, &projection).await?;
    transaction.commit().await?;

    response::created(loaded, &projection)
}

pub async fn update<R: Writable>(
    caller: Caller,
    call: Call<R::UpdatePrivilege>,
    Path(id): Path<String>,
    document: Document,
) -> ApiResult {
    let projection = caller.projection(R::TYPE)?;
    let (body, note) = document.resource(R::TYPE, Purpose::Update(&id))?;
    let call = call.with_note(note);
    let id = path_id(&id, R::TYPE)?;
    let change = R::parse_change(body)?;

    let mut transaction = caller.transaction().await?;
    check_unchanged::<R>(&mut transaction, &caller, id).await?;
    let row = R::update(&mut transaction, &call, id, change).await?;
    let loaded = load::<R>(&mut transaction, row, &projection).await?;
    transaction.commit().await?;

    response::resource(loaded, &projection, &Preconditions::default())
}

pub async fn delete<R: Writable>(caller: Caller, call: Call<Write>, Path(id): Path<String>) -> ApiResult {
    caller.no_parameters(R::TYPE)?;
    let id = path_id(&id, R::TYPE)?;

    let is_one_statement = R::IS_ONE_STATEMENT && caller.preconditions.is_empty();
    let mut transaction = caller.transaction_unless(is_one_statement).await?;
    check_unchanged::<R>(&mut transaction, &caller, id).await?;
    R::delete(&mut transaction, &call, id).await?;
    transaction.commit().await?;

    Ok(response::no_content())
}

/// Loads what the request includes; a row that was just written has no related rows yet.
async fn load<R: Writable>(
    connection: &mut Connection,
    row: R::Row,
    projection: &Projection,
) -> Outcome<Loaded> {
    let (loaded, include) = (R::resource(row), R::include(projection));
    if include == R::Include::default() {
        return Ok(loaded);
    }
    Ok(R::resource(R::get(connection, loaded.resource.id.into(), include).await?))
}

pub async fn check_unchanged<R: Writable>(
    connection: &mut Connection,
    caller: &Caller,
    id: R::Id,
) -> ApiResult<()> {
    let current = async { Ok::<_, Refusal>(R::resource(R::lock(connection, id).await?).resource) };
    caller.preconditions.check_unchanged(current).await
}

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

    let row = get::<R>(&caller, id, R::include(&projection.below(name))).await?;
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

    let row = get::<R>(&caller, id, R::Include::default()).await?;

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
    let (data, note) = if relationship.updatable { document?.data()? } else { Default::default() };
    let caller = caller.with_note(note);
    let code = match method {
        Method::PATCH => Code::Update,
        Method::DELETE => Code::Remove,
        _ => Code::Add,
    };
    let change = RelationshipChange { code, id: &path.id, name, data: &data, lids: &NO_LIDS };
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
