//! Tensors: bytes with a shape and a type.

use crate::bindings::wasi::nn::tensor::TensorType;
use crate::failure::Failure;

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
