//! Lists of enrollments and of their events that match a text. The text is in other tables: it is the name or the external id
//! of the workspace, or the name of the group.
//!
//! The smaller side leads. If few workspaces and groups match, the list is read by their keys. If many match, a page of one
//! group or one person is found soon by looking at its rows, in the order of the list, and that ends after a limited number of
//! rows. Otherwise the text is refused as `SearchTooBroad`.

use sqlx::postgres::PgRow;
use sqlx::{Decode, PgConnection, Postgres, Row, Type};

use super::{Query, push_search, workspace_searchable};
use crate::kernel::id::{GroupId, WorkspaceId};
use crate::kernel::page::{PAGE_SIZE_MAX, Page, PageRequest};
use crate::kernel::problem::Problem;
use crate::platform::db::id_filters::IdFilters;
use crate::platform::db::keyset::{Branch, Order, Source, Walk};
use crate::platform::db::search::{SearchTerms, fetch_matches, fetch_rows};
use crate::platform::failure::Outcome;

/// The number of workspaces, and of groups, by whose keys a list is read that is not limited to a group or a workspace.
const KEYS_MAX: usize = 100;

/// The number of rows of a group or a person that are looked at for a page. Folding their names takes some 0.15 seconds.
const WALK_MAX: u16 = 5_000;

const GROUP_SEARCHABLE: &str = "groupdesk.searchable(sg.name)";

/// The filters beside the text.
pub struct Scope<'a> {
    pub groups: &'a [GroupId],
    pub workspaces: &'a [WorkspaceId],
    /// Whether another filter leaves a handful of rows.
    pub is_small: bool,
    /// Whether an index has the rows of this scope in the order of the list, if there is no filter by groups or workspaces.
    pub is_in_order: bool,
    /// The number of matching workspaces by whose keys the list of a group is read.
    pub keys_max: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sides {
    workspace: bool,
    group: bool,
}

/// Rows of a list that have no row in common with its other parts. A list without a text has one part.
pub struct Part {
    pub id_filters: IdFilters,
    /// Workspaces whose rows are in another part.
    without: Vec<WorkspaceId>,
    /// What each row is tested for.
    test: Option<Sides>,
    is_bounded: bool,
}

impl Part {
    /// Whether the rows are looked at in the order of the list, and not read by the keys of what matches.
    pub const fn is_walked(&self) -> bool {
        self.is_bounded
    }

    const fn of(id_filters: IdFilters) -> Self {
        Self { id_filters, without: Vec::new(), test: None, is_bounded: false }
    }

    const fn tested(id_filters: IdFilters, sides: Sides, is_bounded: bool) -> Self {
        Self { id_filters, without: Vec::new(), test: Some(sides), is_bounded }
    }
}

/// The parts of a list; none if nothing matches. `id_filters` combines groups and workspaces with the other filters by ids.
pub async fn parts(
    connection: &mut PgConnection,
    text: Option<&str>,
    scope: &Scope<'_>,
    id_filters: impl Fn(&[GroupId], &[WorkspaceId]) -> IdFilters,
) -> Outcome<Vec<Part>> {
    let &Scope { groups, workspaces, is_small, is_in_order, keys_max } = scope;
    let all = || id_filters(groups, workspaces);
    let Some(terms) = text.and_then(SearchTerms::new) else { return Ok(vec![Part::of(all())]) };
    let sides = Sides {
        workspace: workspaces.is_empty() || !groups.is_empty(),
        group: groups.is_empty() || !workspaces.is_empty(),
    };
    if is_small || !workspaces.is_empty() {
        return Ok(vec![Part::tested(all(), sides, false)]);
    }
    let max = if groups.is_empty() { KEYS_MAX } else { keys_max };
    let of_workspaces: Option<Vec<WorkspaceId>> = find_workspaces(connection, &terms, max).await?;
    let of_groups: Option<Vec<GroupId>> =
        if sides.group { find_groups(connection, &terms, max).await? } else { Some(Vec::new()) };
    let Some((found, found_groups)) = of_workspaces.zip(of_groups) else {
        let is_walk = groups.len() == 1 || groups.is_empty() && is_in_order;
        return if is_walk {
            Ok(vec![Part::tested(all(), sides, true)])
        } else {
            Err(Problem::SearchTooBroad.into())
        };
    };
    let mut parts = Vec::new();
    if !found.is_empty() {
        parts.push(Part::of(id_filters(groups, &found)));
    }
    if !found_groups.is_empty() {
        parts.push(Part { without: found, ..Part::of(id_filters(&found_groups, &[])) });
    }
    Ok(parts)
}

