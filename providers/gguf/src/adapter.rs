//! Whether a LoRA adapter fits a model: llama.cpp aborts on some that do not.

use std::collections::BTreeMap;

use crate::{Gguf, TensorInfo, Value, tensor};

const ALPHA: &str = "adapter.lora.alpha";
/// The two halves of what is added to a tensor.
const FIRST: &str = ".lora_a";
const SECOND: &str = ".lora_b";
/// Tensors that llama.cpp leaves out.
const NORM: &str = "_norm.weight";
/// The tensor whose halves are the other way round.
const EMBEDDING: &str = "token_embd.weight";

impl Gguf {
    /// Whether the file says that it is an adapter, not a model.
    pub fn is_adapter(&self) -> bool {
        self.text("general.type") == Some("adapter")
    }

    /// Whether this file is a LoRA adapter of `model`; what is wrong otherwise.
    pub fn check_adapter_of(&self, model: &Self) -> Result<(), String> {
        if !self.is_adapter() || self.text("adapter.type") != Some("lora") {
            return Err("it is no LoRA adapter".to_owned());
        }
        if self.architecture() != model.architecture() {
            return Err(format!(
                "it is an adapter of the architecture `{}`, and the model's is `{}`",
                self.architecture(),
                model.architecture()
            ));
        }
        if !matches!(self.get(ALPHA), None | Some(Value::F32(_))) {
            return Err(format!("`{ALPHA}` is no 32-bit float"));
        }
        let bases: BTreeMap<_, _> = model
            .tensors()
            .iter()
            .map(|base| (base.name.as_str(), base))
            .collect();
        for (name, halves) in pairs(self.tensors())? {
            let (Some(first), Some(second)) = halves else {
                return Err(format!("of the tensor `{name}` one half is missing"));
            };
            let base = bases.get(name);
            let base = base.ok_or_else(|| format!("the model has no tensor `{name}`"))?;
            if !fits(base, first, second) {
                return Err(format!("its tensor `{name}` has another shape than the model's"));
            }
        }
        Ok(())
    }
}

type Halves<'a> = (Option<&'a TensorInfo>, Option<&'a TensorInfo>);

/// The halves by the name of the tensor that they are added to.
fn pairs(tensors: &[TensorInfo]) -> Result<BTreeMap<&str, Halves<'_>>, String> {
    let mut pairs = BTreeMap::<&str, Halves<'_>>::new();
    for half in tensors {
        if !tensor::multiplies(half.kind) {
            return Err(format!("its tensor `{}` holds no floats", half.name));
        }
        if let Some(name) = half.name.strip_suffix(FIRST) {
            pairs.entry(name).or_default().0 = Some(half);
        } else if let Some(name) = half.name.strip_suffix(SECOND) {
            pairs.entry(name).or_default().1 = Some(half);
        } else if !half.name.ends_with(NORM) {
            return Err(format!("its tensor `{}` is no half of a pair", half.name));
        }
    }
    if pairs.is_empty() {
        return Err("it has no tensors".to_owned());
    }
    Ok(pairs)
}

/// Whether the product of both has the shape of the base.
fn fits(base: &TensorInfo, first: &TensorInfo, second: &TensorInfo) -> bool {
    let side = |tensor: &TensorInfo, at: usize| tensor.shape.get(at).copied().unwrap_or(1);
    let same_depth = (2..4).all(|at| {
        let depth = side(base, at);
        side(first, at) == depth && side(second, at) == depth
    });
    let product = if base.name == EMBEDDING {
        side(base, 0) == side(second, 1)
            && side(base, 1) == side(first, 1)
            && side(first, 0) == side(second, 0)
    } else {
        side(base, 0) == side(first, 0)
            && side(base, 1) == side(second, 1)
            && side(first, 1) == side(second, 0)
    };
    same_depth && product
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Builder, TensorType, tiny};

    fn model() -> Gguf {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("m.gguf");
        tiny::random_llama(1, &path).expect("writes");
        Gguf::open(&path).expect("is sound")
    }

    fn adapter(architecture: &str, alpha: Value, tensors: &[(&str, &[u64])]) -> Gguf {
        let mut builder = Builder::new(architecture);
        builder
            .set("general.type", Value::String("adapter".into()))
            .set("adapter.type", Value::String("lora".into()))
            .set(ALPHA, alpha);
        for (name, shape) in tensors {
            let numbers = vec![0.0; shape.iter().product::<u64>() as usize];
            builder
                .tensor(name, shape, TensorType::F32, &numbers)
                .expect("fills");
        }
        let mut bytes = Vec::new();
        builder.write_to(&mut bytes).expect("writes");
        Gguf::read(bytes.as_slice(), bytes.len() as u64).expect("is sound")
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let model = model();
        let q = "blk.0.attn_q.weight";
        let (a, b) = (format!("{q}.lora_a"), format!("{q}.lora_b"));
        let check = |adapter: &Gguf, expected: &str| {
            let error = adapter.check_adapter_of(&model).expect_err(expected);
            assert!(error.contains(expected), "{error}");
        };
        let alpha = || Value::F32(1.0);
        let whole: [(&str, &[u64]); 2] = [(&a, &[64, 4]), (&b, &[4, 64])];
        assert_eq!(adapter("llama", alpha(), &whole).check_adapter_of(&model), Ok(()));
        check(
            &adapter("qwen3", alpha(), &whole),
            "`qwen3`, and the model's is `llama`",
        );
        check(&adapter("llama", Value::U32(1), &whole), "no 32-bit float");
        check(&adapter("llama", alpha(), &whole[..1]), "one half is missing");
        check(&adapter("llama", alpha(), &[]), "no tensors");
        check(
            &adapter("llama", alpha(), &[(&a, &[64, 4]), (&b, &[5, 64])]),
            "shape",
        );
        check(
            &adapter("llama", alpha(), &[(&a, &[64, 4, 2]), (&b, &[4, 64])]),
            "shape",
        );
        check(
            &adapter("llama", alpha(), &[("x.lora_a", &[1]), ("x.lora_b", &[1])]),
            "has no tensor `x`",
        );
        check(&adapter("llama", alpha(), &[("x", &[1])]), "no half");
        check(&model, "no LoRA adapter");
    }
}
