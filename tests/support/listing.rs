//! Walks lists of the API in both directions and compares them with the same rows in memory.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use pretty_assertions::assert_eq;
use uuid::Uuid;

use super::{Answer, ApiClient, bad_parameter};

/// A row in memory that the sort keys of a list apply to.
pub trait Listed {
    fn id(&self) -> Uuid;

    /// Orders rows that are equal in all sort keys.
    fn compare_ties(&self, other: &Self) -> Ordering {
        self.id().cmp(&other.id())
    }

    /// Compares by this sort key only.
    fn compare(&self, other: &Self, key: &str) -> Ordering;
}

/// Orders times as Postgres does: null sorts after every time.
pub fn by_time(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Ordering {
    (one.is_none(), one).cmp(&(other.is_none(), other))
}

/// The sort keys, each with "is descending". Live rows tie on `deleted_at`, so `created_at` follows it in
/// the same direction.
fn keys(sort: &str) -> Vec<(&str, bool)> {
    let words = sort.split(',');
    let mut keys: Vec<(&str, bool)> =
        words.map(|word| word.strip_prefix('-').map_or((word, false), |name| (name, true))).collect();
    let by_removal = keys.iter().find(|(name, _)| *name == "deleted_at").map(|(_, descending)| *descending);
    if let Some(descending) = by_removal
        && keys.iter().all(|(name, _)| *name != "created_at")
    {
        keys.push(("created_at", descending));
    }
    keys
}

/// The ids of the rows that `admits` accepts, in this order. The id is the last sort key, in the direction
/// of the key before it.
pub fn sorted<R: Listed>(rows: &[R], sort: &str, admits: impl Fn(&R) -> bool) -> Vec<String> {
    let keys = keys(sort);
    let directed = |order: Ordering, descending: bool| if descending { order.reverse() } else { order };
    let mut left: Vec<&R> = rows.iter().filter(|row| admits(row)).collect();
    left.sort_by(|one, other| {
        let by_keys = keys.iter().map(|(key, descending)| directed(one.compare(other, key), *descending));
        let ties = directed(one.compare_ties(other), keys.last().unwrap().1);
        by_keys.chain([ties]).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    left.iter().map(|row| row.id().to_string()).collect()
}

/// All pages from this one on, following the links of this name.
async fn follow(api: &ApiClient, from: String, name: &str) -> Vec<Answer> {
    let mut pages = vec![api.get(&from).await];
    while let Some(next) = pages.last().unwrap().body["links"][name].as_str().map(str::to_owned) {
        assert!(pages.len() < 40, "the links never end: {from}");
        pages.push(api.get(&next).await);
    }
    assert!(pages.iter().all(|page| page.status == 200), "{from}: {pages:?}");
    pages
}

/// Asserts that pages of this size hold exactly these ids, from the first to the last and from the last to
/// the first. `address` must have a query.
pub async fn assert_pages(api: &ApiClient, address: &str, size: usize, expected: &[String]) {
    let from = format!("{address}&page[size]={size}");
    let forward = follow(api, from.clone(), "next").await;
    let sizes: Vec<usize> = forward.iter().map(|page| page.ids().len()).collect();
    assert!(sizes[..sizes.len() - 1].iter().all(|found| *found == size), "{from}: {sizes:?}");
    assert_eq!(forward.iter().flat_map(Answer::ids).collect::<Vec<_>>(), expected, "{from}");

    let last = forward.last().unwrap().body["links"]["self"].as_str().unwrap().to_owned();
    let backward = follow(api, last, "prev").await;
    assert_eq!(backward.iter().rev().flat_map(Answer::ids).collect::<Vec<_>>(), expected, "{from}");
}

/// Asserts that each of these query parameters is refused by its name.
pub async fn assert_each_refused(api: &ApiClient, path: &str, parameters: &[(&str, &str)]) {
    for (name, value) in parameters {
        let answer = api.get(&format!("{path}?{name}={value}")).await;
        assert_eq!((answer.status, answer.errors()), (400, vec![bad_parameter(name)]), "{name}={value}");
    }
}
