//! The fused passes beside plain operations of candle and beside differences of the loss.

use super::{Accelerated, Device, Engine, Kind, Llama, Packed, Precision, Shape, Weights};
use anyhow::Result;
use proptest::prelude::*;

fn shape() -> Shape {
    Shape {
        layers: 2,
        width: 24,
        heads: 4,
        kv_heads: 2,
        feed_forward: 40,
        vocabulary: 50,
        context: 150,
        rope_theta: 10_000.0,
        norm_epsilon: 1e-5,
    }
}

/// Weights far from where they start, so that nothing is nearly zero.
fn weights(shape: &Shape, seed: u64) -> Result<Weights> {
    let mut weights = Weights::random(shape, seed)?;
    let table = std::sync::Arc::clone(weights.table());
    for parameter in &table.all {
        let factor = if parameter.kind == Kind::Norm { 1.0 } else { 8.0 };
        let values = &mut weights.values_mut()[parameter.at.clone()];
        for (at, value) in values.iter_mut().enumerate() {
            *value = *value * factor + (at % 7) as f32 * 0.01;
        }
    }
    Ok(weights)
}

/// Conversations of these lengths; a third of the tokens are to be foreseen.
fn packed(lengths: &[usize], vocabulary: usize) -> Packed {
    let mut packed = Packed::new();
    for (index, &length) in lengths.iter().enumerate() {
        let ids: Vec<u16> = (0..length)
            .map(|at| ((at * 7 + index * 13 + at * at) % vocabulary) as u16)
            .collect();
        let targets: Vec<u8> = (0..length)
            .map(|at| u8::from((at + index).is_multiple_of(3)))
            .collect();
        packed.push(&ids, &targets);
    }
    packed
}

/// How far two vectors are apart, as a part of the second's length.
fn apart(one: &[f32], two: &[f32]) -> f64 {
    assert_eq!(one.len(), two.len());
    let square = |value: f32| f64::from(value).powi(2);
    let off: f64 = one.iter().zip(two).map(|(one, two)| square(one - two)).sum();
    let length: f64 = two.iter().map(|&two| square(two)).sum();
    (off / length.max(1e-30)).sqrt()
}

