//! Frames from the host: any bytes are a call or an error, and a call that is read can be written and read again.

#![no_main]

use gyre_engine_ipc::frame;
use gyre_engine_ipc::wire::Call;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut pipe = bytes;
    while let Ok(Some(call)) = frame::read::<Call>(&mut pipe) {
        let written = frame::encode(&call).expect("it was small enough to be read");
        let again = frame::read::<Call>(&mut written.as_slice());
        let again = again.expect("reads").expect("is whole");
        assert_eq!(format!("{call:?}"), format!("{again:?}"));
    }
});
