//! Bytes, told.

use std::fmt;

const GIB: u64 = 1 << 30;
const MIB: u64 = 1 << 20;

/// Bytes as people read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < GIB {
            return write!(f, "{} MiB", self.0.div_ceil(MIB));
        }
        // To the nearest tenth.
        let tenths = (u128::from(self.0) * 10 + u128::from(GIB / 2)) / u128::from(GIB);
        write!(f, "{}.{} GiB", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let cases = [
            (0, "0 MiB"),
            (1, "1 MiB"),
            (300 * MIB, "300 MiB"),
            (GIB, "1.0 GiB"),
            (5 * GIB - 1, "5.0 GiB"),
            (49 * GIB / 10 + 1, "4.9 GiB"),
            (u64::MAX, "17179869184.0 GiB"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(Size(bytes).to_string(), expected, "{bytes}");
        }
    }
}
