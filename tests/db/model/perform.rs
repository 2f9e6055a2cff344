//! Performs the steps of the model on the database.

use std::time::Duration;

use groupdesk::kernel::actor::{Actor, PersonRef, Source};
use groupdesk::kernel::id::{EnrollmentId, GroupId, ImportId, PersonId, WorkspaceId};
use groupdesk::kernel::problem::Problem;
use groupdesk::platform::call::{Call, WriteAndAttribute};
use groupdesk::platform::clock;
use groupdesk::platform::failure::{Failure, Outcome};
use groupdesk::resources::enrollments::model::{EnrollmentInclude, NewEnrollment};
use groupdesk::resources::enrollments::ops::{
    enrollment_change_creator, enrollment_enroll, enrollment_enroll_attributed, enrollment_ensure_all,
    enrollment_ensure_none, enrollment_get_many, enrollment_of_pair, enrollment_readd, enrollment_remove,
};
use groupdesk::resources::flows::delete_person::person_delete;
use groupdesk::resources::flows::groups_and_workspaces::{group_remove, workspace_remove};
use groupdesk::resources::imports::model::ImportMode;
use groupdesk::resources::imports::ops::{ListReceiver, NewList, import_start};
use groupdesk::resources::imports::rules::ListForm;
use groupdesk::resources::imports::rules::removals::RemovalCheck;
use groupdesk::resources::imports::worker::{BatchOutcome, run_batch};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::reference_model::{Reason, Reasons};
use super::steps::{Action, GROUPS, PEOPLE, Pair, Step, WORKSPACES};

/// The rows of one case, which no other case uses.
pub(super) struct Case {
    pub(super) groups: Vec<GroupId>,
    pub(super) workspaces: Vec<WorkspaceId>,
    pub(super) people: Vec<PersonRef>,
}

/// The reported effects of an action.
#[derive(Debug, Default)]
pub(super) struct Performed {
    pub(super) enrolled: Vec<(EnrollmentId, Pair)>,
    pub(super) removed: Vec<EnrollmentId>,
    /// The number of changed creators.
    pub(super) corrected: usize,
}

/// The reason why nothing was done.
#[derive(Debug)]
pub(super) enum Refused {
    Problem(Problem),
    /// A conflict with another transaction, which cannot happen without concurrency.
    Conflict,
    /// There is no row for this pair.
    NoRow,
}

impl Refused {
    pub(super) fn kinds(&self) -> Reasons {
        match self {
            Self::Problem(Problem::Several(problems)) => problems.iter().map(reason).collect(),
            Self::Problem(problem) => [reason(problem)].into(),
            Self::NoRow => [Reason::NoRow].into(),
            Self::Conflict => panic!("a conflict without concurrency"),
        }
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Problem(problem) => Self::Problem(problem),
            Failure::Conflict(_) => Self::Conflict,
            Failure::Unavailable(error) | Failure::Fault(error) => panic!("a fault: {error}"),
        }
    }
}

fn reason(problem: &Problem) -> Reason {
    match problem {
        Problem::GroupNotFound(_) => Reason::NoGroup,
        Problem::WorkspaceNotFound(_) => Reason::NoWorkspace,
        Problem::PersonNotFound(_) => Reason::NoPerson,
        Problem::SignedOut => Reason::SignedOut,
        Problem::AlreadyEnrolled(_) => Reason::AlreadyIn,
        Problem::NotEnrolled { .. } => Reason::NotIn,
        Problem::OwnPerson => Reason::Oneself,
        Problem::GroupHasLiveEnrollments(_) | Problem::WorkspaceHasLiveEnrollments(_) => Reason::HasLive,
        other => panic!("unexpected: {other:?}"),
    }
}

impl Case {
    pub(super) async fn new(pool: &PgPool) -> Self {
        let groups = "INSERT INTO core_api.workspace_groups (name) SELECT 'Group ' || n
                      FROM generate_series(1, $1) n RETURNING workspace_group_id";
        let workspaces = "INSERT INTO core_api.workspaces (name) SELECT 'Workspace ' || n
                          FROM generate_series(1, $1) n RETURNING workspace_id";
        let people = "INSERT INTO core_api.peoples (first_name, last_name) SELECT 'Person', n::text
                      FROM generate_series(0, $1 - 1) n RETURNING people_id";
        let people = ids(pool, people, PEOPLE).await.into_iter().enumerate();
        let person = |(number, id)| PersonRef { id: PersonId::new(id), name: person_name(number) };
        Self {
            groups: ids(pool, groups, GROUPS).await.into_iter().map(GroupId::new).collect(),
            workspaces: ids(pool, workspaces, WORKSPACES).await.into_iter().map(WorkspaceId::new).collect(),
            people: people.map(person).collect(),
        }
    }

