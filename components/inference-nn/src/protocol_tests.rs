use super::*;

#[test]
fn likelihoods() {
    let json = br#"[{"chosen":{"bytes":[195],"logprob":-0.5},"top":[{"bytes":[65],"logprob":-0.25}]}]"#;
    let all = logprobs(json).unwrap();
    assert_eq!(
        (&all[0].chosen.bytes[..], all[0].chosen.logprob),
        (&b"\xc3"[..], -0.5)
    );
    assert_eq!(all[0].top[0].bytes, b"A");
    assert!(logprobs(b"[{}]").unwrap_err().contains("`logprobs`"));
}

#[test]
fn pieces_of_calls() {
    let json = br#"[{"index":0,"id":"c1","name":"t","arguments":"{\"a\":"},{"index":0,"arguments":"1}"}]"#;
    let calls = tool_calls(json).unwrap();
    assert_eq!((calls[0].index, calls[0].id.as_deref()), (0, Some("c1")));
    assert_eq!(calls[0].name.as_deref(), Some("t"));
    assert_eq!(calls[1].id, None);
    assert_eq!(calls[0].arguments.clone() + &calls[1].arguments, r#"{"a":1}"#);
    assert!(tool_calls(b"[{}]").unwrap_err().contains("`tool_calls`"));
}

#[test]
fn outcomes() {
    let usage = br#"{"prompt_tokens":3,"completion_tokens":2,"cached_prompt_tokens":1}"#;
    for (reason, wanted) in [
        ("stop", FinishReason::Stop),
        ("length", FinishReason::Length),
        ("tool-calls", FinishReason::ToolCalls),
        ("cost-exhausted", FinishReason::CostExhausted),
        ("time-exhausted", FinishReason::TimeExhausted),
    ] {
        let finish = format!(r#"{{"reason":"{reason}"}}"#);
        let ended = outcome(finish.as_bytes(), usage).unwrap();
        assert_eq!(ended.finish_reason, wanted);
        assert_eq!(ended.usage.cached_prompt_tokens, Some(1));
    }
    assert!(
        outcome(br#"{"reason":"bored"}"#, usage)
            .unwrap_err()
            .contains("bored")
    );
    assert!(
        outcome(br#"{"reason":"stop"}"#, b"{}")
            .unwrap_err()
            .contains("usage")
    );
}

#[test]
fn vectors_have_the_shape_of_the_texts() {
    let data: Vec<u8> = [1.0f32, 2.0, 3.0, 4.0]
        .iter()
        .flat_map(|it| it.to_le_bytes())
        .collect();
    assert_eq!(vectors(&[2, 2], &data, 2).unwrap(), [[1.0, 2.0], [3.0, 4.0]]);
    for (shape, rows) in [(&[2u32, 2][..], 1usize), (&[4], 2), (&[2, 3], 2), (&[2, 0], 2)] {
        assert!(vectors(shape, &data, rows).is_err(), "{shape:?} for {rows}");
    }
}

#[test]
fn the_catalog_keeps_known_abilities() {
    let json = br#"[{"name":"a","abilities":["chat"]},{"name":"b","abilities":["embedding","vision"]}]"#;
    let listed = models(json).unwrap();
    assert_eq!(listed[0].abilities, Abilities::CHAT);
    assert_eq!(listed[1].abilities, Abilities::EMBEDDING);
}

#[test]
fn a_cut_character_waits_for_its_rest() {
    let mut carry = Vec::new();
    let bytes = "aé".as_bytes();
    assert_eq!(whole_characters(&mut carry, &bytes[..2], false).unwrap(), "a");
    assert_eq!(whole_characters(&mut carry, &bytes[2..], false).unwrap(), "é");
    assert_eq!(
        whole_characters(&mut carry, &bytes[1..2], true).unwrap(),
        "\u{fffd}"
    );
    assert!(carry.is_empty());
    assert!(whole_characters(&mut carry, b"\xff\xff", false).is_err());
}
