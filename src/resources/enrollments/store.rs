//! Every statement that touches `core_api.workspace_group_workspaces`.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use super::model::{
    Candidate, CreatedBy, Enrollment, EnrollmentFilter, EnrollmentInclude, EnrollmentSort, EnrollmentSortKey,
    EnrollmentStatus, EnrollmentWith,
};
use super::rules::EnrollAttempt;
use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::problem::LiveEnrollment;
use crate::platform::db::contains_pattern;
use crate::platform::db::keyset::{Order, SortKey};
use crate::platform::failure::Outcome;
use crate::resources::people::model::Person;
use crate::resources::workspace_groups::model::WorkspaceGroup;
use crate::resources::workspaces::model::Workspace;

/// Tries to enroll each workspace in the group, in one statement. The unique index decides about
/// each pair: a conflict is waited for and then told, not raised, so the transaction lives on.
///
/// `FOR KEY SHARE` on group and workspaces makes a removal that is under way finish first, after
/// which they count as not found.
pub(super) async fn insert(
    connection: &mut PgConnection,
    group: GroupId,
    workspaces: &[WorkspaceId],
    created_by: Option<PersonId>,
    now: DateTime<Utc>,
) -> Outcome<Vec<EnrollAttempt>> {
    let workspaces: Vec<Uuid> = workspaces.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        r#"
        WITH grp AS (
            SELECT pk FROM core_api.workspace_groups
            WHERE workspace_group_id = $1 AND deleted_at IS NULL
            FOR KEY SHARE
        ), wanted AS (
            SELECT pk, workspace_id FROM core_api.workspaces
            WHERE workspace_id = ANY($2) AND deleted_at IS NULL
            ORDER BY pk
            FOR KEY SHARE
        ), person AS (
            SELECT pk FROM core_api.peoples WHERE people_id = $3 FOR KEY SHARE
        ), inserted AS (
            INSERT INTO core_api.workspace_group_workspaces
                (workspace_group_pk, workspace_pk, created_by_pk, created_at, updated_at)
            SELECT grp.pk, wanted.pk, (SELECT pk FROM person), $4, $4
            FROM grp CROSS JOIN wanted
            WHERE $3::uuid IS NULL OR EXISTS (SELECT 1 FROM person)
            ORDER BY wanted.pk
            ON CONFLICT (workspace_group_pk, workspace_pk) WHERE deleted_at IS NULL DO NOTHING
            RETURNING workspace_group_workspace_id, workspace_pk
        )
        SELECT asked.workspace_id AS "workspace!",
               EXISTS (SELECT 1 FROM grp) AS "group_found!",
               wanted.pk IS NOT NULL AS "workspace_found!",
               ($3::uuid IS NULL OR EXISTS (SELECT 1 FROM person)) AS "person_found!",
               inserted.workspace_group_workspace_id AS "enrollment?"
        FROM unnest($2::uuid[]) WITH ORDINALITY AS asked (workspace_id, position)
        LEFT JOIN wanted ON wanted.workspace_id = asked.workspace_id
        LEFT JOIN inserted ON inserted.workspace_pk = wanted.pk
        ORDER BY asked.position
        "#,
        group.uuid(),
        &workspaces,
        created_by.map(PersonId::uuid),
        now as DateTime<Utc>,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| EnrollAttempt {
            workspace: WorkspaceId::new(row.workspace),
            group_found: row.group_found,
            workspace_found: row.workspace_found,
            person_found: row.person_found,
            enrollment: row.enrollment.map(EnrollmentId::new),
        })
        .collect())
}

/// The live row of a pair, with the names that explain it.
pub(super) async fn live_of_pair(
    connection: &mut PgConnection,
    group: GroupId,
    workspace: WorkspaceId,
) -> Outcome<Option<LiveEnrollment>> {
    let row = sqlx::query!(
        r#"
        SELECT e.workspace_group_workspace_id AS id, e.created_at AS "created_at: DateTime<Utc>", g.name AS group_name,
               w.name AS workspace_name, btrim(p.first_name || ' ' || p.last_name) AS enrolled_by
        FROM core_api.workspace_group_workspaces e
        JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
        JOIN core_api.workspaces w ON w.pk = e.workspace_pk
        LEFT JOIN core_api.peoples p ON p.pk = e.created_by_pk
        WHERE g.workspace_group_id = $1 AND w.workspace_id = $2 AND e.deleted_at IS NULL
        "#,
        group.uuid(),
        workspace.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| LiveEnrollment {
        id: EnrollmentId::new(row.id),
        group,
        group_name: row.group_name,
        workspace,
        workspace_name: row.workspace_name,
        enrolled_by: row.enrolled_by,
        enrolled_at: row.created_at,
    }))
}

