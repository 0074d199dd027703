//! Frames: a little-endian `u32` length, then that many bytes of postcard. The length is bounded.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes in one frame at most.
pub const FRAME_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Why a frame could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The message is larger than a frame may be.
    #[error("a message of {bytes} bytes is over the limit of {FRAME_BYTES_MAX}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The bytes are no message.
    #[error("a frame cannot be read as a message")]
    Malformed(#[source] postcard::Error),
    /// The pipe failed.
    #[error("the pipe failed")]
    Io(#[from] io::Error),
}

/// Makes one frame, length and all.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, FrameError> {
    let mut frame = postcard::to_extend(message, vec![0; 4]).map_err(FrameError::Malformed)?;
    let bytes = frame.len() - 4;
    if bytes > FRAME_BYTES_MAX {
        return Err(FrameError::TooLarge { bytes });
    }
    let length = u32::try_from(bytes).map_err(|_| FrameError::TooLarge { bytes })?;
    frame[..4].copy_from_slice(&length.to_le_bytes());
    Ok(frame)
}

/// Reads one message; `None` is the end of the pipe between two frames.
pub fn read<T: DeserializeOwned>(pipe: &mut impl Read) -> Result<Option<T>, FrameError> {
    let mut head = [0; 4];
    // The first byte tells a clean end from a cut frame.
    loop {
        match pipe.read(&mut head[..1]) {
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    pipe.read_exact(&mut head[1..])?;
    let mut body = vec![0; checked_length(head)?];
    pipe.read_exact(&mut body)?;
    decode(&body).map(Some)
}

/// Writes one frame made by [`encode`] and flushes it.
pub fn write(pipe: &mut impl Write, frame: &[u8]) -> io::Result<()> {
    pipe.write_all(frame)?;
    pipe.flush()
}

/// Reads one message; `None` is the end of the pipe between two frames.
pub(crate) async fn read_async<T, R>(pipe: &mut R) -> Result<Option<T>, FrameError>
where
    T: DeserializeOwned,
    R: AsyncRead + Unpin,
{
    let mut head = [0; 4];
    if pipe.read(&mut head[..1]).await? == 0 {
        return Ok(None);
    }
    pipe.read_exact(&mut head[1..]).await?;
    let mut body = vec![0; checked_length(head)?];
    pipe.read_exact(&mut body).await?;
    decode(&body).map(Some)
}

fn checked_length(head: [u8; 4]) -> Result<usize, FrameError> {
    let bytes = u32::from_le_bytes(head) as usize;
    if bytes > FRAME_BYTES_MAX {
        return Err(FrameError::TooLarge { bytes });
    }
    Ok(bytes)
}

fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, FrameError> {
    let (message, rest) = postcard::take_from_bytes(body).map_err(FrameError::Malformed)?;
    if rest.is_empty() {
        Ok(message)
    } else {
        Err(FrameError::Malformed(postcard::Error::SerdeDeCustom))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_survives_and_a_cut_frame_is_an_error() {
        let frame = encode(&"words".to_owned()).expect("encodes");
        assert_eq!(
            read::<String>(&mut frame.as_slice()).expect("reads"),
            Some("words".to_owned())
        );
        assert_eq!(read::<String>(&mut [].as_slice()).expect("a clean end"), None);
        for end in 1..frame.len() {
            assert!(read::<String>(&mut &frame[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_length_over_the_limit_is_refused_before_memory_is_taken() {
        let head = u32::MAX.to_le_bytes();
        assert!(matches!(
            read::<String>(&mut head.as_slice()),
            Err(FrameError::TooLarge { .. })
        ));
    }
}
