//! Enrolls workspaces, removes enrollments and changes their creators.

use super::{ENROLLMENT, Enrollments};
use crate::api::error::{Located, path_id};
use crate::api::{ApiResult, Caller, Connection, RelationshipChange, Writable};
use crate::jsonapi::atomic::Code;
use crate::jsonapi::body::ResourceBody;
use crate::jsonapi::linkage::{self, parse_id};
use crate::kernel::id::{EnrollmentId, PersonId};
use crate::kernel::patch::Patch;
use crate::kernel::problem::Problem;
use crate::platform::call::{Attribute, Call, Write, WriteAndAttribute};
use crate::platform::failure::Outcome;
use crate::resources::enrollments::model::{EnrollmentInclude, EnrollmentWithRelated, NewEnrollment};
use crate::resources::enrollments::ops::{
    enrollment_change_creator, enrollment_enroll, enrollment_enroll_attributed, enrollment_get,
    enrollment_lock_for_no_key_update, enrollment_remove,
};
use crate::resources::people::api::PEOPLE;
use crate::resources::workspace_groups::api::WORKSPACE_GROUP;
use crate::resources::workspaces::api::WORKSPACE;

pub struct New {
    pair: NewEnrollment,
    /// The creator, if the request sets it, with the permission to do so.
    created_by: Option<(Option<PersonId>, Call<WriteAndAttribute>)>,
}

impl Writable for Enrollments {
    type New = New;
    /// The creator.
    type Change = Patch<PersonId>;
    type UpdatePrivilege = Attribute;

    fn id(with: &EnrollmentWithRelated) -> EnrollmentId {
        with.enrollment.id
    }

    async fn lock(connection: &mut Connection, id: EnrollmentId) -> Outcome<Self::Row> {
        enrollment_lock_for_no_key_update(connection, id, EnrollmentInclude::default()).await
    }

    fn parse_new(mut body: ResourceBody<'_>, caller: &Caller) -> ApiResult<New> {
        let group = body.required_to_one("workspace_group", WORKSPACE_GROUP.not_found);
        let workspace = body.required_to_one("workspace", WORKSPACE.not_found);
        let created_by = body.to_one("created_by", PEOPLE.not_found);
        let pair = group.zip(workspace).map(|(group, workspace)| NewEnrollment { group, workspace });
        let pair = body.finish(pair)?;
        let permitted = |person| Ok::<_, Problem>((person, caller.call()?));
        Ok(New { pair, created_by: created_by.into_change().map(permitted).transpose()? })
    }

    async fn create(
        connection: &mut Connection,
        call: &Call<Write>,
        New { pair, created_by }: New,
    ) -> ApiResult<Self::Row> {
        let enrolled = match created_by {
            None => enrollment_enroll(connection, call, pair).await,
            Some((person, call)) => enrollment_enroll_attributed(connection, &call, pair, person).await,
        };
        Ok(EnrollmentWithRelated::without_related(enrolled.located(pointer)?))
    }

    fn parse_change(mut body: ResourceBody<'_>) -> ApiResult<Patch<PersonId>> {
        let created_by = body.to_one("created_by", PEOPLE.not_found);
        Ok(body.finish(Some(created_by))?)
    }

    async fn update(
        connection: &mut Connection,
        call: &Call<Attribute>,
        id: EnrollmentId,
        created_by: Patch<PersonId>,
    ) -> ApiResult<Self::Row> {
        let Some(person) = created_by.into_change() else {
            return Ok(enrollment_get(connection, id, EnrollmentInclude::default()).await?);
        };
        let (_, enrollment) = enrollment_change_creator(connection, call, id, person)
            .await
            .located(|problem| pointer(problem).filter(|_| matches!(problem, Problem::PersonNotFound(_))))?;
        Ok(EnrollmentWithRelated::without_related(enrollment))
    }

    async fn delete(connection: &mut Connection, call: &Call<Write>, id: EnrollmentId) -> Outcome<()> {
        enrollment_remove(connection, call, id).await?;
        Ok(())
    }

    /// Changes the creator; the other relationships never change.
    async fn change_relationship(
        connection: &mut Connection,
        caller: &Caller,
        change: RelationshipChange<'_>,
    ) -> ApiResult<()> {
        let relationship = match (change.code, ENROLLMENT.relationship(change.name)) {
            (Code::Update, Some(relationship)) => relationship,
            (Code::Update | Code::Add | Code::Remove, _) => return change.refused(&ENROLLMENT),
        };
        let id = path_id(change.id, &ENROLLMENT)?;
        if !relationship.updatable {
            enrollment_get(connection, id, EnrollmentInclude::default()).await?;
            return change.refused(&ENROLLMENT);
        }
        let call: Call<Attribute> = caller.call()?;
        let person = linkage::one(change.data, relationship, change.lids)?;
        let person = person.map(|person| parse_id(&person, "/data", PEOPLE.not_found)).transpose()?;
        enrollment_change_creator(connection, &call, id, person).await.located(|problem| {
            matches!(problem, Problem::PersonNotFound(_)).then(|| "/data/id".to_owned())
        })?;
        Ok(())
    }
}

/// The pointer to the relationship that causes a problem.
fn pointer(problem: &Problem) -> Option<String> {
    let name = match problem {
        Problem::GroupNotFound(_) => "workspace_group",
        Problem::WorkspaceNotFound(_) => "workspace",
        Problem::PersonNotFound(_) => "created_by",
        _ => return None,
    };
    Some(format!("/data/relationships/{name}/data/id"))
}
