//! The API as generated code: messages, services, and the descriptor set that reflection serves.
//!
//! The messages are also the domain types of the program; see `docs/adr/0002`.

#![expect(
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::missing_errors_doc,
    clippy::wildcard_imports,
    clippy::use_self,
    clippy::too_many_lines,
    reason = "generated code"
)]

tonic::include_proto!("bedrock.gateway.v1");

include!(concat!(env!("OUT_DIR"), "/opaque_debug.rs"));

/// The encoded `FileDescriptorSet` of `proto/`, with comments and imports.
pub const FILE_DESCRIPTOR_SET: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/bedrock_gateway_v1.bin"));

impl Message {
    /// The text of every `text` and `cited_content` block, joined in order without separators.
    pub fn text(&self) -> String {
        let mut joined = String::new();
        for content in &self.content {
            match &content.block {
                Some(content_block::Block::Text(text)) => joined.push_str(text),
                Some(content_block::Block::CitedContent(cited)) => {
                    for part in &cited.content {
                        if let Some(cited_text::Content::Text(text)) = &part.content {
                            joined.push_str(text);
                        }
                    }
                }
                _ => {}
            }
        }
        joined
    }
}
