//! Which file of a repository is meant.

use super::source::Source;
use crate::model::error::Error;

/// What is taken of several: a good model still, and about a quarter of its size.
const PREFERRED: &str = "q4_k_m";
/// Beginnings of files that are no models of their own but parts that see, adapt or calibrate.
const COMPANIONS: [&str; 4] = ["mmproj", "adapter", "lora", "imatrix"];

/// The file that was named, the only one, or the one of the preferred quantisation.
pub(super) fn choose(source: &Source, there: &[String]) -> Result<String, Error> {
    let models: Vec<String> = there.iter().filter(|file| is_model(file)).cloned().collect();
    let chosen = match &source.file {
        Some(file) if there.contains(file) => file.clone(),
        Some(file) => {
            return Err(Error::NoSuchFile {
                repo: source.repo.clone(),
                file: file.clone(),
                there: models,
            });
        }
        None => without_name(source, models)?,
    };
    if is_part(&chosen) {
        return Err(Error::Split(chosen));
    }
    Ok(chosen)
}

fn without_name(source: &Source, models: Vec<String>) -> Result<String, Error> {
    if models.is_empty() {
        return Err(Error::NoGguf(source.repo.clone()));
    }
    if let [only] = models.as_slice() {
        return Ok(only.clone());
    }
    let preferred = |file: &&String| file.to_ascii_lowercase().contains(PREFERRED);
    let mut found = models.iter().filter(preferred);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one.clone()),
        _ => Err(Error::Several {
            repo: source.repo.clone(),
            there: models,
        }),
    }
}

fn is_model(file: &str) -> bool {
    let lower = file.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or_default();
    lower.ends_with(".gguf") && !COMPANIONS.iter().any(|companion| name.starts_with(companion))
}

/// `…-00001-of-00003.gguf`
fn is_part(file: &str) -> bool {
    let stem = file.trim_end_matches(".gguf");
    let mut ends = stem.rsplit('-');
    let number = |text: Option<&str>| {
        text.is_some_and(|text| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit()))
    };
    number(ends.next()) && ends.next() == Some("of") && number(ends.next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(from: &str, there: &[&str]) -> Result<String, Error> {
        let source = Source::parse(from, "main").expect("a source");
        let there: Vec<String> = there.iter().map(ToString::to_string).collect();
        choose(&source, &there)
    }

    #[test]
    fn the_file_that_is_meant_is_taken() {
        let several = ["m-Q2_K.gguf", "m-Q4_K_M.gguf", "mmproj-f16.gguf", "README.md"];
        let cases: [(&str, &[&str], &str); 4] = [
            ("r", &["README.md", "m.gguf"], "m.gguf"),
            ("r", &several, "m-Q4_K_M.gguf"),
            ("r:m-Q2_K.gguf", &several, "m-Q2_K.gguf"),
            ("r:mmproj-f16.gguf", &several, "mmproj-f16.gguf"),
        ];
        for (from, there, expected) in cases {
            assert_eq!(chosen(from, there).expect(from), expected);
        }
    }

    #[test]
    fn what_is_not_clear_is_asked() {
        let error = |from, there| chosen(from, there).expect_err("nothing is taken");
        assert!(matches!(error("r", &["a.bin"]), Error::NoGguf(_)));
        assert!(matches!(error("r", &[]), Error::NoGguf(_)));
        let several = error("r", &["a-Q8_0.gguf", "a-Q2_K.gguf"]).to_string();
        assert!(
            several.contains("REPO:FILE of a-Q8_0.gguf, a-Q2_K.gguf"),
            "{several}"
        );
        assert!(matches!(
            error("r", &["a-q4_k_m.gguf", "b-q4_k_m.gguf"]),
            Error::Several { .. }
        ));
        assert!(matches!(error("r:x.gguf", &["a.gguf"]), Error::NoSuchFile { .. }));
        assert!(matches!(
            error("r", &["a-q4_k_m-00001-of-00002.gguf"]),
            Error::Split(_)
        ));
    }
}
