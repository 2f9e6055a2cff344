//! What follows from what the database said. Pure, so that it can be read and tested by itself.

use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::problem::Problem;

/// What became of one pair that was to be enrolled, as the one statement that tried it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnrollAttempt {
    pub workspace: WorkspaceId,
    /// Is there such a group, not removed?
    pub group_found: bool,
    /// Is there such a workspace, not removed?
    pub workspace_found: bool,
    /// Is there such a person, or was none named?
    pub person_found: bool,
    /// The new row; none if the index found a live one.
    pub enrollment: Option<EnrollmentId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnrollVerdict {
    Enrolled(EnrollmentId),
    /// The pair has a live enrollment.
    AlreadyLive,
    Refused(Problem),
}

/// A missing group is told before a missing workspace, as a reader of the request would see them.
pub fn enroll_verdict(attempt: &EnrollAttempt, group: GroupId, person: Option<PersonId>) -> EnrollVerdict {
    if !attempt.group_found {
        return EnrollVerdict::Refused(Problem::GroupNotFound(group));
    }
    if !attempt.workspace_found {
        return EnrollVerdict::Refused(Problem::WorkspaceNotFound(attempt.workspace));
    }
    match (attempt.person_found, person) {
        (false, Some(person)) => EnrollVerdict::Refused(Problem::PersonNotFound(person)),
        (false | true, _) => attempt.enrollment.map_or(EnrollVerdict::AlreadyLive, EnrollVerdict::Enrolled),
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
        }
    }

    #[test]
    fn a_new_row_is_an_enrollment() {
        assert_eq!(enroll_verdict(&attempt(), GROUP, None), EnrollVerdict::Enrolled(ENROLLMENT));
    }

    #[test]
    fn no_new_row_means_there_is_a_live_one() {
        let attempt = EnrollAttempt { enrollment: None, ..attempt() };
        assert_eq!(enroll_verdict(&attempt, GROUP, Some(PERSON)), EnrollVerdict::AlreadyLive);
    }

    #[test]
    fn what_is_missing_is_named_outermost_first() {
        let nothing = EnrollAttempt {
            group_found: false,
            workspace_found: false,
            person_found: false,
            enrollment: None,
            ..attempt()
        };
        let refused = |attempt, problem| {
            assert_eq!(enroll_verdict(&attempt, GROUP, Some(PERSON)), EnrollVerdict::Refused(problem));
        };
        refused(nothing, Problem::GroupNotFound(GROUP));
        refused(EnrollAttempt { group_found: true, ..nothing }, Problem::WorkspaceNotFound(WORKSPACE));
        refused(
            EnrollAttempt { group_found: true, workspace_found: true, ..nothing },
            Problem::PersonNotFound(PERSON),
        );
    }
}
