//! How tokens are chosen, as fields of a request: read by servers, written by clients.

use crate::error::ApiError;
use crate::fields::Fields;
use crate::types::{BiasToken, LogitBias, Sampling};
use serde_json::{Value, json};

const BIASES_MAX: usize = 300;
const BIAS_MAX: f64 = 100.0;
const TOP_LOGPROBS_MAX: u64 = 20;

/// Reads them.
pub(crate) fn read(fields: &Fields<'_>) -> Result<Sampling, ApiError> {
    let penalty = |name| fields.number(name, |it| (-2.0..=2.0).contains(&it), "from -2 to 2");
    Ok(Sampling {
        temperature: fields.number("temperature", |it| (0.0..=2.0).contains(&it), "from 0 to 2")?,
        top_p: fields.number("top_p", |it| it > 0.0 && it <= 1.0, "above 0 and at most 1")?,
        top_k: fields.count("top_k")?,
        seed: seed(fields)?,
        min_p: fields.number("min_p", |it| (0.0..=1.0).contains(&it), "from 0 to 1")?,
        frequency_penalty: penalty("frequency_penalty")?,
        presence_penalty: penalty("presence_penalty")?,
        logit_bias: logit_bias(fields)?,
        logprobs: logprobs(fields)?,
    })
}

/// Writes them, by name; what is `None` is left out.
pub(crate) fn written(sampling: &Sampling) -> [(&'static str, Option<Value>); 10] {
    let number = |number: Option<f32>| number.map(|it| json!(it));
    let top = sampling.logprobs.filter(|top| *top > 0);
    [
        ("temperature", number(sampling.temperature)),
        ("top_p", number(sampling.top_p)),
        ("top_k", sampling.top_k.map(|it| json!(it))),
        ("seed", sampling.seed.map(|it| json!(it))),
        ("min_p", number(sampling.min_p)),
        ("frequency_penalty", number(sampling.frequency_penalty)),
        ("presence_penalty", number(sampling.presence_penalty)),
        ("logit_bias", bias_json(&sampling.logit_bias)),
        ("logprobs", sampling.logprobs.map(|_| Value::Bool(true))),
        ("top_logprobs", top.map(|it| json!(it))),
    ]
}

fn seed(fields: &Fields<'_>) -> Result<Option<u64>, ApiError> {
    let read = |seed: &Value| {
        // OpenAI's seeds are signed; the port's are not, and any mapping that keeps them apart does.
        seed.as_u64()
            .or_else(|| seed.as_i64().map(i64::cast_unsigned))
            .ok_or_else(|| fields.refuse("seed", "must be a whole number"))
    };
    fields.get("seed").map(read).transpose()
}

fn logprobs(fields: &Fields<'_>) -> Result<Option<u32>, ApiError> {
    let top = fields.get("top_logprobs").map(|value| {
        let count = value.as_u64().filter(|count| *count <= TOP_LOGPROBS_MAX);
        let count = count.and_then(|count| u32::try_from(count).ok());
        count.ok_or_else(|| fields.refuse("top_logprobs", "must be a whole number from 0 to 20"))
    });
    match (fields.flag("logprobs")?, top.transpose()?) {
        (true, top) => Ok(Some(top.unwrap_or_default())),
        (false, None | Some(0)) => Ok(None),
        (false, Some(_)) => Err(fields.refuse("top_logprobs", "needs \"logprobs\": true beside it")),
    }
}

/// OpenAI's object of numbers by token, where a key that is no number is a text; or llama.cpp's list of pairs,
/// where a text may be digits too.
fn logit_bias(fields: &Fields<'_>) -> Result<Vec<LogitBias>, ApiError> {
    let pairs: Vec<(BiasToken, &Value)> = match fields.get("logit_bias") {
        None => return Ok(Vec::new()),
        Some(Value::Object(map)) => map.iter().map(|(key, bias)| (by_key(key), bias)).collect(),
        Some(Value::Array(list)) => {
            let pairs = list.iter().map(|pair| match pair.as_array().map(Vec::as_slice) {
                Some([Value::String(text), bias]) => Some((BiasToken::Text(text.clone()), bias)),
                Some([token, bias]) => Some((BiasToken::Id(u32::try_from(token.as_u64()?).ok()?), bias)),
                _ => None,
            });
            let pairs: Option<Vec<_>> = pairs.collect();
            pairs.ok_or_else(|| fields.refuse("logit_bias", "must hold pairs of a token and a number"))?
        }
        Some(_) => {
            let what = "must be an object of numbers by token, or a list of pairs";
            return Err(fields.refuse("logit_bias", what));
        }
    };
    if pairs.len() > BIASES_MAX {
        let what = format!("holds {} tokens and may hold {BIASES_MAX}", pairs.len());
        return Err(fields.refuse("logit_bias", &what));
    }
    let bias = |(token, bias): (BiasToken, &Value)| {
        if matches!(&token, BiasToken::Text(text) if text.is_empty()) {
            return Err(fields.refuse("logit_bias", "names a token by an empty text"));
        }
        let bias = bias.as_f64().filter(|it| it.abs() <= BIAS_MAX);
        let bias = bias.ok_or_else(|| fields.refuse("logit_bias", "must hold numbers from -100 to 100"))?;
        #[expect(clippy::cast_possible_truncation, reason = "a bias needs no more precision")]
        let bias = bias as f32;
        Ok(LogitBias { token, bias })
    };
    pairs.into_iter().map(bias).collect()
}

fn by_key(key: &str) -> BiasToken {
    match key.parse() {
        Ok(id) => BiasToken::Id(id),
        Err(_) => BiasToken::Text(key.to_owned()),
    }
}

/// As OpenAI reads it where all tokens are numbers.
fn bias_json(biases: &[LogitBias]) -> Option<Value> {
    if biases.is_empty() {
        return None;
    }
    let numbers = biases.iter().map(|it| match &it.token {
        BiasToken::Id(id) => Some((id.to_string(), json!(it.bias))),
        BiasToken::Text(_) => None,
    });
    let object: Option<serde_json::Map<_, _>> = numbers.collect();
    Some(object.map_or_else(|| biases.iter().map(pair_json).collect(), Value::Object))
}

fn pair_json(it: &LogitBias) -> Value {
    match &it.token {
        BiasToken::Id(id) => json!([id, it.bias]),
        BiasToken::Text(text) => json!([text, it.bias]),
    }
}
