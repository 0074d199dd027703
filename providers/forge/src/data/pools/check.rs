//! Pools are checked as a whole when they are read: what is generated from them cannot fail later.

use super::files::forms;
use super::{Pools, wrong};
use crate::data::DataError;
use crate::data::fill::slots;
use crate::data::values::is_kind;

/// Slots of a fact that are no kinds.
const OF_FACTS: [&str; 3] = ["E", "e", "n"];

impl Pools {
    pub(super) fn check(&self) -> Result<(), DataError> {
        self.check_lists()?;
        self.check_topics()?;
        self.check_domains()?;
        self.check_grammar()?;
        self.tools.iter().try_for_each(|tool| tool.check(self))?;
        self.check_rest()?;
        self.frames.check(&self.file("frames.toml"))
    }

    fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.split.name())
    }

    /// A slot's kind is what stands before its colon.
    fn check_slots(&self, file: &str, text: &str, besides: &[&str]) -> Result<(), DataError> {
        for slot in slots(text) {
            let kind = slot.split(':').next().unwrap_or_default();
            if !besides.contains(&slot) && !is_kind(kind, self) {
                return Err(wrong(
                    &self.file(file),
                    &format!("`{text}` has a slot of no known kind: {slot}"),
                ));
            }
        }
        Ok(())
    }

    fn check_lists(&self) -> Result<(), DataError> {
        for (name, list) in &self.lists {
            not_empty(&self.file("lists.toml"), name, list)?;
            list.iter()
                .try_for_each(|text| self.check_slots("lists.toml", text, &[]))?;
        }
        Ok(())
    }

    fn check_topics(&self) -> Result<(), DataError> {
        let file = self.file("topics.toml");
        not_empty(&file, "topic", &self.topics)?;
        for topic in &self.topics {
            not_empty(&file, &topic.kind, &topic.full)?;
            if topic.facts.len() < 5 {
                return Err(wrong(&file, &format!("`{}` has fewer than 5 facts", topic.kind)));
            }
            if !is_kind(&topic.name, self) {
                return Err(wrong(&file, &format!("`{}` is no kind", topic.name)));
            }
            for fact in &topic.facts {
                not_empty(&file, &fact.key, &fact.says)?;
                not_empty(&file, &fact.key, &fact.asks)?;
                for text in fact.says.iter().chain(&fact.asks) {
                    self.check_slots("topics.toml", text, &OF_FACTS)?;
                    if !slots(text).iter().any(|slot| OF_FACTS.contains(slot)) {
                        return Err(wrong(&file, &format!("`{text}` does not name what it is about")));
                    }
                }
            }
        }
        Ok(())
    }

    fn check_domains(&self) -> Result<(), DataError> {
        let file = self.file("domains.toml");
        not_empty(&file, "domain", &self.domains)?;
        for domain in &self.domains {
            let lists = [
                &domain.subjects,
                &domain.objects,
                &domain.places,
                &domain.whens,
                &domain.whys,
                &domain.hows,
            ];
            let short = lists.iter().any(|list| list.len() < 6) || domain.verbs.len() < 6;
            if short || !["Who", "What"].contains(&domain.who.as_str()) {
                return Err(wrong(
                    &file,
                    &format!("`{}` has a list of fewer than 6, or no `who`", domain.name),
                ));
            }
        }
        Ok(())
    }

    fn check_grammar(&self) -> Result<(), DataError> {
        let (file, it) = (self.file("grammar.toml"), &self.grammar);
        for (name, list) in [
            ("verbs", &it.verbs),
            ("fields", &it.fields),
            ("results", &it.results),
            ("descriptions", &it.descriptions),
            ("requests", &it.requests),
            ("cues", &it.cues),
        ] {
            not_empty(&file, name, list)?;
        }
        it.verbs
            .iter()
            .try_for_each(|text| forms(&file, text).map(|_| ()))?;
        let field = |text: &String| {
            let (_, kind) = text.split_once(": ")?;
            (kind.starts_with('=') || is_kind(kind, self)).then_some(())
        };
        match it
            .fields
            .iter()
            .chain(&it.results)
            .find(|text| field(text).is_none())
        {
            Some(text) => Err(wrong(&file, &format!("`{text}` is not `name: kind`"))),
            None => Ok(()),
        }
    }

    fn check_rest(&self) -> Result<(), DataError> {
        not_empty(&self.file("prose.txt"), "texts", &self.prose)?;
        let plain = self.file("plain.toml");
        not_empty(&plain, "talk", &self.plain.talk)?;
        not_empty(&plain, "questions", &self.plain.questions)?;
        not_empty(&plain, "deeds", &self.plain.deeds)?;
        for text in self.plain.questions.iter().chain(&self.plain.deeds) {
            self.check_slots("plain.toml", text, &[])?;
        }
        for talk in &self.plain.talk {
            not_empty(&plain, &talk.answer, &talk.asks)?;
            not_empty(&plain, &talk.answer, &talk.any)?;
        }
        for fact in &self.gyre {
            not_empty(&self.file("about.toml"), &fact.key, &fact.asks)?;
        }
        let (file, it) = (self.file("injection.toml"), &self.attacks);
        not_empty(&file, "sayings", &it.sayings)?;
        not_empty(&file, "calls", &it.calls)?;
        not_empty(&file, "fields", &it.fields)?;
        not_empty(&file, "harmless", &it.harmless)?;
        for text in it.sayings.iter().chain(&it.calls) {
            if !slots(text).contains(&"canary") {
                return Err(wrong(&file, &format!("`{text}` has no slot `canary`")));
            }
        }
        Ok(())
    }
}

/// A list to choose from has something in it.
pub(crate) fn not_empty<T>(file: &str, name: &str, list: &[T]) -> Result<(), DataError> {
    if list.is_empty() {
        return Err(wrong(file, &format!("`{name}` is empty")));
    }
    Ok(())
}
