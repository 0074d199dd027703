//! The WIT boundary.

use crate::bindings::spin::variables::variables::{Error, Host, HostWithStore};
use crate::{Variables, VariablesCtx};
use wasmtime::component::Accessor;

impl Host for &mut VariablesCtx {}

impl<T: Send> HostWithStore<T> for Variables {
    async fn get(store: &Accessor<T, Self>, name: String) -> wasmtime::Result<Result<String, Error>> {
        Ok(store.with(|mut access| access.get().lookup(name)))
    }
}

impl VariablesCtx {
    fn lookup(&self, name: String) -> Result<String, Error> {
        match self.values.get(&name) {
            Some(value) => Ok(value.clone()),
            None if is_name(&name) => Err(Error::Undefined(name)),
            None => Err(Error::InvalidName(name)),
        }
    }
}

/// Spin's rule: lower-case letters, digits and single underscores, a letter first.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.contains("__")
        && !name.ends_with('_')
}

#[cfg(test)]
mod tests {
    use super::{Error, VariablesCtx};
    use std::sync::Arc;

    #[test]
    fn only_granted_names_have_values() {
        let values = [("chat_model".to_owned(), "m".to_owned())].into();
        let variables = VariablesCtx::new(Arc::new(values));
        assert_eq!(
            variables.lookup("chat_model".to_owned()).ok().as_deref(),
            Some("m")
        );
        assert!(matches!(
            variables.lookup("other".to_owned()),
            Err(Error::Undefined(_))
        ));
        for wrong in ["", "A", "a__b", "a_", "1a", "a-b"] {
            assert!(
                matches!(variables.lookup(wrong.to_owned()), Err(Error::InvalidName(_))),
                "{wrong}"
            );
        }
    }
}
