//! The order of builds: what others are composed of comes before them.

use gyre_manifest::Component;
use std::collections::BTreeSet;
use std::path::Path;

/// The components, each after those whose files it is composed of. In a circle the order is that of their names.
pub(super) fn in_order<'a>(components: &[&'a Component]) -> Vec<&'a Component> {
    let mut ordered: Vec<&Component> = Vec::new();
    let mut waiting: Vec<&Component> = components.to_vec();
    while !waiting.is_empty() {
        let open: BTreeSet<&Path> = waiting.iter().filter_map(|it| it.source.file()).collect();
        let ready = waiting.iter().position(|it| {
            let mut parts = parts(it);
            parts.all(|part| !open.contains(part) || it.source.file() == Some(part))
        });
        ordered.push(waiting.remove(ready.unwrap_or(0)));
    }
    ordered
}

/// The files of its leaves and its middleware.
fn parts(component: &Component) -> impl Iterator<Item = &Path> {
    let leaves = component.dependencies.values().map(|leaf| &leaf.source);
    let layers = component.middleware.iter().map(|layer| &layer.source);
    leaves.chain(layers).filter_map(|source| source.file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gyre_manifest::{Dependency, Inherit, Source};

    fn component(id: &str, leaves: &[&str]) -> Component {
        let file = |name: &str| Source::File(format!("{name}.wasm").into());
        let leaves = leaves.iter().map(|leaf| {
            let dependency = Dependency {
                source: file(leaf),
                export: None,
                inherit: Inherit::default(),
            };
            (format!("t:{leaf}"), dependency)
        });
        Component {
            dependencies: leaves.collect(),
            ..Component::new(id, file(id))
        }
    }

    #[test]
    fn leaves_come_first() {
        for (components, expected) in [
            (vec![("a", &[][..]), ("b", &[])], ["a", "b"].as_slice()),
            (vec![("a", &["b"][..]), ("b", &[])], &["b", "a"]),
            (
                vec![("a", &["b", "c"][..]), ("b", &["c"]), ("c", &[])],
                &["c", "b", "a"],
            ),
            (vec![("a", &["b"][..]), ("b", &["a"])], &["a", "b"]),
            (vec![("a", &["elsewhere"][..]), ("b", &[])], &["a", "b"]),
            (vec![("a", &["a"][..]), ("b", &[])], &["a", "b"]),
        ] {
            let components: Vec<_> = components
                .iter()
                .map(|(id, leaves)| component(id, leaves))
                .collect();
            let ordered = in_order(&components.iter().collect::<Vec<_>>());
            let ids: Vec<_> = ordered.iter().map(|it| it.id.as_str()).collect();
            assert_eq!(ids, expected);
        }
    }
}
