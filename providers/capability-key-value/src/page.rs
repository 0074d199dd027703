//! Keys and values in parts.

/// Keys of one page, about.
pub(crate) const PAGE_KEYS_MAX: usize = 64;

/// Keys with their values.
pub(crate) type Entries = Vec<(String, Option<Vec<u8>>)>;

/// Where a listing goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cursor {
    After(String),
    Scan(u64),
}

/// Some keys, and where the next are.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) keys: Vec<String>,
    pub(crate) next: Option<Cursor>,
}
