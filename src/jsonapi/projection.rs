//! Which part of a resource, and what beside it, an answer shows: `include` and `fields`
//! (JSON:API sections "Inclusion of Related Resources" and "Sparse Fieldsets").

use crate::jsonapi::document::Resource;
use crate::jsonapi::resource_type::ResourceType;

/// What a request asked to see.
#[derive(Debug, Clone, Default)]
pub struct Projection {
    /// `None`: `include` was not there. Empty: it was, and asked for nothing.
    include: Option<Vec<&'static str>>,
    fields: Vec<Fieldset>,
    /// The query that asked for it, with its question mark; empty where there was none.
    query: String,
}

#[derive(Debug, Clone)]
struct Fieldset {
    kind: &'static str,
    names: Vec<String>,
}

impl Projection {
    pub(super) fn new(include: Option<Vec<&'static str>>, query: String) -> Self {
        Self { include, fields: Vec::new(), query }
    }

    /// The link that leads to this view of what is at a path.
    pub fn link(&self, path: &str) -> String {
        format!("{path}{}", self.query)
    }

    pub(super) fn only(&mut self, resource_type: &'static ResourceType, names: Vec<String>) {
        self.fields.push(Fieldset { kind: resource_type.kind, names });
    }

    /// Was this path, or one that goes on from it, asked for? What lies on the way is included too.
    pub fn includes(&self, path: &str) -> bool {
        self.include.iter().flatten().any(|asked| {
            asked.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// Does the answer have the member `included`?
    pub const fn has_included(&self) -> bool {
        self.include.is_some()
    }

    /// Does it show the resource as it is, with nothing beside it?
    pub fn is_plain(&self) -> bool {
        self.include.is_none() && self.fields.is_empty()
    }

    /// Takes off what was not asked for.
    pub fn trim(&self, resource: &mut Resource) {
        let Some(fieldset) = self.fields.iter().find(|set| set.kind == resource.resource_type.kind) else {
            return;
        };
        let is_asked = |name: &str| fieldset.names.iter().any(|asked| asked == name);
        resource.attributes.retain(|(name, _)| is_asked(name));
        resource.relationships.retain(|(name, _)| is_asked(name));
    }
}
