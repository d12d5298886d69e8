//! What the SDK gives back as messages of the API: blocks, usage and the guardrail's trace.
//!
//! What this SDK does not know is left out by name, see `reading`.

mod answer;
mod citations;
mod completion;
mod content;
mod guardrail;
mod guardrail_reasoning;
mod marks;
mod media;

pub(super) use answer::reply;
pub(super) use citations::citation_delta;
pub(super) use completion::completion;
pub(super) use completion::stop_reason;
pub(super) use content::tool_result_status;
pub(super) use content::tool_use_type;
pub(super) use media::error_block;
pub(super) use media::s3_location;
