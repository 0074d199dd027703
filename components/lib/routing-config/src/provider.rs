//! Providers of models: what they speak, where they are, and how their names are recognised.

/// What a backend's server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provider {
    /// Gyre's own `OpenAI` dialect: a component that is in the manifest already, or another `gyre serve-model`.
    Gyre,
    /// `OpenAI` itself.
    OpenAi,
    /// Anthropic's Messages.
    Anthropic,
    /// Google's Gemini API.
    Gemini,
    /// `OpenRouter`.
    OpenRouter,
    /// Ollama.
    Ollama,
    /// vLLM.
    HostedVllm,
    /// Any other server that speaks `OpenAI`'s API.
    OpenAiCompatible,
}

/// What is known of a provider.
struct Entry {
    provider: Provider,
    /// Its name here, and the prefix that `LiteLLM` writes before a model.
    name: &'static str,
    prefixes: &'static [&'static str],
    /// Where it is, unless a configuration says otherwise.
    base: Option<&'static str>,
    /// The variable that `LiteLLM` reads its key from, unless a configuration says otherwise.
    key: Option<&'static str>,
}

/// Prefixes and bases as `LiteLLM` 1.106.2 has them.
const ENTRIES: [Entry; 8] = [
    entry(Provider::Gyre, "gyre", &[], None, None),
    entry(
        Provider::OpenAi,
        "openai",
        &["openai"],
        Some("https://api.openai.com/v1"),
        Some("OPENAI_API_KEY"),
    ),
    entry(
        Provider::Anthropic,
        "anthropic",
        &["anthropic"],
        Some("https://api.anthropic.com"),
        Some("ANTHROPIC_API_KEY"),
    ),
    entry(
        Provider::Gemini,
        "gemini",
        &["gemini"],
        Some("https://generativelanguage.googleapis.com"),
        Some("GEMINI_API_KEY"),
    ),
    entry(
        Provider::OpenRouter,
        "openrouter",
        &["openrouter"],
        Some("https://openrouter.ai/api/v1"),
        Some("OPENROUTER_API_KEY"),
    ),
    entry(
        Provider::Ollama,
        "ollama",
        &["ollama", "ollama_chat"],
        Some("http://localhost:11434"),
        None,
    ),
    entry(Provider::HostedVllm, "hosted_vllm", &["hosted_vllm"], None, None),
    entry(
        Provider::OpenAiCompatible,
        "openai-compatible",
        &["openai_like", "custom_openai"],
        None,
        None,
    ),
];

const fn entry(
    provider: Provider,
    name: &'static str,
    prefixes: &'static [&'static str],
    base: Option<&'static str>,
    key: Option<&'static str>,
) -> Entry {
    Entry {
        provider,
        name,
        prefixes,
        base,
        key,
    }
}

impl Provider {
    /// Its name, as a configuration has it and as `inference-http` is told its dialect.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// Where it is, unless a configuration says otherwise.
    #[must_use]
    pub fn base(self) -> Option<&'static str> {
        self.entry().base
    }

    /// The variable with its key, unless a configuration says otherwise.
    #[must_use]
    pub fn key_variable(self) -> Option<&'static str> {
        self.entry().key
    }

    /// The provider of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let entry = ENTRIES.iter().find(|entry| entry.name == name)?;
        Some(entry.provider)
    }

    /// The provider whose prefix this is.
    #[must_use]
    pub fn of_prefix(prefix: &str) -> Option<Self> {
        let entry = ENTRIES.iter().find(|entry| entry.prefixes.contains(&prefix))?;
        Some(entry.provider)
    }

    /// The names of all, for a message.
    #[must_use]
    pub fn names() -> String {
        ENTRIES.map(|entry| entry.name).join(", ")
    }

    /// All prefixes, for a message.
    #[must_use]
    pub fn prefixes() -> String {
        let prefixes: Vec<String> = ENTRIES
            .iter()
            .flat_map(|entry| entry.prefixes)
            .map(|prefix| format!("{prefix}/"))
            .collect();
        prefixes.join(", ")
    }

    fn entry(self) -> &'static Entry {
        // Every variant is in the table, which a test holds to.
        ENTRIES
            .iter()
            .find(|it| it.provider == self)
            .unwrap_or(&ENTRIES[0])
    }
}

/// Families of names that tell their provider without a prefix. `LiteLLM` asks its table of models instead, and knows
/// no name that is not in it.
const FAMILIES: [(&str, Provider); 8] = [
    ("gpt-", Provider::OpenAi),
    ("chatgpt-", Provider::OpenAi),
    ("o1", Provider::OpenAi),
    ("o3", Provider::OpenAi),
    ("o4", Provider::OpenAi),
    ("text-embedding-", Provider::OpenAi),
    ("ft:gpt-", Provider::OpenAi),
    ("claude-", Provider::Anthropic),
];

/// The provider of a model that is named without one.
#[must_use]
pub fn inferred_provider(model: &str) -> Option<Provider> {
    let family = FAMILIES.iter().find(|(start, _)| {
        model
            .strip_prefix(start)
            .is_some_and(|rest| start.ends_with('-') || rest.is_empty() || rest.starts_with('-'))
    });
    let found = family.map(|(_, provider)| *provider);
    found.or_else(|| model.starts_with("omni-moderation").then_some(Provider::OpenAi))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_is_in_the_table_once() {
        for entry in &ENTRIES {
            assert_eq!(entry.provider.name(), entry.name);
            assert_eq!(Provider::named(entry.name), Some(entry.provider));
            for prefix in entry.prefixes {
                assert_eq!(Provider::of_prefix(prefix), Some(entry.provider));
            }
        }
    }

    #[test]
    fn families() {
        for (model, provider) in [
            ("gpt-4o", Some(Provider::OpenAi)),
            ("o1", Some(Provider::OpenAi)),
            ("o3-mini", Some(Provider::OpenAi)),
            ("o11y", None),
            ("claude-sonnet-4-5", Some(Provider::Anthropic)),
            ("omni-moderation-latest", Some(Provider::OpenAi)),
            ("llama3", None),
            ("", None),
        ] {
            assert_eq!(inferred_provider(model), provider, "{model}");
        }
    }
}
