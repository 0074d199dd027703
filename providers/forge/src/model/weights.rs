//! The weights of a model, in memory and in a file.

use super::{Kind, ModelError, Shape, Table, write_atomically};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, Normal};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// The key of the file's metadata under which the shape is told as JSON.
const SHAPE_KEY: &str = "shape";
const DEVIATION: f32 = 0.02;
/// A file of the most weights there may be, and its header.
const FILE_BYTES_MAX: u64 = 500_000_000;

/// All weights of a model, as one flat slice.
#[derive(Clone, Debug)]
pub struct Weights {
    shape: Shape,
    table: Arc<Table>,
    values: Vec<f32>,
}

impl Weights {
    /// Random ones, as a small llama starts: what a layer adds to the residual stream starts smaller the more layers
    /// there are. The same seed makes the same weights.
    pub fn random(shape: &Shape, seed: u64) -> Result<Self, ModelError> {
        shape.check()?;
        let table = Table::of(shape);
        let mut values = vec![0.0; table.numbers()];
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let adding = DEVIATION / (2.0 * shape.layers as f32).sqrt();
        for parameter in &table.all {
            let adds =
                parameter.name.ends_with("o_proj.weight") || parameter.name.ends_with("down_proj.weight");
            let deviation = if adds { adding } else { DEVIATION };
            let values = &mut values[parameter.at.clone()];
            if parameter.kind == Kind::Norm {
                values.fill(1.0);
                continue;
            }
            let normal = Normal::new(0.0, deviation)
                .map_err(|error| ModelError::Shape(format!("its deviation is {deviation}: {error}")))?;
            values.fill_with(|| normal.sample(&mut random));
        }
        Ok(Self::of(shape, table, values))
    }

    /// These numbers as the weights of such a model, in the order of its table.
    pub(crate) fn from_values(shape: &Shape, values: Vec<f32>) -> Result<Self, ModelError> {
        shape.check()?;
        let table = Table::of(shape);
        if values.len() != table.numbers() {
            let why = format!("it has {} weights, not {}", table.numbers(), values.len());
            return Err(ModelError::Shape(why));
        }
        Ok(Self::of(shape, table, values))
    }

    fn of(shape: &Shape, table: Table, values: Vec<f32>) -> Self {
        Self {
            shape: shape.clone(),
            table: Arc::new(table),
            values,
        }
    }

    /// The model's shape.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Where each weight lies.
    pub fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// All numbers.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    pub(crate) fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// A weight's numbers by its name, row by row.
    pub fn named(&self, name: &str) -> Option<&[f32]> {
        let parameter = self.table.all.iter().find(|parameter| parameter.name == name)?;
        Some(&self.values[parameter.at.clone()])
    }

    /// Writes them as safetensors under Hugging Face's names, the shape in the metadata. The same weights make the same
    /// bytes.
    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        let views = self.table.all.iter().map(|parameter| {
            let dims = match parameter.kind {
                Kind::Norm => vec![parameter.columns],
                Kind::Embedding | Kind::Matrix => vec![parameter.rows, parameter.columns],
            };
            let bytes = bytemuck::cast_slice(&self.values[parameter.at.clone()]);
            TensorView::new(Dtype::F32, dims, bytes).map(|view| (parameter.name.clone(), view))
        });
        let malformed = |why: String| ModelError::Malformed {
            path: path.to_owned(),
            why,
        };
        let views: Vec<_> = views
            .collect::<Result<_, _>>()
            .map_err(|error| malformed(error.to_string()))?;
        let shape = serde_json::to_string(&self.shape).map_err(|error| malformed(error.to_string()))?;
        // One key only: a map of several has no fixed order, and the file would not be the same twice.
        let metadata = HashMap::from([(SHAPE_KEY.to_owned(), shape)]);
        let bytes =
            safetensors::serialize(views, Some(metadata)).map_err(|error| malformed(error.to_string()))?;
        write_atomically(path, &bytes).map_err(ModelError::io(path))
    }

    /// Reads what [`Weights::save`] wrote.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let length = std::fs::metadata(path).map_err(ModelError::io(path))?.len();
        let malformed = |why: String| ModelError::Malformed {
            path: path.to_owned(),
            why,
        };
        if length > FILE_BYTES_MAX {
            return Err(malformed(format!(
                "it has {length} bytes, more than {FILE_BYTES_MAX}"
            )));
        }
        let bytes = std::fs::read(path).map_err(ModelError::io(path))?;
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|error| malformed(error.to_string()))?;
        let shape = header.metadata().as_ref().and_then(|all| all.get(SHAPE_KEY));
        let shape = shape.ok_or_else(|| malformed(format!("its metadata has no `{SHAPE_KEY}`")))?;
        let shape: Shape =
            serde_json::from_str(shape).map_err(|error| malformed(format!("its `{SHAPE_KEY}`: {error}")))?;
        shape.check()?;
        let table = Table::of(&shape);
        let tensors = SafeTensors::deserialize(&bytes).map_err(|error| malformed(error.to_string()))?;
        if tensors.len() != table.all.len() {
            return Err(malformed(format!(
                "it has {} tensors, not {}",
                tensors.len(),
                table.all.len()
            )));
        }
        let mut values = Vec::with_capacity(table.numbers());
        for parameter in &table.all {
            let view = tensors
                .tensor(&parameter.name)
                .map_err(|error| malformed(error.to_string()))?;
            if view.dtype() != Dtype::F32 || view.data().len() != parameter.at.len() * 4 {
                let why = format!(
                    "`{}` is not {} numbers of 32 bits",
                    parameter.name,
                    parameter.at.len()
                );
                return Err(malformed(why));
            }
            values.extend(bytemuck::pod_collect_to_vec::<u8, f32>(view.data()));
        }
        Ok(Self::of(&shape, table, values))
    }
}
