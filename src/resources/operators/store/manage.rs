//! The statements of what admins do with operators.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, QueryBuilder};
use uuid::Uuid;

use super::super::model::{Facts, OperatorSummary, Standing};
use crate::kernel::actor::{PersonRef, Role};
use crate::kernel::id::{OperatorId, PersonId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::text::Email;
use crate::platform::db::id_filters::IdFilters;
use crate::platform::db::keyset::{Arm, ArmKey, Last, Order, SortKey, Source};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::rows::Columns;

const COLUMNS: &str = "SELECT o.operator_id, o.email, o.role, p.people_id, \
     btrim(p.first_name || ' ' || p.last_name), o.created_at, o.last_signed_in_at, \
     o.password_hash IS NOT NULL, o.disabled_at, \
     (SELECT max(l.expires_at) FROM groupdesk.sign_in_links l WHERE l.operator_pk = o.pk AND l.used_at IS NULL), \
     (SELECT max(i.linked_at) FROM groupdesk.operator_identities i WHERE i.operator_pk = o.pk) FROM ";

fn role(word: &str) -> Outcome<Role> {
    Role::from_word(word).ok_or_else(|| Failure::fault(format!("unknown role '{word}'")))
}

fn person(id: Option<Uuid>, name: Option<String>) -> Option<PersonRef> {
    id.map(|id| PersonRef { id: PersonId::new(id), name: name.unwrap_or_default() })
}

fn read(row: &PgRow, now: DateTime<Utc>) -> Outcome<OperatorSummary> {
    let mut columns = Columns::of(row);
    let id = OperatorId::new(columns.take()?);
    let email = columns.take()?;
    let role = role(columns.take()?)?;
    let person = person(columns.take()?, columns.take()?);
    let (created_at, last_signed_in_at) = (columns.take()?, columns.take()?);
    let (has_password, disabled_at, link_expires_at) = (columns.take()?, columns.take()?, columns.take()?);
    let linked_at: Option<DateTime<Utc>> = columns.take()?;
    let facts = Facts {
        has_person: person.is_some(),
        has_password,
        is_linked: linked_at.is_some(),
        disabled_at,
        link_expires_at,
    };
    let status = facts.status(now);
    Ok(OperatorSummary { id, email, role, person, status, created_at, last_signed_in_at, linked_at })
}

pub(in super::super) async fn get(
    connection: &mut PgConnection,
    id: OperatorId,
    now: DateTime<Utc>,
) -> Outcome<Option<OperatorSummary>> {
    let mut query = QueryBuilder::new(COLUMNS);
    query.push(
        "groupdesk.operators o LEFT JOIN core_api.peoples p ON p.pk = o.people_pk WHERE o.operator_id = ",
    );
    query.push_bind(id.uuid());
    let row = query.build().fetch_optional(connection).await?;
    row.map(|row| read(&row, now)).transpose()
}

pub(in super::super) async fn find_by_email(
    connection: &mut PgConnection,
    email: &Email,
) -> Outcome<Option<OperatorId>> {
    let id = sqlx::query_scalar!(
        "SELECT operator_id FROM groupdesk.operators
         WHERE lower(email) IN (lower($1), lower(groupdesk.decomposed($1)))
         ORDER BY lower(email) = lower($1) DESC LIMIT 1",
        email.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(id.map(OperatorId::new))
}

const ORDER: [SortKey; 1] = [SortKey { expression: "o.created_at", descending: true, folded: false }];

pub(in super::super) async fn list(
    connection: &mut PgConnection,
    page: &PageRequest,
    now: DateTime<Utc>,
) -> Outcome<Page<OperatorSummary>> {
    let arms = [Arm { condition: "true".into(), keys: vec![ArmKey::Indexed("o.created_at")], lead: None }];
    let by_ids = IdFilters::new([]);
    let source = Source { table: "groupdesk.operators", alias: "o", arms: &arms, by_ids: &by_ids };
    let order = Order { keys: ORDER.to_vec(), last: Last::Id("o.operator_id") };
    let mut query = QueryBuilder::new(COLUMNS);
    order.push_page(&mut query, &source, page, |_, _| ());
    query.push(" o LEFT JOIN core_api.peoples p ON p.pk = o.people_pk");
    order.push_order(&mut query, page);
    let rows = query.build().fetch_all(connection).await?;
    let operators = rows.iter().map(|row| read(row, now)).collect::<Outcome<_>>()?;
    Ok(Page::from_lookahead(operators, page))
}

/// The operator and all admins, whom nobody else changes until the transaction ends. In the order of
/// their keys, so that two who come at once wait for one another in turn.
pub(in super::super) async fn hold(connection: &mut PgConnection, id: OperatorId) -> Outcome<Vec<Standing>> {
    let rows = sqlx::query!(
        r#"WITH held AS (
               SELECT * FROM groupdesk.operators WHERE operator_id = $1 OR role = 'admin'
               ORDER BY pk FOR NO KEY UPDATE
           )
           SELECT o.operator_id AS "operator_id!", o.email AS "email!", o.role AS "role!",
                  o.password_hash IS NOT NULL AS "has_password!", o.disabled_at IS NOT NULL AS "is_disabled!",
                  EXISTS (SELECT 1 FROM groupdesk.operator_identities i WHERE i.operator_pk = o.pk) AS "is_linked!",
                  p.people_id AS "people_id?", btrim(p.first_name || ' ' || p.last_name) AS person_name
           FROM held o LEFT JOIN core_api.peoples p ON p.pk = o.people_pk"#,
        id.uuid(),
    )
    .fetch_all(connection)
    .await?;
    let standing = rows.into_iter().map(|row| {
        Ok(Standing {
            id: OperatorId::new(row.operator_id),
            email: row.email,
            role: role(&row.role)?,
            person: person(row.people_id, row.person_name),
            is_disabled: row.is_disabled,
            has_password: row.has_password,
            is_linked: row.is_linked,
        })
    });
    standing.collect()
}

pub(in super::super) async fn set_role(
    connection: &mut PgConnection,
    id: OperatorId,
    role: Role,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE groupdesk.operators SET role = $2, updated_at = $3 WHERE operator_id = $1",
        id.uuid(),
        role.word(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(in super::super) async fn set_disabled(
    connection: &mut PgConnection,
    id: OperatorId,
    since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE groupdesk.operators SET disabled_at = $2, updated_at = $3 WHERE operator_id = $1",
        id.uuid(),
        since,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(in super::super) async fn forget_password(
    connection: &mut PgConnection,
    id: OperatorId,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE groupdesk.operators SET password_hash = NULL, updated_at = $2 WHERE operator_id = $1",
        id.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(in super::super) async fn end_links(
    connection: &mut PgConnection,
    id: OperatorId,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE groupdesk.sign_in_links SET used_at = $2
         WHERE used_at IS NULL AND operator_pk = (SELECT pk FROM groupdesk.operators WHERE operator_id = $1)",
        id.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
