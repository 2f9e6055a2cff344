//! Query parameters, strictly: what an address does not have is refused by name. Asking for a
//! parameter collects what is wrong with it; [`Query::finish`] tells all of it.

use std::collections::HashSet;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::error::{ERRORS_MAX, ErrorObject};
use crate::jsonapi::projection::Projection;
use crate::jsonapi::resource_type::{FilterForm, ResourceType};
use crate::kernel::page::{Sort, SortWord, TimeRange};

/// The profile's name for "this order is not offered".
const UNSUPPORTED_SORT: &str = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/unsupported-sort";

/// Which families of parameters an address has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// None at all: linkage, or no document.
    Bare,
    /// One resource: `include`, `fields`.
    One,
    /// Pages of resources in an order of the address's own: these, and `page`.
    Pages,
    /// Pages of identifiers: `page`.
    Identifiers,
    /// A collection: all of it.
    List,
}

impl Shape {
    const fn shows_resources(self) -> bool {
        matches!(self, Self::One | Self::Pages | Self::List)
    }

    const fn is_paged(self) -> bool {
        matches!(self, Self::Pages | Self::Identifiers | Self::List)
    }
}

/// Decoded, in the order of the request.
#[derive(Debug, Clone)]
pub struct Query {
    resource_type: &'static ResourceType,
    shape: Shape,
    pairs: Vec<(String, String)>,
    errors: Vec<ErrorObject>,
}

const PAGE: [&str; 4] = ["size", "after", "before", "total"];
const RANGE: [&str; 2] = ["gte", "lt"];