/// Was it live until now? Clocks of two machines may disagree: a row is never removed before it was
/// made.
pub(super) async fn set_deleted(
    connection: &mut PgConnection,
    id: EnrollmentId,
    now: DateTime<Utc>,
) -> Outcome<bool> {
    let done = sqlx::query!(
        "UPDATE core_api.workspace_group_workspaces
         SET deleted_at = greatest($2, created_at), updated_at = greatest($2, created_at)
         WHERE workspace_group_workspace_id = $1 AND deleted_at IS NULL",
        id.uuid(),
        now as DateTime<Utc>,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn exists(connection: &mut PgConnection, id: EnrollmentId) -> Outcome<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM core_api.workspace_group_workspaces
                          WHERE workspace_group_workspace_id = $1) AS "exists!""#,
        id.uuid(),
    )
    .fetch_one(connection)
    .await?)
}

pub(super) struct Attribution {
    pub(super) person: Option<PersonId>,
    pub(super) name: Option<String>,
}

/// Who it stands to, held until the transaction ends.
pub(super) async fn lock_attribution(
    connection: &mut PgConnection,
    id: EnrollmentId,
) -> Outcome<Option<Attribution>> {
    let row = sqlx::query!(
        r#"
        SELECT p.people_id AS "person?", btrim(p.first_name || ' ' || p.last_name) AS name
        FROM core_api.workspace_group_workspaces e
        LEFT JOIN core_api.peoples p ON p.pk = e.created_by_pk
        WHERE e.workspace_group_workspace_id = $1
        FOR NO KEY UPDATE OF e
        "#,
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Attribution { person: row.person.map(PersonId::new), name: row.name }))
}