async fn find_workspaces(
    connection: &mut PgConnection,
    terms: &SearchTerms,
    max: usize,
) -> Outcome<Option<Vec<WorkspaceId>>> {
    let start = "SELECT sw.workspace_id FROM core_api.workspaces sw WHERE true";
    find(connection, terms, start, [&workspace_searchable("sw"), "sw.workspace_id"], max).await
}

async fn find_groups(
    connection: &mut PgConnection,
    terms: &SearchTerms,
    max: usize,
) -> Outcome<Option<Vec<GroupId>>> {
    let start = "SELECT sg.workspace_group_id FROM core_api.workspace_groups sg WHERE true";
    find(connection, terms, start, [GROUP_SEARCHABLE, "sg.workspace_group_id"], max).await
}

/// The ids of all live and removed rows that match; `None` if there are more than `max`.
async fn find<I>(
    connection: &mut PgConnection,
    terms: &SearchTerms,
    start: &str,
    [searchable, id]: [&str; 2],
    max: usize,
) -> Outcome<Option<Vec<I>>>
where
    I: for<'r> Decode<'r, Postgres> + Type<Postgres>,
{
    let mut query = Query::new(start);
    push_search(&mut query, Some(&terms.text), searchable, id);
    query.push(format_args!(" LIMIT {}", max + 1));
    let rows = fetch_matches(connection, query.build(), terms).await?;
    if rows.len() > max {
        return Ok(None);
    }
    Ok(Some(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?))
}

/// A list that may have a text.
pub struct List<'a, F> {
    pub order: &'a Order,
    pub table: &'static str,
    pub alias: &'static str,
    pub branches: &'a [Branch],
    pub parts: &'a [Part],
    pub text: Option<&'a str>,
    pub page: &'a PageRequest,
    /// Appends the other filters of one branch.
    pub filter: F,
}

