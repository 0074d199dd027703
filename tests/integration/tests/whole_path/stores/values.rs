//! Who gives a variable its value.

use super::{GRANTS, check, check_refused, configured};
use anyhow::{Context, Result, ensure};
use serde_json::json;

#[tokio::test]
async fn variables_come_from_the_first_provider_that_has_them() -> Result<()> {
    let config = "[[variables_provider]]\ntype = \"static\"\nvalues = { greeting = \"salut\", password = \"never\" }\n\
         [[variables_provider]]\ntype = \"env\"\nprefix = \"APP\"\ndotenv_path = \"{folder}/app.env\"\n";
    let setup = configured(GRANTS, config)?;
    let dotenv = setup.folder().join("app.env");
    std::fs::write(&dotenv, "APP_CITY=Bern\nAPP_GREETING=never\nAPP_PASSWORD=never\n")
        .context("cannot write")?;
    let server = setup.start().await?;
    let all = json!([["city", "Bern"], ["message", "salut hunter2"]]);
    check(
        &server,
        &[
            ("/variables/city", "", json!("Bern")),
            ("/variables/message", "", json!("salut hunter2")),
            ("/wasi-config/message", "", json!("salut hunter2")),
            ("/wasi-config/greeting", "", json!(null)),
            ("/wasi-config", "", all),
        ],
    )
    .await?;
    check_refused(
        &server,
        &[
            ("/variables/greeting", "", "undefined"),
            ("/variables/Not-A-Name", "", "invalid name"),
        ],
    )
    .await?;
    ensure!(!server.stderr().contains("hunter2"), "{}", server.stderr());
    Ok(())
}
