//! What a guest's SQL may not do: reach other files, load code, change how the file is kept.

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// Pragmas that only read, or act on the guest's own data.
const PRAGMAS: [&str; 7] = [
    "foreign_keys",
    "index_list",
    "table_info",
    "table_list",
    "table_xinfo",
    "user_version",
    "data_version",
];

pub(crate) fn authorize(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => Authorization::Deny,
        AuthAction::Function { function_name } if function_name.eq_ignore_ascii_case("load_extension") => {
            Authorization::Deny
        }
        // FTS5 reads `data_version` by itself.
        AuthAction::Pragma { pragma_name, .. }
            if !PRAGMAS.contains(&pragma_name.to_ascii_lowercase().as_str()) =>
        {
            Authorization::Deny
        }
        _ => Authorization::Allow,
    }
}
