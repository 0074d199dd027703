//! Tensors of the wire as values of ONNX Runtime, and back.

use gyre_engine_ipc::{EngineError, NamedTensor, TENSOR_BYTES_MAX, TensorKind};
use half::{bf16, f16};
use ort::session::{SessionInputValue, SessionOutputs};
use ort::value::{DynValue, Outlet, PrimitiveTensorElementType, Tensor, TensorElementType, ValueType};

/// Checks that these are the inputs of a graph, each of its kind and sides.
pub(super) fn check(declared: &[Outlet], given: &[NamedTensor]) -> Result<(), EngineError> {
    let names = || declared.iter().map(Outlet::name).collect::<Vec<_>>().join("`, `");
    for tensor in given {
        let Some(input) = declared.iter().find(|input| input.name() == tensor.name) else {
            let message = format!("the graph has no input `{}`: it takes `{}`", tensor.name, names());
            return Err(EngineError::invalid(message));
        };
        check_one(input.dtype(), tensor)?;
    }
    let missing = declared
        .iter()
        .find(|input| given.iter().all(|tensor| tensor.name != input.name()));
    match missing {
        Some(input) => Err(EngineError::invalid(format!(
            "the input `{}` is missing: the graph takes `{}`",
            input.name(),
            names()
        ))),
        None => Ok(()),
    }
}

fn check_one(declared: &ValueType, tensor: &NamedTensor) -> Result<(), EngineError> {
    let name = &tensor.name;
    let ValueType::Tensor { ty, shape, .. } = declared else {
        let message = format!("the input `{name}` of the graph is no tensor: use another model");
        return Err(EngineError::invalid(message));
    };
    if kind_of(*ty) != Some(tensor.kind) {
        let wanted = kind_of(*ty).map_or_else(|| format!("{ty:?}"), |kind| kind.name().to_owned());
        let message = format!(
            "the input `{name}` is {}: the graph takes {wanted}",
            tensor.kind.name()
        );
        return Err(EngineError::invalid(message));
    }
    let fits = shape.len() == tensor.sides.len()
        && shape
            .iter()
            .zip(&tensor.sides)
            .all(|(wanted, given)| *wanted < 0 || *wanted == i64::from(*given));
    if !fits {
        let message = format!(
            "the input `{name}` has the dimensions {:?}: the graph takes {:?}, where -1 is any",
            tensor.sides,
            &shape[..]
        );
        return Err(EngineError::invalid(message));
    }
    Ok(())
}

fn kind_of(element: TensorElementType) -> Option<TensorKind> {
    Some(match element {
        TensorElementType::Float16 => TensorKind::F16,
        TensorElementType::Float32 => TensorKind::F32,
        TensorElementType::Float64 => TensorKind::F64,
        TensorElementType::Bfloat16 => TensorKind::Bf16,
        TensorElementType::Uint8 => TensorKind::U8,
        TensorElementType::Int32 => TensorKind::I32,
        TensorElementType::Int64 => TensorKind::I64,
        _ => return None,
    })
}

/// A checked tensor as an input.
pub(super) fn input(tensor: NamedTensor) -> Result<(String, SessionInputValue<'static>), EngineError> {
    // Checked by the host already; a tensor that lies would be read over its end.
    tensor.check()?;
    let NamedTensor {
        name,
        sides,
        kind,
        data,
    } = tensor;
    let sides: Vec<i64> = sides.into_iter().map(i64::from).collect();
    let value = match kind {
        TensorKind::F16 => value(sides, elements(&data, f16::from_le_bytes)),
        TensorKind::F32 => value(sides, elements(&data, f32::from_le_bytes)),
        TensorKind::F64 => value(sides, elements(&data, f64::from_le_bytes)),
        TensorKind::Bf16 => value(sides, elements(&data, bf16::from_le_bytes)),
        TensorKind::U8 => value(sides, data),
        TensorKind::I32 => value(sides, elements(&data, i32::from_le_bytes)),
        TensorKind::I64 => value(sides, elements(&data, i64::from_le_bytes)),
    };
    Ok((name, value?))
}

fn elements<T, const N: usize>(data: &[u8], from: impl Fn([u8; N]) -> T) -> Vec<T> {
    data.as_chunks::<N>().0.iter().map(|bytes| from(*bytes)).collect()
}

pub(super) fn value<T>(sides: Vec<i64>, elements: Vec<T>) -> Result<SessionInputValue<'static>, EngineError>
where
    T: PrimitiveTensorElementType + std::fmt::Debug + Clone + 'static,
{
    let tensor = Tensor::from_array((sides, elements));
    tensor
        .map(Into::into)
        .map_err(|error| EngineError::internal(format!("no tensor can be made: {error}")))
}

/// The outputs, within the bound of an answer.
pub(super) fn outputs(outputs: &SessionOutputs<'_>) -> Result<Vec<NamedTensor>, EngineError> {
    let mut tensors = Vec::new();
    let mut bytes = 0_usize;
    for (name, value) in outputs {
        let tensor = output(name, &value, TENSOR_BYTES_MAX.saturating_sub(bytes))?;
        bytes = bytes.saturating_add(tensor.data.len());
        tensors.push(tensor);
    }
    Ok(tensors)
}

fn output(name: &str, value: &DynValue, bytes_max: usize) -> Result<NamedTensor, EngineError> {
    let kind = match value.dtype() {
        ValueType::Tensor { ty, .. } => kind_of(*ty),
        _ => None,
    };
    let Some(kind) = kind else {
        let message =
            format!("the output `{name}` of the graph is none that a guest can read: use another model");
        return Err(EngineError::invalid(message));
    };
    match kind {
        TensorKind::F16 => read(name, value, kind, bytes_max, f16::to_le_bytes),
        TensorKind::F32 => read(name, value, kind, bytes_max, f32::to_le_bytes),
        TensorKind::F64 => read(name, value, kind, bytes_max, f64::to_le_bytes),
        TensorKind::Bf16 => read(name, value, kind, bytes_max, bf16::to_le_bytes),
        TensorKind::U8 => read(name, value, kind, bytes_max, u8::to_le_bytes),
        TensorKind::I32 => read(name, value, kind, bytes_max, i32::to_le_bytes),
        TensorKind::I64 => read(name, value, kind, bytes_max, i64::to_le_bytes),
    }
}

fn read<T: PrimitiveTensorElementType + Copy, const N: usize>(
    name: &str,
    value: &DynValue,
    kind: TensorKind,
    bytes_max: usize,
    bytes: impl Fn(T) -> [u8; N],
) -> Result<NamedTensor, EngineError> {
    let (shape, elements) = value
        .try_extract_tensor::<T>()
        .map_err(|error| EngineError::internal(format!("an output cannot be read: {error}")))?;
    if elements.len().saturating_mul(N) > bytes_max {
        let message =
            format!("the outputs of the graph are over {TENSOR_BYTES_MAX} bytes: ask for less at once");
        return Err(EngineError::invalid(message));
    }
    let side = |side: &i64| {
        u32::try_from(*side)
            .map_err(|_| EngineError::invalid(format!("a dimension of the output `{name}` is too long")))
    };
    Ok(NamedTensor {
        name: name.to_owned(),
        sides: shape.iter().map(side).collect::<Result<_, _>>()?,
        kind,
        data: elements.iter().flat_map(|element| bytes(*element)).collect(),
    })
}
