//! The same model of plain operations of candle: what the fused passes are compared with, and what runs on an
//! accelerator.

use super::{Engine, ModelError, Packed, Shape, Weights};
use candle_core::{D, DType, Device, Result, Tensor, Var};

/// A llama on a device of candle.
#[derive(Debug)]
pub struct Accelerated {
    shape: Shape,
    device: Device,
}

impl Accelerated {
    /// A llama of this shape there.
    pub fn new(shape: &Shape, device: Device) -> std::result::Result<Self, ModelError> {
        shape.check()?;
        Ok(Self {
            shape: shape.clone(),
            device,
        })
    }

    /// The logits after each of these tokens, row by row.
    pub fn logits(&self, weights: &Weights, ids: &[u16]) -> std::result::Result<Vec<f32>, ModelError> {
        let mut packed = Packed::new();
        packed.push(ids, &vec![0; ids.len()]);
        packed.check(&self.shape)?;
        let graph = Graph::new(&self.shape, &self.device, weights)?;
        let logits = graph.logits(&graph.stream(&packed)?)?;
        Ok(logits.flatten_all()?.to_vec1()?)
    }
}

impl Engine for Accelerated {
    fn loss(&mut self, weights: &Weights, packed: &Packed) -> std::result::Result<f64, ModelError> {
        packed.check(&self.shape)?;
        if packed.predictions().is_empty() {
            return Ok(0.0);
        }
        let graph = Graph::new(&self.shape, &self.device, weights)?;
        Ok(f64::from(graph.loss(packed)?.to_scalar::<f32>()?))
    }

    fn gradients(
        &mut self,
        weights: &Weights,
        packed: &Packed,
        share: f32,
        gradients: &mut [f32],
    ) -> std::result::Result<f64, ModelError> {
        packed.check(&self.shape)?;
        if packed.predictions().is_empty() {
            return Ok(0.0);
        }
        let graph = Graph::new(&self.shape, &self.device, weights)?;
        let loss = graph.loss(packed)?;
        let found = (&loss * f64::from(share))?.backward()?;
        for (parameter, var) in weights.table().all.iter().zip(&graph.vars) {
            let Some(gradient) = found.get(var) else { continue };
            let gradient: Vec<f32> = gradient.flatten_all()?.to_vec1()?;
            for (total, value) in gradients[parameter.at.clone()].iter_mut().zip(gradient) {
                *total += value;
            }
        }
        Ok(f64::from(loss.to_scalar::<f32>()?))
    }
}

/// Weights on the device, in the order of the table.
struct Graph<'a> {
    shape: &'a Shape,
    device: &'a Device,
    vars: Vec<Var>,
}

/// A layer's weights, in the order of the table.
const LAYER_WEIGHTS: usize = 9;

impl<'a> Graph<'a> {
    fn new(shape: &'a Shape, device: &'a Device, weights: &Weights) -> Result<Self> {
        let vars = weights.table().all.iter().map(|parameter| {
            let values = &weights.values()[parameter.at.clone()];
            let dims = (parameter.rows, parameter.columns);
            Var::from_tensor(&Tensor::from_slice(values, dims, device)?)
        });
        let vars = vars.collect::<Result<_>>()?;
        Ok(Self { shape, device, vars })
    }

    fn norm(&self, rows: &Tensor, gains: &Var) -> Result<Tensor> {
        let mean = rows.sqr()?.mean_keepdim(D::Minus1)?;
        let scale = (mean + f64::from(self.shape.norm_epsilon))?.sqrt()?;
        rows.broadcast_div(&scale)?.broadcast_mul(gains.as_tensor())
    }

    /// Cosines and sines of so many places, of half a head.
    fn angles(&self, places: usize) -> Result<(Tensor, Tensor)> {
        let half = self.shape.head_size() / 2;
        let theta = f64::from(self.shape.rope_theta);
        let angle = |at: usize| {
            let (place, at) = (at / half, at % half);
            (place as f64 * theta.powf(-2.0 * at as f64 / (2 * half) as f64)) as f32
        };
        let angles: Vec<f32> = (0..places * half).map(angle).collect();
        let angles = Tensor::from_vec(angles, (places, half), self.device)?;
        Ok((angles.cos()?, angles.sin()?))
    }

