//! The model: a list of rows, and what may be done to it.

use std::collections::BTreeSet;

use groupdesk::kernel::id::EnrollmentId;

use super::perform::Done;
use super::steps::{Place, Step, Whole};

/// Why something is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    NoGroup,
    NoWorkspace,
    NoPerson,
    /// Who acts is not there any more.
    SignedOut,
    AlreadyIn,
    NotIn,
    /// There is no row of which anything could be made.
    NoRow,
    HasLive,
    /// Nobody deletes themselves.
    Oneself,
}

pub(super) type Reasons = BTreeSet<Reason>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) place: Place,
    pub(super) created_by: Option<usize>,
    pub(super) is_live: bool,
    /// What the log says of it: what was done, and who did it.
    pub(super) events: Vec<(&'static str, Option<usize>)>,
    /// Known when it was made in truth.
    pub(super) id: Option<EnrollmentId>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Book {
    pub(super) rows: Vec<Row>,
    pub(super) removed_groups: BTreeSet<usize>,
    pub(super) removed_workspaces: BTreeSet<usize>,
    pub(super) gone: BTreeSet<usize>,
}

impl Book {
    /// As it would be afterwards.
    pub(super) fn tried(&self, whole: &Whole) -> Result<Self, Reasons> {
        let mut after = self.clone();
        match whole {
            Whole::Steps { actor, steps, is_committed } => {
                for step in steps {
                    after.step(*actor, step)?;
                }
                Ok(if *is_committed { after } else { self.clone() })
            }
            Whole::Import { actor, group, lines } => {
                // Nobody starts one in the name of somebody who is gone.
                let actor = actor.filter(|actor| !self.gone.contains(actor));
                after.group(*group)?;
                for workspace in lines.iter().flatten() {
                    let place = Place { group: *group, workspace: *workspace };
                    if !after.removed_workspaces.contains(workspace) && after.live(place).is_none() {
                        after.add(place, actor, actor);
                    }
                }
                Ok(after)
            }
        }
    }

    /// Takes down which rows those are that were made in truth.
    pub(super) fn learn(&mut self, done: &Done) {
        for (id, place) in &done.enrolled {
            let unnamed = self.rows.iter_mut().find(|row| row.id.is_none() && row.place == *place);
            unnamed.unwrap_or_else(|| panic!("{place:?} was enrolled, which nobody expected")).id = Some(*id);
        }
        let unnamed: Vec<_> = self.rows.iter().filter(|row| row.id.is_none()).collect();
        assert!(unnamed.is_empty(), "not enrolled: {unnamed:?}");
    }

    fn step(&mut self, actor: Option<usize>, step: &Step) -> Result<(), Reasons> {
        match step {
            Step::Enroll(place) => self.enroll_by_actor(*place, actor),
            Step::EnrollFor(place, person) => self.enroll(*place, actor, *person),
            Step::Remove(place) => {
                let at = self.live(*place).ok_or_else(|| because(Reason::NotIn))?;
                self.remove(at, actor);
                Ok(())
            }
            Step::Readd(place) => {
                let last = self.last(*place).filter(|at| !self.rows[*at].is_live);
                last.ok_or_else(|| because(Reason::NoRow))?;
                self.enroll_by_actor(*place, actor)
            }
            Step::EnrollMany(group, workspaces) => self.enroll_many(*group, workspaces, actor),
            Step::RemoveMany(group, workspaces) => {
                for workspace in workspaces {
                    if let Some(at) = self.live(Place { group: *group, workspace: *workspace }) {
                        self.remove(at, actor);
                    }
                }
                Ok(())
            }
            Step::Correct(place, to) => self.correct(*place, *to, actor),
            Step::RemoveGroup(group) => self.remove_group(*group),
            Step::RemoveWorkspace(workspace) => self.remove_workspace(*workspace),
            Step::DeletePerson(person) => self.delete_person(*person, actor),
        }
    }

    fn live(&self, place: Place) -> Option<usize> {
        self.rows.iter().position(|row| row.place == place && row.is_live)
    }

    fn last(&self, place: Place) -> Option<usize> {
        self.rows.iter().rposition(|row| row.place == place)
    }

    fn group(&self, group: usize) -> Result<(), Reasons> {
        if self.removed_groups.contains(&group) { Err(because(Reason::NoGroup)) } else { Ok(()) }
    }

    fn add(&mut self, place: Place, actor: Option<usize>, created_by: Option<usize>) {
        self.rows.push(Row { place, created_by, is_live: true, events: vec![("enrolled", actor)], id: None });
    }

    fn remove(&mut self, at: usize, actor: Option<usize>) {
        self.rows[at].is_live = false;
        self.rows[at].events.push(("removed", actor));
    }

    /// All that is missing for a row like this.
    fn missing(&self, place: Place, created_by: Option<usize>) -> Reasons {
        let mut missing = Reasons::new();
        if self.removed_groups.contains(&place.group) {
            missing.insert(Reason::NoGroup);
        }
        if self.removed_workspaces.contains(&place.workspace) {
            missing.insert(Reason::NoWorkspace);
        }
        if created_by.is_some_and(|person| self.gone.contains(&person)) {
            missing.insert(Reason::NoPerson);
        }
        missing
    }

    fn enroll(
        &mut self,
        place: Place,
        actor: Option<usize>,
        created_by: Option<usize>,
    ) -> Result<(), Reasons> {
        let missing = self.missing(place, created_by);
        if !missing.is_empty() {
            return Err(missing);
        }
        if self.live(place).is_some() {
            return Err(because(Reason::AlreadyIn));
        }
        self.add(place, actor, created_by);
        Ok(())
    }

    fn enroll_by_actor(&mut self, place: Place, actor: Option<usize>) -> Result<(), Reasons> {
        self.enroll(place, actor, actor).map_err(signed_out)
    }

    fn enroll_many(
        &mut self,
        group: usize,
        workspaces: &[usize],
        actor: Option<usize>,
    ) -> Result<(), Reasons> {
        let places = || workspaces.iter().map(|workspace| Place { group, workspace: *workspace });
        let missing: Reasons = places().flat_map(|place| self.missing(place, actor)).collect();
        if !missing.is_empty() {
            return Err(signed_out(missing));
        }
        for place in places() {
            if self.live(place).is_none() {
                self.add(place, actor, actor);
            }
        }
        Ok(())
    }

    fn correct(&mut self, place: Place, to: Option<usize>, actor: Option<usize>) -> Result<(), Reasons> {
        let at = self.last(place).ok_or_else(|| because(Reason::NoRow))?;
        if self.rows[at].created_by == to {
            return Ok(());
        }
        if to.is_some_and(|person| self.gone.contains(&person)) {
            return Err(because(Reason::NoPerson));
        }
        self.rows[at].created_by = to;
        self.rows[at].events.push(("attribution_corrected", actor));
        Ok(())
    }

    fn remove_group(&mut self, group: usize) -> Result<(), Reasons> {
        if self.rows.iter().any(|row| row.place.group == group && row.is_live) {
            return Err(because(Reason::HasLive));
        }
        self.removed_groups.insert(group);
        Ok(())
    }

    fn remove_workspace(&mut self, workspace: usize) -> Result<(), Reasons> {
        if self.rows.iter().any(|row| row.place.workspace == workspace && row.is_live) {
            return Err(because(Reason::HasLive));
        }
        self.removed_workspaces.insert(workspace);
        Ok(())
    }

    fn delete_person(&mut self, person: usize, actor: Option<usize>) -> Result<(), Reasons> {
        if self.gone.contains(&person) {
            return Err(because(Reason::NoPerson));
        }
        if actor == Some(person) {
            return Err(because(Reason::Oneself));
        }
        self.gone.insert(person);
        for row in self.rows.iter_mut().filter(|row| row.created_by == Some(person)) {
            row.created_by = None;
        }
        Ok(())
    }
}

fn because(reason: Reason) -> Reasons {
    [reason].into()
}

/// Where nothing is missing but who acts, that is the end of who acts.
fn signed_out(reasons: Reasons) -> Reasons {
    if reasons == because(Reason::NoPerson) { because(Reason::SignedOut) } else { reasons }
}
