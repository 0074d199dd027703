//! What a trainer asks of whatever computes.

use super::{ModelError, Packed, Weights};

/// Computes losses and gradients.
pub trait Engine {
    /// The sum of the losses of all predictions.
    fn loss(&mut self, weights: &Weights, packed: &Packed) -> Result<f64, ModelError>;

    /// The same; adds the gradient of `share` times that sum to `gradients`, which lie as the weights do.
    fn gradients(
        &mut self,
        weights: &Weights,
        packed: &Packed,
        share: f32,
        gradients: &mut [f32],
    ) -> Result<f64, ModelError>;
}
