//! The JSON inside an answer, as it came: input of tool calls and JSON results of tools.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The JSON members of an answer's blocks, by position.
#[derive(Default)]
pub(super) struct RawAnswer<'a> {
    blocks: Vec<BTreeMap<&'a str, &'a RawValue>>,
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    output: Output<'a>,
}

#[derive(Deserialize)]
struct Output<'a> {
    #[serde(borrow)]
    message: Message<'a>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    content: Vec<BTreeMap<&'a str, &'a RawValue>>,
}

#[derive(Deserialize)]
struct ToolUse<'a> {
    #[serde(borrow)]
    input: &'a RawValue,
}

#[derive(Deserialize)]
struct ToolResult<'a> {
    #[serde(borrow)]
    content: Vec<BTreeMap<&'a str, &'a RawValue>>,
}

impl<'a> RawAnswer<'a> {
    /// Reads the body of an answer.
    ///
    /// # Errors
    /// The body is not what the SDK has just read from it.
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, serde_json::Error> {
        let body: Body<'a> = serde_json::from_slice(body)?;
        Ok(Self {
            blocks: body.output.message.content,
        })
    }

    /// The input of the tool call at this position.
    pub(super) fn tool_input(&self, position: usize) -> Option<String> {
        let call = self.blocks.get(position)?.get("toolUse")?;
        let call: ToolUse<'_> = serde_json::from_str(call.get()).ok()?;
        Some(call.input.get().to_owned())
    }

    /// The JSON results in the tool result at this position; `None` for pieces of other kinds.
    pub(super) fn tool_result_json(&self, position: usize) -> Option<Vec<Option<String>>> {
        let result = self.blocks.get(position)?.get("toolResult")?;
        let result: ToolResult<'_> = serde_json::from_str(result.get()).ok()?;
        let pieces = result.content.iter();
        Some(
            pieces
                .map(|piece| piece.get("json").map(|json| json.get().to_owned()))
                .collect(),
        )
    }

    /// The members of the block at this position, which are the kind of block it is.
    pub(super) fn members(&self, position: usize) -> String {
        let block = self.blocks.get(position);
        let names: Vec<_> = block
            .into_iter()
            .flat_map(BTreeMap::keys)
            .copied()
            .collect();
        names.join(",")
    }
}
