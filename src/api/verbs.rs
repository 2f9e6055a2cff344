//! The handlers that all resource types share (JSON:API sections "Fetching Data" and "Creating, Updating and Deleting
//! Resources").

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use crate::api::caller::{Reader, no_parameters};
use crate::api::error::{Refusal, path_id};
use crate::api::list::ListRequest;
use crate::api::{
    Answer, Caller, Connection, Document, Listing, Loaded, Preconditions, Readable, Writable, response,
};
use crate::jsonapi::body::Purpose;
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::{Query, Shape};
use crate::platform::call::{Call, Write};
use crate::platform::failure::Outcome;

pub async fn list<R: Readable>(
    Reader { caller, .. }: Reader<R>,
    RawQuery(raw): RawQuery,
) -> Answer<Response> {
    let mut query = Query::parse(raw.as_deref(), R::TYPE, Shape::List);
    let filter = R::filter(&mut query, caller.now);
    let sort = R::sort(&mut query);
    let request = ListRequest::parse(&caller, query, R::TYPE.base.to_owned(), &sort.words()).await?;
    let include = R::include(&request.projection);
    let list = Listing::<R> { filter, sort, page: request.page.clone(), include };

    let mut connection = caller.connection().await?;
    let page = R::list(&mut connection, &list).await?;
    let total = request.total(R::count(&mut connection, &list.filter)).await?;
    drop(connection);

    Ok(response::page(&request.resources(page, total, |row| R::position(&list.sort, row), R::resource)))
}

pub async fn retrieve<R: Readable>(
    Reader { caller, .. }: Reader<R>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
) -> Answer<Response> {
    let id = path_id(&id, R::TYPE)?;
    let projection = caller.projection(raw.as_deref(), R::TYPE)?;

    let mut connection = caller.connection().await?;
    let row = R::get(&mut connection, id, R::include(&projection)).await?;
    drop(connection);

    Ok(response::resource(R::resource(row), &projection, &preconditions))
}

pub async fn create<R: Writable>(
    caller: Caller,
    call: Call<Write>,
    RawQuery(raw): RawQuery,
    document: Document,
) -> Answer<Response> {
    let projection = caller.projection(raw.as_deref(), R::TYPE)?;
    let new = R::parse_new(document.resource(R::TYPE, Purpose::Create)?, &caller)?;

    let mut transaction = caller.transaction().await?;
    let row = R::create(&mut transaction, &call, new).await?;
    let loaded = load::<R>(&mut transaction, row, &projection).await?;
    transaction.commit().await?;

    Ok(response::created(loaded, &projection))
}

pub async fn update<R: Writable>(
    caller: Caller,
    call: Call<R::UpdatePrivilege>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
    document: Document,
) -> Answer<Response> {
    let projection = caller.projection(raw.as_deref(), R::TYPE)?;
    let body = document.resource(R::TYPE, Purpose::Update(&id))?;
    let id = path_id(&id, R::TYPE)?;
    let change = R::parse_change(body)?;

    let mut transaction = caller.transaction().await?;
    check_unchanged::<R>(&mut transaction, &preconditions, id).await?;
    let row = R::update(&mut transaction, &call, id, change).await?;
    let loaded = load::<R>(&mut transaction, row, &projection).await?;
    transaction.commit().await?;

    Ok(response::resource(loaded, &projection, &Preconditions::default()))
}

pub async fn delete<R: Writable>(
    caller: Caller,
    call: Call<Write>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
) -> Answer<Response> {
    no_parameters(raw.as_deref(), R::TYPE)?;
    let id = path_id(&id, R::TYPE)?;

    let mut transaction = caller.transaction().await?;
    check_unchanged::<R>(&mut transaction, &preconditions, id).await?;
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
    let include = R::include(projection);
    if include == R::Include::default() {
        return Ok(R::resource(row));
    }
    Ok(R::resource(R::get(connection, R::id(&row), include).await?))
}

/// Refuses a change if the resource is not in the state that the preconditions require.
pub async fn check_unchanged<R: Writable>(
    connection: &mut Connection,
    preconditions: &Preconditions,
    id: R::Id,
) -> Answer<()> {
    let current = async { Ok::<_, Refusal>(R::resource(R::lock(connection, id).await?).resource) };
    preconditions.check_unchanged(current).await
}
