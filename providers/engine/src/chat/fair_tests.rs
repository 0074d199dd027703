use super::*;
use proptest::prelude::*;

fn tenants(names: &[(&str, &str)]) -> Vec<Tenant> {
    let new = |(host, own): &(&str, &str)| Tenant::new(host, Some(own));
    names.iter().map(new).collect()
}

fn pick(fair: &mut Fair, tenants: &[Tenant]) -> usize {
    let candidate = |(at, tenant)| Candidate {
        tenant,
        arrived: at as u64,
    };
    let candidates: Vec<_> = tenants.iter().enumerate().map(candidate).collect();
    fair.pick(&candidates, |_| 0).expect("somebody could go")
}

#[test]
fn turns_by_what_is_owed() {
    // Charges, then who of a/, b/ and b/x goes.
    let check = |charges: &[(usize, u64)], expected: usize| {
        let all = tenants(&[("a", ""), ("b", ""), ("b", "x")]);
        let mut fair = Fair::default();
        for (who, tokens) in charges {
            fair.charge(&all[*who], *tokens);
        }
        assert_eq!(pick(&mut fair, &all), expected, "{charges:?}");
    };
    check(&[], 0);
    check(&[(0, QUANTUM_TOKENS - 1)], 0);
    check(&[(0, QUANTUM_TOKENS)], 1);
    check(&[(0, QUANTUM_TOKENS), (1, QUANTUM_TOKENS)], 0);
    check(&[(0, 3 * QUANTUM_TOKENS), (1, QUANTUM_TOKENS)], 2);
    check(&[(0, 3 * QUANTUM_TOKENS), (2, 2 * QUANTUM_TOKENS)], 1);
    assert_eq!(Fair::default().pick(&[], |_| 0), None);
}

#[test]
fn who_holds_fewest_goes_first_and_then_who_came_first() {
    let all = tenants(&[("a", ""), ("b", ""), ("b", "x")]);
    let candidates: Vec<_> = [5, 9, 7]
        .into_iter()
        .zip(&all)
        .map(|(arrived, tenant)| Candidate { tenant, arrived })
        .collect();
    let mut fair = Fair::default();
    assert_eq!(fair.pick(&candidates, |_| 0), Some(0));
    assert_eq!(fair.pick(&candidates, |key| usize::from(key == "a")), Some(2));
    let held = |key: &str| match key {
        "a" => 2,
        "b" | "b/x" => 1,
        _ => 0,
    };
    assert_eq!(fair.pick(&candidates, held), Some(1));
}

#[test]
fn a_past_alone_weighs_no_more_than_its_bound_and_is_forgotten() {
    let all = tenants(&[("a", ""), ("b", "")]);
    let mut fair = Fair::default();
    fair.charge(&all[0], u64::MAX);
    assert_eq!(fair.owed(&all[0]).0, ROUNDS_OWED_MAX * QUANTUM_TOKENS);
    pick(&mut fair, &all[..1]);
    assert_eq!(fair.owed(&all[0]), (0, 0));
    assert!(fair.hosts.is_empty(), "who owes nothing is not remembered");
    for number in 0..TENANTS_MAX + 9 {
        fair.charge(&Tenant::new("a", Some(&number.to_string())), 1);
    }
    assert_eq!(fair.hosts["a"].tenants.len(), TENANTS_MAX);
}

#[test]
fn the_less_urgent_is_passed_over_a_bounded_number_of_times() {
    let mut classes = Classes::default();
    let picked: Vec<_> = (0..20).filter_map(|_| classes.pick(|_| true)).collect();
    let times = |priority| picked.iter().filter(|it| **it == priority).count();
    assert!(
        times(Priority::Normal) >= 2 && times(Priority::Low) >= 2,
        "{picked:?}"
    );
    assert!(times(Priority::High) >= 15, "{picked:?}");
    assert_eq!(classes.pick(|it| it == Priority::Low), Some(Priority::Low));
    assert_eq!(classes.pick(|_| false), None);
}

proptest! {
    /// Everybody always has work of whatever size: nobody gets more than a quantum and a job ahead of another.
    #[test]
    fn no_tenant_starves(costs in prop::collection::vec((0_usize..4, 1_u64..900), 200..400)) {
        let all = tenants(&[("a", ""), ("b", ""), ("c", ""), ("d", "")]);
        let mut fair = Fair::default();
        let mut served = [0_u64; 4];
        for (bias, cost) in costs {
            // Sizes that favour some tenants.
            let who = pick(&mut fair, &all);
            let cost = if who == bias { cost } else { 1 + cost / 3 };
            served[who] += cost;
            fair.charge(&all[who], cost);
        }
        let (least, most) = (served.iter().min(), served.iter().max());
        let apart = most.zip(least).map_or(0, |(most, least)| most - least);
        prop_assert!(apart <= 2 * (QUANTUM_TOKENS + 900), "{served:?}");
    }

    /// Tenants that a host tenant makes up divide its share and take nothing from another's.
    #[test]
    fn made_up_tenants_bring_nothing(costs in prop::collection::vec(1_u64..900, 200..400), many in 2_usize..9) {
        let mut all = tenants(&[("honest", "")]);
        all.extend((0..many).map(|number| Tenant::new("sly", Some(&number.to_string()))));
        let mut fair = Fair::default();
        let mut served = [0_u64; 2];
        for cost in costs {
            let who = pick(&mut fair, &all);
            served[usize::from(who > 0)] += cost;
            fair.charge(&all[who], cost);
        }
        prop_assert!(served[0].abs_diff(served[1]) <= 2 * (QUANTUM_TOKENS + 900), "{served:?}");
    }

    /// Under a flood of others, who comes new goes before any of them spends more than a quantum and a job.
    #[test]
    fn a_newcomer_waits_a_quantum_of_each_at_most(
        past in prop::collection::vec((0_usize..3, 1_u64..4000), 0..60),
        cost in 1_u64..512,
    ) {
        let all = tenants(&[("a", ""), ("b", ""), ("c", ""), ("new", "")]);
        let mut fair = Fair::default();
        for (who, tokens) in past {
            fair.charge(&all[who], tokens);
        }
        let mut spent = [0_u64; 3];
        loop {
            let who = pick(&mut fair, &all);
            if who == 3 {
                break;
            }
            spent[who] += cost;
            fair.charge(&all[who], cost);
            prop_assert!(spent[who] < QUANTUM_TOKENS + cost, "{spent:?}");
        }
    }
}
