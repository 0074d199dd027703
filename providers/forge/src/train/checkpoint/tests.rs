//! Which checkpoints are kept, and that they are read as they were written.

use super::{Checkpoint, Checkpoints, Moments, State};
use crate::model::{Shape, Size, Weights};
use crate::train::Settings;
use anyhow::Result;

fn checkpoint(step: u64) -> Result<Checkpoint> {
    let shape = Shape {
        layers: 1,
        ..Size::NanoS.shape(20, 16)
    };
    let settings = Settings::new(shape.clone(), 1, 10);
    let weights = Weights::random(&shape, step)?;
    Ok(Checkpoint {
        state: State {
            step,
            ..State::new(&settings, "hash".to_owned())
        },
        moments: Moments {
            first: weights.values().iter().map(|value| value * 2.0).collect(),
            second: weights.values().iter().map(|value| value * value).collect(),
        },
        weights,
    })
}

#[test]
fn the_last_two_and_that_before_the_fall_are_kept() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let checkpoints = Checkpoints::open(folder.path().to_owned())?;
    assert_eq!(checkpoints.newest()?, None);
    for step in [1, 9, 10] {
        checkpoints.write(&checkpoint(step)?)?;
    }
    checkpoints.write_before_decay(&checkpoint(9)?)?;
    std::fs::write(folder.path().join("step-0000000011.safetensors.partial"), "half")?;
    let checkpoints = Checkpoints::open(folder.path().to_owned())?;
    let steps: Vec<u64> = checkpoints.all()?.into_iter().map(|(step, _)| step).collect();
    assert_eq!(steps, [9, 10]);
    assert_eq!(checkpoints.files()?.len(), 3);

    let newest = checkpoints.newest()?.expect("there");
    let (read, right) = (Checkpoint::load(&newest)?, checkpoint(10)?);
    assert_eq!(read.state, right.state);
    assert_eq!(read.moments, right.moments);
    assert_eq!(read.weights.values(), right.weights.values());
    Ok(())
}

#[test]
fn a_damaged_one_is_named_with_what_to_do() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let checkpoints = Checkpoints::open(folder.path().to_owned())?;
    checkpoints.write(&checkpoint(3)?)?;
    let path = checkpoints.newest()?.expect("there");
    let bytes = std::fs::read(&path)?;
    std::fs::write(&path, &bytes[..bytes.len() / 2])?;
    let told = Checkpoint::load(&path).expect_err("half of it").to_string();
    assert!(
        told.contains("step-0000000003") && told.contains("delete it"),
        "{told}"
    );
    Ok(())
}
