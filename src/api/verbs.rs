//! The handlers of all resource types (JSON:API sections "Fetching Data" and "Creating, Updating and Deleting
//! Resources").

use axum::extract::Path;

use crate::api::caller::Reader;
use crate::api::error::{Refusal, path_id};
use crate::api::list::ListRequest;
use crate::api::{
    ApiResult, Caller, Connection, Document, Listing, Loaded, Preconditions, Readable, Writable, response,
};
use crate::jsonapi::body::Purpose;
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::Shape;
use crate::platform::call::{Call, Write};
use crate::platform::failure::Outcome;

pub async fn list<R: Readable>(Reader { caller, .. }: Reader<R>) -> ApiResult {
    let mut query = caller.query(R::TYPE, Shape::List);
    let filter = R::filter(&mut query, caller.now);
    let sort = query.sort();
    let request = ListRequest::parse(&caller, query, R::TYPE.base.to_owned(), &sort.words()).await?;
    let include = R::include(&request.projection);
    let list = Listing::<R> { filter, sort, page: request.page.clone(), include };

    let mut connection = caller.connection().await?;
    let page = R::list(&mut connection, &list).await?;
    let total = request.total(R::count(&mut connection, &list.filter)).await?;
    drop(connection);

    response::page(&request.resources(page, total, |row| R::position(&list.sort, row), R::resource))
}

pub async fn retrieve<R: Readable>(Reader { caller, .. }: Reader<R>, Path(id): Path<String>) -> ApiResult {
    let id = path_id(&id, R::TYPE)?;
    let projection = caller.projection(R::TYPE)?;

    let mut connection = caller.connection().await?;
    let row = R::get(&mut connection, id, R::include(&projection)).await?;
    drop(connection);

    response::resource(R::resource(row), &projection, &caller.preconditions)
}

pub async fn create<R: Writable>(caller: Caller, call: Call<Write>, document: Document) -> ApiResult {
    let projection = caller.projection(R::TYPE)?;
    let new = R::parse_new(document.resource(R::TYPE, Purpose::Create)?, &caller)?;

    let mut transaction = caller.transaction().await?;
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
    let body = document.resource(R::TYPE, Purpose::Update(&id))?;
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

    let mut transaction = caller.transaction().await?;
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
