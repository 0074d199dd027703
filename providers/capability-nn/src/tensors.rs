//! Tensors: bytes with a shape and a type.

use crate::bindings::wasi::nn::tensor::TensorType;
use crate::failure::Failure;
use gyre_engine_ipc::{NamedTensor, TensorKind};

/// A tensor a guest made or was given.
#[derive(Debug)]
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct Tensor {
    pub(crate) dimensions: Vec<u32>,
    pub(crate) ty: TensorType,
    pub(crate) data: Vec<u8>,
}

/// A tensor with its name.
pub(crate) type Named = (String, Tensor);

impl Tensor {
    /// Bytes as they are.
    pub(crate) fn bytes(data: Vec<u8>) -> Self {
        Self {
            dimensions: vec![u32::try_from(data.len()).unwrap_or(u32::MAX)],
            ty: TensorType::U8,
            data,
        }
    }

    /// JSON text.
    pub(crate) fn json(value: &serde_json::Value) -> Self {
        Self::bytes(value.to_string().into_bytes())
    }

    /// Rows of floats.
    pub(crate) fn floats(rows: u32, columns: u32, numbers: &[f32]) -> Self {
        let data = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        Self {
            dimensions: vec![rows, columns],
            ty: TensorType::Fp32,
            data,
        }
    }

    /// Floats in a row.
    pub(crate) fn row(numbers: &[f32]) -> Self {
        let length = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        Self {
            dimensions: vec![length],
            ..Self::floats(1, length, numbers)
        }
    }

    /// A tensor that a graph made.
    pub(crate) fn of_graph(tensor: NamedTensor) -> Named {
        let NamedTensor {
            name,
            sides,
            kind,
            data,
        } = tensor;
        let ty = match kind {
            TensorKind::F16 => TensorType::Fp16,
            TensorKind::F32 => TensorType::Fp32,
            TensorKind::F64 => TensorType::Fp64,
            TensorKind::Bf16 => TensorType::Bf16,
            TensorKind::U8 => TensorType::U8,
            TensorKind::I32 => TensorType::I32,
            TensorKind::I64 => TensorType::I64,
        };
        let dimensions = sides;
        (name, Self { dimensions, ty, data })
    }

    /// This tensor under its name, as an input of a graph. Whether its bytes are those of its shape is checked where it
    /// is sent.
    pub(crate) fn for_graph((name, tensor): Named) -> NamedTensor {
        let kind = match tensor.ty {
            TensorType::Fp16 => TensorKind::F16,
            TensorType::Fp32 => TensorKind::F32,
            TensorType::Fp64 => TensorKind::F64,
            TensorType::Bf16 => TensorKind::Bf16,
            TensorType::U8 => TensorKind::U8,
            TensorType::I32 => TensorKind::I32,
            TensorType::I64 => TensorKind::I64,
        };
        NamedTensor {
            name,
            sides: tensor.dimensions,
            kind,
            data: tensor.data,
        }
    }

    /// Whether it holds floats; all others hold bytes.
    pub(crate) fn is_floats(&self) -> bool {
        self.ty == TensorType::Fp32
    }

    /// Bytes it takes of the guest's bound.
    pub(crate) fn size(&self) -> usize {
        self.data.len() + self.dimensions.len() * size_of::<u32>()
    }
}

/// The bytes of the only input, which must have this name.
pub(crate) fn only(inputs: Vec<Named>, name: &str) -> Result<Vec<u8>, Failure> {
    exactly(inputs, [name]).map(|[only]| only)
}

/// The bytes of the inputs with these names, of which there is one each and no other.
pub(crate) fn exactly<const N: usize>(
    mut inputs: Vec<Named>,
    names: [&str; N],
) -> Result<[Vec<u8>; N], Failure> {
    let wanted = || {
        let names = names.map(|name| format!("`{name}`")).join(" and ");
        let count = if N == 1 {
            "one input".to_owned()
        } else {
            format!("{N} inputs")
        };
        Failure::argument(format!("give {count}, {names}, of type U8 and one dimension"))
    };
    let mut taken = names.map(|_| Vec::new());
    for (name, place) in names.iter().zip(&mut taken) {
        let at = inputs.iter().position(|(given, _)| given == name);
        let (_, tensor) = inputs.swap_remove(at.ok_or_else(wanted)?);
        let whole = matches!(tensor.dimensions[..], [length] if length as usize == tensor.data.len());
        if tensor.ty != TensorType::U8 || !whole {
            return Err(wanted());
        }
        *place = tensor.data;
    }
    if inputs.is_empty() {
        Ok(taken)
    } else {
        Err(wanted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_of_every_type_go_to_a_graph_and_back() {
        let types = [
            TensorType::Fp16,
            TensorType::Fp32,
            TensorType::Fp64,
            TensorType::Bf16,
            TensorType::U8,
            TensorType::I32,
            TensorType::I64,
        ];
        for ty in types {
            let tensor = Tensor {
                dimensions: vec![1, 2],
                ty,
                data: vec![7; 16],
            };
            let sent = Tensor::for_graph(("x".to_owned(), tensor));
            // Two elements fill 16 bytes only where each has 8; no other is sent.
            assert_eq!(sent.check().is_ok(), sent.kind.bytes() == 8, "{sent:?}");
            let (name, back) = Tensor::of_graph(sent);
            assert_eq!((name.as_str(), back.ty), ("x", ty));
            assert_eq!((back.dimensions, back.data), (vec![1, 2], vec![7; 16]));
        }
    }

    #[test]
    fn only_the_named_input_of_bytes_is_taken() {
        let bytes = |data: &[u8]| Tensor::bytes(data.to_vec());
        assert_eq!(
            only(vec![("texts".into(), bytes(b"[]"))], "texts"),
            Ok(b"[]".to_vec())
        );
        let cut = Tensor {
            dimensions: vec![9],
            ..bytes(b"[]")
        };
        let floats = Tensor::floats(1, 1, &[1.0]);
        for inputs in [
            Vec::new(),
            vec![("text".to_owned(), bytes(b"[]"))],
            vec![
                ("texts".to_owned(), bytes(b"[]")),
                ("texts".to_owned(), bytes(b"[]")),
            ],
            vec![("texts".to_owned(), cut)],
            vec![("texts".to_owned(), floats)],
        ] {
            assert!(only(inputs, "texts").is_err_and(|failure| failure.data.contains("`texts`")));
        }
    }

    #[test]
    fn several_inputs_come_in_any_order_and_each_once() {
        let given = |names: &[&str]| -> Vec<Named> {
            let tensor = |name: &&str| ((*name).to_owned(), Tensor::bytes(name.as_bytes().to_vec()));
            names.iter().map(tensor).collect()
        };
        let taken = Ok([b"a".to_vec(), b"b".to_vec()]);
        for order in [["a", "b"], ["b", "a"]] {
            assert_eq!(exactly(given(&order), ["a", "b"]), taken);
        }
        for names in [&["a"][..], &["a", "a"], &["a", "b", "b"], &["a", "b", "c"], &[]] {
            let refused = exactly(given(names), ["a", "b"]);
            assert!(
                refused.is_err_and(|failure| failure.data.contains("give 2 inputs, `a` and `b`")),
                "{names:?}"
            );
        }
        assert_eq!(Tensor::row(&[1.0, 2.0]).dimensions, [2]);
    }
}
