//! Undo, move and restore keep the invariants and lose nothing: after any sequence of them and of other changes, the
//! database holds them, and an undo right after a change brings back what was there before it.

use std::collections::BTreeSet;

use groupdesk::kernel::actor::{Actor, Source};
use groupdesk::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
use groupdesk::platform::call::{Administer, Call};
use groupdesk::platform::clock;
use groupdesk::platform::failure::{Failure, Outcome};
use groupdesk::resources::enrollments::ops::{
    enrollment_ensure_all, enrollment_ensure_none, enrollment_of_workspaces,
};
use groupdesk::resources::flows::moves::enrollment_move;
use groupdesk::resources::flows::restore::group_restore;
use groupdesk::resources::flows::undo::change_set_undo;
use pretty_assertions::assert_eq;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use sqlx::{PgConnection, PgPool};

use crate::support::{group, violations, workspace};

/// Pairs of the indexes of a group and a workspace that are live.
type Live = BTreeSet<(usize, usize)>;

struct Scene {
    groups: Vec<GroupId>,
    workspaces: Vec<WorkspaceId>,
}

fn call() -> Call<Administer> {
    let actor = Actor { person: None, source: Source::Cli, token_name: None };
    Call::granted(actor, clock::system().now(), None)
}

impl Scene {
    async fn new(pool: &PgPool) -> Self {
        let (mut groups, mut workspaces) = (Vec::new(), Vec::new());
        for number in 0..3 {
            groups.push(group(pool, &format!("Group {number}")).await.parse().unwrap());
        }
        for number in 0..8 {
            workspaces.push(workspace(pool, &format!("Workspace {number}")).await.parse().unwrap());
        }
        Self { groups, workspaces }
    }

    async fn live(&self, connection: &mut PgConnection) -> Live {
        let rows: Vec<(uuid::Uuid, uuid::Uuid)> = sqlx::query_as(
            "SELECT g.workspace_group_id, w.workspace_id FROM core_api.workspace_group_workspaces e
             JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
             JOIN core_api.workspaces w ON w.pk = e.workspace_pk WHERE e.deleted_at IS NULL",
        )
        .fetch_all(connection)
        .await
        .unwrap();
        let group = |id| self.groups.iter().position(|group| group.uuid() == id).unwrap();
        let workspace = |id| self.workspaces.iter().position(|workspace| workspace.uuid() == id).unwrap();
        rows.into_iter().map(|(of, what)| (group(of), workspace(what))).collect()
    }

    fn some(&self, random: &mut StdRng) -> Vec<WorkspaceId> {
        self.workspaces.iter().copied().filter(|_| random.random_bool(0.4)).collect()
    }

    async fn change(&self, connection: &mut PgConnection, call: &Call<Administer>, random: &mut StdRng) {
        let group = self.groups[random.random_range(0..3)];
        let workspaces = self.some(random);
        match random.random_range(0..3) {
            0 => drop(enrollment_ensure_all(connection, call, group, &workspaces).await.unwrap()),
            1 => drop(enrollment_ensure_none(connection, call, group, &workspaces).await.unwrap()),
            _ => {
                let to = self.groups[random.random_range(0..3)];
                let members: Vec<EnrollmentId> = self.members(connection, group, &workspaces).await;
                let keeps = random.random_bool(0.5);
                let moved = enrollment_move(connection, call, (group, to), &members, keeps).await;
                assert!(moved.is_ok() || members.is_empty() || group == to, "{moved:?}");
            }
        }
    }

    async fn members(
        &self,
        connection: &mut PgConnection,
        group: GroupId,
        workspaces: &[WorkspaceId],
    ) -> Vec<EnrollmentId> {
        let mut members = Vec::new();
        for workspace in workspaces {
            members
                .extend(enrollment_of_workspaces(connection, group, &[*workspace]).await.unwrap_or_default());
        }
        members
    }
}

fn is_refusal<T>(outcome: &Outcome<T>) -> bool {
    matches!(outcome, Err(Failure::Problem(_)))
}

#[database_test]
async fn undo_brings_back_what_was_there_before(pool: PgPool) {
    let scene = Scene::new(&pool).await;
    let mut connection = pool.acquire().await.unwrap();
    let mut random = StdRng::seed_from_u64(7);
    for step in 0..150 {
        let before = scene.live(&mut connection).await;
        let change = call();
        scene.change(&mut connection, &change, &mut random).await;
        let after = scene.live(&mut connection).await;
        if random.random_bool(0.5) {
            let undo = call();
            let undone = change_set_undo(&mut connection, &undo, change.change_set, None).await;
            assert_eq!(undone.is_ok(), before != after, "step {step}: {undone:?}");
            assert_eq!(scene.live(&mut connection).await, before, "step {step}");
            if before != after && random.random_bool(0.5) {
                change_set_undo(&mut connection, &call(), undo.change_set, None).await.unwrap();
                assert_eq!(scene.live(&mut connection).await, after, "step {step}: the undo is undone");
            }
        }
        assert_eq!(violations(&mut connection).await, Vec::<String>::new(), "step {step}");
    }
}

#[database_test]
async fn restore_brings_back_a_moment_and_late_undo_keeps_the_invariants(pool: PgPool) {
    let scene = Scene::new(&pool).await;
    let mut connection = pool.acquire().await.unwrap();
    let mut random = StdRng::seed_from_u64(8);
    let (mut moments, mut sets) = (Vec::new(), Vec::new());
    for step in 0..120 {
        let change = call();
        scene.change(&mut connection, &change, &mut random).await;
        sets.push(change.change_set);
        // Times have milliseconds.
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        moments.push((clock::system().now(), scene.live(&mut connection).await));
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        if step % 5 == 4 {
            let (moment, then) = &moments[random.random_range(0..moments.len())];
            let index = random.random_range(0..3);
            group_restore(&mut connection, &call(), (scene.groups[index], *moment), None).await.unwrap();
            let of =
                |live: &Live| live.iter().copied().filter(|(group, _)| *group == index).collect::<Live>();
            assert_eq!(of(&scene.live(&mut connection).await), of(then), "step {step}");
        }
        if step % 7 == 6 {
            let undone =
                change_set_undo(&mut connection, &call(), sets[random.random_range(0..sets.len())], None)
                    .await;
            assert!(undone.is_ok() || is_refusal(&undone), "{undone:?}");
        }
        assert_eq!(violations(&mut connection).await, Vec::<String>::new(), "step {step}");
    }
}