#[test]
fn logits_are_those_of_plain_operations() -> Result<()> {
    let shape = shape();
    let weights = weights(&shape, 3)?;
    let plain = Accelerated::new(&shape, Device::Cpu)?;
    for length in [1, 2, 63, 64, 65, 130] {
        let ids: Vec<u16> = (0..length).map(|at| (at * 11 % 50) as u16).collect();
        let made = Llama::new(&shape, length, Precision::F32)?.logits(&weights, &ids)?;
        let off = apart(&made, &plain.logits(&weights, &ids)?);
        assert!(off < 1e-5, "of {length} tokens they are {off} apart");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn losses_and_gradients_are_those_of_plain_operations(
        lengths in prop::collection::vec(1_usize..140, 1..5),
        layers in 1_usize..3,
        seed in 0_u64..100,
    ) {
        let shape = Shape { layers, ..shape() };
        let weights = weights(&shape, seed).expect("weights");
        let packed = packed(&lengths, shape.vocabulary);
        let mut fused = Llama::new(&shape, packed.ids().len(), Precision::F32).expect("usable");
        let mut plain = Accelerated::new(&shape, Device::Cpu).expect("usable");
        let mut made = vec![0.0; weights.values().len()];
        let mut right = made.clone();
        let loss = fused.gradients(&weights, &packed, 0.5, &mut made).expect("made");
        let right_loss = plain.gradients(&weights, &packed, 0.5, &mut right).expect("made");
        prop_assert!((loss - right_loss).abs() <= 1e-5 * right_loss, "{loss} {right_loss}");
        prop_assert!((fused.loss(&weights, &packed).expect("made") - loss).abs() <= 1e-6 * loss);
        for parameter in &weights.table().all {
            let off = apart(&made[parameter.at.clone()], &right[parameter.at.clone()]);
            prop_assert!(off < 2e-4, "{} is {off} apart", parameter.name);
        }
    }
}

#[test]
fn gradients_tell_how_the_loss_changes() -> Result<()> {
    let shape = shape();
    let weights = weights(&shape, 5)?;
    let packed = packed(&[70, 9], shape.vocabulary);
    let mut model = Llama::new(&shape, 79, Precision::F32)?;
    let mut gradients = vec![0.0; weights.values().len()];
    model.gradients(&weights, &packed, 1.0, &mut gradients)?;
    for parameter in &weights.table().all {
        // Along its own gradient a weight changes the loss by the gradient's length.
        let gradient = &gradients[parameter.at.clone()];
        let length = gradient
            .iter()
            .map(|value| f64::from(*value).powi(2))
            .sum::<f64>()
            .sqrt();
        let step = 2e-3;
        let mut moved = |sign: f64| {
            let mut weights = weights.clone();
            let values = &mut weights.values_mut()[parameter.at.clone()];
            for (value, along) in values.iter_mut().zip(gradient) {
                *value += (sign * step * f64::from(*along) / length) as f32;
            }
            model.loss(&weights, &packed)
        };
        let found = (moved(1.0)? - moved(-1.0)?) / (2.0 * step);
        let off = (found - length).abs() / length;
        assert!(off < 2e-2, "{}: {found} is not {length}", parameter.name);
    }
    Ok(())
}

#[test]
fn conversations_beside_each_other_are_as_if_alone() -> Result<()> {
    let shape = shape();
    let weights = weights(&shape, 8)?;
    let mut model = Llama::new(&shape, 300, Precision::F32)?;
    let together = model.loss(&weights, &packed(&[90, 70, 140], 50))?;
    let mut alone = 0.0;
    for only in 0..3 {
        let mut lengths = [0; 3];
        lengths[only] = [90, 70, 140][only];
        // A conversation of no tokens leaves the others what they are.
        alone += model.loss(&weights, &packed(&lengths, 50))?;
    }
    assert!((together - alone).abs() < 1e-4 * alone, "{together} {alone}");
    Ok(())
}

#[test]
fn numbers_do_not_depend_on_how_many_threads_there_are() -> Result<()> {
    // Wide enough that products are made by several jobs.
    let shape = Shape {
        width: 96,
        feed_forward: 192,
        vocabulary: 300,
        ..shape()
    };
    let weights = weights(&shape, 9)?;
    let packed = packed(&[150, 120, 90, 31], shape.vocabulary);
    let mut found = Vec::new();
    for threads in [1, 2, 3, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        let gradients = pool.install(|| -> Result<Vec<u32>> {
            let mut model = Llama::new(&shape, 391, Precision::F32)?;
            let mut gradients = vec![0.0; weights.values().len()];
            model.gradients(&weights, &packed, 1.0, &mut gradients)?;
            Ok(gradients.iter().map(|value: &f32| value.to_bits()).collect())
        })?;
        found.push(gradients);
    }
    assert!(found.windows(2).all(|pair| pair[0] == pair[1]));
    Ok(())
}

#[test]
fn what_a_model_cannot_read_is_told() -> Result<()> {
    let shape = shape();
    let weights = weights(&shape, 1)?;
    let mut model = Llama::new(&shape, 200, Precision::F32)?;
    let told = |result: Result<Vec<f32>, super::ModelError>| result.expect_err("wrong").to_string();
    assert!(told(model.logits(&weights, &[50])).contains("token 50"));
    assert!(told(model.logits(&weights, &[1; 151])).contains("151 tokens"));
    assert!(told(model.logits(&weights, &[1; 201])).contains("201 of them"));
    Ok(())
}

#[test]
fn weights_are_read_as_they_were_written_and_written_the_same_twice() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let weights = Weights::random(&shape(), 4)?;
    weights.save(&one)?;
    Weights::load(&one)?.save(&two)?;
    assert_eq!(std::fs::read(&one)?, std::fs::read(&two)?);
    assert_eq!(Weights::load(&two)?.values(), weights.values());
    assert_ne!(Weights::random(&shape(), 5)?.values(), weights.values());

    let bytes = std::fs::read(&one)?;
    std::fs::write(&two, &bytes[..bytes.len() - 9])?;
    let told = Weights::load(&two).expect_err("too short").to_string();
    assert!(told.contains("is no weights"), "{told}");
    Ok(())
}
