//! Cost, latency and quality at once: those that no other beats in all three come first.

use gyre_routing_config::Weights;

/// What a deployment is thought to be like; less is better in all three.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// What the request would cost.
    pub cost: f64,
    /// How long it would take.
    pub latency: f64,
    /// What its quality lacks to the best there can be.
    pub lack: f64,
}

impl Point {
    fn axes(self) -> [f64; 3] {
        [self.cost, self.latency, self.lack]
    }

    /// Whether it is as good in everything, and better in something.
    #[must_use]
    pub fn beats(self, other: Self) -> bool {
        let mut pairs = self.axes().into_iter().zip(other.axes());
        let as_good = pairs.clone().all(|(own, other)| own <= other);
        as_good && pairs.any(|(own, other)| own < other)
    }
}

/// Whether each point is beaten by none.
#[must_use]
pub fn front(points: &[Point]) -> Vec<bool> {
    let beaten = |point: &Point| points.iter().any(|other| other.beats(*point));
    points.iter().map(|point| !beaten(point)).collect()
}

/// The order of the points: the front before the others, each by the weighted sum of its three, measured against the
/// range that all span.
#[must_use]
pub fn ranked(points: &[Point], weights: &Weights) -> Vec<usize> {
    let weights = [weights.cost, weights.latency, weights.quality];
    let mut scores = vec![0.0; points.len()];
    for (axis, weight) in weights.into_iter().enumerate() {
        let values: Vec<f64> = points.iter().map(|it| it.axes()[axis]).collect();
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let range = most - least;
        if range.is_finite() && range > 0.0 {
            for (score, value) in scores.iter_mut().zip(values) {
                *score += weight * (value - least) / range;
            }
        }
    }
    let front = front(points);
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|left, right| {
        let fronts = front[*right].cmp(&front[*left]);
        fronts.then(scores[*left].total_cmp(&scores[*right]))
    });
    order
}
