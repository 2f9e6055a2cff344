//! How many workspaces the start of an import may remove.

use crate::kernel::id::GroupId;
use crate::kernel::problem::Problem;
use crate::kernel::version::Version;
use crate::resources::enrollments::model::removals::RemovalLimit;
use crate::resources::imports::model::ImportMode;

/// What the caller of a start allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemovalCheck {
    /// On a page: which removals the preview showed, and the number that the user typed to confirm it. Both concern exact
    /// lists only, because every other removal is named by its own line.
    Previewed { seen: Option<Version>, typed: Option<i64> },
    /// On the command line. Without a limit, an exact list has the default one, and a list for removal has none.
    Limited { limit: Option<RemovalLimit>, may_empty: bool },
}

impl RemovalCheck {
    /// For an import that removes nothing that was not expected.
    pub const NONE: Self = Self::Previewed { seen: None, typed: None };
}

/// What an import would do to its group now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removals {
    pub group: GroupId,
    pub removals: i64,
    /// Which enrollments an exact list removes.
    pub version: Version,
    /// The live enrollments of the group.
    pub members: i64,
    /// The workspaces that the list names, or that stay in the group.
    pub remaining: i64,
}

/// Whether the user has to type the number.
pub const fn needs_confirmation(removals: i64, members: i64) -> bool {
    removals > RemovalLimit::DEFAULT.of(members)
}

/// Whether an exact list would leave nothing in the group, because it names no workspace that exists.
pub const fn would_be_empty(mode: ImportMode, removals: i64, remaining: i64) -> bool {
    matches!(mode, ImportMode::Exact) && removals > 0 && remaining == 0
}

/// Refuses removals that the caller does not allow: as `GroupWouldBeEmpty`, `RemovalsChanged`, `RemovalsNotConfirmed` or
/// `TooManyRemovals`.
pub fn check_removals(mode: ImportMode, removals: Removals, check: RemovalCheck) -> Result<(), Problem> {
    let Removals { group, removals, version, members, remaining } = removals;
    let is_exact = mode == ImportMode::Exact;
    let may_empty = matches!(check, RemovalCheck::Limited { may_empty: true, .. });
    if would_be_empty(mode, removals, remaining) && !may_empty {
        return Err(Problem::GroupWouldBeEmpty(group));
    }
    match check {
        RemovalCheck::Previewed { seen, typed } if is_exact => {
            if seen != Some(version) {
                Err(Problem::RemovalsChanged(removals))
            } else if needs_confirmation(removals, members) && typed != Some(removals) {
                Err(Problem::RemovalsNotConfirmed(removals))
            } else {
                Ok(())
            }
        }
        RemovalCheck::Previewed { .. } => Ok(()),
        RemovalCheck::Limited { limit, .. } => {
            let limit = limit.or(is_exact.then_some(RemovalLimit::DEFAULT));
            match limit.map(|limit| limit.of(members)) {
                Some(max) if removals > max => Err(Problem::TooManyRemovals { group, removals, max }),
                Some(_) | None => Ok(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const GROUP: GroupId = GroupId::new(Uuid::from_u128(1));

    fn checked(
        mode: ImportMode,
        (removals, remaining): (i64, i64),
        check: RemovalCheck,
    ) -> Result<(), Problem> {
        let version = Version::of([Some("now")]);
        check_removals(mode, Removals { group: GROUP, removals, version, members: 100, remaining }, check)
    }

    #[test]
    fn exact_list_starts_with_the_number_of_its_preview() {
        let exact = |removals, seen: Option<&str>, typed| {
            let seen = seen.map(|seen| Version::of([Some(seen)]));
            checked(ImportMode::Exact, (removals, 9), RemovalCheck::Previewed { seen, typed })
        };
        assert_eq!(exact(10, Some("now"), None), Ok(()));
        assert_eq!(exact(11, Some("before"), Some(11)), Err(Problem::RemovalsChanged(11)));
        assert_eq!(exact(0, None, None), Err(Problem::RemovalsChanged(0)));
        assert_eq!(exact(11, Some("now"), None), Err(Problem::RemovalsNotConfirmed(11)));
        assert_eq!(exact(11, Some("now"), Some(10)), Err(Problem::RemovalsNotConfirmed(11)));
        assert_eq!(exact(11, Some("now"), Some(11)), Ok(()));
        for mode in [ImportMode::Enroll, ImportMode::Remove] {
            assert_eq!(checked(mode, (90, 0), RemovalCheck::NONE), Ok(()));
        }
    }

    #[test]
    fn list_that_names_no_workspace_does_not_empty_a_group() {
        let previewed = RemovalCheck::Previewed { seen: Some(Version::of([Some("now")])), typed: Some(100) };
        let all = RemovalLimit::Percent(100);
        let limited = |may_empty| RemovalCheck::Limited { limit: Some(all), may_empty };
        for refused in [previewed, limited(false)] {
            assert_eq!(checked(ImportMode::Exact, (100, 0), refused), Err(Problem::GroupWouldBeEmpty(GROUP)));
        }
        assert_eq!(checked(ImportMode::Exact, (100, 0), limited(true)), Ok(()));
        assert_eq!(checked(ImportMode::Exact, (100, 1), limited(false)), Ok(()));
    }

    #[test]
    fn command_refuses_removals_over_the_limit() {
        let refused = |removals, max| Err(Problem::TooManyRemovals { group: GROUP, removals, max });
        let limited = |mode, removals, limit| {
            checked(mode, (removals, 5), RemovalCheck::Limited { limit, may_empty: false })
        };
        assert_eq!(limited(ImportMode::Exact, 10, None), Ok(()));
        assert_eq!(limited(ImportMode::Exact, 11, None), refused(11, 10));
        assert_eq!(limited(ImportMode::Exact, 11, Some(RemovalLimit::Number(11))), Ok(()));
        assert_eq!(limited(ImportMode::Remove, 90, None), Ok(()));
        assert_eq!(limited(ImportMode::Remove, 3, Some(RemovalLimit::Number(2))), refused(3, 2));
    }
}
