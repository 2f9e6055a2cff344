//! No file imports itself by way of a file in another folder.

use std::collections::{BTreeMap, BTreeSet};

use pretty_assertions::assert_eq;

use super::sources::{code, files, module, paths_after};

/// Which modules each module imports.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let sources = files("src", ".rs");
    let modules: BTreeSet<String> = sources.iter().map(|(path, _)| module(path)).collect();
    let of_file = |(path, text): &(String, String)| {
        let own = module(path);
        let code = code(text);
        let mut imported = paths_after("crate::", &code);
        for (levels, start) in [(0, "self::"), (1, "super::"), (2, "super::super::")] {
            let names: Vec<&str> = own.split("::").collect();
            let base = names[..names.len().saturating_sub(levels)].join("::");
            imported.extend(paths_after(start, &code).iter().map(|path| format!("{base}::{path}")));
        }
        let targets =
            imported.iter().filter_map(|path| longest_module(path, &modules)).filter(|to| *to != own);
        (own.clone(), targets.collect())
    };
    sources.iter().map(of_file).collect()
}

fn longest_module(path: &str, modules: &BTreeSet<String>) -> Option<String> {
    let mut path = path;
    loop {
        if modules.contains(path) {
            return Some(path.to_owned());
        }
        path = path.rsplit_once("::")?.0;
    }
}

/// All modules that can be reached from this one.
fn reachable(from: &str, arrows: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(module) = open.pop() {
        for next in &arrows[&module] {
            if found.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    found
}

/// A module and the files in its own folder are one family, and may know each other.
fn is_family(one: &str, other: &str) -> bool {
    let parent = |module: &str| module.rsplit_once("::").map_or("", |(parent, _)| parent).to_owned();
    parent(one) == parent(other) || parent(one) == other || parent(other) == one
}

#[test]
fn no_cycle_crosses_folders() {
    let arrows = arrows();
    let reach: BTreeMap<&String, BTreeSet<String>> =
        arrows.keys().map(|module| (module, reachable(module, &arrows))).collect();
    let mut cycles = BTreeSet::new();
    for (from, targets) in &arrows {
        for to in targets.iter().filter(|to| reach[to].contains(from) && !is_family(from, to)) {
            cycles.insert(format!("{from} -> {to}"));
        }
    }
    assert_eq!(cycles, BTreeSet::new());
}
