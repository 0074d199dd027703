//! `gyre serve-model`: the model services of an application, without the rest of it.

use crate::cli::ServeModelArgs;
use crate::{confinement, up};
use anyhow::Result;
use gyre_manifest::{App as Manifest, Error, Route, RoutePattern};

/// Chooses the backend; public here, where there is no gateway before it.
const ROUTER: &str = "router";
/// The only backend: the shell over the host's engine.
const BACKEND: &str = "model-local";
/// The router's variable that lists its backends.
const BACKENDS: &str = "backends";
const EVERYTHING: &str = "/...";

/// Serves models until it is told to stop.
pub(crate) fn run(args: ServeModelArgs) -> Result<()> {
    let args = args.into_up();
    let config = args.runtime_config()?;
    confinement::shed(&args, &config)?;
    let manifest = gyre_manifest::load(&args.from, Some(&args.profile))?;
    up::serve(&args, config, models_only(manifest)?)
}

/// The part of an application that serves local models.
fn models_only(manifest: Manifest) -> Result<Manifest, Error> {
    let mut manifest = manifest.subset(&[ROUTER, BACKEND])?;
    manifest.set_component_variable(ROUTER, BACKENDS, BACKEND)?;
    if let Ok(everything) = RoutePattern::parse(EVERYTHING) {
        manifest.publish(ROUTER, Route::Pattern(everything))?;
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gyre_manifest::Router;
    use std::path::Path;

    #[test]
    fn the_repository_s_manifest_has_all_that_is_served() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spin.toml");
        let whole = gyre_manifest::load(&path, Some(gyre_manifest::PROFILE)).unwrap();
        let served = models_only(whole).unwrap();
        assert_eq!(served.components.keys().collect::<Vec<_>>(), [BACKEND, ROUTER]);
        let router = &served.components[ROUTER];
        assert_eq!(router.variables[BACKENDS], BACKEND);
        assert_eq!(
            router.allowed_outbound_hosts,
            ["http://model-local.spin.internal"]
        );
        let routes = Router::new(&served.triggers).unwrap();
        let router = gyre_manifest::Handler::Component(ROUTER.to_owned());
        assert_eq!(
            routes.find("/v1/models").map(|(handler, _, _)| handler),
            Some(&router)
        );
        let leaf = &served.components[BACKEND].dependencies["gyre:inference"];
        assert!(
            leaf.source.to_string().ends_with("/inference_nn.wasm"),
            "{leaf:?}"
        );
    }
}
