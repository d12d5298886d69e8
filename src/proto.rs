//! The API as generated code: messages, services, and the descriptor set that reflection serves.
//!
//! The messages are also the domain types of the program; see `docs/adr/0002`.

#![expect(
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::missing_errors_doc,
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
        self.content.iter().flat_map(ContentBlock::texts).collect()
    }
}

impl ContentBlock {
    /// The text of a `text` or `cited_content` block, in order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let (plain, cited) = match &self.block {
            Some(content_block::Block::Text(text)) => (Some(text.as_str()), &[][..]),
            Some(content_block::Block::CitedContent(cited)) => (None, cited.content.as_slice()),
            _ => (None, &[][..]),
        };
        let cited = cited.iter().filter_map(|part| {
            let cited_text::Content::Text(text) = part.content.as_ref()?;
            Some(text.as_str())
        });
        plain.into_iter().chain(cited)
    }
}
