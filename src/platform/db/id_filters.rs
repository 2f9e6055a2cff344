//! Filters by public ids: they are looked up first and compared by key. Joining their table instead
//! would make Postgres read all the rows of a large group to find a page of them.

use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// Values of one column that a filter lets through, by the public ids of what they refer to.
#[derive(Debug, Clone)]
pub struct ByIds {
    /// As in `e.workspace_group_pk`.
    pub column: &'static str,
    /// What the looked-up keys are called where a page is read for each.
    pub alias: &'static str,
    /// As in `core_api.workspace_groups WHERE workspace_group_id`.
    pub lookup: &'static str,
    /// Has each of them few rows, whatever the size of the table?
    pub is_narrow: bool,
    pub wanted: Vec<Uuid>,
}

/// All the filters by ids of one list.
#[derive(Debug, Clone)]
pub struct IdFilters {
    all: Vec<ByIds>,
    /// For which of them a page is read for each id: an index gives the order of a list for one value of
    /// its first column, not for several.
    each: Option<usize>,
}

impl IdFilters {
    /// Those that let not everything through.
    pub fn new<const N: usize>(all: [ByIds; N]) -> Self {
        let all: Vec<ByIds> = all.into_iter().filter(|by| !by.wanted.is_empty()).collect();
        // One id leads to its index; of several lists one is gone through, since a page for each pair of
        // two lists of two hundred would be forty thousand. What has few rows each is gone through anyway:
        // to ask a large group about some workspaces is to ask about those.
        let has_single = all.iter().any(|by| by.wanted.len() == 1);
        let has_narrow_single = all.iter().any(|by| by.is_narrow && by.wanted.len() == 1);
        let may_be = |by: &ByIds| by.wanted.len() > 1 && !has_narrow_single && (by.is_narrow || !has_single);
        let cost = |by: &ByIds| (!by.is_narrow, by.wanted.len());
        let candidates = all.iter().enumerate().filter(|(_, by)| may_be(by));
        let each = candidates.min_by_key(|(_, by)| cost(by)).map(|(index, _)| index);
        Self { all, each }
    }

    /// The filter for each of whose ids a page is read.
    pub fn each(&self) -> Option<&ByIds> {
        self.each.and_then(|index| self.all.get(index))
    }

    /// Appends ` AND …` for each filter.
    pub fn push_conditions(&self, query: &mut QueryBuilder<'_, Postgres>) {
        for (index, by) in self.all.iter().enumerate() {
            by.push_condition(query, self.each == Some(index));
        }
    }
}

impl ByIds {
    fn push_condition(&self, query: &mut QueryBuilder<'_, Postgres>, is_gone_through: bool) {
        let is_set = self.wanted.len() > 1 && !is_gone_through;
        query.push(if is_set { " AND (" } else { " AND " }).push(self.column);
        match self.wanted[..] {
            [id] => query.push(" = (SELECT pk FROM ").push(self.lookup).push(" = ").push_bind(id).push(")"),
            _ if is_gone_through => query.push(" = ").push(self.alias).push(".pk"),
            // Asked of each row, in a set that is made once. As a plain condition it would be a join, or a
            // bitmap of its own index, and the order of the list lost in either.
            _ => {
                query.push(" IN (SELECT pk FROM ").push(self.lookup).push(" = ANY (");
                query.push_bind(self.wanted.clone()).push("))) IS TRUE")
            }
        };
    }

    /// Appends the keys as a table with its alias.
    pub fn push_table(&self, query: &mut QueryBuilder<'_, Postgres>) {
        query.push("(SELECT pk FROM ").push(self.lookup).push(" = ANY (").push_bind(self.wanted.clone());
        query.push(")) ").push(self.alias);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(alias: &'static str, is_narrow: bool, ids: usize) -> ByIds {
        let wanted = (0..ids).map(|id| Uuid::from_u128(id as u128)).collect();
        ByIds { column: "t.c", alias, lookup: "l WHERE id", is_narrow, wanted }
    }

    fn gone_through(filters: [ByIds; 3]) -> Option<&'static str> {
        IdFilters::new(filters).each().map(|by| by.alias)
    }

    #[test]
    fn of_several_lists_one_is_gone_through() {
        assert_eq!(gone_through([by("a", false, 5), by("b", false, 3), by("c", false, 0)]), Some("b"));
        assert_eq!(gone_through([by("a", false, 2), by("b", true, 9), by("c", false, 3)]), Some("b"));
        assert_eq!(gone_through([by("a", false, 5), by("b", false, 1), by("c", false, 0)]), None);
        assert_eq!(gone_through([by("a", false, 1), by("b", true, 9), by("c", false, 3)]), Some("b"));
        assert_eq!(gone_through([by("a", true, 1), by("b", true, 9), by("c", false, 3)]), None);
        assert_eq!(gone_through([by("a", false, 0), by("b", false, 0), by("c", false, 0)]), None);
    }

    #[test]
    fn each_kind_of_condition_has_its_form() {
        let mut query = QueryBuilder::new("");
        IdFilters::new([by("a", false, 2), by("b", false, 3)]).push_conditions(&mut query);
        assert_eq!(
            query.into_sql(),
            " AND t.c = a.pk AND (t.c IN (SELECT pk FROM l WHERE id = ANY ($1))) IS TRUE"
        );
    }
}
