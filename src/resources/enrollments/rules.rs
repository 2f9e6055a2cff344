//! What follows from what the database said. Pure, so that it can be read and tested by itself.

use chrono::{DateTime, Utc};

use super::model::Enrollment;
use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::problem::Problem;

/// What a form changes of a group is the group's: the message that follows names no other.
///
/// # Errors
/// `FormMalformed`: no page of ours mixes them.
pub fn all_of_group<'a>(
    group: GroupId,
    mut enrollments: impl Iterator<Item = &'a Enrollment>,
) -> Result<(), Problem> {
    if enrollments.all(|enrollment| enrollment.group == group) { Ok(()) } else { Err(Problem::FormMalformed) }
}

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
    /// The new row and when it begins; none if the index found a live one.
    pub enrolled: Option<(EnrollmentId, DateTime<Utc>)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnrollVerdict {
    Enrolled(EnrollmentId, DateTime<Utc>),
    /// The pair has a live enrollment.
    AlreadyLive,
    /// All that is missing.
    Refused(Vec<Problem>),
}

/// What is missing is told all at once: group, workspace, person, as a reader of the request sees them.
pub fn enroll_verdict(attempt: &EnrollAttempt, group: GroupId, person: Option<PersonId>) -> EnrollVerdict {
    let missing = [
        (!attempt.group_found).then_some(Problem::GroupNotFound(group)),
        (!attempt.workspace_found).then_some(Problem::WorkspaceNotFound(attempt.workspace)),
        person.filter(|_| !attempt.person_found).map(Problem::PersonNotFound),
    ];
    let missing: Vec<Problem> = missing.into_iter().flatten().collect();
    match attempt.enrolled {
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
            enrolled: Some((ENROLLMENT, DateTime::UNIX_EPOCH)),
        }
    }

    #[test]
    fn a_new_row_is_an_enrollment() {
        assert_eq!(
            enroll_verdict(&attempt(), GROUP, None),
            EnrollVerdict::Enrolled(ENROLLMENT, DateTime::UNIX_EPOCH)
        );
    }

    #[test]
    fn no_new_row_means_there_is_a_live_one() {
        let attempt = EnrollAttempt { enrolled: None, ..attempt() };
        assert_eq!(enroll_verdict(&attempt, GROUP, Some(PERSON)), EnrollVerdict::AlreadyLive);
    }

    #[test]
    fn all_that_is_missing_is_named_outermost_first() {
        let nothing = EnrollAttempt {
            group_found: false,
            workspace_found: false,
            person_found: false,
            enrolled: None,
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
