//! Vectors as blobs: little-endian f32, unit length.

use crate::error::Error;
use crate::limits::DIMENSIONS_MAX;

/// The vector scaled to length 1, so that a dot product is the cosine.
pub fn unit(vector: &[f32]) -> Result<Vec<f32>, Error> {
    if vector.is_empty() || vector.len() > DIMENSIONS_MAX {
        let given = vector.len();
        return Err(Error::Invalid(format!(
            "a vector must have 1 to {DIMENSIONS_MAX} dimensions, given are {given}"
        )));
    }
    let length = vector
        .iter()
        .map(|x| f64::from(*x) * f64::from(*x))
        .sum::<f64>()
        .sqrt();
    if !length.is_finite() || length == 0.0 {
        return Err(Error::Invalid(
            "a vector must have finite numbers, not all of them 0".into(),
        ));
    }
    #[expect(clippy::cast_possible_truncation, reason = "a unit vector's numbers fit f32")]
    Ok(vector.iter().map(|x| (f64::from(*x) / length) as f32).collect())
}

/// The bytes of a vector.
#[must_use]
pub fn encode(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// Dot product of a vector with a stored one; none when their dimensions differ.
#[must_use]
pub fn dot(query: &[f32], blob: &[u8]) -> Option<f32> {
    let (numbers, rest) = blob.as_chunks::<4>();
    if numbers.len() != query.len() || !rest.is_empty() {
        return None;
    }
    // Eight sums at once: the compiler keeps them in vector registers.
    let mut sums = [0.0_f32; 8];
    let (query_lanes, query_rest) = query.as_chunks::<8>();
    let (blob_lanes, blob_rest) = numbers.as_chunks::<8>();
    for (q, b) in query_lanes.iter().zip(blob_lanes) {
        for lane in 0..8 {
            sums[lane] += q[lane] * f32::from_le_bytes(b[lane]);
        }
    }
    let tail: f32 = query_rest
        .iter()
        .zip(blob_rest)
        .map(|(q, b)| q * f32::from_le_bytes(*b))
        .sum();
    Some(sums.iter().sum::<f32>() + tail)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_vector_is_nearest_to_itself(vector in prop::collection::vec(-1.0e3_f32..1.0e3, 1..100)) {
            prop_assume!(vector.iter().any(|x| x.abs() > 1.0e-3));
            let unit = unit(&vector).expect("finite");
            let cosine = dot(&unit, &encode(&unit)).expect("one dimension");
            prop_assert!((cosine - 1.0).abs() < 1.0e-4, "{cosine}");
        }
    }

    #[test]
    fn vectors_without_a_direction_are_refused() {
        for vector in [vec![], vec![0.0, 0.0], vec![f32::NAN], vec![f32::INFINITY, 1.0]] {
            assert!(matches!(unit(&vector), Err(Error::Invalid(_))), "{vector:?}");
        }
    }

    #[test]
    fn other_dimensions_have_no_dot_product() {
        assert_eq!(dot(&[1.0, 2.0], &encode(&[1.0])), None);
        assert_eq!(dot(&[1.0], &[0, 0, 0]), None);
    }
}
