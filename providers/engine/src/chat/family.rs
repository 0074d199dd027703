//! Which form a model's calls have, told from its chat template. Pure.

/// Marks of forms that are not read here, though templates with them hold marks of forms that are.
const OTHER_FORMS: [&str; 2] = ["<function=", "<arg_key>"];

/// How a model writes a call of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// Llama 3: `{"name":…,"parameters":…}`, perhaps after `<|python_tag|>`.
    Llama,
    /// Hermes, Qwen: `<tool_call>{"name":…,"arguments":…}</tool_call>`.
    Hermes,
    /// Mistral: `[TOOL_CALLS][{…},…]` or `[TOOL_CALLS]name[ARGS]{…}`.
    Mistral,
    /// `{"name":…,"arguments":…}`, perhaps within a code fence: what we ask of a model that knows no form.
    Json,
}

impl Family {
    /// The family of a template.
    pub(crate) fn of(template: &str) -> Self {
        if OTHER_FORMS.iter().any(|form| template.contains(form)) {
            Self::Json
        } else if template.contains("[TOOL_CALLS]") {
            Self::Mistral
        } else if template.contains("<tool_call>") {
            Self::Hermes
        } else if template.contains("<|python_tag|>") || template.contains("<|start_header_id|>") {
            Self::Llama
        } else {
            Self::Json
        }
    }

    /// Texts of the tokens that mark its calls; the parser sees them even where they are control tokens.
    pub(crate) fn markers(self) -> &'static [&'static str] {
        match self {
            Self::Llama => &["<|python_tag|>"],
            Self::Hermes => &["<tool_call>", "</tool_call>"],
            Self::Mistral => &["[TOOL_CALLS]", "[CALL_ID]", "[ARGS]"],
            Self::Json => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_told_from_their_templates() {
        for (template, family) in [
            ("{{ bos }}[INST]{{ m }}[/INST][TOOL_CALLS]", Family::Mistral),
            (
                "<|im_start|>…<tool_call>{{ call | tojson }}</tool_call>",
                Family::Hermes,
            ),
            ("<|start_header_id|>user<|end_header_id|>", Family::Llama),
            ("<tool_call><function={{ name }}>", Family::Json),
            ("<start_of_turn>user", Family::Json),
            ("<|user|>{{ m }}<|end|>", Family::Json),
        ] {
            assert_eq!(Family::of(template), family, "{template}");
        }
    }
}
