//! Pure decisions about plans.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{EnrollStep, FailedLine, FailedWhy, GroupPlan, RemoveStep};
use super::file::{PlanMode, WantedGroup};
use crate::kernel::id::{GroupId, WorkspaceId};
use crate::kernel::version::Version;
use crate::resources::enrollments::model::members::Member;
use crate::resources::workspace_groups::model::WorkspaceGroup;

/// Why a file cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupFault {
    /// Neither the id nor the name of a live group.
    Unknown { line: usize, text: String },
    /// Several groups have this name.
    Ambiguous { line: usize, text: String, groups: usize },
    /// The file names one group by its id and by its name.
    Repeated { line: usize, text: String, first: usize },
}

/// The group of each entry, or everything that is wrong with the groups. An id takes precedence over a name.
pub fn match_groups<'a>(
    wanted: &[WantedGroup],
    found: &'a [WorkspaceGroup],
) -> Result<Vec<&'a WorkspaceGroup>, Vec<GroupFault>> {
    let by_id: BTreeMap<GroupId, &WorkspaceGroup> = found.iter().map(|group| (group.id, group)).collect();
    let mut by_name: BTreeMap<&str, Vec<&WorkspaceGroup>> = BTreeMap::new();
    for group in found {
        by_name.entry(&group.name).or_default().push(group);
    }
    let mut first: BTreeMap<GroupId, usize> = BTreeMap::new();
    let (mut groups, mut faults) = (Vec::with_capacity(wanted.len()), Vec::new());
    for WantedGroup { line, group: text, .. } in wanted {
        let (line, text) = (*line, text.clone());
        let own = text.parse().ok().and_then(|id: GroupId| by_id.get(&id).copied());
        let named = by_name.get(text.as_str()).map_or(&[][..], Vec::as_slice);
        let group = match (own, named) {
            (Some(group), _) => group,
            (None, [group]) => *group,
            (None, []) => {
                faults.push(GroupFault::Unknown { line, text });
                continue;
            }
            (None, several) => {
                faults.push(GroupFault::Ambiguous { line, text, groups: several.len() });
                continue;
            }
        };
        if let Some(first) = first.get(&group.id) {
            faults.push(GroupFault::Repeated { line, text, first: *first });
            continue;
        }
        first.insert(group.id, line);
        groups.push(group);
    }
    if faults.is_empty() { Ok(groups) } else { Err(faults) }
}

/// The version of the workspaces in a group, whatever their order and the age of their enrollments.
pub fn members_version(members: &BTreeSet<WorkspaceId>) -> Version {
    Version::of_many(members.iter().map(ToString::to_string))
}

/// The members after the steps of a plan.
pub fn members_after(members: &BTreeSet<WorkspaceId>, plan: &GroupPlan) -> BTreeSet<WorkspaceId> {
    let mut after = members.clone();
    for step in &plan.remove {
        after.remove(&step.workspace);
    }
    after.extend(plan.enroll.iter().map(|step| step.workspace));
    after
}

