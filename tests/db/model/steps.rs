//! The possible steps, and the strategies that generate cases.

use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::{Just, any};
use proptest::sample::subsequence;
use proptest::strategy::Strategy;
use proptest::{option, prop_oneof};

/// Small numbers, so that steps often meet the same rows.
pub(super) const GROUPS: usize = 3;
pub(super) const WORKSPACES: usize = 4;
pub(super) const PEOPLE: usize = 2;

/// A group and a workspace, as indexes into the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    pub(super) group: usize,
    pub(super) workspace: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Enroll(Pair),
    /// Any creator or none, independent of the actor.
    EnrollFor(Pair, Option<usize>),
    /// Removes the live row.
    Remove(Pair),
    /// Enrolls the pair of the last row again, if that row is removed.
    Readd(Pair),
    /// Enrolls all or none. Live enrollments are no error.
    EnrollMany(usize, Vec<usize>),
    RemoveMany(usize, Vec<usize>),
    /// Changes the creator of the last row.
    Correct(Pair, Option<usize>),
    RemoveGroup(usize),
    RemoveWorkspace(usize),
    DeletePerson(usize),
}

/// An atomic action.
#[derive(Debug, Clone)]
pub(super) enum Action {
    /// One transaction, which is committed or rolled back at the end.
    Steps { actor: Option<usize>, steps: Vec<Step>, is_committed: bool },
    /// A list for a group. `None` is a line that names no workspace. The import runs to its end.
    Import { actor: Option<usize>, group: usize, lines: Vec<Option<usize>> },
}

fn pair() -> impl Strategy<Value = Pair> {
    (0..GROUPS, 0..WORKSPACES).prop_map(|(group, workspace)| Pair { group, workspace })
}

fn person() -> impl Strategy<Value = Option<usize>> {
    option::of(0..PEOPLE)
}

fn some_workspaces() -> impl Strategy<Value = Vec<usize>> {
    // Any order, and sometimes one of them twice.
    (subsequence((0..WORKSPACES).collect::<Vec<_>>(), 1..=WORKSPACES), any::<bool>()).prop_map(
        |(mut some, is_doubled)| {
            some.reverse();
            if is_doubled {
                some.push(some[0]);
            }
            some
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => pair().prop_map(Step::Enroll),
        2 => (pair(), person()).prop_map(|(pair, person)| Step::EnrollFor(pair, person)),
        5 => pair().prop_map(Step::Remove),
        4 => pair().prop_map(Step::Readd),
        3 => (0..GROUPS, some_workspaces()).prop_map(|(group, some)| Step::EnrollMany(group, some)),
        3 => (0..GROUPS, some_workspaces()).prop_map(|(group, some)| Step::RemoveMany(group, some)),
        2 => (pair(), person()).prop_map(|(pair, person)| Step::Correct(pair, person)),
        1 => (0..GROUPS).prop_map(Step::RemoveGroup),
        1 => (0..WORKSPACES).prop_map(Step::RemoveWorkspace),
        1 => (0..PEOPLE).prop_map(Step::DeletePerson),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let is_committed = prop_oneof![9 => Just(true), 1 => Just(false)];
    let steps = prop_oneof![3 => vec(step(), 1..=1), 1 => vec(step(), 2..=4)];
    let steps = (person(), steps, is_committed).prop_map(|(actor, steps, is_committed)| Action::Steps {
        actor,
        steps,
        is_committed,
    });
    let lines = vec(prop_oneof![4 => (0..WORKSPACES).prop_map(Some), 1 => Just(None)], 1..8);
    let import =
        (person(), 0..GROUPS, lines).prop_map(|(actor, group, lines)| Action::Import { actor, group, lines });
    prop_oneof![7 => steps, 1 => import]
}

pub(super) fn actions(number: Range<usize>) -> impl Strategy<Value = Vec<Action>> {
    vec(action(), number)
}
