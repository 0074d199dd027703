//! `options`: how tokens are chosen, and how a model is loaded. Names that Ollama does not know are tolerated, as it does.

use gyre_chat_wire::{ApiError, ChatRequest, Fields, Sampling};
use serde_json::Value;

const STOPS_MAX: usize = 16;

/// What an answer may say again costs likelihood. The chat wire has no place for it: who hands the request on carries it
/// or refuses it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repeat {
    /// Divides the likelihood of tokens that stood before, above 0; 1 is none.
    pub penalty: f32,
    /// How many of the last tokens count; `None` is what the model's server does by itself.
    pub last_tokens: Option<u32>,
}

/// How a model is loaded and run is the host's decision.
const LOADING: [&str; 14] = [
    "num_batch",
    "num_gpu",
    "main_gpu",
    "use_mmap",
    "use_mlock",
    "num_thread",
    "draft_num_predict",
    "numa",
    "low_vram",
    "f16_kv",
    "logits_all",
    "vocab_only",
    "embedding_only",
    "num_keep",
];

/// Ways to choose tokens that are not done here, with the value that means they are off.
const OFF: [(&str, f64); 3] = [("typical_p", 1.0), ("tfs_z", 1.0), ("mirostat", 0.0)];

/// Reads the options into a request, and gives what it has no place for.
pub(crate) fn read(fields: &Fields<'_>, chat: &mut ChatRequest) -> Result<Option<Repeat>, ApiError> {
    let Some(options) = fields.object("options")? else {
        return Ok(None);
    };
    refuse_unsupported(&options)?;
    chat.sampling = sampling(&options, std::mem::take(&mut chat.sampling))?;
    chat.stop = stop(&options)?;
    chat.max_tokens = num_predict(&options)?;
    let context = options.count("num_ctx")?;
    // The context is the model's own; that prompt and answer shall fit into less can be kept.
    chat.budget.total_tokens = match (chat.budget.total_tokens, context) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    repeat(&options)
}

/// Refuses what is not done here. For embeddings this is all that is read.
pub(crate) fn refuse_unsupported(options: &Fields<'_>) -> Result<(), ApiError> {
    for name in LOADING {
        if options.get(name).is_some() {
            let what = "is not supported: the host decides how models run; hint: leave it out";
            return Err(options.refuse(name, what));
        }
    }
    for (name, off) in OFF {
        if options.get(name).is_some_and(|it| it.as_f64() != Some(off)) {
            let what = format!("is not supported: leave it out, or send {off}, which is off");
            return Err(options.refuse(name, &what));
        }
    }
    Ok(())
}

fn sampling(options: &Fields<'_>, sampling: Sampling) -> Result<Sampling, ApiError> {
    let penalty = |name| options.number(name, |it| (-2.0..=2.0).contains(&it), "from -2 to 2");
    Ok(Sampling {
        temperature: options.number("temperature", |it| (0.0..=2.0).contains(&it), "from 0 to 2")?,
        top_p: options.number("top_p", |it| it > 0.0 && it <= 1.0, "above 0 and at most 1")?,
        top_k: options.count("top_k")?,
        min_p: options.number("min_p", |it| (0.0..=1.0).contains(&it), "from 0 to 1")?,
        seed: seed(options)?,
        frequency_penalty: penalty("frequency_penalty")?,
        presence_penalty: penalty("presence_penalty")?,
        ..sampling
    })
}

/// -1 leaves it to chance, as nothing does; other numbers below 0 are told apart from those above.
fn seed(options: &Fields<'_>) -> Result<Option<u64>, ApiError> {
    let Some(seed) = options.get("seed") else {
        return Ok(None);
    };
    match (seed.as_i64(), seed.as_u64()) {
        (Some(-1), _) => Ok(None),
        (_, Some(seed)) => Ok(Some(seed)),
        (Some(seed), None) => Ok(Some(seed.cast_unsigned())),
        (None, None) => Err(options.refuse("seed", "must be a whole number")),
    }
}

/// -1 is without bound.
fn num_predict(options: &Fields<'_>) -> Result<Option<u32>, ApiError> {
    match options.get("num_predict").map(Value::as_i64) {
        Some(Some(-1)) => Ok(None),
        _ => options.count("num_predict").map_err(|_| {
            let what = "must be a whole number from 1, or -1 for no bound";
            options.refuse("num_predict", what)
        }),
    }
}

fn stop(options: &Fields<'_>) -> Result<Vec<String>, ApiError> {
    let items = options.array("stop", STOPS_MAX)?.map(Vec::as_slice);
    let text = |item: &Value| {
        let text = item.as_str().filter(|text| !text.is_empty());
        let text = text.map(str::to_owned);
        text.ok_or_else(|| options.refuse("stop", "must hold strings, and no empty one"))
    };
    items.unwrap_or_default().iter().map(text).collect()
}

fn repeat(options: &Fields<'_>) -> Result<Option<Repeat>, ApiError> {
    let last_tokens = match options.get("repeat_last_n").map(Value::as_i64) {
        // -1 is the whole context: more than any model has.
        Some(Some(-1)) => Some(u32::MAX),
        Some(Some(0)) => Some(0),
        _ => options.count("repeat_last_n").map_err(|_| {
            let what = "must be a whole number from 0, or -1 for the whole context";
            options.refuse("repeat_last_n", what)
        })?,
    };
    let penalty = options.number(
        "repeat_penalty",
        |it| it > 0.0 && it <= 100.0,
        "above 0 and at most 100",
    )?;
    let on = penalty.filter(|penalty| *penalty != 1.0 && last_tokens != Some(0));
    Ok(on.map(|penalty| Repeat { penalty, last_tokens }))
}
