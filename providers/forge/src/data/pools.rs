//! The pools: words, templates, tools, facts and prose that examples are made from, one set a split.

mod check;
mod files;
mod shape;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::de::DeserializeOwned;

pub(crate) use shape::{Attacks, Domain, Fact, Grammar, GyreFact, Operation, Plain, Topic, Zone};

use super::frames::Frames;
use super::material::prose::{self, Prose};
use super::tooling::spec::ToolSpec;
use super::words::{Syllables, Words};
use super::{DataError, Split};

/// Everything that examples of one split are made from.
#[derive(Debug)]
pub struct Pools {
    /// Whose they are.
    pub split: Split,
    pub(crate) words: Words,
    pub(crate) lists: BTreeMap<String, Vec<String>>,
    pub(crate) nouns: Vec<String>,
    pub(crate) tools: Vec<ToolSpec>,
    pub(crate) grammar: Grammar,
    pub(crate) topics: Vec<Topic>,
    pub(crate) domains: Vec<Domain>,
    pub(crate) frames: Frames,
    pub(crate) prose: Vec<Prose>,
    /// Questions that people ask about our own documents, by what a sentence begins with; for train alone.
    pub(crate) asked: Vec<(String, Vec<String>)>,
    pub(crate) gyre: Vec<GyreFact>,
    pub(crate) plain: Plain,
    pub(crate) attacks: Attacks,
    pub(crate) zones: Vec<Zone>,
    pub(crate) operations: Vec<Operation>,
}

/// The texts of the files of one split.
struct Texts {
    split: Split,
    lists: &'static str,
    tools: &'static str,
    grammar: &'static str,
    topics: &'static str,
    domains: &'static str,
    frames: &'static str,
    prose: &'static str,
    about: &'static str,
    plain: &'static str,
    injection: &'static str,
}

macro_rules! texts {
    ($split:expr, $folder:literal) => {
        Texts {
            split: $split,
            lists: include_str!(concat!("pools/", $folder, "/lists.toml")),
            tools: include_str!(concat!("pools/", $folder, "/tools.toml")),
            grammar: include_str!(concat!("pools/", $folder, "/grammar.toml")),
            topics: include_str!(concat!("pools/", $folder, "/topics.toml")),
            domains: include_str!(concat!("pools/", $folder, "/domains.toml")),
            frames: include_str!(concat!("pools/", $folder, "/frames.toml")),
            prose: include_str!(concat!("pools/", $folder, "/prose.txt")),
            about: include_str!(concat!("pools/", $folder, "/about.toml")),
            plain: include_str!(concat!("pools/", $folder, "/plain.toml")),
            injection: include_str!(concat!("pools/", $folder, "/injection.toml")),
        }
    };
}

type Loaded = LazyLock<Result<Pools, DataError>>;

static TRAIN: Loaded = LazyLock::new(|| Pools::load(&texts!(Split::Train, "train")));
static DEV: Loaded = LazyLock::new(|| Pools::load(&texts!(Split::Dev, "dev")));
static TEST: Loaded = LazyLock::new(|| Pools::load(&texts!(Split::Test, "test")));

impl Pools {
    /// The pools of a split, read and checked once.
    pub fn of(split: Split) -> Result<&'static Self, DataError> {
        let loaded: &'static Loaded = match split {
            Split::Train => &TRAIN,
            Split::Dev => &DEV,
            Split::Test => &TEST,
        };
        match &**loaded {
            Ok(pools) => Ok(pools),
            Err(error) => Err(wrong(split.name(), &error.to_string())),
        }
    }

    fn load(texts: &Texts) -> Result<Self, DataError> {
        let of = |name: &str| format!("{}/{name}", texts.split.name());
        let syllables: Syllables = read(
            "shared/syllables.toml",
            include_str!("pools/shared/syllables.toml"),
        )?;
        let mut lists: BTreeMap<String, Vec<String>> = read(&of("lists.toml"), texts.lists)?;
        let nouns = lists
            .get("nouns")
            .cloned()
            .ok_or_else(|| wrong(&of("lists.toml"), "there is no list `nouns`"))?;
        let shared: BTreeMap<String, Vec<String>> =
            read("shared/lists.toml", include_str!("pools/shared/lists.toml"))?;
        lists.extend(shared);
        let pools = Self {
            split: texts.split,
            words: Words {
                split: texts.split,
                syllables,
            },
            nouns,
            lists,
            tools: ToolSpec::read_all(&of("tools.toml"), texts.tools)?,
            grammar: read(&of("grammar.toml"), texts.grammar)?,
            topics: files::topics(&of("topics.toml"), texts.topics)?,
            domains: files::domains(&of("domains.toml"), texts.domains)?,
            frames: read(&of("frames.toml"), texts.frames)?,
            asked: files::asked("train/docs.txt", include_str!("pools/train/docs.txt"))?,
            prose: prose::parse(&of("prose.txt"), texts.prose)?,
            gyre: files::gyre(&of("about.toml"), texts.about)?,
            plain: read(&of("plain.toml"), texts.plain)?,
            attacks: read(&of("injection.toml"), texts.injection)?,
            zones: files::zones()?,
            operations: files::operations()?,
        };
        pools.check()?;
        Ok(pools)
    }
}

/// A pool that is wrong.
pub(crate) fn wrong(pool: &str, what: &str) -> DataError {
    DataError::Pool {
        pool: pool.to_owned(),
        what: what.to_owned(),
    }
}

/// Reads a pool.
pub(crate) fn read<T: DeserializeOwned>(pool: &str, text: &str) -> Result<T, DataError> {
    toml::from_str(text).map_err(|error| wrong(pool, &error.to_string()))
}

#[cfg(test)]
mod tests;
