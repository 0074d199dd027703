//! Embeddings: checked, and of unit length.

use crate::bindings::exports::gyre::inference::types::{EmbedRequest, Embeddings, Error};
use crate::config::Config;
use crate::public_text::public;
use crate::upstream::{self, Patience};
use crate::{model_list, refusal};
use gyre_chat_wire::{Endpoint, embedding_request_json, parse_embeddings};

/// Bytes of an answer with embeddings.
const BYTES_MAX: usize = 16 * 1024 * 1024;
const DIMENSION_MAX: usize = 65_536;
/// Vectors that are this near to unit length stay as they are.
const TOLERANCE: f32 = 1e-3;

/// Asks for the embeddings of all texts.
pub(crate) async fn embed(config: &Config, request: EmbedRequest) -> Result<Embeddings, Error> {
    let body = embedding_request_json(&request.model, &request.texts);
    let patience = Patience::new(config, None);
    let answer = upstream::ask(config, Endpoint::Embeddings, body, "application/json", patience).await?;
    read(
        &answer.whole(BYTES_MAX).await?,
        request.texts.len(),
        config.secret(),
    )
    .map_err(refusal::lie)
}

fn read(body: &[u8], texts: usize, secret: &str) -> Result<Embeddings, String> {
    let made = parse_embeddings(body, texts).map_err(|error| public(&error.0, secret))?;
    if !model_list::is_name(&made.model, secret) {
        return Err("the answer names no model".into());
    }
    let vectors: Option<Vec<_>> = made.vectors.into_iter().map(unit).collect();
    Ok(Embeddings {
        model: made.model,
        vectors: vectors.ok_or("an embedding has no direction, or one of too many numbers")?,
        prompt_tokens: made.prompt_tokens,
    })
}

/// The vector at unit length; nothing where there is no such vector.
fn unit(vector: Vec<f32>) -> Option<Vec<f32>> {
    let length = vector
        .iter()
        .map(|number| f64::from(*number).powi(2))
        .sum::<f64>()
        .sqrt();
    if vector.len() > DIMENSION_MAX || !length.is_finite() || length == 0.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "its parts are no larger than it")]
    let length = length as f32;
    if (length - 1.0).abs() <= TOLERANCE {
        return Some(vector);
    }
    let scaled: Vec<f32> = vector.into_iter().map(|number| number / length).collect();
    scaled.iter().all(|number| number.is_finite()).then_some(scaled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gyre_chat_wire::{Encoding, render_embeddings};
    use proptest::prelude::*;

    fn rendered(vectors: &[&[f32]], encoding: Encoding) -> Vec<u8> {
        let made = gyre_chat_wire::Embeddings {
            model: "m".into(),
            vectors: vectors.iter().map(|vector| vector.to_vec()).collect(),
            prompt_tokens: 5,
        };
        render_embeddings(&made, encoding).to_string().into_bytes()
    }

    #[test]
    fn both_encodings_are_read_and_scaled() {
        for encoding in [Encoding::Float, Encoding::Base64] {
            let made = read(&rendered(&[&[3.0, 4.0], &[0.0, 1.0]], encoding), 2, "").unwrap();
            assert_eq!(made.vectors, [[0.6, 0.8], [0.0, 1.0]]);
            assert_eq!((made.model.as_str(), made.prompt_tokens), ("m", 5));
        }
    }

    #[test]
    fn lies_are_told() {
        let vectors: [(&[&[f32]], usize); 5] = [
            (&[&[1.0]], 2),
            (&[&[1.0], &[1.0]], 1),
            (&[&[1.0], &[1.0, 0.0]], 2),
            (&[&[0.0, 0.0]], 1),
            (&[&[f32::NAN]], 1),
        ];
        for (vectors, texts) in vectors {
            let answer = rendered(vectors, Encoding::Base64);
            assert!(read(&answer, texts, "").is_err(), "{vectors:?}");
        }
        for body in [
            "",
            "[]",
            "{\"data\":[]}",
            "{\"model\":\"sk-1\",\"data\":[{\"index\":0,\"embedding\":[1.0]}]}",
        ] {
            let error = read(body.as_bytes(), 1, "sk-1").unwrap_err();
            assert!(!error.contains("sk-1"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn vectors_have_unit_length(vector in prop::collection::vec(-1e30_f32..1e30, 1..50)) {
            let is_zero = vector.iter().all(|number| *number == 0.0);
            match unit(vector) {
                Some(vector) => {
                    let length = vector.iter().map(|it| f64::from(*it).powi(2)).sum::<f64>().sqrt();
                    prop_assert!((length - 1.0).abs() < 2e-3, "{}", length);
                }
                None => prop_assert!(is_zero),
            }
        }
    }
}