impl Query {
    /// Notes every parameter that is unknown, malformed or there twice.
    pub fn parse(raw: Option<&str>, resource_type: &'static ResourceType, shape: Shape) -> Self {
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).into_owned().collect();
        let mut errors = Vec::new();
        let mut seen = HashSet::with_capacity(pairs.len());
        for (name, value) in &pairs {
            if errors.len() == ERRORS_MAX {
                break;
            }
            let detail = if !seen.insert(name.as_str()) {
                format!("{name} is there twice.")
            } else if !has(resource_type, shape, name) {
                format!("There is no parameter {name} here.")
            } else if value.contains('\0') {
                format!("{name} holds a NUL character.")
            } else {
                continue;
            };
            let error = ErrorObject::invalid_parameter(name, detail);
            // A list in an order of its own refuses others in the profile's words.
            errors.push(if name == "sort" { error.kind(UNSUPPORTED_SORT) } else { error });
        }
        Self { resource_type, shape, pairs, errors }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(candidate, _)| candidate == name).map(|(_, value)| value.as_str())
    }

    pub fn filter(&self, name: &str) -> Option<&str> {
        self.get(&format!("filter[{name}]"))
    }

    pub fn reject(&mut self, error: ErrorObject) {
        self.errors.push(error);
    }

    fn reject_value(&mut self, name: &str, detail: impl Into<String>) {
        self.errors.push(ErrorObject::invalid_parameter(name, detail));
    }

    /// # Errors
    /// All that was found wrong.
    pub fn finish(&mut self) -> Result<(), Vec<ErrorObject>> {
        if self.errors.is_empty() {
            return Ok(());
        }
        let mut errors = std::mem::take(&mut self.errors);
        errors.truncate(ERRORS_MAX);
        Err(errors)
    }

    /// `include` and `fields`; `types` are all that the API has.
    pub fn projection(&mut self, types: &[&'static ResourceType]) -> Projection {
        if !self.shape.shows_resources() {
            return Projection::default();
        }
        let mut projection = Projection::new(self.include(), self.link("", None));
        let fieldsets: Vec<(String, String)> = self
            .pairs
            .iter()
            .filter_map(|(name, value)| Some((family(name, "fields[")?.to_owned(), value.clone())))
            .collect();
        for (kind, value) in fieldsets {
            let parameter = format!("fields[{kind}]");
            let Some(resource_type) = types.iter().find(|resource_type| resource_type.kind == kind) else {
                self.reject_value(&parameter, format!("There is no type {kind}."));
                continue;
            };
            let names: Vec<String> =
                value.split(',').filter(|_| !value.is_empty()).map(str::to_owned).collect();
            for name in names.iter().filter(|name| !resource_type.has_field(name)) {
                self.reject_value(&parameter, format!("There is no field \"{name}\" in {kind}."));
            }
            projection.only(resource_type, names);
        }
        projection
    }

    /// The paths of `include`; none for an empty value, which asks for no related resources.
    fn include(&mut self) -> Option<Vec<&'static str>> {
        let value = self.get("include")?.to_owned();
        let mut paths = Vec::new();
        for path in value.split(',').filter(|_| !value.is_empty()) {
            match self.resource_type.includes.iter().find(|offered| **offered == path) {
                Some(offered) => paths.push(*offered),
                None => self.reject_value("include", format!("\"{path}\" cannot be included here.")),
            }
        }
        Some(paths)
    }

    /// The order that was asked for, or the address's own.
    pub fn sort<K: SortWord>(&mut self) -> Sort<K> {
        let asked = self.get("sort").unwrap_or(self.resource_type.sort_default).to_owned();
        let mut keys: Vec<(K, bool)> = Vec::new();
        for part in asked.split(',') {
            let (word, descending) = part.strip_prefix('-').map_or((part, false), |word| (word, true));
            let detail = match K::from_word(word) {
                Some(key) if keys.iter().all(|(known, _)| *known != key) => {
                    keys.push((key, descending));
                    continue;
                }
                Some(_) => format!("sort names {word} twice."),
                None => {
                    format!(
                        "Sorting by \"{word}\" is not offered here; {} is.",
                        self.resource_type.sorts.join(", ")
                    )
                }
            };
            self.reject(ErrorObject::invalid_parameter("sort", detail).kind(UNSUPPORTED_SORT));
        }
        Sort(keys)
    }

    /// One id, or several with commas between.
    pub fn ids<T: FromStr>(&mut self, name: &str) -> Vec<T> {
        let Some(text) = self.filter(name).map(str::to_owned) else {
            return Vec::new();
        };
        let mut ids = Vec::new();
        for word in text.split(',') {
            match word.parse() {
                Ok(id) => ids.push(id),
                Err(_) => self.reject_value(&format!("filter[{name}]"), format!("\"{word}\" is not an id.")),
            }
        }
        ids
    }

    /// [`Self::ids`], or `None` inside for the word `none`.
    pub fn ids_or_none<T: FromStr>(&mut self, name: &str) -> Option<Option<Vec<T>>> {
        match self.filter(name)? {
            "none" => Some(None),
            _ => Some(Some(self.ids(name))),
        }
    }

    /// One of the words that the filter is declared with.
    pub fn word<T>(&mut self, name: &str, from_word: impl Fn(&str) -> Option<T>) -> Option<T> {
        let word = self.filter(name)?.to_owned();
        let known = from_word(&word);
        if known.is_none() {
            self.reject_word(name, &word);
        }
        known
    }

    /// Several of them with commas between; none where the filter is not there.
    pub fn words<T>(&mut self, name: &str, from_word: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let Some(text) = self.filter(name).map(str::to_owned) else {
            return Vec::new();
        };
        let mut known = Vec::new();
        for word in text.split(',') {
            match from_word(word) {
                Some(value) => known.push(value),
                None => self.reject_word(name, word),
            }
        }
        known
    }

    fn reject_word(&mut self, name: &str, word: &str) {
        let offered = self.resource_type.filters.iter().find(|filter| filter.name == name);
        let words = match offered.map(|filter| filter.form) {
            Some(FilterForm::ShortText(words) | FilterForm::Words(words)) => words,
            Some(_) | None => &[],
        };
        let detail = format!("\"{word}\" is none of {}.", words.join(", "));
        self.reject_value(&format!("filter[{name}]"), detail);
    }

    /// A moment of RFC 3339.
    pub fn time(&mut self, name: &str) -> Option<DateTime<Utc>> {
        self.moment(&format!("filter[{name}]"))
    }

    /// `filter[name][gte]` and `filter[name][lt]`.
    pub fn time_range(&mut self, name: &str) -> TimeRange {
        TimeRange {
            from: self.moment(&format!("filter[{name}][gte]")),
            before: self.moment(&format!("filter[{name}][lt]")),
        }
    }

    fn moment(&mut self, parameter: &str) -> Option<DateTime<Utc>> {
        let text = self.get(parameter)?;
        let Ok(time) = DateTime::parse_from_rfc3339(text) else {
            let detail = format!(
                "\"{text}\" is not a time such as 2026-05-28T09:15:00Z (a plus sign is sent as %2B)."
            );
            self.reject_value(parameter, detail);
            return None;
        };
        Some(time.to_utc())
    }

    /// The same address with the page moved, where `page` says so.
    pub fn link(&self, path: &str, page: Option<(&str, &str)>) -> String {
        let moved = page.into_iter();
        let kept = self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        if page.is_none() {
            address(path, kept)
        } else {
            address(path, kept.filter(is_of_no_page).chain(moved))
        }
    }

    /// The same address at the beginning of the list.
    pub fn first(&self, path: &str) -> String {
        let kept = self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        address(path, kept.filter(is_of_no_page))
    }
}

fn is_of_no_page((name, _): &(&str, &str)) -> bool {
    *name != "page[after]" && *name != "page[before]"
}