    fn new_enrollment(&self, pair: Pair) -> NewEnrollment {
        NewEnrollment { group: self.groups[pair.group], workspace: self.workspaces[pair.workspace] }
    }

    fn person(&self, person: Option<usize>) -> Option<PersonId> {
        person.map(|person| self.people[person].id)
    }

    fn workspaces(&self, some: &[usize]) -> Vec<WorkspaceId> {
        some.iter().map(|workspace| self.workspaces[*workspace]).collect()
    }

    pub(super) fn pair(&self, group: GroupId, workspace: WorkspaceId) -> Pair {
        let group = self.groups.iter().position(|id| *id == group).unwrap();
        Pair { group, workspace: self.workspaces.iter().position(|id| *id == workspace).unwrap() }
    }

    fn call(&self, actor: Option<usize>) -> Call<WriteAndAttribute> {
        let person = actor.map(|actor| self.people[actor].clone());
        let actor = Actor { person, source: Source::Web, token_name: None };
        Call::granted(actor, clock::system().now(), None)
    }
}

pub(super) fn person_name(number: usize) -> String {
    format!("Person {number}")
}

async fn ids(pool: &PgPool, statement: &'static str, number: usize) -> Vec<Uuid> {
    let number = i32::try_from(number).unwrap();
    sqlx::query_scalar(statement).bind(number).fetch_all(pool).await.unwrap()
}

pub(super) async fn perform_action(
    pool: &PgPool,
    case: &Case,
    action: &Action,
) -> Result<Performed, Refused> {
    match action {
        Action::Steps { actor, steps, is_committed } => {
            let mut transaction = pool.begin().await.unwrap();
            let call = case.call(*actor);
            let mut done = Performed::default();
            for step in steps {
                perform(&mut transaction, case, &call, step, &mut done).await?;
            }
            if !is_committed {
                return Ok(Performed::default());
            }
            transaction.commit().await.map_err(Failure::from)?;
            Ok(done)
        }
        Action::Import { actor, group, lines } => import(pool, case, *actor, *group, lines).await,
    }
}

async fn perform(
    connection: &mut PgConnection,
    case: &Case,
    call: &Call<WriteAndAttribute>,
    step: &Step,
    done: &mut Performed,
) -> Result<(), Refused> {
    match step {
        Step::Enroll(pair) => {
            let enrolled = enrollment_enroll(connection, call, case.new_enrollment(*pair)).await?;
            done.enrolled.push((enrolled.id, *pair));
        }
        Step::EnrollFor(pair, person) => {
            let (new_enrollment, person) = (case.new_enrollment(*pair), case.person(*person));
            let enrolled = enrollment_enroll_attributed(connection, call, new_enrollment, person).await?;
            done.enrolled.push((enrolled.id, *pair));
        }
        Step::Remove(pair) => {
            let id = enrollment_of_pair(connection, case.new_enrollment(*pair)).await?;
            if enrollment_remove(connection, call, id).await? {
                done.removed.push(id);
            }
        }
        Step::Readd(pair) => {
            let (id, is_live) = last(connection, case.new_enrollment(*pair)).await.ok_or(Refused::NoRow)?;
            if is_live {
                return Err(Refused::NoRow);
            }
            done.enrolled.push((enrollment_readd(connection, call, id).await?.id, *pair));
        }
        Step::EnrollMany(group, some) => {
            let (group, some) = (case.groups[*group], case.workspaces(some));
            let ids = enrollment_ensure_all(connection, call, group, &some).await?;
            done.enrolled.extend(with_pairs(connection, case, &ids).await?);
        }
        Step::RemoveMany(group, some) => {
            let (group, some) = (case.groups[*group], case.workspaces(some));
            done.removed.extend(enrollment_ensure_none(connection, call, group, &some).await?);
        }
        Step::Correct(pair, to) => {
            let (id, _) = last(connection, case.new_enrollment(*pair)).await.ok_or(Refused::NoRow)?;
            let to = case.person(*to);
            let (from, _) = enrollment_change_creator(connection, call, id, to).await?;
            done.corrected += usize::from(from != to);
        }
        Step::RemoveGroup(group) => group_remove(connection, call, case.groups[*group]).await?,
        Step::RemoveWorkspace(workspace) => {
            workspace_remove(connection, call, case.workspaces[*workspace]).await?;
        }
        Step::DeletePerson(person) => person_delete(connection, call, case.people[*person].id).await?,
    }
    Ok(())
}

