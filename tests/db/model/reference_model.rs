//! The reference model: a list of rows and the rules for changing them.

use std::collections::BTreeSet;

use groupdesk::kernel::id::EnrollmentId;

use super::perform::Performed;
use super::steps::{Action, Pair, Step};

/// The reason why an action is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    NoGroup,
    NoWorkspace,
    NoPerson,
    /// The person of the actor is deleted.
    SignedOut,
    AlreadyIn,
    NotIn,
    /// There is no row to act on.
    NoRow,
    HasLive,
    /// Nobody may delete themselves.
    Oneself,
}

pub(super) type Reasons = BTreeSet<Reason>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) pair: Pair,
    pub(super) created_by: Option<usize>,
    pub(super) is_live: bool,
    /// The expected events: action and actor.
    pub(super) events: Vec<(&'static str, Option<usize>)>,
    /// Known once the database has created the row.
    pub(super) id: Option<EnrollmentId>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    pub(super) rows: Vec<Row>,
    pub(super) removed_groups: BTreeSet<usize>,
    pub(super) removed_workspaces: BTreeSet<usize>,
    pub(super) gone: BTreeSet<usize>,
}

impl Model {
    /// The model after this action.
    pub(super) fn after(&self, action: &Action) -> Result<Self, Reasons> {
        let mut after = self.clone();
        match action {
            Action::Steps { actor, steps, is_committed } => {
                for step in steps {
                    after.step(*actor, step)?;
                }
                Ok(if *is_committed { after } else { self.clone() })
            }
            Action::Import { actor, group, lines } => {
                // An import cannot be started for a deleted person.
                let actor = actor.filter(|actor| !self.gone.contains(actor));
                after.group(*group)?;
                for workspace in lines.iter().flatten() {
                    let pair = Pair { group: *group, workspace: *workspace };
                    if !after.removed_workspaces.contains(workspace) && after.live(pair).is_none() {
                        after.add(pair, actor, actor);
                    }
                }
                Ok(after)
            }
        }
    }

    /// Stores the ids of the rows that the database created.
    pub(super) fn record_ids(&mut self, done: &Performed) {
        for (id, pair) in &done.enrolled {
            let unnamed = self.rows.iter_mut().find(|row| row.id.is_none() && row.pair == *pair);
            unnamed.unwrap_or_else(|| panic!("{pair:?} was enrolled unexpectedly")).id = Some(*id);
        }
        let unnamed: Vec<_> = self.rows.iter().filter(|row| row.id.is_none()).collect();
        assert!(unnamed.is_empty(), "not enrolled: {unnamed:?}");
    }

    fn step(&mut self, actor: Option<usize>, step: &Step) -> Result<(), Reasons> {
        match step {
            Step::Enroll(pair) => self.enroll_by_actor(*pair, actor),
            Step::EnrollFor(pair, person) => self.enroll(*pair, actor, *person),
            Step::Remove(pair) => {
                let at = self.live(*pair).ok_or_else(|| only(Reason::NotIn))?;
                self.remove(at, actor);
                Ok(())
            }
            Step::Readd(pair) => {
                let last = self.last(*pair).filter(|at| !self.rows[*at].is_live);
                last.ok_or_else(|| only(Reason::NoRow))?;
                self.enroll_by_actor(*pair, actor)
            }
            Step::EnrollMany(group, workspaces) => self.enroll_many(*group, workspaces, actor),
            Step::RemoveMany(group, workspaces) => {
                for workspace in workspaces {
                    if let Some(at) = self.live(Pair { group: *group, workspace: *workspace }) {
                        self.remove(at, actor);
                    }
                }
                Ok(())
            }
            Step::Correct(pair, to) => self.correct(*pair, *to, actor),
            Step::RemoveGroup(group) => self.remove_group(*group),
            Step::RemoveWorkspace(workspace) => self.remove_workspace(*workspace),
            Step::DeletePerson(person) => self.delete_person(*person, actor),
        }
    }

    fn live(&self, pair: Pair) -> Option<usize> {
        self.rows.iter().position(|row| row.pair == pair && row.is_live)
    }

    fn last(&self, pair: Pair) -> Option<usize> {
        self.rows.iter().rposition(|row| row.pair == pair)
    }