fn address<'a>(path: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// `x` of `family[x]`.
fn family<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    name.strip_prefix(prefix)?.strip_suffix(']')
}

fn has(resource_type: &ResourceType, shape: Shape, name: &str) -> bool {
    if name == "include" || family(name, "fields[").is_some() {
        return shape.shows_resources();
    }
    if name == "sort" {
        return shape == Shape::List;
    }
    if let Some(page) = family(name, "page[") {
        return shape.is_paged() && PAGE.contains(&page);
    }
    family(name, "filter[").is_some_and(|filter| shape == Shape::List && has_filter(resource_type, filter))
}

/// `name`, or `name][gte` for a range.
fn has_filter(resource_type: &ResourceType, asked: &str) -> bool {
    let (name, end) = asked.split_once("][").map_or((asked, None), |(name, end)| (name, Some(end)));
    resource_type.filters.iter().filter(|filter| filter.name == name).any(|filter| match filter.form {
        FilterForm::TimeRange => end.is_some_and(|end| RANGE.contains(&end)),
        FilterForm::Ids
        | FilterForm::IdsOrNone
        | FilterForm::Words(_)
        | FilterForm::ShortText(_)
        | FilterForm::Text
        | FilterForm::Time => end.is_none(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::error::Source;
    use super::super::resource_type::Filter;
    use super::*;

    static THINGS: ResourceType = ResourceType {
        kind: "thing",
        base: "/v1/things",
        noun: ("thing", "things"),
        about: "",
        verbs: &[],
        attributes: &[],
        to_one: &[],
        to_many: &[],
        filters: &[
            Filter { name: "color", form: FilterForm::ShortText(&["red", "blue"]), about: "" },
            Filter { name: "made", form: FilterForm::TimeRange, about: "" },
        ],
        sorts: &["made", "name"],
        sort_default: "-made",
        includes: &["maker"],
        not_found: "NOT_FOUND",
    };

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Key {
        Made,
        Name,
    }

    impl SortWord for Key {
        const ALL: &'static [Self] = &[Self::Made, Self::Name];

        fn word(self) -> &'static str {
            match self {
                Self::Made => "made",
                Self::Name => "name",
            }
        }
    }

    fn parse(raw: &str) -> Query {
        Query::parse(Some(raw), &THINGS, Shape::List)
    }

    fn sources(query: &mut Query) -> Vec<Option<Source>> {
        let errors = query.finish().unwrap_err();
        errors.into_iter().map(|error| error.source).collect()
    }

    fn parameters<const N: usize>(names: [&str; N]) -> Vec<Option<Source>> {
        names.map(|name| Some(Source::Parameter(name.to_owned()))).to_vec()
    }

    #[test]
    fn what_is_not_offered_is_refused_by_name() {
        let mut query = parse(
            "filter[size]=1&filter[made]=x&page[number]=2&filter[color]=red&filter%5Bcolor%5D=blue&filter[made][gt]=1",
        );
        let expected = ["filter[size]", "filter[made]", "page[number]", "filter[color]", "filter[made][gt]"];
        assert_eq!(sources(&mut query), parameters(expected));
    }

    #[test]
    fn values_are_read_and_each_wrong_one_is_told() {
        let mut query = parse(
            "filter[color]=green&filter[made][gte]=2026-05-01T00:00:00%2B02:00&filter[made][lt]=noon&sort=-name,age",
        );
        assert_eq!(query.word("color", |word| (word == "red").then_some(())), None);
        let range = query.time_range("made");
        assert_eq!(range.from, Some("2026-04-30T22:00:00Z".parse().unwrap()));
        query.sort::<Key>();
        assert_eq!(sources(&mut query), parameters(["filter[color]", "filter[made][lt]", "sort"]));
    }

    #[test]
    fn an_order_has_each_key_once_and_a_default() {
        assert_eq!(parse("sort=-name,made").sort::<Key>(), Sort(vec![(Key::Name, true), (Key::Made, false)]));
        assert_eq!(parse("").sort::<Key>(), Sort(vec![(Key::Made, true)]));
        for bad in ["sort=", "sort=name,-name", "sort=name,", "sort=--name", "sort=+name"] {
            let mut query = parse(bad);
            query.sort::<Key>();
            assert_eq!(sources(&mut query), parameters(["sort"]), "{bad}");
        }
    }

    #[test]
    fn a_link_keeps_what_was_asked_and_moves_the_page() {
        let query = parse("filter[color]=red&page[after]=abc&page[size]=5");
        assert_eq!(
            query.link("/v1/things", Some(("page[before]", "x"))),
            "/v1/things?filter%5Bcolor%5D=red&page%5Bsize%5D=5&page%5Bbefore%5D=x"
        );
    }
}
