//! Reading a stream up to a bound of bytes.

use crate::failure::Failure;
use crate::ledger::{Entry, ITEMS_MAX, Ledger};

/// A part of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gathered {
    /// The entries, oldest first.
    pub entries: Vec<Entry>,
    /// The last sequence given, when there is more after it.
    pub next_after: Option<u64>,
}

/// Reads the entries after a sequence until their bodies would pass `bytes_max`; the first is always given.
pub async fn gather(
    ledger: &impl Ledger,
    name: &str,
    after: u64,
    bytes_max: usize,
) -> Result<Gathered, Failure> {
    let mut gathered = Gathered::default();
    let (mut last, mut bytes) = (after, 0);
    loop {
        let batch = ledger.read(name, last, ITEMS_MAX).await?;
        if batch.is_empty() {
            return Ok(gathered);
        }
        for entry in batch {
            bytes += entry.event.body.len();
            if bytes > bytes_max && !gathered.entries.is_empty() {
                gathered.next_after = Some(last);
                return Ok(gathered);
            }
            last = entry.sequence;
            gathered.entries.push(entry);
        }
    }
}

#[cfg(all(test, feature = "double"))]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::double::Double;
    use crate::ledger::Event;

    /// Which of five events of ten bytes each are given.
    fn given(after: u64, bytes_max: usize) -> (Vec<u64>, Option<u64>) {
        let double = Double::default();
        let event = Event {
            kind: "k".into(),
            body: r#"{"a":"xy"}"#.into(),
        };
        block_on(async {
            double.append("s", None, vec![event; 5]).await.expect("appended");
            let gathered = gather(&double, "s", after, bytes_max).await.expect("entries");
            let sequences = gathered.entries.iter().map(|entry| entry.sequence);
            (sequences.collect(), gathered.next_after)
        })
    }

    #[test]
    fn a_stream_is_read_in_parts_that_join() {
        assert_eq!(given(0, 50), (vec![1, 2, 3, 4, 5], None));
        assert_eq!(given(0, 49), (vec![1, 2, 3, 4], Some(4)));
        assert_eq!(given(4, 49), (vec![5], None));
        assert_eq!(given(0, 1), (vec![1], Some(1)));
        assert_eq!(given(5, 1), (vec![], None));
    }
}
