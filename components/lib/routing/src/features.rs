//! What a task looks like to a learner: a vector of fixed size, whatever comes in.

use crate::task::Task;

/// Numbers of a task.
pub const FEATURES: usize = 16;
const EMBEDDED: std::ops::Range<usize> = 6..12;
const TENANT: std::ops::Range<usize> = 12..16;
/// Numbers of an embedding that are read.
const EMBEDDING_MAX: usize = 4_096;
/// Natural logarithm of about a million tokens.
const LOG_TOKENS_MAX: f64 = 14.0;

/// The features of a task: 1; the prompt's length; tools, JSON, pictures, streaming; its embedding and its tenant,
/// hashed. No number leaves -1 to 1, and none is not a number.
#[must_use]
pub fn features(task: &Task) -> [f64; FEATURES] {
    let mut vector = [0.0; FEATURES];
    let flag = |set: bool| if set { 1.0 } else { 0.0 };
    #[expect(clippy::cast_precision_loss, reason = "only its logarithm is wanted")]
    let tokens = task.input_tokens as f64;
    let fixed = [
        1.0,
        (tokens.ln_1p() / LOG_TOKENS_MAX).min(1.0),
        flag(task.needs.tools),
        flag(task.needs.json),
        flag(task.needs.vision),
        flag(task.stream),
    ];
    vector[..fixed.len()].copy_from_slice(&fixed);
    embed(&task.embedding, &mut vector[EMBEDDED]);
    if let Some(tenant) = &task.tenant {
        let hash = hashed(tenant.as_bytes());
        let place = TENANT.start + usize::from(hash.to_le_bytes()[0]) % TENANT.len();
        vector[place] = sign(hash >> 8);
    }
    vector
}

/// Each number goes to one place with one sign, both by its index: near embeddings stay near.
fn embed(embedding: &[f32], places: &mut [f64]) {
    for (index, number) in embedding.iter().take(EMBEDDING_MAX).enumerate() {
        let hash = hashed(&index.to_le_bytes());
        let place = usize::from(hash.to_le_bytes()[0]) % places.len();
        let number = f64::from(*number);
        if number.is_finite() {
            places[place] += number.clamp(-1e3, 1e3) * sign(hash >> 8);
        }
    }
    let length = places.iter().map(|it| it * it).sum::<f64>().sqrt();
    if length > 0.0 && length.is_finite() {
        for place in places {
            *place /= length;
        }
    }
}

fn sign(hash: u64) -> f64 {
    if hash & 1 == 0 { 1.0 } else { -1.0 }
}

/// FNV-1a, with its bits mixed once more.
fn hashed(bytes: &[u8]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}
