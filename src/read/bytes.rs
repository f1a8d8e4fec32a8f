//! The bytes of an input: counted and hashed as they are on the disk, and unpacked where they are gzip or zstd.

use std::fmt;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use sha2::{Digest, Sha256};

const GZIP: &[u8] = b"\x1F\x8B";
const ZSTD: &[u8] = b"\x28\xB5\x2F\xFD";

/// What was taken from an input so far; shared between who reads and who reports.
#[derive(Debug, Clone)]
pub(super) struct Meter(Arc<Mutex<Taken>>);

struct Taken {
    /// None once nobody wants it.
    hash: Option<Sha256>,
    bytes: u64,
    at_end: bool,
}

impl Meter {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        // Nothing in here can be half-changed by a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes taken from the input.
    pub(super) fn bytes(&self) -> u64 {
        self.taken().bytes
    }

    /// Leaves off working out [`Meter::sha256`].
    pub(super) fn skip_digest(&self) {
        self.taken().hash = None;
    }

    /// SHA-256 of the input, once all of it was taken.
    pub(super) fn sha256(&self) -> Option<String> {
        let taken = self.taken();
        let hash = taken.hash.as_ref().filter(|_| taken.at_end)?;
        Some(hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl fmt::Debug for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Taken")
            .field("bytes", &self.bytes)
            .field("at_end", &self.at_end)
            .finish_non_exhaustive()
    }
}

/// An input with its meter.
struct Metered {
    input: Box<dyn Read + Send>,
    meter: Meter,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = loop {
            match self.input.read(buffer) {
                // The csv crate takes an interrupting signal (a resized terminal) for a failure.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        let mut taken = self.meter.taken();
        if let Some(hash) = &mut taken.hash {
            hash.update(&buffer[..count]);
        }
        taken.bytes += count as u64;
        taken.at_end |= count == 0 && !buffer.is_empty();
        Ok(count)
    }
}

/// The unpacked bytes of an input.
pub(super) struct Bytes {
    pub(super) content: Box<dyn Read + Send>,
    pub(super) meter: Meter,
    /// How the input was packed.
    pub(super) packing: Option<&'static str>,
}

impl Bytes {
    /// Looks at the first bytes of `input`.
    pub(super) fn open(input: Box<dyn Read + Send>) -> io::Result<Bytes> {
        let meter = Meter(Arc::new(Mutex::new(Taken { hash: Some(Sha256::new()), bytes: 0, at_end: false })));
        let mut input = Metered { input, meter: meter.clone() };
        let mut magic = Vec::new();
        input.by_ref().take(ZSTD.len() as u64).read_to_end(&mut magic)?;
        let is = |bytes: &[u8]| magic.starts_with(bytes);
        let (is_gzip, is_zstd) = (is(GZIP), is(ZSTD));
        let input = Cursor::new(magic).chain(input);
        let (content, packing): (Box<dyn Read + Send>, _) = if is_gzip {
            (Box::new(Unpacked(MultiGzDecoder::new(input))), Some("gzip"))
        } else if is_zstd {
            let input: Box<dyn Read + Send> = Box::new(input);
            let decoder = FrameDecoder::new();
            let frames = Frames { input: BufReader::new(input), decoder, is_in_frame: false };
            (Box::new(Unpacked(frames)), Some("zstd"))
        } else {
            (Box::new(input), None)
        };
        Ok(Bytes { content, meter, packing })
    }
}

/// What comes out of a packed file, with errors of the packing in words for users.
struct Unpacked<R>(R);

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.raw_os_error() {
            // The system's own: the disk, the pipe.
            Some(_) => error,
            None => io::Error::other("圧縮ファイルが壊れているか、途中で切れています"),
        })
    }
}

/// The content of a zstd file: all its frames, one after the other, for parallel compressors write several.
struct Frames {
    input: BufReader<Box<dyn Read + Send>>,
    decoder: FrameDecoder,
    is_in_frame: bool,
}

impl Frames {
    /// Starts the next frame; false at the end of the file.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.input.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.input) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    io::copy(&mut self.input.by_ref().take(length.into()), &mut io::sink())?;
                }
                Err(error) => return Err(damaged(error)),
            }
        }
        Ok(false)
    }

    fn end(&self) -> io::Result<()> {
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(written), Some(found)) if written != found => Err(damaged("checksum")),
            _ => Ok(()),
        }
    }
}

impl Read for Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.is_in_frame {
                if self.decoder.can_collect() > 0 {
                    return self.decoder.read(buffer);
                }
                if self.decoder.is_finished() {
                    self.end()?;
                    self.is_in_frame = false;
                } else {
                    self.decoder
                        .decode_blocks(&mut self.input, BlockDecodingStrategy::UptoBlocks(1))
                        .map_err(damaged)?;
                }
            } else {
                self.is_in_frame = self.begin()?;
                if !self.is_in_frame {
                    return Ok(0);
                }
            }
        }
    }
}

fn damaged(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::other(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn read(input: &[u8]) -> io::Result<(Vec<u8>, Option<&'static str>, Meter)> {
        let mut bytes = Bytes::open(Box::new(Cursor::new(input.to_vec())))?;
        let mut content = Vec::new();
        bytes.content.read_to_end(&mut content)?;
        Ok((content, bytes.packing, bytes.meter))
    }

    fn gzip(content: &[u8]) -> Vec<u8> {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(content: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
    }

    #[test]
    fn bytes_are_counted_and_hashed_as_they_stand_in_the_file() {
        for short in ["", "a", "abc"] {
            let (content, packing, meter) = read(short.as_bytes()).unwrap();
            assert_eq!(
                (content.as_slice(), packing, meter.bytes()),
                (short.as_bytes(), None, short.len() as u64)
            );
        }
        assert_eq!(read(b"abc").unwrap().2.sha256().as_deref(), Some(ABC));
        let packed = gzip(b"abc");
        let (_, _, meter) = read(&packed).unwrap();
        assert_eq!(
            (meter.bytes(), meter.sha256()),
            (packed.len() as u64, Some(crate::manifest::sha256(&packed)))
        );
    }

    #[test]
    fn packed_files_are_unpacked_with_all_their_members() {
        let text = "顔認証\n".repeat(50_000);
        for (pack, name) in [(gzip as fn(&[u8]) -> Vec<u8>, "gzip"), (zstd, "zstd")] {
            let twice = [pack(text.as_bytes()), pack(b"end")].concat();
            let (content, packing, meter) = read(&twice).unwrap();
            assert_eq!((content == [text.as_bytes(), b"end"].concat(), packing), (true, Some(name)));
            assert_eq!(
                (meter.bytes(), meter.sha256()),
                (twice.len() as u64, Some(crate::manifest::sha256(&twice)))
            );
        }
    }

    #[test]
    fn packed_files_that_break_off_or_are_damaged_are_errors() {
        let text = "顔認証\n".repeat(5_000);
        for packed in [gzip(text.as_bytes()), zstd(text.as_bytes())] {
            assert!(read(&packed[..packed.len() - 10]).is_err());
        }
        let mut wrong = gzip(text.as_bytes());
        let crc = wrong.len() - 6;
        wrong[crc] ^= 1;
        assert!(read(&wrong).is_err());
    }
}
