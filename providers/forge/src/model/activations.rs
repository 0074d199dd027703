//! The memory of a pass: taken once, used by each.

use super::Shape;

/// What a layer's backward pass needs of its forward pass.
#[derive(Debug)]
pub(crate) struct Saved {
    /// The residual stream before the layer, and the scales of its norm.
    pub(crate) input: Vec<f32>,
    pub(crate) input_scales: Vec<f32>,
    /// Queries, keys and values, turned.
    pub(crate) qkv: Vec<f32>,
    /// What the rows saw.
    pub(crate) seen: Vec<f32>,
    pub(crate) log_sums: Vec<f32>,
    /// The residual stream between attention and feed-forward, and the scales of its norm.
    pub(crate) middle: Vec<f32>,
    pub(crate) middle_scales: Vec<f32>,
    /// Gates, and what they let through.
    pub(crate) gate_up: Vec<f32>,
}

/// What is needed only while a layer is computed.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// The residual stream; on the way back, its gradient.
    pub(crate) residual: Vec<f32>,
    pub(crate) normed: Vec<f32>,
    pub(crate) d_normed: Vec<f32>,
    /// As wide as the residual stream: what the rows saw of the rows that foresee, and gradients of it.
    pub(crate) gathered: Vec<f32>,
    pub(crate) d_seen: Vec<f32>,
    pub(crate) d_qkv: Vec<f32>,
    /// What comes through the gates, and its gradient.
    pub(crate) through: Vec<f32>,
    pub(crate) d_through: Vec<f32>,
    /// Scales of the last norm.
    pub(crate) scales: Vec<f32>,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Activations {
    pub(crate) layers: Vec<Saved>,
    pub(crate) scratch: Scratch,
}

impl Activations {
    /// For passes of so many tokens.
    pub(crate) fn new(shape: &Shape, tokens: usize) -> Self {
        let zeros = |width: usize| vec![0.0; tokens * width];
        let layers = (0..shape.layers).map(|_| Saved {
            input: zeros(shape.width),
            input_scales: zeros(1),
            qkv: zeros(shape.qkv_width()),
            seen: zeros(shape.width),
            log_sums: zeros(shape.heads),
            middle: zeros(shape.width),
            middle_scales: zeros(1),
            gate_up: zeros(2 * shape.feed_forward),
        });
        Self {
            layers: layers.collect(),
            scratch: Scratch {
                residual: zeros(shape.width),
                normed: zeros(shape.width),
                d_normed: zeros(shape.width),
                gathered: zeros(shape.width),
                d_seen: zeros(shape.width),
                d_qkv: zeros(shape.qkv_width()),
                through: zeros(shape.feed_forward),
                d_through: zeros(shape.feed_forward),
                scales: zeros(1),
            },
        }
    }

    /// Bytes that a token of a pass takes.
    pub(crate) fn token_bytes(shape: &Shape) -> usize {
        let saved = 3 * shape.width + 2 + shape.qkv_width() + shape.heads + 2 * shape.feed_forward;
        let scratch = 5 * shape.width + shape.qkv_width() + 2 * shape.feed_forward + 1;
        size_of::<f32>() * (shape.layers * saved + scratch)
    }

    /// Tokens of the longest pass.
    pub(crate) fn tokens(&self) -> usize {
        self.scratch.scales.len()
    }
}

/// Puts the rows named in `rows`, which rise, one after another into `target`.
pub(crate) fn gather(source: &[f32], rows: &[usize], width: usize, target: &mut [f32]) {
    for (target, &row) in target.chunks_exact_mut(width).zip(rows) {
        target.copy_from_slice(&source[row * width..(row + 1) * width]);
    }
}

/// The reverse of [`gather`]: all other rows of `target` become zero.
pub(crate) fn scatter(source: &[f32], rows: &[usize], width: usize, target: &mut [f32]) {
    target.fill(0.0);
    for (source, &row) in source.chunks_exact(width).zip(rows) {
        target[row * width..(row + 1) * width].copy_from_slice(source);
    }
}
