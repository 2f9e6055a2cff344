//! `live_enrollment_count`, an attribute of groups that costs a count. It is read only for requests that name it in
//! `fields[workspace_group]`, in one statement for all groups of a page.

use std::collections::HashMap;

use super::WORKSPACE_GROUP;
use crate::api::Connection;
use crate::jsonapi::projection::Projection;
use crate::kernel::id::GroupId;
use crate::platform::failure::Outcome;
use crate::resources::enrollments::ops::enrollment_live_counts;

pub const NAME: &str = "live_enrollment_count";

pub fn is_requested(projection: &Projection) -> bool {
    projection.requests(WORKSPACE_GROUP.type_name, NAME)
}

/// Sets the number of each group, where it goes. A group may occur several times.
pub async fn fill<'a>(
    connection: &mut Connection,
    groups: impl Iterator<Item = (GroupId, &'a mut Option<i64>)>,
) -> Outcome<()> {
    let mut groups: Vec<_> = groups.collect();
    let mut ids: Vec<GroupId> = groups.iter().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    let counts: HashMap<GroupId, i64> = enrollment_live_counts(connection, &ids).await?;
    for (id, count) in &mut groups {
        **count = Some(counts.get(id).copied().unwrap_or_default());
    }
    Ok(())
}
