//! Parses query parameters strictly: a parameter that the URL does not support is an error. [`Query::finish`] reports
//! the mistakes that the readers collect.

use std::collections::HashSet;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::error::{ERRORS_MAX, ErrorObject, invalid_parameter};
use crate::jsonapi::projection::Projection;
use crate::jsonapi::resource_type::{FilterType, ResourceType, SEARCH_MAX};
use crate::kernel::page::{Sort, SortKey, TimeRange};
use crate::kernel::text::cleaned;

const UNSUPPORTED_SORT: &str = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/unsupported-sort";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Bare,
    /// `include` and `fields`.
    One,
    /// `page`, `include` and `fields`.
    Pages,
    /// `page`.
    Identifiers,
    /// All.
    List,
}

impl Shape {
    const fn shows_resources(self) -> bool {
        matches!(self, Self::One | Self::Pages | Self::List)
    }
}

#[derive(Debug, Clone)]
pub struct Query {
    resource_type: &'static ResourceType,
    shape: Shape,
    /// Decoded, in the order of the request.
    pairs: Vec<(String, String)>,
    errors: Vec<ErrorObject>,
}

impl Query {
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
                format!("{name} occurs twice.")
            } else if !is_supported(resource_type, shape, name) {
                format!("This URL has no parameter {name}.")
            } else if value.contains('\0') {
                format!("{name} contains a NUL character.")
            } else {
                continue;
            };
            let error = invalid_parameter(name, detail);
            // The profile also demands its error type where the order is fixed.
            errors.push(if name == "sort" { error.type_uri(UNSUPPORTED_SORT) } else { error });
        }
        Self { resource_type, shape, pairs, errors }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(candidate, _)| candidate == name).map(|(_, value)| value.as_str())
    }

    pub fn filter(&self, name: &str) -> Option<&str> {
        self.get(&format!("filter[{name}]"))
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.filter(name).map(str::to_owned)
    }

    /// A text that is searched for. An empty one would match everything.
    pub fn search(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        if cleaned(&text).is_empty() || text.chars().count() > SEARCH_MAX {
            let parameter = format!("filter[{name}]");
            let detail =
                format!("{parameter} must have 1 to {SEARCH_MAX} characters, and one that is visible.");
            self.reject(invalid_parameter(&parameter, detail));
            return None;
        }
        Some(text)
    }

    pub fn reject(&mut self, error: ErrorObject) {
        self.errors.push(error);
    }

    pub fn finish(&mut self) -> Result<(), Vec<ErrorObject>> {
        if self.errors.is_empty() { Ok(()) } else { Err(std::mem::take(&mut self.errors)) }
    }

    pub fn projection(&mut self, types: &[&'static ResourceType]) -> Projection {
        if !self.shape.shows_resources() {
            return Projection::default();
        }
        let include = self.include();
        let mut fields = Vec::new();
        for (parameter, value) in &self.pairs {
            let Some(type_name) = family(parameter, "fields[") else { continue };
            let mut reject = |detail: String| self.errors.push(invalid_parameter(parameter, detail));
            let Some(resource_type) = types.iter().find(|resource_type| resource_type.type_name == type_name)
            else {
                reject(format!("The type {type_name} does not exist."));
                continue;
            };
            let names: Vec<String> =
                value.split(',').filter(|_| !value.is_empty()).map(str::to_owned).collect();
            for name in names.iter().filter(|name| !resource_type.has_field(name)) {
                reject(format!("{type_name} has no field \"{name}\"."));
            }
            fields.push((resource_type.type_name, names));
        }
        Projection { include, fields, query: self.this("") }
    }

    fn include(&mut self) -> Option<Vec<String>> {
        let value = self.get("include")?.to_owned();
        let mut paths = Vec::new();
        for path in value.split(',').filter(|_| !value.is_empty()) {
            match self.resource_type.includes.iter().find(|offered| **offered == path) {
                Some(offered) => paths.push((*offered).to_owned()),
                None => {
                    self.reject(invalid_parameter("include", format!("\"{path}\" cannot be included here.")));
                }
            }
        }
        Some(paths)
    }

    /// `offered`: the orders of the type that the filters of this request leave.
    pub fn sort<K: SortKey>(&mut self, offered: &[&str]) -> Sort<K> {
        let requested = self.get("sort").unwrap_or(self.resource_type.sort_default).to_owned();
        let mut keys: Vec<(K, bool)> = Vec::new();
        for part in requested.split(',') {
            let (word, descending) = part.strip_prefix('-').map_or((part, false), |word| (word, true));
            let key = word.parse().ok().filter(|_| offered.contains(&word));
            let detail = match key {
                Some(key) if keys.iter().all(|(known, _)| *known != key) => {
                    keys.push((key, descending));
                    continue;
                }
                Some(_) => format!("sort contains {word} twice."),
                None => {
                    let is_left_out = self.resource_type.sorts.contains(&word);
                    let with = if is_left_out { " with these filters" } else { "" };
                    format!(
                        "Sorting by \"{word}\" is not supported{with}. Supported: {}.",
                        offered.join(", ")
                    )
                }
            };
            self.reject(invalid_parameter("sort", detail).type_uri(UNSUPPORTED_SORT));
        }
        Sort(keys).with_tie()
    }

    pub fn values<T: FromStr>(&mut self, name: &str) -> Vec<T> {
        let Some(text) = self.text(name) else { return Vec::new() };
        text.split(',').filter_map(|part| self.parse_value(name, part)).collect()
    }

    /// [`Self::values`], or `Some(None)` for the word `none`.
    pub fn values_or_none<T: FromStr>(&mut self, name: &str) -> Option<Option<Vec<T>>> {
        match self.filter(name)? {
            "none" => Some(None),
            _ => Some(Some(self.values(name))),
        }
    }

    pub fn value<T: FromStr>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        self.parse_value(name, &text)
    }

    fn parse_value<T: FromStr>(&mut self, name: &str, text: &str) -> Option<T> {
        let value = text.parse().ok();
        if value.is_none() {
            let filter = self.resource_type.filters.iter().find(|filter| filter.name == name);
            let detail = match filter.map(|filter| filter.accepts) {
                Some(FilterType::OneOf(words) | FilterType::SomeOf(words)) => {
                    format!("\"{text}\" is not one of {}.", words.join(", "))
                }
                Some(_) | None => format!("\"{text}\" is not an id."),
            };
            self.reject(invalid_parameter(&format!("filter[{name}]"), detail));
        }
        value
    }

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
        let time = DateTime::parse_from_rfc3339(text).ok();
        if time.is_none() {
            let detail =
                format!("\"{text}\" is not a time such as 2026-05-28T09:15:00Z (encode a plus sign as %2B).");
            self.reject(invalid_parameter(parameter, detail));
        }
        time.map(|time| time.to_utc())
    }

    pub fn this(&self, path: &str) -> String {
        link(path, self.pairs())
    }

    /// The link with the parameters of this request; `cursor` replaces its cursor.
    pub fn link(&self, path: &str, cursor: Option<(&str, &str)>) -> String {
        let others = self.pairs().filter(|(name, _)| *name != "page[after]" && *name != "page[before]");
        link(path, others.chain(cursor))
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn link<'a>(path: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The `x` in `prefix[x]`; the prefix includes the bracket.
fn family<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    name.strip_prefix(prefix)?.strip_suffix(']')
}

