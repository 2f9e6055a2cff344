//! The types of the API, one line each.

use super::error::Answer;
use crate::jsonapi::declare::Declaration;
use crate::jsonapi::query::{Query, Shape};
use crate::jsonapi::view::View;
use crate::resources::enrollment_events::api::EVENT;
use crate::resources::enrollments::api::ENROLLMENT;
use crate::resources::people::api::PEOPLE;
use crate::resources::workspace_groups::api::WORKSPACE_GROUP;
use crate::resources::workspaces::api::WORKSPACE;

pub static TYPES: [&Declaration; 5] = [&ENROLLMENT, &WORKSPACE_GROUP, &WORKSPACE, &PEOPLE, &EVENT];

/// The query of an address of one resource.
///
/// # Errors
/// All that is wrong with it.
pub fn view_of(raw: Option<&str>, declaration: &'static Declaration) -> Answer<View> {
    let mut query = Query::parse(raw, declaration, Shape::One);
    let view = query.view(&TYPES);
    query.finish()?;
    Ok(view)
}

/// The query of an address that has no parameters.
///
/// # Errors
/// Every parameter that is there.
pub fn no_parameters(raw: Option<&str>, declaration: &'static Declaration) -> Answer<()> {
    Ok(Query::parse(raw, declaration, Shape::Bare).finish()?)
}
