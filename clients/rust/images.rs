//! Shows a model an image.

#![cfg_attr(not(test), expect(clippy::print_stdout, reason = "a sample prints"))]

use bedrock_gateway::client::Client;
use bedrock_gateway::client::Error;
use bedrock_gateway::client::Options;
use bedrock_gateway::proto::ContentBlock;
use bedrock_gateway::proto::ImageBlock;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::Message;
use bedrock_gateway::proto::Role;
use bedrock_gateway::proto::content_block::Block;
use bedrock_gateway::proto::image_block::Source;

/// One transparent pixel. A program reads a file instead.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\
    \0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\x0bIDATx\xdac`\0\x02\0\0\x05\0\x01\xe9\xfa\xdc\xd8\
    \0\0\0\0IEND\xaeB`\x82";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let address =
        std::env::var_os("GATEWAY_ADDRESS").unwrap_or_else(|| "http://127.0.0.1:50051".into());
    let client = Client::connect(&address.to_string_lossy(), Options::new()).await?;
    run(&client).await
}

/// The sample itself.
pub(crate) async fn run(client: &Client) -> Result<(), Error> {
    let image = ImageBlock {
        // The media type is read from the bytes.
        source: Some(Source::Data(PNG.into())),
        ..ImageBlock::default()
    };
    let request = InvokeRequest {
        messages: vec![Message {
            role: Role::User.into(),
            content: vec![ContentBlock {
                block: Some(Block::Image(image)),
            }],
        }],
        // Goes behind the image, into the same message.
        prompt: "What is in this image?".to_owned(),
        ..InvokeRequest::default()
    };
    let answer = client.invoke(request).await?;

    println!("{}", answer.text);
    Ok(())
}