/// The person's name; `None` if there is no such person.
pub(super) async fn set_created_by(
    connection: &mut PgConnection,
    id: EnrollmentId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Outcome<Option<String>> {
    let name = sqlx::query_scalar!(
        r#"
        UPDATE core_api.workspace_group_workspaces e
        SET created_by_pk = p.pk, updated_at = greatest($3, e.created_at)
        FROM core_api.peoples p
        WHERE e.workspace_group_workspace_id = $1 AND p.people_id = $2
        RETURNING btrim(p.first_name || ' ' || p.last_name) AS "name!"
        "#,
        id.uuid(),
        person.uuid(),
        now as DateTime<Utc>,
    )
    .fetch_optional(connection)
    .await?;
    Ok(name)
}

pub(super) async fn clear_created_by(
    connection: &mut PgConnection,
    id: EnrollmentId,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE core_api.workspace_group_workspaces
         SET created_by_pk = NULL, updated_at = greatest($2, created_at)
         WHERE workspace_group_workspace_id = $1",
        id.uuid(),
        now as DateTime<Utc>,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The columns of one row with what it relates to; ids always, the rest where asked for.
fn push_columns(query: &mut QueryBuilder<'_, Postgres>, include: EnrollmentInclude) {
    query.push(
        "SELECT e.workspace_group_workspace_id, e.created_at, e.updated_at, e.deleted_at, \
         g.workspace_group_id, w.workspace_id, p.people_id",
    );
    if include.group {
        query.push(
            ", g.name AS g_name, g.created_at AS g_created_at, g.updated_at AS g_updated_at, \
             g.deleted_at AS g_deleted_at, gp.people_id AS g_created_by",
        );
    }
    if include.workspace {
        query.push(
            ", w.name AS w_name, w.description AS w_description, w.external_workspace_id AS w_external_workspace_id, \
             w.avatar_color AS w_avatar_color, w.created_at AS w_created_at, w.updated_at AS w_updated_at, \
             w.deleted_at AS w_deleted_at",
        );
    }
    if include.created_by {
        query.push(
            ", p.first_name AS p_first_name, p.last_name AS p_last_name, p.email AS p_email, \
             p.created_at AS p_created_at, p.updated_at AS p_updated_at",
        );
    }
}

fn push_joins(query: &mut QueryBuilder<'_, Postgres>, include: EnrollmentInclude) {
    query.push(
        " JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk \
          JOIN core_api.workspaces w ON w.pk = e.workspace_pk \
          LEFT JOIN core_api.peoples p ON p.pk = e.created_by_pk",
    );
    if include.group {
        query.push(" LEFT JOIN core_api.peoples gp ON gp.pk = g.created_by_pk");
    }
}

fn read(row: &PgRow, include: EnrollmentInclude) -> Result<EnrollmentWith, sqlx::Error> {
    let group = GroupId::new(row.try_get("workspace_group_id")?);
    let workspace = WorkspaceId::new(row.try_get("workspace_id")?);
    let created_by = row.try_get::<Option<Uuid>, _>("people_id")?.map(PersonId::new);
    Ok(EnrollmentWith {
        enrollment: Enrollment {
            id: EnrollmentId::new(row.try_get("workspace_group_workspace_id")?),
            group,
            workspace,
            created_by,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
            deleted_at: row.try_get("deleted_at")?,
        },
        group: include.group.then(|| read_group(row, group)).transpose()?,
        workspace: include.workspace.then(|| read_workspace(row, workspace)).transpose()?,
        created_by: created_by.filter(|_| include.created_by).map(|id| read_person(row, id)).transpose()?,
    })
}

fn read_group(row: &PgRow, id: GroupId) -> Result<WorkspaceGroup, sqlx::Error> {
    Ok(WorkspaceGroup {
        id,
        name: row.try_get("g_name")?,
        created_by: row.try_get::<Option<Uuid>, _>("g_created_by")?.map(PersonId::new),
        created_at: row.try_get("g_created_at")?,
        updated_at: row.try_get("g_updated_at")?,
        deleted_at: row.try_get("g_deleted_at")?,
    })
}

fn read_workspace(row: &PgRow, id: WorkspaceId) -> Result<Workspace, sqlx::Error> {
    Ok(Workspace {
        id,
        name: row.try_get("w_name")?,
        description: row.try_get("w_description")?,
        external_workspace_id: row.try_get("w_external_workspace_id")?,
        avatar_color: row.try_get("w_avatar_color")?,
        created_at: row.try_get("w_created_at")?,
        updated_at: row.try_get("w_updated_at")?,
        deleted_at: row.try_get("w_deleted_at")?,
    })
}

fn read_person(row: &PgRow, id: PersonId) -> Result<Person, sqlx::Error> {
    Ok(Person {
        id,
        first_name: row.try_get("p_first_name")?,
        last_name: row.try_get("p_last_name")?,
        email: row.try_get("p_email")?,
        created_at: row.try_get("p_created_at")?,
        updated_at: row.try_get("p_updated_at")?,
    })
}

pub(super) async fn get(
    connection: &mut PgConnection,
    id: EnrollmentId,
    include: EnrollmentInclude,
) -> Outcome<Option<EnrollmentWith>> {
    let mut query = QueryBuilder::new("");
    push_columns(&mut query, include);
    query.push(" FROM core_api.workspace_group_workspaces e");
    push_joins(&mut query, include);
    query.push(" WHERE e.workspace_group_workspace_id = ").push_bind(id.uuid());
    let row = query.build().fetch_optional(connection).await?;
    Ok(row.map(|row| read(&row, include)).transpose()?)
}

fn order(sort: &EnrollmentSort) -> Order {
    let key = |&(key, descending): &(EnrollmentSortKey, bool)| SortKey {
        expression: match key {
            EnrollmentSortKey::CreatedAt => "e.created_at",
            EnrollmentSortKey::UpdatedAt => "coalesce(e.updated_at, 'infinity')",
            EnrollmentSortKey::DeletedAt => "coalesce(e.deleted_at, 'infinity')",
        },
        descending,
    };
    Order { keys: sort.0.iter().map(key).collect(), id: "e.workspace_group_workspace_id" }
}

/// The one meaning of a filter, for lists and counts. Ids are looked up first and compared by key:
/// joining their tables would make Postgres read a whole group to find a page of it.
fn push_filter(query: &mut QueryBuilder<'_, Postgres>, filter: &EnrollmentFilter) {
    query.push(" WHERE ");
    query.push(match filter.status {
        EnrollmentStatus::Live => "e.deleted_at IS NULL",
        EnrollmentStatus::Removed => "e.deleted_at IS NOT NULL",
        EnrollmentStatus::Any => "true",
    });
    let groups = filter.groups.iter().map(|id| id.uuid()).collect();
    push_ids(query, "e.workspace_group_pk", "core_api.workspace_groups WHERE workspace_group_id", groups);
    let workspaces = filter.workspaces.iter().map(|id| id.uuid()).collect();
    push_ids(query, "e.workspace_pk", "core_api.workspaces WHERE workspace_id", workspaces);
    match &filter.created_by {
        None => {}
        Some(CreatedBy::Nobody) => {
            query.push(" AND e.created_by_pk IS NULL");
        }
        Some(CreatedBy::OneOf(people)) => {
            let people = people.iter().map(|id| id.uuid()).collect();
            push_ids(query, "e.created_by_pk", "core_api.peoples WHERE people_id", people);
        }
    }
}

/// One id compares with `=`, which leaves an index its order; several with `= ANY`.
fn push_ids(query: &mut QueryBuilder<'_, Postgres>, column: &str, lookup: &str, mut ids: Vec<Uuid>) {
    query.push(match ids.len() {
        0 => return,
        1 => format!(" AND {column} = (SELECT pk FROM {lookup} = "),
        _ => format!(" AND {column} = ANY (ARRAY(SELECT pk FROM {lookup} = ANY ("),
    });
    match ids.pop() {
        Some(id) if ids.is_empty() => query.push_bind(id).push(")"),
        Some(id) => {
            ids.push(id);
            query.push_bind(ids).push(")))")
        }
        None => query,
    };
}

pub(super) async fn list(
    connection: &mut PgConnection,
    filter: &EnrollmentFilter,
    sort: &EnrollmentSort,
    page: &PageRequest,
    include: EnrollmentInclude,
) -> Outcome<Page<EnrollmentWith>> {
    let order = order(sort);
    let mut query = QueryBuilder::new("");
    push_columns(&mut query, include);
    // The page first, from one table and one index; then what its few rows relate to.
    query.push(" FROM (SELECT e.* FROM core_api.workspace_group_workspaces e");
    push_filter(&mut query, filter);
    order.push_page(&mut query, page);
    query.push(") e");
    push_joins(&mut query, include);
    order.push_order(&mut query, page);
    let rows = query.build().fetch_all(connection).await?;
    let rows = rows.iter().map(|row| read(row, include)).collect::<Result<_, _>>()?;
    Ok(Page::from_lookahead(rows, page))
}

pub(super) async fn count(connection: &mut PgConnection, filter: &EnrollmentFilter) -> Outcome<i64> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM core_api.workspace_group_workspaces e");
    push_filter(&mut query, filter);
    Ok(query.build_query_scalar().fetch_one(connection).await?)
}

pub(super) async fn candidates(
    connection: &mut PgConnection,
    group: Option<GroupId>,
    search: &str,
    limit: u16,
) -> Outcome<Vec<Candidate>> {
    let lowered = search.to_lowercase();
    let rows = sqlx::query!(
        r#"
        SELECT w.workspace_id, w.name, w.external_workspace_id,
               EXISTS (SELECT 1 FROM core_api.workspace_group_workspaces e
                       WHERE e.workspace_pk = w.pk AND e.deleted_at IS NULL
                         AND e.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups
                                                     WHERE workspace_group_id = $1)) AS "enrolled!"
        FROM core_api.workspaces w
        WHERE w.deleted_at IS NULL
          AND (lower(w.name) LIKE $2 OR w.external_workspace_id = $3 OR w.workspace_id::text = $4)
        ORDER BY starts_with(lower(w.name), $4) DESC, lower(w.name), w.workspace_id
        LIMIT $5
        "#,
        group.map(GroupId::uuid),
        contains_pattern(&lowered),
        search,
        lowered,
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Candidate {
            workspace: WorkspaceId::new(row.workspace_id),
            name: row.name,
            external_workspace_id: row.external_workspace_id,
            enrolled: row.enrolled,
        })
        .collect())
}
