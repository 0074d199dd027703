//! Which models make room for another. Pure.

/// A model that holds memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holder {
    pub(crate) bytes: u64,
    /// It is loaded, and no call runs or waits.
    pub(crate) idle: bool,
    /// It takes no calls and ends with those it has.
    pub(crate) leaving: bool,
    /// The higher, the later it was used.
    pub(crate) used_at: u64,
}

/// What may be held.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) bytes: u64,
    pub(crate) models: usize,
}

/// How there is room, by indices of holders.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Room {
    /// Those that are to leave.
    pub(crate) evict: Vec<usize>,
    /// Those that must be gone before another is loaded.
    pub(crate) after: Vec<usize>,
}

/// Why there is none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoRoom {
    /// So many bytes are held by models at work.
    Memory { held_bytes: u64 },
    /// As many models as may be are at work.
    Models,
}

/// Room for a model that needs so many bytes. Idle models leave, those used longest ago first, and only as many as
/// must; a model at work never does.
pub(crate) fn make(holders: &[Holder], need_bytes: u64, limits: Limits) -> Result<Room, NoRoom> {
    let bytes = |wanted: &dyn Fn(&Holder) -> bool| -> u64 {
        let held = holders.iter().filter(|holder| wanted(holder));
        held.fold(0, |sum, holder| sum.saturating_add(holder.bytes))
    };
    let at_work = bytes(&|holder| !holder.idle);
    if at_work.saturating_add(need_bytes) > limits.bytes {
        return Err(NoRoom::Memory { held_bytes: at_work });
    }
    let mut idle: Vec<usize> = (0..holders.len())
        .filter(|index| holders[*index].idle && !holders[*index].leaving)
        .collect();
    idle.sort_by_key(|index| holders[*index].used_at);
    let mut open = holders.iter().filter(|holder| !holder.leaving).count();
    if open - idle.len() >= limits.models {
        return Err(NoRoom::Models);
    }
    let mut needed = bytes(&|holder| !holder.idle || !holder.leaving).saturating_add(need_bytes);
    let mut room = Room::default();
    for index in idle {
        if needed <= limits.bytes && open < limits.models {
            break;
        }
        needed = needed.saturating_sub(holders[index].bytes);
        open -= 1;
        room.evict.push(index);
    }
    if bytes(&|_| true).saturating_add(need_bytes) > limits.bytes {
        let going = |index: &usize| holders[*index].idle && holders[*index].leaving;
        room.after = room.evict.clone();
        room.after.extend((0..holders.len()).filter(going));
    }
    Ok(room)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn holder(bytes: u64, used_at: u64, state: &str) -> Holder {
        Holder {
            bytes,
            used_at,
            idle: state != "works",
            leaving: state == "leaves",
        }
    }

    #[test]
    fn the_one_used_longest_ago_leaves_first_and_only_if_it_must() {
        let holders = [holder(4, 2, "idle"), holder(3, 1, "idle"), holder(2, 0, "works")];
        let check = |need, bytes, models, expected: Result<(&[usize], &[usize]), NoRoom>| {
            let expected = expected.map(|(evict, after)| Room {
                evict: evict.to_vec(),
                after: after.to_vec(),
            });
            let made = make(&holders, need, Limits { bytes, models });
            assert_eq!(made, expected, "{need} {bytes} {models}");
        };
        check(1, 10, 8, Ok((&[], &[])));
        check(2, 10, 8, Ok((&[1], &[1])));
        check(5, 10, 8, Ok((&[1, 0], &[1, 0])));
        check(9, 10, 8, Err(NoRoom::Memory { held_bytes: 2 }));
        check(1, 10, 3, Ok((&[1], &[])));
        check(1, 10, 1, Err(NoRoom::Models));
    }

    #[test]
    fn one_that_leaves_is_waited_for_only_where_its_memory_is_needed() {
        let holders = [holder(5, 0, "leaves"), holder(2, 1, "works")];
        let made = |bytes| make(&holders, 2, Limits { bytes, models: 8 }).expect("there is room");
        assert_eq!(made(9), Room::default());
        assert_eq!(made(8).after, [0]);
        assert_eq!(made(8).evict, [0; 0]);
    }

    proptest! {
        #[test]
        fn what_is_loaded_never_passes_the_limits(
            given in prop::collection::vec((0_u64..50, 0_u64..9, 0_usize..3), 0..12),
            need in 0_u64..60,
            bytes in 0_u64..200,
            models in 1_usize..9,
        ) {
            let states = ["idle", "works", "leaves"];
            let holders: Vec<_> = given.iter().map(|(bytes, at, state)| holder(*bytes, *at, states[*state])).collect();
            let at_work: u64 = holders.iter().filter(|it| !it.idle).map(|it| it.bytes).sum();
            let busy = holders.iter().filter(|it| !it.idle).count();
            match make(&holders, need, Limits { bytes, models }) {
                Ok(room) => {
                    prop_assert!(room.evict.iter().all(|index| holders[*index].idle && !holders[*index].leaving));
                    let stays = |index: &usize| !room.evict.contains(index) && !room.after.contains(index);
                    let held: u64 = (0..holders.len()).filter(stays).map(|index| holders[index].bytes).sum();
                    // Those evicted are there still where nobody waits for them.
                    let waited = room.evict.iter().filter(|_| room.after.is_empty());
                    let evicted: u64 = waited.map(|index| holders[*index].bytes).sum();
                    prop_assert!(held + need + evicted <= bytes);
                    let open = holders.iter().filter(|it| !it.leaving).count();
                    prop_assert!(open - room.evict.len() < models);
                }
                Err(NoRoom::Memory { held_bytes }) => {
                    prop_assert_eq!(held_bytes, at_work);
                    prop_assert!(at_work + need > bytes);
                }
                Err(NoRoom::Models) => prop_assert!(busy >= models),
            }
        }
    }
}
