use gyre_agent_wire::passage::SEARCH_TOOL;
use gyre_agent_wire::{Mode, Span};
use gyre_chat_wire::{Role, Sampling, Tool, ToolCallPart, ToolChoice};
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::config::ToolGrant;

fn config() -> Config {
    Config {
        agent: "researcher".into(),
        system: "be brief".into(),
        model: "m".into(),
        knowledge: true,
        search_tool: true,
        tools: vec![grant()],
        tool_choice: ToolChoice::Required,
        sampling: Sampling::default(),
        history_max: 10,
        passages_max: 5,
        steps_max: 2,
        output_bytes_max: 100,
        tokens_max: Some(64),
        adapter: None,
    }
}

fn grant() -> ToolGrant {
    ToolGrant {
        service: "tool-calculator".into(),
        tool: Tool {
            name: "calculate".into(),
            description: "calculates".into(),
            parameters: "{}".into(),
        },
    }
}

fn run(config: Config) -> AgentLoop {
    run_in(config, None)
}

fn run_in(config: Config, session: Option<&str>) -> AgentLoop {
    let history = vec![Message::text(Role::User, "before")];
    AgentLoop::new(
        config,
        Task {
            run_id: "r".into(),
            input: "why?".into(),
            session: session.map(str::to_owned),
            history,
        },
    )
}

fn found() -> Passages {
    let passage = |n: u32| Passage {
        id: format!("a#{n}"),
        source: "a.md".into(),
        span: Span {
            start_line: n,
            end_line: n,
        },
        text: format!("passage {n}"),
        score: Some(1.0),
    };
    let retrieval = RetrievalState {
        mode: Mode::Lexical,
        embedding_model: None,
        reason: Some("no model".into()),
    };
    Passages {
        passages: vec![passage(1), passage(2)],
        retrieval,
    }
}

fn text(text: &str) -> Input {
    Input::Model(ChatEvent::Text(text.into()))
}

fn names(actions: &[Action]) -> Vec<String> {
    let name = |action: &Action| match action {
        Action::Emit(event) => event.name().to_owned(),
        Action::Retrieve { query, limit } => format!("retrieve {query} {limit}"),
        Action::Complete(request) => format!("complete {} tools {}", request.model, request.tools.len()),
        Action::Recall { session, limit } => format!("recall {session} {limit}"),
        Action::CallTool {
            service, arguments, ..
        } => format!("call {service} {arguments}"),
        Action::Remember { session, messages } => format!("remember {session} {}", messages.len()),
        Action::Finish => "finish".to_owned(),
    };
    actions.iter().map(name).collect()
}

/// A run up to its first completion.
fn asking() -> AgentLoop {
    let mut run = run(config());
    run.start();
    run.on(Input::Retrieved(Ok(found())));
    run
}

#[test]
fn an_agent_with_knowledge_retrieves_first() {
    let mut run = run(config());
    assert_eq!(
        names(&run.start()),
        ["run.started", "tool.call", "retrieve why? 5"]
    );
    let actions = run.on(Input::Retrieved(Ok(found())));
    assert_eq!(names(&actions), ["tool.result", "complete m tools 2"]);
    let Some(Action::Complete(request)) = actions.last() else {
        panic!("no request")
    };
    let roles: Vec<Role> = request.messages.iter().map(|m| m.role).collect();
    assert_eq!(
        roles,
        [Role::System, Role::User, Role::User, Role::Assistant, Role::Tool]
    );
    assert_eq!(request.messages[3].tool_calls[0].name, SEARCH_TOOL);
    assert_eq!(request.messages[4].tool_call_id.as_deref(), Some("search-1"));
    let passages: Value = serde_json::from_str(&request.messages[4].content).expect("JSON");
    assert_eq!(passages[1]["text"], "passage 2");
    assert!(request.stream && request.include_usage);
    assert_eq!(request.tool_choice, ToolChoice::Required);
}