impl<F: Fn(&mut Query<'_>, &Branch, &IdFilters)> List<'_, F> {
    /// Appends a sub-select of the page, as [`Order::push_page`] does.
    pub fn push(&self, query: &mut Query<'_>) {
        match self.parts {
            [] => {
                let (table, alias) = (self.table, self.alias);
                query.push(format_args!("(SELECT {alias}.* FROM {table} {alias} WHERE false)"));
            }
            [part] => self.push_part(query, part),
            parts => self.order.push_union(query, self.alias, self.page, parts.len(), |query, index| {
                self.push_part(query, &parts[index]);
            }),
        }
    }

    fn push_part(&self, query: &mut Query<'_>, part: &Part) {
        let test = |query: &mut Query<'_>| {
            if let Some(sides) = part.test {
                push_test(query, self.alias, sides, self.text);
            }
        };
        let is_bounded = self.is_bounded(part);
        let walk: Option<Walk<'_>> = is_bounded.then_some((WALK_MAX, &test));
        let filter = |query: &mut Query<'_>, branch: &Branch| {
            (self.filter)(query, branch, &part.id_filters);
            part.push_without(query, self.alias);
            if part.test.is_some() && !is_bounded {
                query.push(" AND ");
                test(query);
            }
        };
        self.order.push_walk(query, &self.source(self.branches, part), self.page, filter, walk);
    }

    /// Files and changes of all that match read in parts that are larger than any page, and read to the end.
    const fn is_bounded(&self, part: &Part) -> bool {
        part.is_bounded && self.page.size <= PAGE_SIZE_MAX
    }

    const fn source<'b>(&self, branches: &'b [Branch], part: &'b Part) -> Source<'b> {
        Source { table: self.table, alias: self.alias, branches, id_filters: &part.id_filters }
    }

    /// Runs the statement, to which the caller has appended what follows the page, and reads the rows.
    pub async fn fetch<T>(
        &self,
        connection: &mut PgConnection,
        mut query: Query<'_>,
        is_planned: bool,
        read: impl Fn(&PgRow) -> Outcome<T>,
    ) -> Outcome<Page<T>> {
        let is_search = is_planned || self.text.is_some();
        let rows = fetch_rows(connection, query.build(), is_search).await?;
        // A full page may lack rows of one branch whose walk ended before the page's last row.
        if rows.len() <= usize::from(self.page.size) || self.branches.len() > 1 {
            self.check_end(connection).await?;
        }
        let items = rows.iter().map(read).collect::<Outcome<_>>()?;
        Ok(Page::from_lookahead(items, self.page))
    }

    /// Fails if rows may be left out because looking at them ended before the page was full.
    async fn check_end(&self, connection: &mut PgConnection) -> Outcome<()> {
        for part in self.parts.iter().filter(|part| self.is_bounded(part)) {
            for branch in self.branches {
                let walked = PageRequest { size: WALK_MAX - 1, start: self.page.start.clone() };
                let filter = |query: &mut Query<'_>, branch: &Branch| {
                    (self.filter)(query, branch, &part.id_filters);
                };
                let mut query = Query::new("SELECT count(*) FROM ");
                let source = self.source(std::slice::from_ref(branch), part);
                self.order.push_page(&mut query, &source, &walked, filter);
                query.push(" walked");
                let rows = fetch_rows(connection, query.build(), true).await?;
                let count: i64 =
                    rows.first().ok_or(sqlx::Error::RowNotFound).and_then(|row| row.try_get(0))?;
                if count >= i64::from(WALK_MAX) {
                    return Err(Problem::SearchTooBroad.into());
                }
            }
        }
        Ok(())
    }
}

impl Part {
    /// Appends ` AND …` to a statement that counts, without a limit of the rows.
    pub fn push_conditions(&self, query: &mut Query<'_>, alias: &str, text: Option<&str>) {
        self.push_without(query, alias);
        if let Some(sides) = self.test {
            query.push(" AND ");
            push_test(query, alias, sides, text);
        }
    }

    fn push_without(&self, query: &mut Query<'_>, alias: &str) {
        if !self.without.is_empty() {
            let keys = "SELECT pk FROM core_api.workspaces WHERE workspace_id = ANY (";
            query.push(format_args!(" AND {alias}.workspace_pk <> ALL (ARRAY({keys}"));
            query.push_bind(self.without.clone()).push(")))");
        }
    }
}

/// Scalar subqueries are never turned into joins, which would lose the order of the index.
fn push_test(query: &mut Query<'_>, alias: &str, sides: Sides, text: Option<&str>) {
    query.push("(");
    if sides.workspace {
        query.push("(SELECT true");
        push_search(query, text, &workspace_searchable("sw"), "sw.workspace_id");
        query.push(format_args!(" FROM core_api.workspaces sw WHERE sw.pk = {alias}.workspace_pk)"));
    }
    if sides.group {
        query.push(if sides.workspace { " OR (SELECT true" } else { "(SELECT true" });
        push_search(query, text, GROUP_SEARCHABLE, "sg.workspace_group_id");
        query.push(format_args!(
            " FROM core_api.workspace_groups sg WHERE sg.pk = {alias}.workspace_group_pk)"
        ));
    }
    query.push(")");
}
