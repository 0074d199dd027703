use super::*;

#[test]
fn an_example_is_one_line_that_reads_back() -> Result<(), DataError> {
    let example = Example {
        id: String::new(),
        task: Task::Unknown,
        split: Split::Dev,
        tools: Vec::new(),
        messages: vec![Message {
            role: Role::User,
            content: "Who\nbuilt it?".into(),
            tool_calls: Vec::new(),
            tool_call_id: None,
            given: false,
        }],
        expect: Some(Expect::Unknown),
    }
    .named()?;
    let line = serde_json::to_string(&example)?;
    assert_eq!(
        line,
        format!(
            r#"{{"id":"{}","task":"unknown","split":"dev","tools":[],"messages":[{{"role":"user","content":"Who\nbuilt it?"}}],"expect":{{"kind":"unknown"}}}}"#,
            example.id
        )
    );
    assert_eq!(serde_json::from_str::<Example>(&line)?, example);
    assert_eq!(example.clone().named()?, example);
    Ok(())
}