#[test]
fn an_agent_without_knowledge_asks_at_once() {
    let mut run = run(Config {
        knowledge: false,
        ..config()
    });
    assert_eq!(names(&run.start()), ["run.started", "complete m tools 2"]);
}

#[test]
fn marks_that_hold_become_citations_once_and_the_others_are_taken_out() {
    let mut run = asking();
    assert_eq!(names(&run.on(text("The passage 2. ["))), ["text.delta"]);
    let actions = run.on(text("2] It is passage 2 [7] [2] [0]. Of bees [1]."));
    let told = ["text.delta", "citation", "text.delta", "text.delta"];
    assert_eq!(names(&actions), told);
    let Action::Emit(Event::Citation {
        mark, span, quote, ..
    }) = &actions[1]
    else {
        panic!("no citation")
    };
    assert_eq!((*mark, span.start_line, quote.as_str()), (2, 2, "passage 2"));
    run.on(Input::Model(ChatEvent::Finish(FinishReason::Stop)));
    let actions = run.on(Input::ModelEnded);
    let Action::Emit(Event::Done {
        citations_removed, ..
    }) = &actions[actions.len() - 2]
    else {
        panic!("not done")
    };
    assert_eq!(*citations_removed, 3);
    assert_eq!(run.output, "The passage 2. [2] It is passage 2 [2]. Of bees.");
}

#[test]
fn without_passages_a_bracket_is_only_a_bracket() {
    let mut run = run(Config {
        knowledge: false,
        ..config()
    });
    run.start();
    let actions = run.on(text("a[1]"));
    assert_eq!(actions, [Action::Emit(Event::TextDelta { text: "a[1]".into() })]);
}

#[test]
fn a_session_is_read_before_and_written_after() {
    let mut run = run_in(
        Config {
            knowledge: false,
            ..config()
        },
        Some("s"),
    );
    assert_eq!(names(&run.start()), ["run.started", "recall s 10"]);
    let said = vec![
        Message::text(Role::User, "hi"),
        Message::text(Role::Assistant, "hello"),
    ];
    let actions = run.on(Input::Recalled(Ok(said)));
    let Some(Action::Complete(request)) = actions.last() else {
        panic!("no request")
    };
    let contents: Vec<&str> = request.messages.iter().map(|m| m.content.as_str()).collect();
    assert_eq!(contents, ["be brief", "hi", "hello", "before", "why?"]);
    run.on(text("so"));
    run.on(Input::Model(ChatEvent::Finish(FinishReason::Stop)));
    let actions = run.on(Input::ModelEnded);
    assert_eq!(names(&actions), ["remember s 2"]);
    let mut lost = run_in(config(), Some("s"));
    lost.start();
    let failure = || Failure::new("k", "m", "h");
    assert_eq!(
        names(&lost.on(Input::Recalled(Err(failure())))),
        ["error", "finish"]
    );
    assert_eq!(
        names(&run.on(Input::Remembered(Err(failure())))),
        ["error", "finish"],
        "a turn that was not written is not done"
    );
}

/// A completion that ends with these calls.
fn calls(run: &mut AgentLoop, calls: &[(&str, &str)]) -> Vec<Action> {
    for (index, (name, arguments)) in (0..).zip(calls) {
        let part = ToolCallPart {
            index,
            id: Some("c".into()),
            name: Some((*name).into()),
            arguments: (*arguments).into(),
        };
        run.on(Input::Model(ChatEvent::ToolCall(part)));
    }
    run.on(Input::Model(ChatEvent::Finish(FinishReason::ToolCalls)));
    run.on(Input::ModelEnded)
}

fn tool_says(content: &str, is_error: bool) -> Input {
    Input::ToolAnswered(ToolAnswer {
        is_error,
        content: content.into(),
    })
}

