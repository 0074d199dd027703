//! Native code as if escaped: stands behind the wall of `gyre up`, tries what an intruder would try, and prints what came
//! of it, a line a try: `denied` or `DONE`, the reason, what was tried.
//!
//! For tests and for the curious; it is not installed. `gyre-escape FOLDER` finds in FOLDER what the test put there.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod intruder;
#[cfg(target_os = "linux")]
mod tried;
#[cfg(target_os = "linux")]
mod tries;

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    intruder::run()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("gyre-escape tries the second wall, which only Linux has");
}
