//! Pure decisions about enrollments.

use chrono::{DateTime, Utc};

use super::model::Enrollment;
use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::problem::Problem;

/// Checks that all enrollments belong to the group, because the message after a bulk change names only that group.
///
/// # Errors
/// `FormMalformed`, because no page submits enrollments of several groups.
pub fn all_of_group<'a>(
    group: GroupId,
    mut enrollments: impl Iterator<Item = &'a Enrollment>,
) -> Result<(), Problem> {
    if enrollments.all(|enrollment| enrollment.group == group) { Ok(()) } else { Err(Problem::FormMalformed) }
}

/// The result of the statement that enrolls, for one pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnrollAttempt {
    pub workspace: WorkspaceId,
    /// The group exists and is live.
    pub group_found: bool,
    /// The workspace exists and is live.
    pub workspace_found: bool,
    /// The creator exists, or none was given.
    pub person_found: bool,
    /// The new row; `None` if there is a live one, or if something is missing.
    pub enrollment: Option<EnrollmentId>,
    /// When the new row was created.
    pub created_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnrollVerdict {
    Enrolled(EnrollmentId, DateTime<Utc>),
    /// The pair has a live enrollment already.
    AlreadyLive,
    /// Everything that is missing.
    Refused(Vec<Problem>),
}

/// Lists everything that is missing at once, in the order of the request: group, workspace, person.
pub fn enroll_verdict(attempt: &EnrollAttempt, group: GroupId, person: Option<PersonId>) -> EnrollVerdict {
    let missing = [
        (!attempt.group_found).then_some(Problem::GroupNotFound(group)),
        (!attempt.workspace_found).then_some(Problem::WorkspaceNotFound(attempt.workspace)),
        person.filter(|_| !attempt.person_found).map(Problem::PersonNotFound),
    ];
    let missing: Vec<Problem> = missing.into_iter().flatten().collect();
    match attempt.enrollment.zip(attempt.created_at) {
        _ if !missing.is_empty() => EnrollVerdict::Refused(missing),
        Some((id, at)) => EnrollVerdict::Enrolled(id, at),
        None => EnrollVerdict::AlreadyLive,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const GROUP: GroupId = GroupId::new(Uuid::from_u128(1));
    const WORKSPACE: WorkspaceId = WorkspaceId::new(Uuid::from_u128(2));
    const PERSON: PersonId = PersonId::new(Uuid::from_u128(3));
    const ENROLLMENT: EnrollmentId = EnrollmentId::new(Uuid::from_u128(4));

    fn attempt() -> EnrollAttempt {
        EnrollAttempt {
            workspace: WORKSPACE,
            group_found: true,
            workspace_found: true,
            person_found: true,
            enrollment: Some(ENROLLMENT),
            created_at: Some(DateTime::UNIX_EPOCH),
        }
    }

    #[test]
    fn a_new_row_enrolls_the_pair() {
        assert_eq!(
            enroll_verdict(&attempt(), GROUP, None),
            EnrollVerdict::Enrolled(ENROLLMENT, DateTime::UNIX_EPOCH)
        );
    }

    #[test]
    fn no_new_row_means_that_there_is_a_live_one() {
        let attempt = EnrollAttempt { enrollment: None, created_at: None, ..attempt() };
        assert_eq!(enroll_verdict(&attempt, GROUP, Some(PERSON)), EnrollVerdict::AlreadyLive);
    }

    #[test]
    fn a_refusal_lists_everything_that_is_missing() {
        let nothing = EnrollAttempt {
            group_found: false,
            workspace_found: false,
            person_found: false,
            enrollment: None,
            created_at: None,
            ..attempt()
        };
        let refused = |attempt, problems: &[Problem]| {
            let verdict = enroll_verdict(&attempt, GROUP, Some(PERSON));
            assert_eq!(verdict, EnrollVerdict::Refused(problems.to_vec()));
        };
        let (group, workspace, person) = (
            Problem::GroupNotFound(GROUP),
            Problem::WorkspaceNotFound(WORKSPACE),
            Problem::PersonNotFound(PERSON),
        );
        refused(nothing, &[group, workspace.clone(), person.clone()]);
        refused(EnrollAttempt { group_found: true, ..nothing }, &[workspace, person.clone()]);
        refused(EnrollAttempt { group_found: true, workspace_found: true, ..nothing }, &[person]);
    }
}
