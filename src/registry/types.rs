//! The resource types of the API.

use crate::jsonapi::resource_type::ResourceType;
use crate::resources::admin_events::api::ADMIN_EVENT;
use crate::resources::enrollment_events::api::EVENT;
use crate::resources::enrollments::api::ENROLLMENT;
use crate::resources::people::api::PEOPLE;
use crate::resources::workspace_groups::api::WORKSPACE_GROUP;
use crate::resources::workspaces::api::WORKSPACE;

pub static TYPES: [&ResourceType; 6] =
    [&ENROLLMENT, &WORKSPACE_GROUP, &WORKSPACE, &PEOPLE, &EVENT, &ADMIN_EVENT];
