//! Query parameters, strictly: what an address does not have is refused by name.

use super::declare::Declaration;
use super::error::ErrorObject;

/// Decoded, in the order of the request.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
}

/// Which families of parameters an address has.
#[derive(Debug, Clone, Copy)]
pub struct Offered<'a> {
    pub declaration: &'a Declaration,
    pub is_list: bool,
}

const PAGE: [&str; 3] = ["size", "after", "before"];

impl Query {
    /// # Errors
    /// Every parameter that is unknown, malformed or there twice.
    pub fn parse(raw: Option<&str>, offered: Offered<'_>) -> Result<Self, Vec<ErrorObject>> {
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).into_owned().collect();
        let mut errors = Vec::new();
        for (index, (name, value)) in pairs.iter().enumerate() {
            if pairs[..index].iter().any(|(earlier, _)| earlier == name) {
                errors.push(ErrorObject::invalid_parameter(name, format!("{name} is there twice.")));
            } else if !offered.has(name) {
                errors.push(ErrorObject::invalid_parameter(
                    name,
                    format!("There is no parameter {name} here."),
                ));
            } else if value.contains('\0') {
                errors.push(ErrorObject::invalid_parameter(name, format!("{name} holds a NUL character.")));
            }
        }
        if errors.is_empty() { Ok(Self { pairs }) } else { Err(errors) }
    }

    /// For an address that has no parameters.
    ///
    /// # Errors
    /// Every parameter that is there.
    pub fn parse_none(raw: Option<&str>) -> Result<(), Vec<ErrorObject>> {
        let errors: Vec<_> = form_urlencoded::parse(raw.unwrap_or_default().as_bytes())
            .map(|(name, _)| {
                ErrorObject::invalid_parameter(&name, format!("There is no parameter {name} here."))
            })
            .collect();
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(candidate, _)| candidate == name).map(|(_, value)| value.as_str())
    }

    pub fn filter(&self, name: &str) -> Option<&str> {
        self.get(&format!("filter[{name}]"))
    }

    /// The paths of `include`; none for an empty value, which asks for no related resources.
    ///
    /// # Errors
    /// Each path that is not offered.
    pub fn includes(&self, declaration: &Declaration) -> Result<Vec<&str>, Vec<ErrorObject>> {
        let Some(value) = self.get("include") else {
            return Ok(Vec::new());
        };
        let paths: Vec<&str> = value.split(',').filter(|path| !path.is_empty()).collect();
        let errors: Vec<_> = paths
            .iter()
            .filter(|path| !declaration.includes.contains(path))
            .map(|path| {
                ErrorObject::invalid_parameter("include", format!("\"{path}\" cannot be included here."))
            })
            .collect();
        if errors.is_empty() { Ok(paths) } else { Err(errors) }
    }

    /// The same address with these parameters set, all others as they are, and the page moved
    /// nowhere else.
    pub fn link(&self, path: &str, page: Option<(&str, &str)>) -> String {
        let mut link = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.pairs {
            if page.is_none() || (name != "page[after]" && name != "page[before]") {
                link.append_pair(name, value);
            }
        }
        if let Some((name, value)) = page {
            link.append_pair(name, value);
        }
        let query = link.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

impl Offered<'_> {
    fn has(&self, name: &str) -> bool {
        let family = |prefix: &str| name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(']'));
        if name == "include" {
            return true;
        }
        if let Some(filter) = family("filter[") {
            return self.is_list && self.declaration.filters.contains(&filter);
        }
        if let Some(page) = family("page[") {
            return self.is_list && PAGE.contains(&page);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static THINGS: Declaration = Declaration {
        kind: "thing",
        base: "/v1/things",
        writable: &[],
        computed: &[],
        to_one: &[],
        to_many: &[],
        filters: &["color"],
        includes: &["maker"],
    };

    fn parse(raw: &str) -> Result<Query, Vec<ErrorObject>> {
        Query::parse(Some(raw), Offered { declaration: &THINGS, is_list: true })
    }

    #[test]
    fn what_is_not_offered_is_refused_by_name() {
        let errors = parse("filter[size]=1&sort=x&page[number]=2&filter[color]=red&filter%5Bcolor%5D=blue")
            .unwrap_err();
        let names: Vec<_> = errors.iter().map(|error| error.source.clone().unwrap()).collect();
        let parameter = |name: &str| super::super::error::Source::Parameter(name.to_owned());
        assert_eq!(names, ["filter[size]", "sort", "page[number]", "filter[color]"].map(parameter));
    }

    #[test]
    fn a_link_keeps_what_was_asked_and_moves_the_page() {
        let query = parse("filter[color]=red&page[after]=abc&page[size]=5").unwrap();
        assert_eq!(
            query.link("/v1/things", Some(("page[before]", "x"))),
            "/v1/things?filter%5Bcolor%5D=red&page%5Bsize%5D=5&page%5Bbefore%5D=x"
        );
    }
}
