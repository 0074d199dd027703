use super::super::place::Priority::{self, High, Low, Normal};
use super::super::place::Tenant;
use super::*;
use proptest::prelude::*;

/// Who wants to go on: the host's tenant, the one within it, the urgency and the adapter.
type Wants = (&'static str, &'static str, Priority, Option<usize>);

fn pick(groups: &mut Groups, wants: &[Wants]) -> Option<Option<usize>> {
    let place = |(host, own, priority, _): &Wants| Place {
        priority: *priority,
        tenant: Tenant::new(host, Some(own)),
    };
    let places: Vec<Place> = wants.iter().map(place).collect();
    let members = wants.iter().zip(&places);
    let members = members.map(|((_, _, _, adapter), place)| Member {
        adapter: *adapter,
        place,
    });
    groups.pick(&members.collect::<Vec<_>>())
}

/// The adapters of so many turns, where all want to go on all the time.
fn turns(wants: &[Wants], count: usize) -> Vec<Option<usize>> {
    let mut groups = Groups::default();
    (0..count).filter_map(|_| pick(&mut groups, wants)).collect()
}

fn share(turns: &[Option<usize>], adapter: Option<usize>) -> usize {
    turns.iter().filter(|it| **it == adapter).count()
}

#[test]
fn groups_of_one_tenant_take_turns() {
    let one = |adapter| ("a", "", Normal, adapter);
    let (none, zero, two) = (one(None), one(Some(0)), one(Some(2)));
    for (wants, expected) in [
        (
            &[none, two, zero, two][..],
            &[None, Some(0), Some(2), None, Some(0)][..],
        ),
        (&[zero, two], &[Some(0), Some(2), Some(0)]),
        (&[none], &[None, None]),
        (&[], &[]),
    ] {
        assert_eq!(turns(wants, expected.len()), expected, "{wants:?}");
    }
}

#[test]
fn the_urgent_go_first_and_the_others_have_one_turn_in_nine() {
    let wants = [
        ("a", "", Normal, None),
        ("a", "", High, Some(0)),
        ("b", "", High, Some(0)),
    ];
    let had = turns(&wants, 27);
    let others: Vec<usize> = (0..27).filter(|at| had[*at].is_none()).collect();
    assert_eq!(others, [8, 17, 26]);
    // However many others there are.
    let mut wants: Vec<Wants> = (0..20).map(|at| ("a", "", Low, Some(at))).collect();
    wants.push(("a", "", High, None));
    let had = turns(&wants, 180);
    assert_eq!(share(&had, None), 160);
    assert!((0..20).all(|at| share(&had, Some(at)) == 1), "{had:?}");
}

#[test]
fn neither_many_adapters_nor_many_sequences_nor_many_names_give_more_turns() {
    let by_adapters: Vec<Wants> = (1..8).map(|at| ("a", "", Normal, Some(at))).collect();
    let by_sequences = vec![("a", "", Normal, Some(1)); 20];
    let by_names = ["1", "2", "3", "4", "5"].map(|own| ("a", own, Normal, Some(1)));
    for mut wants in [by_adapters, by_sequences, by_names.to_vec()] {
        wants.push(("b", "", Normal, Some(0)));
        let turns = turns(&wants, 40);
        assert_eq!(share(&turns, Some(0)), 20, "{wants:?}: {turns:?}");
    }
    let within = [
        ("a", "x", Normal, Some(1)),
        ("a", "x", Normal, Some(2)),
        ("a", "y", Normal, Some(0)),
    ];
    assert_eq!(share(&turns(&within, 40), Some(0)), 20);
}

#[test]
fn a_tenant_that_goes_with_another_group_too_does_not_lose_its_own() {
    let wants = [
        ("a", "", Normal, Some(0)),
        ("a", "", Normal, Some(1)),
        ("b", "", Normal, Some(1)),
    ];
    assert_eq!(share(&turns(&wants, 40), Some(0)), 20);
}

#[test]
fn who_comes_later_comes_after_those_who_wait() {
    let mut groups = Groups::default();
    let (a, b, c) = (
        ("a", "", Normal, Some(2)),
        ("b", "", Normal, Some(1)),
        ("c", "", Normal, Some(0)),
    );
    assert_eq!(pick(&mut groups, &[a]), Some(Some(2)));
    assert_eq!(pick(&mut groups, &[a, b]), Some(Some(2)), "b is new");
    assert_eq!(pick(&mut groups, &[a, b, c]), Some(Some(1)), "c is new");
    assert_eq!(pick(&mut groups, &[a, b, c]), Some(Some(2)));
    assert_eq!(pick(&mut groups, &[b, c]), Some(Some(0)));
    assert_eq!(pick(&mut groups, &[]), None);
}

proptest! {
    /// Others come and go as they like: who wants to go on does, after no more turns than there are others to go first.
    #[test]
    fn nobody_starves(
        steps in prop::collection::vec(prop::collection::vec((0_usize..4, 0_usize..3, 0_usize..3, 0_usize..4), 0..12), 200..300),
        own in 0_usize..3,
    ) {
        const HOSTS: [&str; 4] = ["a", "b", "c", "d"];
        const NAMES: [&str; 3] = ["", "x", "y"];
        let patient: Wants = ("p", "", Priority::ALL[own], Some(9));
        let mut groups = Groups::default();
        let (mut waited, mut worst) = (0, 0);
        for step in steps {
            let mut wants: Vec<Wants> = step
                .iter()
                .map(|(host, name, urgency, adapter)| (HOSTS[*host], NAMES[*name], Priority::ALL[*urgency], Some(*adapter)))
                .collect();
            wants.push(patient);
            match pick(&mut groups, &wants) {
                Some(Some(9)) => waited = 0,
                _ => waited += 1,
            }
            worst = worst.max(waited);
        }
        // Four other hosts, each before it once in each turn of its urgency, which is at least one of ten.
        prop_assert!(worst <= 10 * 5, "{worst}");
    }
}
