//! The learning rate by step: it rises, stays, and falls.
//!
//! It stays until a fall begins, so a run can be prolonged, or made to fall sooner, from any checkpoint before.

use super::Settings;

/// What the rate of each step is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    rate: f32,
    warmup_steps: u64,
    decay_steps: u64,
    steps: u64,
}

impl Schedule {
    /// Of a run with these settings.
    pub fn of(settings: &Settings) -> Self {
        Self {
            rate: settings.rate,
            warmup_steps: settings.warmup_steps,
            decay_steps: settings.decay_steps,
            steps: settings.steps,
        }
    }

    /// The step from which on the rate falls.
    pub fn decay_start(&self) -> u64 {
        self.steps.saturating_sub(self.decay_steps)
    }

    /// The rate of a step, the first being 0. It falls as 1 less the root of the part of the fall that is over: of the
    /// simple forms, the one that ends lowest (Hägele et al. 2024).
    pub fn rate(&self, step: u64) -> f32 {
        if step < self.warmup_steps {
            return self.rate * (step + 1) as f32 / self.warmup_steps as f32;
        }
        match step.checked_sub(self.decay_start()) {
            Some(into) if self.decay_steps > 0 => {
                let part = (into as f32 / self.decay_steps as f32).min(1.0);
                self.rate * (1.0 - part.sqrt())
            }
            _ => self.rate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;

    #[test]
    fn it_rises_stays_and_falls() {
        let schedule = Schedule {
            rate: 2.0,
            warmup_steps: 4,
            decay_steps: 16,
            steps: 100,
        };
        let rates = [
            (0, 0.5),
            (3, 2.0),
            (4, 2.0),
            (83, 2.0),
            (84, 2.0),
            (88, 1.0),
            (93, 0.5),
            (100, 0.0),
            (200, 0.0),
        ];
        for (step, rate) in rates {
            assert!(
                (schedule.rate(step) - rate).abs() < 1e-6,
                "{step}: {}",
                schedule.rate(step)
            );
        }
        assert_eq!(schedule.decay_start(), 84);
    }

    #[test]
    fn without_a_fall_it_stays() {
        let schedule = Schedule {
            rate: 2.0,
            warmup_steps: 0,
            decay_steps: 0,
            steps: 10,
        };
        assert!((0..20).all(|step| schedule.rate(step) == 2.0));
    }
}
