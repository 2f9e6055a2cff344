//! How a resource says what it is, once, for reading and for writing.

/// A to-one relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToOne {
    pub name: &'static str,
    /// The type on the other end.
    pub kind: &'static str,
    /// May there be nothing on the other end?
    pub nullable: bool,
}

/// A to-many relationship that a resource can be created with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToMany {
    pub name: &'static str,
    pub kind: &'static str,
}

#[derive(Debug, Clone, Copy)]
pub struct Declaration {
    /// The JSON:API type.
    pub kind: &'static str,
    /// The path of the collection, as in `/v1/workspaces`.
    pub base: &'static str,
    /// Attributes that a client may write.
    pub writable: &'static [&'static str],
    /// Attributes that the system computes: naming one in a write is refused as such.
    pub computed: &'static [&'static str],
    pub to_one: &'static [ToOne],
    pub to_many: &'static [ToMany],
    /// The names inside `filter[…]`.
    pub filters: &'static [&'static str],
    /// The paths that `include` takes.
    pub includes: &'static [&'static str],
}

impl Declaration {
    pub fn has_relationship(&self, name: &str) -> bool {
        self.to_one.iter().any(|relationship| relationship.name == name)
            || self.to_many.iter().any(|relationship| relationship.name == name)
    }
}
