//! What can be done, and how a case is drawn.

use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::{Just, any};
use proptest::sample::subsequence;
use proptest::strategy::Strategy;
use proptest::{option, prop_oneof};

/// Few, so that what is done meets what was done.
pub(super) const GROUPS: usize = 3;
pub(super) const WORKSPACES: usize = 4;
pub(super) const PEOPLE: usize = 2;

/// A group and a workspace, by their places in the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) group: usize,
    pub(super) workspace: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Enroll(Place),
    /// In the name of somebody, or of nobody, whoever acts.
    EnrollFor(Place, Option<usize>),
    /// The live row.
    Remove(Place),
    /// The pair of the last row, if that is removed.
    Readd(Place),
    /// All or none; who is in already is no error.
    EnrollMany(usize, Vec<usize>),
    RemoveMany(usize, Vec<usize>),
    /// Of the last row.
    Correct(Place, Option<usize>),
    RemoveGroup(usize),
    RemoveWorkspace(usize),
    DeletePerson(usize),
}

/// What happens wholly or not at all.
#[derive(Debug, Clone)]
pub(super) enum Whole {
    /// One transaction, which in the end is committed or is not.
    Steps { actor: Option<usize>, steps: Vec<Step>, is_committed: bool },
    /// A list for a group, `None` for a line that names no workspace. It runs to its end.
    Import { actor: Option<usize>, group: usize, lines: Vec<Option<usize>> },
}

fn place() -> impl Strategy<Value = Place> {
    (0..GROUPS, 0..WORKSPACES).prop_map(|(group, workspace)| Place { group, workspace })
}

fn person() -> impl Strategy<Value = Option<usize>> {
    option::of(0..PEOPLE)
}

fn some_workspaces() -> impl Strategy<Value = Vec<usize>> {
    // Also one twice, and in any order.
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
        6 => place().prop_map(Step::Enroll),
        2 => (place(), person()).prop_map(|(place, person)| Step::EnrollFor(place, person)),
        5 => place().prop_map(Step::Remove),
        4 => place().prop_map(Step::Readd),
        3 => (0..GROUPS, some_workspaces()).prop_map(|(group, some)| Step::EnrollMany(group, some)),
        3 => (0..GROUPS, some_workspaces()).prop_map(|(group, some)| Step::RemoveMany(group, some)),
        2 => (place(), person()).prop_map(|(place, person)| Step::Correct(place, person)),
        1 => (0..GROUPS).prop_map(Step::RemoveGroup),
        1 => (0..WORKSPACES).prop_map(Step::RemoveWorkspace),
        1 => (0..PEOPLE).prop_map(Step::DeletePerson),
    ]
}

fn whole() -> impl Strategy<Value = Whole> {
    let is_committed = prop_oneof![9 => Just(true), 1 => Just(false)];
    let steps = prop_oneof![3 => vec(step(), 1..=1), 1 => vec(step(), 2..=4)];
    let steps = (person(), steps, is_committed).prop_map(|(actor, steps, is_committed)| Whole::Steps {
        actor,
        steps,
        is_committed,
    });
    let lines = vec(prop_oneof![4 => (0..WORKSPACES).prop_map(Some), 1 => Just(None)], 1..8);
    let import =
        (person(), 0..GROUPS, lines).prop_map(|(actor, group, lines)| Whole::Import { actor, group, lines });
    prop_oneof![7 => steps, 1 => import]
}

pub(super) fn wholes(number: Range<usize>) -> impl Strategy<Value = Vec<Whole>> {
    vec(whole(), number)
}
