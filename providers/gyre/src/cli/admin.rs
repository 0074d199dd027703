//! The option of the verbs that talk to the operators' socket.

use crate::client::BaseUrl;
use clap::Args;

/// Whose operators' socket.
#[derive(Debug, Args)]
pub(crate) struct AdminArgs {
    /// The operators' socket of a running server, as `gyre up --admin` or `gyre serve-model --admin` was told
    #[arg(long = "admin", env = "GYRE_ADMIN", value_name = "ADDR", value_parser = address)]
    pub(crate) at: BaseUrl,
}

fn address(given: &str) -> Result<BaseUrl, String> {
    if given.contains("://") {
        return given.parse();
    }
    format!("http://{given}").parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_as_good_as_a_url() {
        for given in ["127.0.0.1:9000", "http://127.0.0.1:9000"] {
            let url = address(given).expect("is one");
            assert_eq!(url.to_string(), "http://127.0.0.1:9000");
        }
        assert!(address("").is_err() && address("https://h").is_err());
    }
}
