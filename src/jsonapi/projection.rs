//! The fields and the related resources of a response (JSON:API sections "Sparse Fieldsets" and "Inclusion of Related
//! Resources").

use crate::jsonapi::document::Resource;

#[derive(Debug, Clone, Default)]
pub struct Projection {
    /// `None` if the request has no `include`; empty if it has an empty one.
    pub(super) include: Option<Vec<String>>,
    /// The requested fields of each type that has a `fields` parameter.
    pub(super) fields: Vec<(&'static str, Vec<String>)>,
    pub(super) query: String,
}

impl Projection {
    pub fn link(&self, path: &str) -> String {
        format!("{path}{}", self.query)
    }

    /// What a resource has to include so that its relationship `name` leads to a resource with this projection.
    #[must_use]
    pub fn below(&self, name: &str) -> Self {
        let paths = self.include.iter().flatten().map(|path| format!("{name}.{path}"));
        let include = Some([name.to_owned()].into_iter().chain(paths).collect());
        Self { include, fields: self.fields.clone(), ..Self::default() }
    }

    /// Whether the request includes this path. `include=a.b` includes `a`, too.
    pub fn includes(&self, path: &str) -> bool {
        self.include.iter().flatten().any(|requested| {
            requested.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// Whether `fields` names this field of the type.
    pub fn requests(&self, type_name: &str, field: &str) -> bool {
        let of_type = self.fields.iter().filter(|(known, _)| *known == type_name);
        of_type.flat_map(|(_, names)| names).any(|name| name == field)
    }

    pub fn is_plain(&self) -> bool {
        self.include.is_none() && self.fields.is_empty()
    }

    pub fn trim(&self, resource: &mut Resource) {
        let type_name = resource.resource_type.type_name;
        let Some((_, names)) = self.fields.iter().find(|(known, _)| *known == type_name) else { return };
        let is_requested = |name: &str| names.iter().any(|requested| requested == name);
        resource.attributes.retain(|(name, _)| is_requested(name));
        resource.relationships.retain(|(name, _)| is_requested(name));
    }
}
