//! One `--draft`, as written.

use super::given::{Given, ModelArg};
use gyre_gguf::folder;
use std::str::FromStr;

/// The value of one `--draft`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DraftArg {
    /// The name of the model that it is for.
    pub(crate) model: String,
    /// What writes ahead.
    pub(crate) draft: Given,
}

impl FromStr for DraftArg {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let form = "write it as MODEL=DRAFT: the name of a model given with --model, and the path or name of a smaller one";
        // A model's name has no equals sign, a path may.
        match given.split_once('=') {
            Some((model, draft)) if folder::is_name(model) => match draft.parse()? {
                ModelArg::Model(draft) => Ok(Self {
                    model: model.to_owned(),
                    draft,
                }),
                ModelArg::Nothing => Err("leave --draft out where no model is to write ahead".to_owned()),
            },
            _ => Err(form.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn a_draft_is_a_name_and_a_path_or_name() {
        let draft = |draft| {
            Ok(DraftArg {
                model: "big".to_owned(),
                draft,
            })
        };
        assert_eq!("big=small".parse(), draft(Given::Name("small".to_owned())));
        let path = draft(Given::File(PathBuf::from("./a=b.gguf")));
        assert_eq!("big=./a=b.gguf".parse(), path);
        for wrong in ["big", "=small", "big=", "./big=small", "big=my model", "big=none"] {
            assert!(wrong.parse::<DraftArg>().is_err(), "{wrong}");
        }
    }
}
