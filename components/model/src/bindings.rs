//! Bindings of the ports the shell calls, generated from WIT.

wit_bindgen::generate!({
    path: ["../../wit/inference", "wit"],
    world: "gyre:model/model@0.1.0",
    generate_all,
});
