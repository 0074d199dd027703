//! Frames from the worker, tensors of embeddings among them: any bytes are a reply or an error, and a reply that is read
//! can be written and read again, each number to the bit.

#![no_main]

use gyre_engine_ipc::frame;
use gyre_engine_ipc::wire::Reply;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut pipe = bytes;
    while let Ok(Some(reply)) = frame::read::<Reply>(&mut pipe) {
        let written = frame::encode(&reply).expect("it was small enough to be read");
        let again = frame::read::<Reply>(&mut written.as_slice());
        let again = again.expect("reads").expect("is whole");
        assert_eq!(written, frame::encode(&again).expect("as before"));
    }
});
