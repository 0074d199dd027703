//! The WIT boundary of `wasi:config`.

use crate::{Variables, VariablesCtx};
use bindings::wasi::config::store::{Error, Host};
use wasmtime::component::Linker;

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/deps/wasi-config",
        inline: "package gyre:capability-wasi-config; world host { import wasi:config/store@0.2.0-draft-2024-09-27; }",
        imports: { default: trappable },
    });
}

pub(crate) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    getter: fn(&mut T) -> &mut VariablesCtx,
) -> wasmtime::Result<()> {
    bindings::wasi::config::store::add_to_linker::<T, Variables>(linker, getter)
}

impl Host for VariablesCtx {
    /// A name that no variable can have has no value, as the interface asks for.
    fn get(&mut self, name: String) -> wasmtime::Result<Result<Option<String>, Error>> {
        Ok(Ok(self.values.get(&name).cloned()))
    }

    fn get_all(&mut self) -> wasmtime::Result<Result<Vec<(String, String)>, Error>> {
        let all = self.values.iter();
        Ok(Ok(all
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn it_has_the_granted_names_and_no_others() {
        let values = [("a".to_owned(), "1".to_owned()), ("b".to_owned(), String::new())];
        let mut variables = VariablesCtx::new(Arc::new(values.clone().into()));
        for (name, expected) in [("a", Some("1")), ("b", Some("")), ("c", None), ("No-Name", None)] {
            let found = Host::get(&mut variables, name.to_owned())
                .expect("no trap")
                .expect("no error");
            assert_eq!(found.as_deref(), expected, "{name}");
        }
        let all = variables.get_all().expect("no trap").expect("no error");
        assert_eq!(all, values);
    }
}
