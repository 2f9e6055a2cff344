//! The types of the API, one line each.

use crate::api::error::Answer;
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::{Query, Shape};
use crate::jsonapi::resource_type::ResourceType;
use crate::resources::enrollment_events::api::EVENT;
use crate::resources::enrollments::api::ENROLLMENT;
use crate::resources::people::api::PEOPLE;
use crate::resources::workspace_groups::api::WORKSPACE_GROUP;
use crate::resources::workspaces::api::WORKSPACE;

pub static TYPES: [&ResourceType; 5] = [&ENROLLMENT, &WORKSPACE_GROUP, &WORKSPACE, &PEOPLE, &EVENT];

/// The query of an address of one resource.
///
/// # Errors
/// All that is wrong with it.
pub fn projection_of(raw: Option<&str>, resource_type: &'static ResourceType) -> Answer<Projection> {
    let mut query = Query::parse(raw, resource_type, Shape::One);
    let projection = query.projection(&TYPES);
    query.finish()?;
    Ok(projection)
}

/// The query of an address that has no parameters.
///
/// # Errors
/// Every parameter that is there.
pub fn no_parameters(raw: Option<&str>, resource_type: &'static ResourceType) -> Answer<()> {
    Ok(Query::parse(raw, resource_type, Shape::Bare).finish()?)
}
