//! Rules about cache points.

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::validate::blocks;

/// Cache points one request may have. Source: "Prompt caching" in the user guide, seen 2026-11-22.
const MAX_CACHE_POINTS: usize = 4;

pub(super) fn check(body: &Value, model: &Model) -> Result<(), Refusal> {
    let points = cache_points(body);
    if points.is_empty() {
        return Ok(());
    }
    let features = &model.features;
    if !features.prompt_caching {
        return Err(Refusal::new(
            "AccessDeniedException",
            "You invoked an unsupported model or your request did not allow prompt caching. See \
             the documentation for more information.",
        ));
    }
    let tools = blocks::list(body.pointer("/toolConfig/tools"));
    let among_tools = tools
        .iter()
        .position(|tool| tool.get("cachePoint").is_some());
    if let Some(position) = among_tools.filter(|_| !features.tool_cache_points) {
        return Err(Refusal::from_model(format!(
            "Malformed input request: #/toolConfig/tools/{position}: extraneous key [cachePoint] is \
             not permitted, please reformat your input and try again."
        )));
    }
    if points.len() > MAX_CACHE_POINTS {
        return Err(Refusal::from_model(format!(
            "A maximum of {MAX_CACHE_POINTS} blocks with cache_control may be provided. Found {}.",
            points.len()
        )));
    }
    let lives_long = |point: &&Value| blocks::text(point, "ttl") == Some("1h");
    let has_ttl = |point: &&Value| blocks::text(point, "ttl").is_some();
    if points.iter().any(has_ttl) && !features.one_hour_cache {
        return Err(Refusal::unsupported_field("cachePoint.ttl"));
    }
    let first_short = points.iter().position(|point| !lives_long(point));
    let last_long = points.iter().rposition(lives_long);
    if first_short
        .zip(last_long)
        .is_some_and(|(short, long)| short < long)
    {
        return Err(Refusal::from_model(
            "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. \
             Note that blocks are processed in the following order: `tools`, `system`, `messages`.",
        ));
    }
    Ok(())
}

/// All cache points, in the order in which a model reads them.
fn cache_points(body: &Value) -> Vec<&Value> {
    let beside = ["/toolConfig/tools", "/system"]
        .iter()
        .flat_map(|pointer| blocks::list(body.pointer(pointer)))
        .filter_map(|block| block.get("cachePoint"));
    let within = blocks::all(body)
        .filter(|block| block.kind == "cachePoint")
        .map(|block| block.value);
    beside
        .chain(within)
        .filter(|point| !point.is_null())
        .collect()
}
