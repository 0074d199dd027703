//! A request is read strictly, bounded, and checked before anything waits: also what serde cannot check, which is
//! counts, ranges, and that its parts fit.

use std::collections::HashSet;

use gyre_engine_ipc::EngineError;
use minijinja::value::ValueKind;

use super::request::{BiasToken, ChatRequest, PROTOCOL, Sampling, Tool, ToolChoice};

/// More than the longest contexts hold. What a template may take is reckoned from it.
const REQUEST_BYTES_MAX: usize = 8 * 1024 * 1024;
const MESSAGES_MAX: usize = 1024;
const TOOLS_MAX: usize = 128;
const TOOL_NAME_BYTES_MAX: usize = 128;
const STOPS_MAX: usize = 16;
const STOP_BYTES_MAX: usize = 256;
const TENANT_BYTES_MAX: usize = 128;
const BIASES_MAX: usize = 300;
const BIAS_BYTES_MAX: usize = 64;
const LOGPROBS_MAX: u32 = 20;

/// Reads and checks a request.
pub(crate) fn parse(json: &[u8]) -> Result<ChatRequest, EngineError> {
    if json.len() > REQUEST_BYTES_MAX {
        return Err(EngineError::invalid(format!(
            "the request has {} bytes, and the limit is {REQUEST_BYTES_MAX}: shorten the conversation",
            json.len()
        )));
    }
    // serde_json's texts name fields and places, never content.
    let request: ChatRequest = serde_json::from_slice(json)
        .map_err(|error| EngineError::invalid(format!("the request is no {PROTOCOL} JSON: {error}")))?;
    check(&request).map_err(EngineError::invalid)?;
    Ok(request)
}

fn check(request: &ChatRequest) -> Result<(), String> {
    if request
        .protocol
        .as_deref()
        .is_some_and(|protocol| protocol != PROTOCOL)
    {
        return Err(format!(
            "the request's protocol is not {PROTOCOL}: host and leaf must be of one release"
        ));
    }
    if request.messages.is_empty() {
        return Err("there are no messages: send at least one".to_owned());
    }
    within("messages", request.messages.len(), MESSAGES_MAX)?;
    within("tools", request.tools.len(), TOOLS_MAX)?;
    within("stop strings", request.stop.len(), STOPS_MAX)?;
    if request
        .stop
        .iter()
        .any(|stop| stop.is_empty() || stop.len() > STOP_BYTES_MAX)
    {
        return Err(format!("a stop string must have 1 to {STOP_BYTES_MAX} bytes"));
    }
    if request.budget.max_tokens == Some(0) {
        return Err("max_tokens must be at least 1".to_owned());
    }
    let tenant = request.tenant.as_deref().map(str::len);
    if tenant.is_some_and(|bytes| !(1..=TENANT_BYTES_MAX).contains(&bytes)) {
        return Err(format!(
            "the tenant must have 1 to {TENANT_BYTES_MAX} bytes: leave it out where there is none"
        ));
    }
    check_tools(request)?;
    check_sampling(&request.sampling)
}

fn check_tools(request: &ChatRequest) -> Result<(), String> {
    let mut names = HashSet::new();
    for Tool { name, parameters, .. } in &request.tools {
        if name.is_empty() || name.len() > TOOL_NAME_BYTES_MAX {
            return Err(format!(
                "a tool's name must have 1 to {TOOL_NAME_BYTES_MAX} bytes"
            ));
        }
        if !names.insert(name.as_str()) {
            return Err(format!("two tools are named `{name}`: give each its own name"));
        }
        if parameters.kind() != ValueKind::Map {
            return Err(format!(
                "the parameters of the tool `{name}` are no JSON Schema object"
            ));
        }
    }
    match &request.tool_choice {
        ToolChoice::Required if names.is_empty() => {
            Err("tool_choice asks for a call but there are no tools: send some".to_owned())
        }
        ToolChoice::Tool { name } if !names.contains(name.as_str()) => Err(format!(
            "tool_choice names the tool `{name}`, which is not among the tools: send it along"
        )),
        _ => Ok(()),
    }
}

fn within(what: &str, count: usize, max: usize) -> Result<(), String> {
    if count > max {
        return Err(format!("{count} {what} are too many: send at most {max}"));
    }
    Ok(())
}

fn check_sampling(sampling: &Sampling) -> Result<(), String> {
    if sampling
        .temperature
        .is_some_and(|it| !(0.0..=100.0).contains(&it))
    {
        return Err("temperature must be between 0 and 100".to_owned());
    }
    if sampling.top_p.is_some_and(|it| !(it > 0.0 && it <= 1.0)) {
        return Err("top_p must be above 0 and at most 1".to_owned());
    }
    if sampling.top_k == Some(0) {
        return Err("top_k must be at least 1".to_owned());
    }
    if sampling
        .repeat_penalty
        .is_some_and(|it| !(it > 0.0 && it <= 10.0))
    {
        return Err("repeat_penalty must be above 0 and at most 10".to_owned());
    }
    if sampling.min_p.is_some_and(|it| !(0.0..=1.0).contains(&it)) {
        return Err("min_p must be between 0 and 1".to_owned());
    }
    for (name, penalty) in [
        ("frequency_penalty", sampling.frequency_penalty),
        ("presence_penalty", sampling.presence_penalty),
    ] {
        if penalty.is_some_and(|it| !(-2.0..=2.0).contains(&it)) {
            return Err(format!("{name} must be between -2 and 2"));
        }
    }
    if sampling.logprobs.is_some_and(|it| it > LOGPROBS_MAX) {
        return Err(format!("logprobs must be at most {LOGPROBS_MAX}"));
    }
    check_biases(sampling)
}

