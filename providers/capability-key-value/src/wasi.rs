//! The WIT boundary of `wasi:keyvalue`: the same stores, the same grant.

mod atomics;
mod batch;
mod store;

use crate::bindings::spin::key_value::key_value::Error;
use crate::{KeyValue, KeyValueView};
use bindings::wasi::keyvalue as interface;
use wasmtime::component::Linker;

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/deps/wasi-keyvalue",
        inline: "package gyre:capability-wasi-keyvalue;
            world host {
                import wasi:keyvalue/store@0.2.0-draft2;
                import wasi:keyvalue/atomics@0.2.0-draft2;
                import wasi:keyvalue/batch@0.2.0-draft2;
            }",
        imports: { default: async | trappable },
        with: {
            "wasi:keyvalue/store.bucket": crate::store::Store,
            "wasi:keyvalue/atomics.cas": crate::cas::Cas,
        },
    });
}

use interface::store::Error as WasiError;

type Fallible<T> = wasmtime::Result<Result<T, WasiError>>;

pub(crate) fn add_to_linker<T: KeyValueView + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    interface::store::add_to_linker::<T, KeyValue>(linker, T::key_value)?;
    interface::atomics::add_to_linker::<T, KeyValue>(linker, T::key_value)?;
    interface::batch::add_to_linker::<T, KeyValue>(linker, T::key_value)
}

impl From<Error> for WasiError {
    fn from(error: Error) -> Self {
        match error {
            Error::AccessDenied => Self::AccessDenied,
            Error::NoSuchStore => Self::NoSuchStore,
            Error::StoreTableFull => Self::Other("too many stores are open; hint: drop some".to_owned()),
            Error::Other(text) => Self::Other(text),
        }
    }
}