    /// Heads of some rows, turned: `[heads, rows, size]`.
    fn heads(&self, rows: &Tensor, heads: usize, angles: Option<&(Tensor, Tensor)>) -> Result<Tensor> {
        let (count, size) = (rows.dim(0)?, self.shape.head_size());
        let rows = rows
            .reshape((count, heads, size))?
            .transpose(0, 1)?
            .contiguous()?;
        let Some((cosines, sines)) = angles else {
            return Ok(rows);
        };
        let low = rows.narrow(2, 0, size / 2)?;
        let high = rows.narrow(2, size / 2, size / 2)?;
        let low_turned = (low.broadcast_mul(cosines)? - high.broadcast_mul(sines)?)?;
        let high_turned = (high.broadcast_mul(cosines)? + low.broadcast_mul(sines)?)?;
        Tensor::cat(&[low_turned, high_turned], 2)
    }

    /// What the rows of one conversation see.
    fn attention(&self, queries: &Tensor, keys: &Tensor, values: &Tensor) -> Result<Tensor> {
        let count = queries.dim(0)?;
        let angles = self.angles(count)?;
        let shared = self.shape.heads / self.shape.kv_heads;
        let repeat = |heads: Tensor| -> Result<Tensor> {
            let (kv_heads, rows, size) = heads.dims3()?;
            heads
                .unsqueeze(1)?
                .broadcast_as((kv_heads, shared, rows, size))?
                .reshape((kv_heads * shared, rows, size))
        };
        let queries = self.heads(queries, self.shape.heads, Some(&angles))?;
        let keys = repeat(self.heads(keys, self.shape.kv_heads, Some(&angles))?)?;
        let values = repeat(self.heads(values, self.shape.kv_heads, None)?)?;
        let scale = 1.0 / (self.shape.head_size() as f64).sqrt();
        let scores = (queries.matmul(&keys.transpose(1, 2)?.contiguous()?)? * scale)?;
        let hidden = (0..count * count).map(|at| {
            let (row, column) = (at / count, at % count);
            if column > row { f32::NEG_INFINITY } else { 0.0 }
        });
        let hidden = Tensor::from_iter(hidden, self.device)?.reshape((count, count))?;
        let scores = scores.broadcast_add(&hidden)?;
        let most = scores.max_keepdim(D::Minus1)?.detach();
        let shares = scores.broadcast_sub(&most)?.exp()?;
        let shares = shares.broadcast_div(&shares.sum_keepdim(D::Minus1)?)?;
        let seen = shares.matmul(&values)?.transpose(0, 1)?;
        seen.reshape((count, self.shape.width))
    }

    /// The residual stream after the last layer.
    fn stream(&self, packed: &Packed) -> Result<Tensor> {
        let ids = Tensor::new(packed.ids(), self.device)?;
        let mut stream = self.vars[0].index_select(&ids, 0)?;
        for weights in self.vars[1..].chunks_exact(LAYER_WEIGHTS) {
            let normed = self.norm(&stream, &weights[0])?;
            let times = |rows: &Tensor, matrix: &Var| rows.matmul(&matrix.t()?);
            let queries = times(&normed, &weights[1])?;
            let keys = times(&normed, &weights[2])?;
            let values = times(&normed, &weights[3])?;
            let seen = packed.starts().windows(2).map(|pair| {
                let part = |rows: &Tensor| rows.narrow(0, pair[0], pair[1] - pair[0]);
                self.attention(&part(&queries)?, &part(&keys)?, &part(&values)?)
            });
            let seen = Tensor::cat(&seen.collect::<Result<Vec<_>>>()?, 0)?;
            stream = (stream + times(&seen, &weights[4])?)?;
            let normed = self.norm(&stream, &weights[5])?;
            let gate = times(&normed, &weights[6])?.silu()?;
            let through = (gate * times(&normed, &weights[7])?)?;
            stream = (stream + times(&through, &weights[8])?)?;
        }
        Ok(stream)
    }

    fn logits(&self, stream: &Tensor) -> Result<Tensor> {
        let last = &self.vars[self.vars.len() - 1];
        self.norm(stream, last)?.matmul(&self.vars[0].t()?)
    }

    /// The sum of the losses of all predictions.
    fn loss(&self, packed: &Packed) -> Result<Tensor> {
        let predictions = packed.predictions();
        let rows: Vec<u32> = predictions.iter().map(|one| one.row as u32).collect();
        let right: Vec<u32> = predictions.iter().map(|one| one.id).collect();
        let count = rows.len();
        let stream = self
            .stream(packed)?
            .index_select(&Tensor::new(rows, self.device)?, 0)?;
        let logits = self.logits(&stream)?;
        let right = Tensor::new(right, self.device)?.reshape((count, 1))?;
        let of_right = logits.gather(&right, 1)?.squeeze(1)?;
        let most = logits.max_keepdim(1)?.detach();
        let total = logits.broadcast_sub(&most)?.exp()?.sum(1)?.log()?;
        let losses = ((total + most.squeeze(1)?)? - of_right)?;
        losses.sum_all()?.to_dtype(DType::F32)
    }
}