fn check_biases(sampling: &Sampling) -> Result<(), String> {
    within("biases in logit_bias", sampling.logit_bias.len(), BIASES_MAX)?;
    for bias in &sampling.logit_bias {
        if !(-100.0..=100.0).contains(&bias.bias) {
            return Err("a bias in logit_bias must be between -100 and 100".to_owned());
        }
        if let BiasToken::Text(text) = &bias.token
            && (text.is_empty() || text.len() > BIAS_BYTES_MAX)
        {
            return Err(format!(
                "a text in logit_bias must have 1 to {BIAS_BYTES_MAX} bytes: it names one token"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::request::Format;
    use super::*;

    #[test]
    fn a_full_request_is_read() {
        let json = br#"{"protocol":"gyre-chat/1","messages":[
            {"role":"user","content":"x"},
            {"role":"assistant","content":"","tool_calls":[{"id":"1","name":"t","arguments":"{}"}]},
            {"role":"tool","content":"[]","tool_call_id":"1"}],
            "tools":[{"name":"t","description":"","parameters":{"type":"object"}}],
            "tool_choice":{"type":"tool","name":"t"},
            "sampling":{"temperature":0.5,"seed":7},"budget":{"max_tokens":3},"stop":["."],
            "format":{"type":"json_schema","schema":{}}}"#;
        let request = parse(json).expect("valid");
        assert_eq!(request.messages.len(), 3);
        assert!(matches!(request.format, Format::JsonSchema { .. }));
        assert_eq!(request.tool_choice, ToolChoice::Tool { name: "t".into() });
    }

    #[test]
    fn a_wrong_request_is_told_what_is_wrong() {
        let check = |json: &str, part: &str| {
            let error = parse(json.as_bytes()).expect_err(json).to_string();
            assert!(error.contains(part), "{json}: {error}");
        };
        check("{", "gyre-chat/1");
        check(&" ".repeat(REQUEST_BYTES_MAX + 1), "the limit is 8388608");
        check(r#"{"messages":[]}"#, "at least one");
        check(
            r#"{"messages":[{"role":"user","content":"x"}],"sampling":{"top_p":0}}"#,
            "top_p",
        );
        check(
            r#"{"messages":[{"role":"user","content":"x"}],"sampling":{"temperature":-1}}"#,
            "temperature",
        );
        check(
            r#"{"messages":[{"role":"user","content":"x"}],"sampling":{"repeat_penalty":0}}"#,
            "repeat_penalty",
        );
        check(
            r#"{"messages":[{"role":"user","content":"x"}],"budget":{"max_tokens":0}}"#,
            "max_tokens",
        );
        check(
            r#"{"messages":[{"role":"user","content":"x"}],"stop":[""]}"#,
            "stop string",
        );
        let sampling =
            |rest: &str| format!(r#"{{"messages":[{{"role":"user","content":"x"}}],"sampling":{{{rest}}}}}"#);
        check(&sampling(r#""min_p":2"#), "min_p");
        check(&sampling(r#""frequency_penalty":3"#), "frequency_penalty");
        check(&sampling(r#""presence_penalty":-3"#), "presence_penalty");
        check(&sampling(r#""logprobs":21"#), "logprobs");
        let bias = |token: &str, bias: &str| format!(r#"{{"token":{token},"bias":{bias}}}"#);
        let biases = |list: &[String]| sampling(&format!(r#""logit_bias":[{}]"#, list.join(",")));
        check(&biases(&[bias("1", "101")]), "between -100");
        check(&biases(&[bias("\"\"", "1")]), "1 to 64 bytes");
        check(&biases(&[bias("-1", "1")]), "gyre-chat/1");
        check(&biases(&vec![bias("1", "1"); 301]), "301 biases");
        let tools = |rest: &str| format!(r#"{{"messages":[{{"role":"user","content":"x"}}],{rest}}}"#);
        let tool = r#"{"name":"t","parameters":{}}"#;
        check(&tools(r#""tool_choice":{"type":"required"}"#), "no tools");
        check(
            &tools(&format!(
                r#""tools":[{tool}],"tool_choice":{{"type":"tool","name":"u"}}"#
            )),
            "`u`",
        );
        check(&tools(r#""tool_choice":{"type":"never"}"#), "never");
        check(&tools(&format!(r#""tools":[{tool},{tool}]"#)), "two tools");
        check(
            &tools(r#""tools":[{"name":"","parameters":{}}]"#),
            "a tool's name",
        );
        check(&tools(r#""tools":[{"name":"t","parameters":[]}]"#), "`t`");
        check(r#"{"messages":[{"role":"user","content":"x"}],"wish":1}"#, "wish");
        check(&tools(r#""tenant":"""#), "the tenant must have");
        check(&tools(r#""priority":"highest""#), "highest");
        check(r#"{"messages":[{"role":"king","content":"x"}]}"#, "king");
        check(
            r#"{"protocol":"gyre-chat/2","messages":[{"role":"user","content":"x"}]}"#,
            "one release",
        );
    }
}
