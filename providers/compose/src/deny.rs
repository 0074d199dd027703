//! A component that answers for the environment and the file system: there is none.
//!
//! The host answers, by interfaces of its own: an answer made in here would need a memory, and each sandbox would have it.

use std::fmt::Write as _;

use gyre_manifest::DependencyKey;

/// Text of a component that exports these interfaces (`wasi:cli/environment`, `wasi:filesystem/preopens`)
/// as `gyre:denied/environment` and `gyre:denied/preopens` of the same version, where the host has nothing.
pub(crate) fn component_text(imports: &[&str]) -> String {
    let mut text = String::from("(component\n");
    for (index, name) in imports.iter().enumerate() {
        let Some(key) = DependencyKey::parse(name) else {
            continue;
        };
        let version = key.version.as_deref().unwrap_or_default();
        match key.interface.as_deref() {
            Some("environment") => environment(&mut text, index, version),
            Some("preopens") => preopens(&mut text, index, version),
            _ => continue,
        }
        append(
            &mut text,
            format_args!("(export \"{name}\" (instance $denied{index}))\n"),
        );
    }
    text.push(')');
    text
}

fn environment(text: &mut String, index: usize, version: &str) {
    let directory = if version.starts_with("0.2.") {
        "initial-cwd"
    } else {
        "get-initial-cwd"
    };
    append(
        text,
        format_args!(
            "(import \"gyre:denied/environment@{version}\" (instance $denied{index}\n\
             (export \"get-environment\" (func (result (list (tuple string string)))))\n\
             (export \"get-arguments\" (func (result (list string))))\n\
             (export \"{directory}\" (func (result (option string))))))\n"
        ),
    );
}

fn preopens(text: &mut String, index: usize, version: &str) {
    append(
        text,
        format_args!(
            "(import \"wasi:filesystem/types@{version}\" (instance $types{index} \
             (export \"descriptor\" (type (sub resource)))))\n\
             (alias export $types{index} \"descriptor\" (type $descriptor{index}))\n\
             (import \"gyre:denied/preopens@{version}\" (instance $denied{index}\n\
             (alias outer 1 $descriptor{index} (type $outer))\n\
             (export \"descriptor\" (type $own (eq $outer)))\n\
             (export \"get-directories\" (func (result (list (tuple (own $own) string)))))))\n"
        ),
    );
}

fn append(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(arguments);
}

#[cfg(test)]
mod tests {
    use super::component_text;
    use wac_types::{Package, Types};

    #[test]
    fn it_has_nothing_of_its_own() -> anyhow::Result<()> {
        for version in ["0.2.6", "0.3.0"] {
            let names = [
                format!("wasi:cli/environment@{version}"),
                format!("wasi:filesystem/preopens@{version}"),
            ];
            let text = component_text(&[&names[0], &names[1]]);
            assert!(!text.contains("core"), "{text}");
            let mut types = Types::new();
            let package = Package::from_bytes("deny", None, wat::parse_str(text)?, &mut types)?;
            let world = &types[package.ty()];
            let exports: Vec<_> = world.exports.keys().collect();
            assert_eq!(exports, names.each_ref());
            let mut imports: Vec<_> = world.imports.keys().cloned().collect();
            imports.sort();
            let expected = [
                format!("gyre:denied/environment@{version}"),
                format!("gyre:denied/preopens@{version}"),
                format!("wasi:filesystem/types@{version}"),
            ];
            assert_eq!(imports, expected);
        }
        Ok(())
    }
}
