//! Which tools a request offers, and which of them its answer has to call.

use serde_json::Value;

/// A tool the answer has to call.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ForcedTool {
    pub(super) name: String,
    pub(super) schema: Value,
}

/// The tools on offer after all additions and removals in the conversation.
pub(super) struct Offer<'a> {
    tools: Vec<&'a Value>,
    choice: Option<&'a Value>,
}

impl<'a> Offer<'a> {
    pub(super) fn of(body: &'a Value) -> Self {
        let declared: Vec<&Value> = items(body.pointer("/toolConfig/tools")).collect();
        let messages = items(body.get("messages"));
        let changes = messages.flat_map(|message| items(message.get("content")));
        let mut removed: Vec<&str> = Vec::new();
        for change in changes {
            if let Some(name) = text(change, "/toolRemoval/tool/name") {
                removed.push(name);
            }
            if let Some(name) = text(change, "/toolAddition/tool/name") {
                removed.retain(|other| *other != name);
            }
        }
        let is_there = |tool: &&Value| name(tool).is_none_or(|name| !removed.contains(&name));
        Self {
            tools: declared.into_iter().filter(is_there).collect(),
            choice: body.pointer("/toolConfig/toolChoice"),
        }
    }

    /// Whether a tool of that name is on offer.
    pub(super) fn has(&self, name: &str) -> bool {
        self.tools.iter().any(|tool| self::name(tool) == Some(name))
    }

    /// The tool that must be called: the one chosen, or the first where any will do.
    pub(super) fn forced(&self) -> Option<ForcedTool> {
        let choice = self.choice?;
        let chosen = text(choice, "/tool/name");
        if chosen.is_none() && choice.get("any").is_none() {
            return None;
        }
        let tool = self.tools.iter().find(|tool| {
            tool.get("toolSpec").is_some() && chosen.is_none_or(|chosen| name(tool) == Some(chosen))
        })?;
        Some(ForcedTool {
            name: name(tool)?.to_owned(),
            schema: tool.pointer("/toolSpec/inputSchema/json")?.clone(),
        })
    }

    /// The first tool that the service runs itself.
    pub(super) fn of_service(&self) -> Option<&'a str> {
        let mut tools = self.tools.iter();
        tools.find_map(|tool| text(tool, "/systemTool/name"))
    }
}

/// The name under which a tool is called; a cache point has none.
pub(super) fn name(tool: &Value) -> Option<&str> {
    text(tool, "/toolSpec/name").or_else(|| text(tool, "/systemTool/name"))
}

fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(changes: &Value, choice: &Value) -> Value {
        let tool = |name: &str| json!({"toolSpec": {"name": name, "inputSchema": {"json": {}}}});
        json!({
            "messages": [{"role": "user", "content": [{"text": "a"}]}, {"role": "system", "content": changes}],
            "toolConfig": {"tools": [tool("f"), tool("g"), {"systemTool": {"name": "s"}}], "toolChoice": choice}
        })
    }

    #[test]
    fn what_was_removed_is_on_offer_again_when_it_is_added() {
        let removal = json!([{"toolRemoval": {"tool": {"name": "f"}}}]);
        let both = json!([{"toolRemoval": {"tool": {"name": "f"}}}, {"toolAddition": {"tool": {"name": "f"}}}]);
        let any = json!({"any": {}});

        let removed = body(&removal, &any);
        let added = body(&both, &any);

        assert!(!Offer::of(&removed).has("f"));
        assert_eq!(Offer::of(&removed).forced().unwrap().name, "g");
        assert_eq!(Offer::of(&added).forced().unwrap().name, "f");
    }

    #[test]
    fn only_a_choice_forces_a_call_and_the_services_tools_are_its_own_business() {
        let auto = body(&json!([]), &json!({"auto": {}}));
        let of_service = body(&json!([]), &json!({"tool": {"name": "s"}}));

        assert_eq!(Offer::of(&auto).forced(), None);
        assert_eq!(Offer::of(&of_service).forced(), None);
        assert_eq!(Offer::of(&auto).of_service(), Some("s"));
    }
}