/// What makes the group what the file says. `resolved` has the workspace of each line.
pub fn plan_group(
    group: &WorkspaceGroup,
    wanted: &WantedGroup,
    resolved: &[Option<WorkspaceId>],
    members: &[Member],
) -> GroupPlan {
    let present: BTreeSet<WorkspaceId> = members.iter().map(|member| member.workspace).collect();
    let mut listed: BTreeSet<WorkspaceId> = BTreeSet::new();
    let mut plan = GroupPlan {
        group: group.id,
        name: group.name.clone(),
        mode: wanted.mode,
        version: members_version(&present),
        result: members_version(&present),
        enroll: Vec::new(),
        remove: Vec::new(),
        unchanged: 0,
        duplicates: 0,
        failed: Vec::new(),
    };
    for (word, workspace) in wanted.workspaces.iter().zip(resolved) {
        let (line, text) = (word.line, word.text.clone());
        match workspace.filter(|_| !word.is_unreadable) {
            None => {
                let why = if word.is_unreadable { FailedWhy::Unreadable } else { FailedWhy::Unknown };
                plan.failed.push(FailedLine { line, text, why });
            }
            Some(workspace) if !listed.insert(workspace) => plan.duplicates += 1,
            Some(workspace) if present.contains(&workspace) => plan.unchanged += 1,
            Some(workspace) => plan.enroll.push(EnrollStep { line, text, workspace }),
        }
    }
    let others = members.iter().filter(|member| !listed.contains(&member.workspace));
    match wanted.mode {
        PlanMode::AtLeast => plan.unchanged += others.count(),
        PlanMode::Exact => {
            let step =
                |member: &Member| RemoveStep { text: member.text.clone(), workspace: member.workspace };
            plan.remove.extend(others.map(step));
        }
    }
    plan.result = members_version(&members_after(&present, &plan));
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::flows::plan::file::WantedLine;
    use chrono::DateTime;
    use uuid::Uuid;

    const fn workspace(number: u128) -> WorkspaceId {
        WorkspaceId::new(Uuid::from_u128(number))
    }

    fn group(number: u128, name: &str) -> WorkspaceGroup {
        WorkspaceGroup {
            id: GroupId::new(Uuid::from_u128(number)),
            name: name.to_owned(),
            created_by: None,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: None,
            deleted_at: None,
        }
    }

    fn wanted(line: usize, name: &str, mode: PlanMode, words: &[&str]) -> WantedGroup {
        let word = |(index, text): (usize, &&str)| WantedLine {
            line: line + index,
            text: (*text).to_owned(),
            is_unreadable: *text == "?",
        };
        let workspaces = words.iter().enumerate().map(word).collect();
        WantedGroup { line, group: name.to_owned(), mode, workspaces }
    }

    fn member(number: u128) -> Member {
        Member { workspace: workspace(number), text: format!("w-{number}"), name: String::new() }
    }

    fn numbers(plan: &GroupPlan) -> (Vec<usize>, Vec<&str>, usize, usize, Vec<usize>) {
        (
            plan.enroll.iter().map(|step| step.line).collect(),
            plan.remove.iter().map(|step| step.text.as_str()).collect(),
            plan.unchanged,
            plan.duplicates,
            plan.failed.iter().map(|failed| failed.line).collect(),
        )
    }

    #[test]
    fn plan_has_a_step_for_every_difference() {
        let members = [member(1), member(2), member(3)];
        let words = ["w-2", "nope", "w-4", "w-2", "?", "w-5"];
        let (two, four, five) = (Some(workspace(2)), Some(workspace(4)), Some(workspace(5)));
        let resolved = [two, None, four, two, four, five];
        let exact = wanted(10, "EMEA", PlanMode::Exact, &words);
        let plan = plan_group(&group(9, "EMEA"), &exact, &resolved, &members);
        assert_eq!(numbers(&plan), (vec![12, 15], vec!["w-1", "w-3"], 1, 1, vec![11, 14]));
        assert_eq!(plan.failed[1].why, FailedWhy::Unreadable);
        assert_eq!(plan.result, members_version(&BTreeSet::from([2, 4, 5].map(workspace))));

        let at_least = WantedGroup { mode: PlanMode::AtLeast, ..exact };
        let plan = plan_group(&group(9, "EMEA"), &at_least, &resolved, &members);
        assert_eq!(numbers(&plan), (vec![12, 15], vec![], 3, 1, vec![11, 14]));
        assert_eq!(plan.result, members_version(&BTreeSet::from([1, 2, 3, 4, 5].map(workspace))));
    }

    #[test]
    fn empty_list_removes_all_members_only_if_it_is_exact() {
        let members = [member(1), member(2)];
        for (mode, removals) in [(PlanMode::Exact, 2), (PlanMode::AtLeast, 0)] {
            let plan = plan_group(&group(9, "EMEA"), &wanted(1, "EMEA", mode, &[]), &[], &members);
            assert_eq!((plan.remove.len(), plan.unchanged), (removals, 2 - removals));
            assert_eq!(plan.version == plan.result, removals == 0);
        }
    }

    #[test]
    fn groups_are_matched_by_id_and_by_unique_names() {
        let found = [group(1, "EMEA"), group(2, "APAC"), group(3, "APAC")];
        let id = found[1].id.to_string();
        let of = |names: &[&str]| -> Vec<WantedGroup> {
            names.iter().enumerate().map(|(at, name)| wanted(at + 1, name, PlanMode::Exact, &[])).collect()
        };
        let matched = match_groups(&of(&["EMEA", &id]), &found).unwrap();
        assert_eq!(matched.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["EMEA", "APAC"]);
        let emea = found[0].id.to_string();
        let faults = match_groups(&of(&["APAC", "emea", "EMEA", &emea]), &found).unwrap_err();
        assert_eq!(
            faults,
            [
                GroupFault::Ambiguous { line: 1, text: "APAC".to_owned(), groups: 2 },
                GroupFault::Unknown { line: 2, text: "emea".to_owned() },
                GroupFault::Repeated { line: 4, text: emea, first: 3 },
            ]
        );
    }
}
