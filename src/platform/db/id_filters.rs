//! Filters by public ids, which are looked up first and compared by key. A join would make Postgres read all rows of a
//! large group to find a page of them.

use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// The values of one column that a filter accepts, by the public ids of the rows they refer to.
#[derive(Debug, Clone)]
pub struct IdFilter {
    pub column: &'static str,
    /// The alias of the looked-up keys if this is the driving filter.
    pub alias: &'static str,
    /// For example `core_api.workspace_groups WHERE workspace_group_id`.
    pub lookup: &'static str,
    /// Whether each id has few rows, however large the table is.
    pub is_selective: bool,
    pub wanted: Vec<Uuid>,
}

#[derive(Debug, Clone)]
pub struct IdFilters {
    all: Vec<IdFilter>,
    /// The position of the driving filter in `all`. A page is read for each of its ids, because a database index
    /// returns the order of a list only for a single value of its first column.
    driving: Option<usize>,
}

impl IdFilters {
    /// Filters without ids accept everything and are dropped.
    pub fn new<const N: usize>(all: [IdFilter; N]) -> Self {
        let all: Vec<_> = all.into_iter().filter(|by| !by.wanted.is_empty()).collect();
        // A single id leads to its index. Of several lists only one drives, because pairs of ids would be too many pages. A
        // selective list drives even beside a single id: some workspaces of a large group are read as workspaces.
        let has_single = all.iter().any(|by| by.wanted.len() == 1);
        let has_selective_single = all.iter().any(|by| by.is_selective && by.wanted.len() == 1);
        let may_drive =
            |by: &IdFilter| by.wanted.len() > 1 && !has_selective_single && (by.is_selective || !has_single);
        let candidates = all.iter().enumerate().filter(|(_, by)| may_drive(by));
        let driving = candidates.min_by_key(|(_, by)| (!by.is_selective, by.wanted.len()));
        Self { driving: driving.map(|(index, _)| index), all }
    }

    pub fn driving(&self) -> Option<&IdFilter> {
        self.driving.and_then(|index| self.all.get(index))
    }

    pub fn push_conditions(&self, query: &mut QueryBuilder<'_, Postgres>) {
        for (index, by) in self.all.iter().enumerate() {
            by.push_condition(query, self.driving == Some(index));
        }
    }
}

impl IdFilter {
    fn push_condition(&self, query: &mut QueryBuilder<'_, Postgres>, is_driving: bool) {
        let is_set = self.wanted.len() > 1 && !is_driving;
        query.push(if is_set { " AND (" } else { " AND " }).push(self.column);
        match self.wanted[..] {
            [id] => query.push(" = (SELECT pk FROM ").push(self.lookup).push(" = ").push_bind(id).push(")"),
            _ if is_driving => query.push(" = ").push(self.alias).push(".pk"),
            // `IS TRUE` makes it a hashed set that is tested for each row. A plain condition would become a join or a
            // bitmap scan, both of which lose the order of the list.
            _ => {
                query.push(" IN (SELECT pk FROM ").push(self.lookup).push(" = ANY (");
                query.push_bind(self.wanted.clone()).push("))) IS TRUE")
            }
        };
    }

    pub fn push_table(&self, query: &mut QueryBuilder<'_, Postgres>) {
        query.push("(SELECT pk FROM ").push(self.lookup).push(" = ANY (").push_bind(self.wanted.clone());
        query.push(")) ").push(self.alias);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(alias: &'static str, is_selective: bool, ids: usize) -> IdFilter {
        let wanted = (0..ids).map(|id| Uuid::from_u128(id as u128)).collect();
        IdFilter { column: "t.c", alias, lookup: "l WHERE id", is_selective, wanted }
    }

    fn driving(filters: [IdFilter; 3]) -> Option<&'static str> {
        IdFilters::new(filters).driving().map(|by| by.alias)
    }

    #[test]
    fn at_most_one_filter_drives() {
        assert_eq!(driving([by("a", false, 5), by("b", false, 3), by("c", false, 0)]), Some("b"));
        assert_eq!(driving([by("a", false, 2), by("b", true, 9), by("c", false, 3)]), Some("b"));
        assert_eq!(driving([by("a", false, 5), by("b", false, 1), by("c", false, 0)]), None);
        assert_eq!(driving([by("a", false, 1), by("b", true, 9), by("c", false, 3)]), Some("b"));
        assert_eq!(driving([by("a", true, 1), by("b", true, 9), by("c", false, 3)]), None);
        assert_eq!(driving([by("a", false, 0), by("b", false, 0), by("c", false, 0)]), None);
    }

    #[test]
    fn the_driving_filter_compares_with_its_alias() {
        let mut query = QueryBuilder::new("");
        IdFilters::new([by("a", false, 2), by("b", false, 3)]).push_conditions(&mut query);
        assert_eq!(
            query.into_sql(),
            " AND t.c = a.pk AND (t.c IN (SELECT pk FROM l WHERE id = ANY ($1))) IS TRUE"
        );
    }
}
