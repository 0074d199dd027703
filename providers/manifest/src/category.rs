//! What of its parent's configuration a leaf shares.

use std::{collections::BTreeSet, fmt};

use toml::Value;

use crate::{
    error::Problem,
    section::{Section, as_string, wrong_type},
};

/// A kind of configuration that a leaf may share with its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// `ai_models`
    AiModels,
    /// `allowed_outbound_hosts`
    AllowedOutboundHosts,
    /// `environment`
    Environment,
    /// `files`
    Files,
    /// `key_value_stores`
    KeyValueStores,
    /// `sqlite_databases`
    SqliteDatabases,
    /// `variables`
    Variables,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 7] = [
        Self::AiModels,
        Self::AllowedOutboundHosts,
        Self::Environment,
        Self::Files,
        Self::KeyValueStores,
        Self::SqliteDatabases,
        Self::Variables,
    ];

    /// The name used in `inherit_configuration`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AiModels => "ai_models",
            Self::AllowedOutboundHosts => "allowed_outbound_hosts",
            Self::Environment => "environment",
            Self::Files => "files",
            Self::KeyValueStores => "key_value_stores",
            Self::SqliteDatabases => "sqlite_databases",
            Self::Variables => "variables",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The categories a leaf shares; none by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inherit(BTreeSet<Category>);

impl Inherit {
    /// Everything its parent has.
    #[must_use]
    pub fn all() -> Self {
        Category::ALL.into_iter().collect()
    }

    /// Whether a category is shared.
    #[must_use]
    pub fn contains(&self, category: Category) -> bool {
        self.0.contains(&category)
    }
}

impl FromIterator<Category> for Inherit {
    fn from_iter<I: IntoIterator<Item = Category>>(categories: I) -> Self {
        Self(categories.into_iter().collect())
    }
}

/// Reads `inherit_configuration`; `None` where nothing is said.
pub(crate) fn read(section: &mut Section) -> Result<Option<Inherit>, Problem> {
    let key = section.key("inherit_configuration");
    match section.take("inherit_configuration") {
        None => Ok(None),
        Some(Value::Boolean(false)) => Ok(Some(Inherit::default())),
        Some(Value::Boolean(true)) => Ok(Some(Inherit::all())),
        Some(Value::Array(names)) => names
            .into_iter()
            .map(|name| category(&key, name))
            .collect::<Result<Inherit, _>>()
            .map(Some),
        Some(other) => Err(wrong_type(key, "true, false or a list of names", &other)),
    }
}

fn category(key: &str, name: Value) -> Result<Category, Problem> {
    let name = as_string(key.to_owned(), name)?;
    Category::ALL
        .into_iter()
        .find(|known| known.name() == name)
        .ok_or_else(|| {
            let known = Category::ALL.map(Category::name).join(", ");
            Problem::new(
                key,
                format!("`{name}` is not something to inherit"),
                format!("known: {known}"),
            )
        })
}
