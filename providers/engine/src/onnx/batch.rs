//! A batch of texts: padded on its way in, averaged and brought to unit length on its way out.

use gyre_engine_ipc::EngineError;
use gyre_onnx::bert;
use ort::session::{Session, SessionInputValue, SessionOutputs};

use super::value;
use super::watch::Failed;
use crate::embedding::normalise;

/// The vectors of these texts, each a row of tokens, by the output of this name.
pub(super) fn vectors(
    outputs: &SessionOutputs<'_>,
    output: &str,
    rows: &[Vec<i64>],
) -> Result<Vec<Vec<f32>>, EngineError> {
    let longest = longest(rows);
    let unexpected = || EngineError::internal("the graph's output is not of batch, sequence and width");
    let states = outputs.get(output).ok_or_else(unexpected)?;
    let (shape, numbers) = states.try_extract_tensor::<f32>().map_err(|_| unexpected())?;
    let count = rows.len() as i64;
    let mut vectors: Vec<Vec<f32>> = match shape[..] {
        [texts, tokens, width] if texts == count && tokens == longest as i64 && width > 0 => {
            let text = longest * width as usize;
            let chunks = numbers.chunks_exact(text.max(1)).zip(rows);
            chunks
                .map(|(states, row)| mean(states, row.len(), width as usize))
                .collect()
        }
        [texts, width] if texts == count && width > 0 => numbers
            .chunks_exact(width as usize)
            .map(<[f32]>::to_vec)
            .collect(),
        _ => return Err(unexpected()),
    };
    vectors.iter_mut().for_each(|vector| normalise(vector));
    Ok(vectors)
}

/// The inputs that the graph takes, texts padded to the longest.
pub(super) fn inputs(
    session: &Session,
    rows: &[Vec<i64>],
) -> Result<Vec<(String, SessionInputValue<'static>)>, Failed> {
    let longest = longest(rows);
    let sides = || vec![rows.len() as i64, longest as i64];
    let padded = |of: fn(i64) -> i64| {
        let row = |row: &Vec<i64>| {
            let ids = row.iter().map(|id| of(*id)).collect::<Vec<_>>();
            ids.into_iter().chain(std::iter::repeat_n(0, longest - row.len()))
        };
        rows.iter().flat_map(row).collect::<Vec<i64>>()
    };
    let named = |name: &str| {
        let elements = match bert::INPUTS.iter().position(|input| *input == name) {
            Some(0) => padded(|id| id),
            Some(1) => padded(|_| 1),
            _ => padded(|_| 0),
        };
        Ok((name.to_owned(), value::value(sides(), elements)?))
    };
    let named = session.inputs().iter().map(|input| named(input.name()));
    Ok(named.collect::<Result<_, EngineError>>()?)
}

fn longest(rows: &[Vec<i64>]) -> usize {
    rows.iter().map(Vec::len).max().unwrap_or_default()
}

/// The mean over the tokens of a text; what pads it does not count.
fn mean(states: &[f32], tokens: usize, width: usize) -> Vec<f32> {
    let mut sums = vec![0.0_f64; width];
    for state in states.chunks_exact(width).take(tokens) {
        for (sum, number) in sums.iter_mut().zip(state) {
            *sum += f64::from(*number);
        }
    }
    let count = tokens.max(1) as f64;
    sums.into_iter().map(|sum| (sum / count) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_does_not_count() {
        let states = [1.0, 2.0, 3.0, 4.0, 100.0, 100.0];
        assert_eq!(mean(&states, 2, 2), [2.0, 3.0]);
        assert_eq!(mean(&states, 0, 2), [0.0, 0.0]);
    }
}
