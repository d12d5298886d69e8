use super::*;

const fn asked(mode: ReasoningMode, effort: Option<Effort>) -> Reasoning {
    Reasoning { mode, effort }
}

#[test]
#[rustfmt::skip]
fn each_family_gets_its_own_spelling() {
    use Effort::*;
    use ReasoningMode::*;
    use ReasoningStyle as Style;
    let table = [
        (Style::Budget,           asked(Budget(2_048), None),         r#"thinking {"type":"enabled","budget_tokens":2048}"#, ""),
        (Style::Budget,           asked(Off, None),                   "",                                                    ""),
        (Style::BudgetOrAdaptive, asked(Budget(9_000), Some(High)),   r#"thinking {"type":"enabled","budget_tokens":9000}"#, "high"),
        (Style::BudgetOrAdaptive, asked(Free, Some(Max)),             r#"thinking {"type":"adaptive"}"#,                     "max"),
        (Style::Adaptive,         asked(Free, Some(ExtraHigh)),       r#"thinking {"type":"adaptive"}"#,                     "xhigh"),
        (Style::Adaptive,         asked(Free, None),                  r#"thinking {"type":"adaptive"}"#,                     ""),
        (Style::Adaptive,         asked(Off, Some(Low)),              "",                                                    "low"),
        (Style::Effort,           asked(Free, Some(Medium)),          r#"reasoning_effort "medium""#,                        ""),
        (Style::EffortOrNone,     asked(Free, Some(Low)),             r#"reasoning_effort "low""#,                           ""),
        (Style::EffortOrNone,     asked(Off, None),                   r#"reasoning_effort "none""#,                          ""),
        (Style::AlwaysAdaptive,   asked(Free, Some(Max)),             r#"thinking {"type":"adaptive"}"#,                     "max"),
        (Style::NestedEffort,     asked(Free, Some(ExtraHigh)),       r#"reasoning {"effort":"xhigh"}"#,                     ""),
        (Style::NestedEffortOrNone, asked(Off, None),                 r#"reasoning {"effort":"none"}"#,                      ""),
        (Style::Qwen,             asked(Free, Some(High)),            r#"reasoning_config "high""#,                          ""),
        (Style::Qwen,             asked(Off, None),                   r#"reasoning_config "none""#,                          ""),
        (Style::Nova,             asked(Free, Some(High)),            r#"reasoningConfig {"type":"enabled","maxReasoningEffort":"high"}"#, ""),
        (Style::Nova,             asked(Off, None),                   r#"reasoningConfig {"type":"disabled"}"#,              ""),
        (Style::Always,           asked(Free, Some(High)),            "",                                                    ""),
        (Style::None,             asked(Free, None),                  "",                                                    ""),
    ];

    for (style, reasoning, additional, effort) in table {
        let spelled = spell(reasoning, style);

        let member = spelled.additional.map(|(name, json)| format!("{name} {json}"));
        assert_eq!(member.unwrap_or_default(), additional, "{style:?} {reasoning:?}");
        assert_eq!(spelled.effort.unwrap_or_default(), effort, "{style:?} {reasoning:?}");
    }
}
