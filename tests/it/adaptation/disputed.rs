//! What models disagree about.

use serde_json::Value;
use serde_json::json;

use super::prompt;
use super::tool;
use super::tool_turn;

/// Requests that some models take and others do not.
pub(super) fn requests() -> Vec<Value> {
    let mut requests = vec![
        prompt(json!({"inferenceConfig": {"temperature": 0.5, "topP": 0.9, "topK": 5}})),
        prompt(json!({"inferenceConfig": {"topP": 0.9}})),
        prompt(json!({"inferenceConfig": {"maxTokens": 1_000_000}})),
        prompt(json!({"inferenceConfig": {"stopSequences": ["a", "b", " ", "c", "d", "e"]}})),
        prompt(json!({"inferenceConfig": {"stopSequences": ["\n"]}})),
        prompt(json!({"system": [{"text": "Be brief"}, {"cachePoint": {"ttl": "3600s"}}]})),
        prompt(
            json!({"latencyMode": "LATENCY_MODE_OPTIMIZED", "serviceTier": "SERVICE_TIER_FLEX"}),
        ),
        prompt(json!({"serviceTier": "SERVICE_TIER_PRIORITY"})),
        prompt(
            json!({"outputConfig": {"jsonSchema": {"name": "x", "schemaJson": "{\"type\":\"object\"}"}}}),
        ),
        prompt(json!({"toolConfig": tool()})),
    ];
    for choice in ["auto", "any", "tool"] {
        let mut config = tool();
        let named = if choice == "tool" {
            json!({"name": "clock"})
        } else {
            json!({})
        };
        config["toolChoice"] = json!({ choice: named });
        requests.push(prompt(json!({"toolConfig": config.clone()})));
        let effort = json!({"effort": "EFFORT_LOW"});
        requests.push(prompt(
            json!({"toolConfig": config, "reasoningConfig": effort}),
        ));
    }
    let mut cached = tool();
    cached["tools"]
        .as_array_mut()
        .unwrap()
        .push(json!({"cachePoint": {}}));
    requests.push(prompt(json!({"toolConfig": cached})));
    let mut strict = tool();
    strict["tools"][0]["toolSpec"]["strict"] = json!(true);
    requests.push(prompt(json!({"toolConfig": strict})));
    requests.extend(reasoning_requests());
    requests.extend(conversations());
    requests
}

fn reasoning_requests() -> Vec<Value> {
    let sampling = json!({"temperature": 0.5, "topP": 0.5, "topK": 5});
    let mut requests = Vec::new();
    for effort in ["LOW", "MEDIUM", "HIGH", "EXTRA_HIGH", "MAX"] {
        let effort = format!("EFFORT_{effort}");
        for mode in ["MODE_UNSPECIFIED", "MODE_DISABLED", "MODE_ENABLED"] {
            let reasoning = json!({"mode": mode, "effort": effort});
            requests.push(prompt(json!({"reasoningConfig": reasoning})));
        }
        requests.push(prompt(
            json!({"reasoningConfig": {"effort": effort}, "inferenceConfig": sampling}),
        ));
        requests.push(prompt(
            json!({"reasoningConfig": {"effort": effort}, "inferenceConfig": {"maxTokens": 1500}}),
        ));
    }
    for mode in ["MODE_DISABLED", "MODE_ENABLED", "MODE_ADAPTIVE"] {
        requests.push(prompt(json!({"reasoningConfig": {"mode": mode}})));
    }
    for budget in [500, 1024, 20_000, 500_000] {
        let reasoning = json!({"mode": "MODE_ENABLED", "budgetTokens": budget});
        requests.push(prompt(json!({"reasoningConfig": reasoning})));
    }
    requests
}

fn conversations() -> Vec<Value> {
    let image = json!({"image": {"data": "iVBORw0KGgo="}});
    let document =
        json!({"document": {"name": "d", "text": "x", "citationsConfig": {"enabled": true}}});
    let search = json!({"searchResult": {"source": "s", "title": "t", "content": [{"text": "x"}]}});
    let result = |content: Value| json!({"toolResult": {"toolUseId": "t1", "content": [content], "status": "TOOL_RESULT_STATUS_SUCCESS"}});
    let noon = || result(json!({"text": "noon"}));
    let foreign = json!({"reasoning": {
        "reasoningText": {"text": "hm", "signature": "c2ln"},
        "model": "somebody-else",
    }});
    let unsigned = json!({"reasoning": {"reasoningText": {"text": "hm"}}});
    let user = |blocks: Value| json!({"messages": [{"role": "ROLE_USER", "content": blocks}]});
    let text = json!({"text": "Look"});
    let mut requests = vec![
        user(json!([text, image])),
        user(json!([text, document])),
        user(json!([text, search])),
        user(json!([text, {"cachePoint": {}}, text])),
        user(json!([text, {"cachePoint": {"ttl": "300s"}}, text])),
        tool_turn(json!([]), json!([noon()])),
        tool_turn(json!([]), json!([result(image)])),
        tool_turn(json!([]), json!([{"toolResult": {"toolUseId": "t1"}}])),
        tool_turn(json!([]), json!([noon(), text])),
        tool_turn(
            json!([]),
            json!([noon(), text, {"document": {"name": "d", "text": "x"}}]),
        ),
        tool_turn(json!([foreign]), json!([noon()])),
        tool_turn(json!([unsigned]), json!([noon()])),
        tool_turn(json!([{"text": "\n"}]), json!([noon()])),
        tool_turn(
            json!([{"text": ""}, foreign, {"text": " "}]),
            json!([noon()]),
        ),
        json!({"messages": [
            {"role": "ROLE_USER", "content": [text]},
            {"role": "ROLE_ASSISTANT", "content": [{"text": " "}]},
        ]}),
        json!({"messages": [
            {"role": "ROLE_USER", "content": [text]},
            {"role": "ROLE_SYSTEM", "content": [{"text": "Be brief"}]},
        ]}),
        json!({"messages": [
            {"role": "ROLE_USER", "content": [text]},
            {"role": "ROLE_ASSISTANT", "content": [{"text": "I see"}]},
        ]}),
        json!({"messages": [
            {"role": "ROLE_USER", "content": [text]},
            {"role": "ROLE_ASSISTANT", "content": [foreign]},
        ], "prompt": "And?"}),
    ];
    let reasoning: Vec<Value> = requests
        .iter()
        .map(|request| {
            let mut request = request.clone();
            request["reasoningConfig"] = json!({"effort": "EFFORT_LOW"});
            request
        })
        .collect();
    requests.extend(reasoning);
    requests
}