#[test]
fn tools_are_called_one_after_another_and_the_model_is_told() {
    let mut run = run(Config {
        knowledge: false,
        ..config()
    });
    run.start();
    let asked = [
        ("calculate", r#"{"expression":"1+1"}"#),
        ("dance", "{}"),
        ("calculate", ""),
    ];
    let actions = calls(&mut run, &asked);
    assert_eq!(
        names(&actions),
        ["tool.call", r#"call tool-calculator {"expression":"1+1"}"#]
    );
    let actions = run.on(tool_says("2", false));
    assert_eq!(
        names(&actions),
        [
            "tool.result",
            "tool.call",
            "tool.result",
            "tool.call",
            "call tool-calculator {}"
        ],
        "a tool that is not there answers at once"
    );
    let actions = run.on(tool_says("it hangs", true));
    assert_eq!(names(&actions), ["tool.result", "complete m tools 0"]);
    let Some(Action::Complete(request)) = actions.last() else {
        panic!("no request")
    };
    assert_eq!(request.tool_choice, ToolChoice::Auto, "only the first is forced");
    let answers: Vec<(&str, &str)> = request.messages[3..]
        .iter()
        .filter_map(|m| Some((m.tool_call_id.as_deref()?, m.content.as_str())))
        .collect();
    assert_eq!(
        answers,
        [
            ("c", "2"),
            (
                "call-1-2",
                "error: there is no tool `dance`; there are: search_knowledge, calculate"
            ),
            ("call-1-3", "error: it hangs"),
        ]
    );
}

#[test]
fn done_tells_the_model_the_usage_and_how_passages_were_found() {
    let mut run = asking();
    run.on(Input::Model(ChatEvent::Model("other".into())));
    run.on(text("Hi"));
    run.on(Input::Model(ChatEvent::Finish(FinishReason::Stop)));
    run.on(Input::Model(ChatEvent::Usage(gyre_chat_wire::Usage {
        prompt_tokens: 3,
        completion_tokens: 4,
        cached_prompt_tokens: Some(2),
    })));
    let actions = run.on(Input::ModelEnded);
    assert_eq!(names(&actions), ["usage", "done", "finish"]);
    let expected = Event::Done {
        finish_reason: "stop".into(),
        model: "other".into(),
        usage: Usage {
            prompt_tokens: 3,
            completion_tokens: 4,
        },
        retrieval: Some(found().retrieval),
        citations_removed: 0,
    };
    assert_eq!(actions[1], Action::Emit(expected));
}

#[test]
fn every_completion_is_the_adapter_s_and_ends_in_words_that_clients_know() {
    let adapter = Some("poet".to_owned());
    let mut run = run(Config {
        knowledge: false,
        adapter: adapter.clone(),
        ..config()
    });
    let asked = |actions: &[Action]| match actions.last() {
        Some(Action::Complete(request)) => request.adapter.clone(),
        other => panic!("no completion: {other:?}"),
    };
    assert_eq!(asked(&run.start()), adapter);
    for reason in [FinishReason::CostExhausted, FinishReason::TimeExhausted] {
        let mut run = asking();
        run.on(text("Hi"));
        run.on(Input::Model(ChatEvent::Finish(reason)));
        let actions = run.on(Input::ModelEnded);
        let done = actions.iter().find_map(|action| match action {
            Action::Emit(Event::Done { finish_reason, .. }) => Some(finish_reason.as_str()),
            _ => None,
        });
        assert_eq!(done, Some("length"), "{reason:?}");
    }
}

#[test]
fn failures_end_the_run_and_say_so() {
    let failure = || Failure::new("k", "m", "h");
    let mut down = run(config());
    down.start();
    assert_eq!(
        names(&down.on(Input::Retrieved(Err(failure())))),
        ["tool.result", "error", "finish"]
    );
    assert_eq!(
        names(&asking().on(Input::ModelFailed(failure()))),
        ["error", "finish"]
    );
    assert_eq!(
        names(&asking().on(Input::ModelEnded)),
        ["error", "finish"],
        "ended without a reason"
    );
    assert_eq!(
        names(&asking().on(Input::Retrieved(Ok(found())))),
        ["error", "finish"],
        "out of turn"
    );
}

#[test]
fn output_is_bounded() {
    let mut run = asking();
    assert_eq!(names(&run.on(text(&"é".repeat(49)))), ["text.delta"]);
    let actions = run.on(text("aéb"));
    assert_eq!(names(&actions), ["text.delta", "usage", "done", "finish"]);
    assert_eq!(actions[0], Action::Emit(Event::TextDelta { text: "a".into() }));
    assert_eq!(run.on(text("more")), []);
}

#[test]
fn the_model_may_search_again_until_its_steps_are_used_up() {
    let mut run = asking();
    assert_eq!(
        names(&calls(&mut run, &[(SEARCH_TOOL, r#"{"query":"more"}"#)])),
        ["tool.call", "retrieve more 5"]
    );
    let actions = run.on(Input::Retrieved(Ok(found())));
    assert_eq!(names(&actions), ["tool.result", "complete m tools 0"]);
    let Some(Action::Complete(request)) = actions.last() else {
        panic!("no request")
    };
    let last = request.messages.last().expect("a message");
    let passages: Value = serde_json::from_str(&last.content).expect("JSON");
    assert_eq!(passages[0]["mark"], 3, "marks go on counting");
    assert_eq!(
        names(&calls(&mut run, &[(SEARCH_TOOL, r#"{"query":"more"}"#)])),
        ["error", "finish"]
    );
    let mut confused = asking();
    assert_eq!(
        names(&calls(&mut confused, &[(SEARCH_TOOL, "{")])),
        ["tool.call", "tool.result", "complete m tools 0"],
        "told what it did wrong"
    );
    let mut blind = asking();
    calls(&mut blind, &[(SEARCH_TOOL, r#"{"query":"more"}"#)]);
    assert_eq!(
        names(&blind.on(Input::Retrieved(Err(Failure::new("k", "m", "h"))))),
        ["tool.result", "complete m tools 0"],
        "a search of the model's own may fail"
    );
}

fn any_input() -> impl Strategy<Value = Input> {
    prop_oneof![
        Just(Input::Retrieved(Ok(found()))),
        Just(Input::Retrieved(Err(Failure::new("k", "m", "h")))),
        "[\\[\\]12é ]{0,30}".prop_map(|t| text(&t)),
        Just(Input::Model(ChatEvent::Finish(FinishReason::Stop))),
        Just(Input::Model(ChatEvent::Finish(FinishReason::ToolCalls))),
        (0_u32..12, "[a-z{}:\"]{0,9}").prop_map(|(index, arguments)| {
            let name = Some(SEARCH_TOOL.to_owned());
            Input::Model(ChatEvent::ToolCall(ToolCallPart {
                index,
                id: Some("c".into()),
                name,
                arguments,
            }))
        }),
        Just(Input::Recalled(Ok(vec![Message::text(Role::User, "x")]))),
        Just(tool_says("x", false)),
        Just(tool_says("x", true)),
        Just(Input::Remembered(Ok(()))),
        Just(Input::ModelEnded),
        Just(Input::ModelFailed(Failure::new("k", "m", "h"))),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_there_is_one_end_and_nothing_after_it(
        inputs in prop::collection::vec(any_input(), 0..60),
        session in prop::option::of(Just("s")),
    ) {
        let mut run = run_in(config(), session);
        let mut actions = run.start();
        let mut completions = 0;
        for input in inputs {
            actions.extend(run.on(input));
        }
        let mut output = 0;
        let mut ended = false;
        for action in &actions {
            prop_assert!(!ended, "something after the end");
            match action {
                Action::Complete(_) => completions += 1,
                Action::Finish => ended = true,
                Action::Emit(Event::TextDelta { text }) => output += text.len(),
                _ => {}
            }
        }
        let ends = actions.iter().filter(|a| matches!(a, Action::Emit(e) if e.is_end())).count();
        prop_assert_eq!(ends, usize::from(ended));
        prop_assert!(completions <= 2 && output <= 100);
    }
}