    fn group(&self, group: usize) -> Result<(), Reasons> {
        if self.removed_groups.contains(&group) { Err(only(Reason::NoGroup)) } else { Ok(()) }
    }

    fn add(&mut self, pair: Pair, actor: Option<usize>, created_by: Option<usize>) {
        self.rows.push(Row { pair, created_by, is_live: true, events: vec![("enrolled", actor)], id: None });
    }

    fn remove(&mut self, at: usize, actor: Option<usize>) {
        self.rows[at].is_live = false;
        self.rows[at].events.push(("removed", actor));
    }

    /// Everything that prevents a row like this.
    fn missing(&self, pair: Pair, created_by: Option<usize>) -> Reasons {
        let mut missing = Reasons::new();
        if self.removed_groups.contains(&pair.group) {
            missing.insert(Reason::NoGroup);
        }
        if self.removed_workspaces.contains(&pair.workspace) {
            missing.insert(Reason::NoWorkspace);
        }
        if created_by.is_some_and(|person| self.gone.contains(&person)) {
            missing.insert(Reason::NoPerson);
        }
        missing
    }

    fn enroll(&mut self, pair: Pair, actor: Option<usize>, created_by: Option<usize>) -> Result<(), Reasons> {
        let missing = self.missing(pair, created_by);
        if !missing.is_empty() {
            return Err(missing);
        }
        if self.live(pair).is_some() {
            return Err(only(Reason::AlreadyIn));
        }
        self.add(pair, actor, created_by);
        Ok(())
    }

    fn enroll_by_actor(&mut self, pair: Pair, actor: Option<usize>) -> Result<(), Reasons> {
        self.enroll(pair, actor, actor).map_err(signed_out)
    }

    fn enroll_many(
        &mut self,
        group: usize,
        workspaces: &[usize],
        actor: Option<usize>,
    ) -> Result<(), Reasons> {
        let places = || workspaces.iter().map(|workspace| Pair { group, workspace: *workspace });
        let missing: Reasons = places().flat_map(|pair| self.missing(pair, actor)).collect();
        if !missing.is_empty() {
            return Err(signed_out(missing));
        }
        for pair in places() {
            if self.live(pair).is_none() {
                self.add(pair, actor, actor);
            }
        }
        Ok(())
    }

    fn correct(&mut self, pair: Pair, to: Option<usize>, actor: Option<usize>) -> Result<(), Reasons> {
        let at = self.last(pair).ok_or_else(|| only(Reason::NoRow))?;
        if self.rows[at].created_by == to {
            return Ok(());
        }
        if to.is_some_and(|person| self.gone.contains(&person)) {
            return Err(only(Reason::NoPerson));
        }
        self.rows[at].created_by = to;
        self.rows[at].events.push(("attribution_corrected", actor));
        Ok(())
    }

    fn remove_group(&mut self, group: usize) -> Result<(), Reasons> {
        if self.rows.iter().any(|row| row.pair.group == group && row.is_live) {
            return Err(only(Reason::HasLive));
        }
        self.removed_groups.insert(group);
        Ok(())
    }

    fn remove_workspace(&mut self, workspace: usize) -> Result<(), Reasons> {
        if self.rows.iter().any(|row| row.pair.workspace == workspace && row.is_live) {
            return Err(only(Reason::HasLive));
        }
        self.removed_workspaces.insert(workspace);
        Ok(())
    }

    fn delete_person(&mut self, person: usize, actor: Option<usize>) -> Result<(), Reasons> {
        if self.gone.contains(&person) {
            return Err(only(Reason::NoPerson));
        }
        if actor == Some(person) {
            return Err(only(Reason::Oneself));
        }
        self.gone.insert(person);
        for row in self.rows.iter_mut().filter(|row| row.created_by == Some(person)) {
            row.created_by = None;
        }
        Ok(())
    }
}

fn only(reason: Reason) -> Reasons {
    [reason].into()
}

/// If only the actor's person is missing, the request itself is unauthenticated.
fn signed_out(reasons: Reasons) -> Reasons {
    if reasons == only(Reason::NoPerson) { only(Reason::SignedOut) } else { reasons }
}