/// The newest row of a pair, and whether it is live.
async fn last(connection: &mut PgConnection, new_enrollment: NewEnrollment) -> Option<(EnrollmentId, bool)> {
    let row: Option<(Uuid, bool)> = sqlx::query_as(
        "SELECT e.workspace_group_workspace_id, e.deleted_at IS NULL
         FROM core_api.workspace_group_workspaces e
         JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
         JOIN core_api.workspaces w ON w.pk = e.workspace_pk
         WHERE g.workspace_group_id = $1 AND w.workspace_id = $2 ORDER BY e.pk DESC LIMIT 1",
    )
    .bind(new_enrollment.group.uuid())
    .bind(new_enrollment.workspace.uuid())
    .fetch_optional(connection)
    .await
    .unwrap();
    row.map(|(id, is_live)| (EnrollmentId::new(id), is_live))
}

async fn with_pairs(
    connection: &mut PgConnection,
    case: &Case,
    ids: &[EnrollmentId],
) -> Outcome<Vec<(EnrollmentId, Pair)>> {
    let found = enrollment_get_many(connection, ids, EnrollmentInclude::default()).await?;
    let with_pairs = found.into_iter().map(|with| with.enrollment);
    Ok(with_pairs.map(|row| (row.id, case.pair(row.group, row.workspace))).collect())
}

/// Runs an import from its list to the last line, as handlers and the worker do.
async fn import(
    pool: &PgPool,
    case: &Case,
    actor: Option<usize>,
    group: usize,
    lines: &[Option<usize>],
) -> Result<Performed, Refused> {
    let mut connection = pool.acquire().await.map_err(Failure::from)?;
    let actor = match actor {
        Some(actor) if person_exists(&mut connection, &case.people[actor]).await => Some(actor),
        Some(_) | None => None,
    };
    let call = case.call(actor);
    let word = |line: &Option<usize>| {
        line.map_or_else(|| "nothing".to_owned(), |workspace| case.workspaces[workspace].to_string())
    };
    let text: Vec<String> = lines.iter().map(word).collect();
    let group = case.groups[group];
    let new = NewList::new(ListForm::Pasted, ImportMode::Enroll, None);
    let mut list = ListReceiver::begin(&mut connection, &call, group, new).await?;
    drop(connection);
    list.push(pool, text.join("\n").as_bytes()).await?;
    list.end(pool).await?;
    let mut connection = pool.acquire().await.map_err(Failure::from)?;
    list.prepare(&mut connection).await?;
    let id = list.id;
    import_start(&mut connection, &call, id, RemovalCheck::NONE).await?;
    drop(connection);
    loop {
        match run_batch(pool, &clock::system(), Some(id)).await.map_err(Refused::from) {
            Ok(BatchOutcome::Idle) if is_ended(pool, id).await => break,
            Ok(BatchOutcome::Done(..) | BatchOutcome::Orphaned(_) | BatchOutcome::Unexplained(_)) => {}
            // Conflicts pass, and the person who started it may be deleted in between.
            Ok(BatchOutcome::Idle) | Err(Refused::Conflict | Refused::Problem(Problem::SignedOut)) => {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            Err(refused) => return Err(refused),
        }
    }
    let mut connection = pool.acquire().await.map_err(Failure::from)?;
    let ids: Vec<EnrollmentId> = enrolled_by(&mut connection, id).await;
    Ok(Performed { enrolled: with_pairs(&mut connection, case, &ids).await?, ..Performed::default() })
}

async fn person_exists(connection: &mut PgConnection, person: &PersonRef) -> bool {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM core_api.peoples WHERE people_id = $1)")
        .bind(person.id.uuid())
        .fetch_one(connection)
        .await
        .unwrap()
}

async fn is_ended(pool: &PgPool, id: ImportId) -> bool {
    sqlx::query_scalar(
        "SELECT state IN ('finished', 'cancelled') FROM groupdesk.imports WHERE import_id = $1",
    )
    .bind(id.uuid())
    .fetch_one(pool)
    .await
    .unwrap()
}

async fn enrolled_by(connection: &mut PgConnection, id: ImportId) -> Vec<EnrollmentId> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "SELECT e.workspace_group_workspace_id FROM groupdesk.import_lines l
         JOIN groupdesk.imports i ON i.pk = l.import_pk
         JOIN core_api.workspace_group_workspaces e ON e.pk = l.enrollment_pk
         WHERE i.import_id = $1 AND l.outcome = 'enrolled'",
    )
    .bind(id.uuid())
    .fetch_all(connection)
    .await
    .unwrap();
    ids.into_iter().map(EnrollmentId::new).collect()
}