fn is_supported(resource_type: &ResourceType, shape: Shape, name: &str) -> bool {
    if name == "include" || family(name, "fields[").is_some() {
        return shape.shows_resources();
    }
    if name == "sort" {
        return shape == Shape::List;
    }
    if let Some(page) = family(name, "page[") {
        let is_paged = matches!(shape, Shape::Pages | Shape::Identifiers | Shape::List);
        return is_paged && ["size", "after", "before", "total"].contains(&page);
    }
    family(name, "filter[").is_some_and(|filter| shape == Shape::List && has_filter(resource_type, filter))
}

fn has_filter(resource_type: &ResourceType, parameter: &str) -> bool {
    let (name, end) = parameter.split_once("][").map_or((parameter, None), |(name, end)| (name, Some(end)));
    resource_type.filters.iter().any(|filter| {
        let fits = match end {
            Some(end) => filter.accepts == FilterType::TimeRange && ["gte", "lt"].contains(&end),
            None => filter.accepts != FilterType::TimeRange,
        };
        filter.name == name && fits
    })
}

#[cfg(test)]
mod tests {
    use super::super::error::Source;
    use super::super::resource_type::Filter;
    use super::*;
    use crate::jsonapi::error_code;

    static THINGS: ResourceType = ResourceType {
        type_name: "thing",
        base: "/v1/things",
        noun: ("thing", "things"),
        about: "",
        verbs: &[],
        attributes: &[],
        relationships: &[],
        filters: &[
            Filter { name: "color", accepts: FilterType::OneOf(&["red", "blue"]), about: "" },
            Filter { name: "made", accepts: FilterType::TimeRange, about: "" },
        ],
        sorts: &["made", "name"],
        sort_default: "-made",
        includes: &["maker"],
        read_by: &[],
        not_found: &error_code::NOT_FOUND,
    };

    #[derive(
        Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString, strum::VariantArray,
    )]
    #[strum(serialize_all = "snake_case")]
    enum Key {
        Made,
        Name,
    }

    impl SortKey for Key {}

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
    fn an_unsupported_parameter_is_an_error() {
        let mut query = parse(
            "filter[size]=1&filter[made]=x&page[number]=2&filter[color]=red&filter%5Bcolor%5D=blue&filter[made][gt]=1",
        );
        let expected = ["filter[size]", "filter[made]", "page[number]", "filter[color]", "filter[made][gt]"];
        assert_eq!(sources(&mut query), parameters(expected));
    }

    #[test]
    fn each_wrong_value_is_an_error() {
        let mut query = parse(
            "filter[color]=green&filter[made][gte]=2026-05-01T00:00:00%2B02:00&filter[made][lt]=noon&sort=-name,age",
        );
        assert_eq!(query.value::<Key>("color"), None);
        let range = query.time_range("made");
        assert_eq!(range.from, Some("2026-04-30T22:00:00Z".parse().unwrap()));
        query.sort::<Key>(THINGS.sorts);
        assert_eq!(sources(&mut query), parameters(["filter[color]", "filter[made][lt]", "sort"]));
    }

    #[test]
    fn sort_has_a_default_and_refuses_repeated_keys() {
        assert_eq!(
            parse("sort=-name,made").sort::<Key>(THINGS.sorts),
            Sort(vec![(Key::Name, true), (Key::Made, false)])
        );
        assert_eq!(parse("").sort::<Key>(THINGS.sorts), Sort(vec![(Key::Made, true)]));
        for bad in ["sort=", "sort=name,-name", "sort=name,", "sort=--name", "sort=+name"] {
            let mut query = parse(bad);
            query.sort::<Key>(THINGS.sorts);
            assert_eq!(sources(&mut query), parameters(["sort"]), "{bad}");
        }
    }

    #[test]
    fn a_link_keeps_the_parameters_and_replaces_the_cursor() {
        let query = parse("filter[color]=red&page[after]=abc&page[size]=5");
        assert_eq!(
            query.link("/v1/things", Some(("page[before]", "x"))),
            "/v1/things?filter%5Bcolor%5D=red&page%5Bsize%5D=5&page%5Bbefore%5D=x"
        );
    }
}
