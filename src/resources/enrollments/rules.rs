//! Pure decisions about enrollments.

use chrono::{DateTime, Utc};

use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::problem::Problem;

/// The result of the statement that enrolls, for one pair. What is found exists and is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnrollAttempt {
    pub workspace: WorkspaceId,
    pub group_found: bool,
    pub workspace_found: bool,
    /// Also true without a creator.
    pub person_found: bool,
    /// The new row; `None` if there is a live one, or if something is missing.
    pub enrollment: Option<EnrollmentId>,
    pub created_at: Option<DateTime<Utc>>,
}

/// The new row and its time of creation, `None` if the pair has a live enrollment already, or everything that is missing.
pub type EnrollVerdict = Result<Option<(EnrollmentId, DateTime<Utc>)>, Vec<Problem>>;

/// Lists everything that is missing at once, in the order of the request: group, workspace, person.
pub fn enroll_verdict(attempt: &EnrollAttempt, group: GroupId, person: Option<PersonId>) -> EnrollVerdict {
    let missing = [
        (!attempt.group_found).then_some(Problem::GroupNotFound(group)),
        (!attempt.workspace_found).then_some(Problem::WorkspaceNotFound(attempt.workspace)),
        person.filter(|_| !attempt.person_found).map(Problem::PersonNotFound),
    ];
    let missing: Vec<Problem> = missing.into_iter().flatten().collect();
    if missing.is_empty() { Ok(attempt.enrollment.zip(attempt.created_at)) } else { Err(missing) }
}

/// Compares what a user typed to confirm that a whole group is emptied with the number of its workspaces. Fails with
/// `NotConfirmed`.
pub fn emptying_confirmed(workspaces: usize, typed: &str) -> Result<(), Problem> {
    let is_confirmed = confirmed_number(typed).and_then(|number| number.try_into().ok()) == Some(workspaces);
    if is_confirmed { Ok(()) } else { Err(Problem::NotConfirmed(workspaces.to_string())) }
}

/// The number that a user typed to confirm a removal. Only the digits count, because regions group them differently.
pub fn confirmed_number(typed: &str) -> Option<i64> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if typed.chars().any(|sign| sign.is_alphabetic() || sign == '-') { None } else { digits.parse().ok() }
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
    fn emptying_is_confirmed_by_the_number_in_any_grouping() {
        for typed in ["1234", " 1234 ", "1,234", "1.234", "1\u{a0}234", "1’234"] {
            assert_eq!(emptying_confirmed(1234, typed), Ok(()), "{typed}");
        }
        for typed in ["", "123", "12345", "all 1234", "yes"] {
            let refused = Err(Problem::NotConfirmed("1234".to_owned()));
            assert_eq!(emptying_confirmed(1234, typed), refused, "{typed}");
        }
    }

    #[test]
    fn a_new_row_enrolls_the_pair() {
        let new = (ENROLLMENT, DateTime::UNIX_EPOCH);
        assert_eq!(enroll_verdict(&attempt(), GROUP, None), Ok(Some(new)));
    }

    #[test]
    fn no_new_row_means_that_there_is_a_live_one() {
        let attempt = EnrollAttempt { enrollment: None, created_at: None, ..attempt() };
        assert_eq!(enroll_verdict(&attempt, GROUP, Some(PERSON)), Ok(None));
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
            assert_eq!(enroll_verdict(&attempt, GROUP, Some(PERSON)), Err(problems.to_vec()));
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
