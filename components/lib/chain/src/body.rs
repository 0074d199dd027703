//! Bodies are read whole only up to a limit.

use std::pin::pin;

use bytes::Buf as _;
use http_body::Body;
use http_body_util::BodyExt as _;

/// Why a body was not read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is longer than the limit; the rest was not read.
    #[error("the body is longer than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// It ended before its end.
    #[error("the body was cut off")]
    Cut,
}

/// Reads a whole body of at most `limit_bytes`, and stops as soon as it is known to be longer.
pub async fn read_bounded<B: Body>(body: B, limit_bytes: usize) -> Result<Vec<u8>, BodyError> {
    let mut body = pin!(body);
    let announced = usize::try_from(body.size_hint().upper().unwrap_or(0)).unwrap_or(usize::MAX);
    if announced > limit_bytes {
        return Err(BodyError::TooLarge { limit_bytes });
    }
    let mut bytes = Vec::with_capacity(announced);
    while let Some(frame) = body.frame().await {
        let Ok(mut data) = frame.map_err(|_| BodyError::Cut)?.into_data() else {
            continue;
        };
        if bytes.len() + data.remaining() > limit_bytes {
            return Err(BodyError::TooLarge { limit_bytes });
        }
        while data.has_remaining() {
            let chunk = data.chunk();
            bytes.extend_from_slice(chunk);
            let length = chunk.len();
            data.advance(length);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures::executor::block_on;
    use futures::stream;
    use http_body::Frame;
    use http_body_util::{Full, StreamBody};

    use super::*;

    type Frames = Vec<Result<Frame<Bytes>, std::io::Error>>;

    fn chunked(frames: Frames) -> impl Body<Data = Bytes, Error = std::io::Error> {
        StreamBody::new(stream::iter(frames))
    }

    fn data(bytes: &'static [u8]) -> Result<Frame<Bytes>, std::io::Error> {
        Ok(Frame::data(Bytes::from_static(bytes)))
    }

    #[test]
    fn a_body_up_to_the_limit_is_read() {
        let body = chunked(vec![data(b"ab"), data(b"cd")]);
        assert_eq!(block_on(read_bounded(body, 4)).expect("fits"), b"abcd");
    }

    #[test]
    fn a_longer_body_is_refused_announced_or_not() {
        let announced = block_on(read_bounded(Full::new(Bytes::from_static(b"abcde")), 4));
        assert!(matches!(announced, Err(BodyError::TooLarge { limit_bytes: 4 })));
        let found = block_on(read_bounded(chunked(vec![data(b"abc"), data(b"de")]), 4));
        assert!(matches!(found, Err(BodyError::TooLarge { limit_bytes: 4 })));
    }

    #[test]
    fn a_cut_body_is_not_a_short_one() {
        let cut = chunked(vec![data(b"ab"), Err(std::io::Error::other("reset"))]);
        assert!(matches!(block_on(read_bounded(cut, 4)), Err(BodyError::Cut)));
    }
}
